"""The findings for a machine, and whether the run was good."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from config.calendars.model import OfficeCalendar
from worker.training.findings import DossierFindings, Findings
from worker.training.played import Played, parts_played
from worker.training.promises import Promise, judge


@dataclass(frozen=True)
class Summary:
    """A run that has been judged."""

    findings: Findings
    promises: tuple[Promise, ...]
    parts: tuple[Played, ...]

    @property
    def good(self) -> bool:
        """Every promise was kept and every story that began has ended."""
        return all(promise.passed for promise in self.promises) and not self.findings.unfinished

    @property
    def headline(self) -> str:
        """One line for whoever does not read on."""
        kept = sum(promise.passed for promise in self.promises)
        finished = len(self.findings.dossiers) - len(self.findings.unfinished)
        return (
            f"{finished} of {len(self.findings.dossiers)} dossiers finished, {len(self.findings.refused)} refused "
            f"with a next step, {kept} of {len(self.promises)} promises kept"
        )


def summarise(findings: Findings, calendar: OfficeCalendar) -> Summary:
    """Judge the promises and count the parts that were played."""
    return Summary(findings, tuple(judge(findings, calendar)), tuple(parts_played(findings)))


def write_summary(summary: Summary, file: Path) -> None:
    """Write the summary as JSON; the folder is made where it is missing."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(as_document(summary), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def as_document(summary: Summary) -> dict[str, Any]:
    """Return the summary as a JSON document; times are ISO 8601 with their zone, ``seconds`` is real time."""
    findings = summary.findings
    refused = [
        {"code": refusal.dossier, "service": None, "part": None, "refused": refusal.problem} | _NOTHING
        for refusal in findings.refused
    ]
    return {
        "good": summary.good,
        "headline": summary.headline,
        "dossiers": [*(_dossier(dossier, findings) for dossier in findings.dossiers), *refused],
        "parts": {part.name: {"text": part.text, "dossiers": list(part.dossiers)} for part in summary.parts},
        "not_played": [part.name for part in summary.parts if not part.dossiers],
        "promises": [asdict(promise) for promise in summary.promises],
        "restarts": len(findings.restarts),
        "stalls": list(findings.stalls),
        "callbacks": findings.callbacks,
        "messages": dict(findings.messages),
        "virtual_from": findings.virtual_from.isoformat(),
        "virtual_to": findings.virtual_to.isoformat(),
        "seconds": round(findings.seconds, 2),
    }


_NOTHING: dict[str, Any] = {
    "shipments": [],
    "due": None,
    "original_due": None,
    "live_orders_at_operator": 0,
    "callbacks_received": 0,
    "unfinished": None,
}


def _dossier(dossier: DossierFindings, findings: Findings) -> dict[str, Any]:
    shown = ("order_number", "leg", "generation", "state", "waybill")
    return {
        "code": dossier.case.code,
        "service": dossier.case.service,
        "part": dossier.part.value,
        "shipments": [{key: shipment[key] for key in shown} for shipment in dossier.shown["shipments"]],
        "due": dossier.deadline["due"],
        "original_due": dossier.deadline["original_due"],
        "live_orders_at_operator": sum(len(dossier.live_at_operator(leg)) for leg in ("S", "R")),
        "callbacks_received": dossier.callbacks,
        "unfinished": findings.unfinished.get(dossier.case.code),
        "refused": None,
    }
