"""Which parts of the story were truly played, by evidence and not by intention."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from carriers import registry
from worker.training.casting import ROLES, Part
from worker.training.findings import DossierFindings, Findings

Evidence = Callable[[DossierFindings, Findings], bool]


@dataclass(frozen=True)
class Played:
    """One line of the story: its slug, what happened in words, and the dossiers to which it happened."""

    name: str
    text: str
    dossiers: tuple[str, ...]


def parts_played(findings: Findings) -> list[Played]:
    """Return every part of the story; one without dossiers was not played."""
    parts = [Played(role.part.value, role.text, _dossiers(role.part, findings)) for role in ROLES]
    over_tet = tuple(dossier.case.code for dossier in findings.dossiers if dossier.over_tet)
    restarts = tuple(number.rpartition("-")[0] for number in findings.restarts)
    return [
        *parts,
        *_carried_by_others(findings),
        Played("over_tet_2026", "The time limit ran over Tết 2026 (16 to 20 February)", over_tet),
        Played("restart", "The system was killed in the middle of this booking, and started again", restarts),
    ]


def _carried_by_others(findings: Findings) -> list[Played]:
    """Return a line for each operator beside VNPost that carried papers to the end of their way."""
    sources = (source.removeprefix("carrier:").replace("-", "_") for source in findings.told)
    return [
        Played(f"carried_by_{carrier}", f"Carried by {registry.describe(carrier).title}", _with(carrier, findings))
        for carrier in sources
    ]


def _with(carrier: str, findings: Findings) -> tuple[str, ...]:
    return tuple(
        dossier.case.code
        for dossier in findings.dossiers
        if any(shipment["carrier"] == carrier for shipment in dossier.shown["shipments"])
        and _came_home(dossier, findings)
    )


def _dossiers(part: Part, findings: Findings) -> tuple[str, ...]:
    return tuple(
        dossier.case.code
        for dossier in findings.dossiers
        if dossier.part is part and _EVIDENCE.get(part, _came_home)(dossier, findings)
    )


def _came_home(dossier: DossierFindings, findings: Findings) -> bool:
    return dossier.case.code not in findings.unfinished


def _sprung(fault: str) -> Evidence:
    """The operator made this trouble for the dossier's first order, and holds that order exactly once."""

    def happened(dossier: DossierFindings, findings: Findings) -> bool:
        number = dossier.case.first_order
        return f"{fault}:{number}" in findings.sprung and dossier.operator.get(number, {}).get("created") == 1

    return happened


def _told(*kinds: str) -> Evidence:
    return lambda dossier, findings: dossier.events.keys() >= set(kinds) and not dossier.deadline["contradictions"]


def _refused_as_duplicate(dossier: DossierFindings, _findings: Findings) -> bool:
    calls = dossier.operator.get(dossier.case.first_order, {}).get("calls", [])
    return any((call["operation"], call["answer"]) == ("order", "101") for call in calls)


def _came_back(dossier: DossierFindings, _findings: Findings) -> bool:
    return any(
        [state for _, state in told].count("delivery_failed") == 2 and _signed(dossier, number, accepted=True)
        for number, told in dossier.reports.items()
    )


def _rejected_then_taken(dossier: DossierFindings, _findings: Findings) -> bool:
    first, second = f"{dossier.case.code}-S1", f"{dossier.case.code}-S2"
    return _signed(dossier, first, accepted=False) and _signed(dossier, second, accepted=True)


def _signed(dossier: DossierFindings, number: str, *, accepted: bool) -> bool:
    line = dossier.copy.handover(number, "to_agency")
    return line is not None and line.accepted is accepted


def _twice_and_late(dossier: DossierFindings, _findings: Findings) -> bool:
    return any(len(set(told)) < len(told) and told != sorted(told) for told in dossier.reports.values())


def _unexplained(dossier: DossierFindings, _findings: Findings) -> bool:
    return any(state == "unexplained" for told in dossier.reports.values() for _, state in told)


def _onestop_failed(dossier: DossierFindings, findings: Findings) -> bool:
    return findings.onestop_faults.get(dossier.case.code, 0) > 0


_EVIDENCE: dict[Part, Evidence] = {
    Part.SUPPLEMENT: _told("supplement_requested", "supplement_completed"),
    Part.EXTENSION: _told("extended"),
    Part.LOST_ANSWER: _sprung("timeout_after"),
    Part.LOST_ORDER: _sprung("timeout_before"),
    Part.THROTTLED: _sprung("throttled"),
    Part.OPERATOR_ERROR: _sprung("error_before"),
    Part.DUPLICATE: _refused_as_duplicate,
    Part.RETURNED_RESULT: _came_back,
    Part.REJECTED_LINE: _rejected_then_taken,
    Part.TWICE_AND_LATE: _twice_and_late,
    Part.UNKNOWN_CODE: _unexplained,
    Part.CALLBACK_ERROR: _onestop_failed,
}
