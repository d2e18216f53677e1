"""From the filled form of an incident to the fact that it says."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from starlette.datastructures import FormData

from tracking.incidents import facts as f
from tracking.incidents.fold import Stated
from worker.web.board.entry import digits, filled_in
from worker.web.board.fields import WHEN, moment_of, number_of, text_of
from worker.web.board.refusals import unfit

_FACTS: Mapping[str, type[f.FactForm]] = {
    "inventory": f.Inventory,
    "owner_assigned": f.OwnerAssigned,
    "cost": f.Cost,
    "complaint_filed": f.ComplaintFiled,
    "complaint_answered": f.ComplaintAnswered,
    "finding": f.Finding,
    "compensation_paid": f.CompensationPaid,
    "compensation_waived": f.CompensationWaived,
    "reissue_planned": f.ReissuePlanned,
    "reissue_done": f.ReissueDone,
    "found": f.Found,
    "not_found": f.Found,
    "resolved": f.Resolved,
    "closed": f.Closed,
}
_FIELDS = {
    *("what", "owner", "document", "reason", "resolution", "witness", "step", "held_by", "acceptance_proof"),
    *("borne_by", "party_at_fault"),
}
_AMOUNTS = ("amount_vnd", "charge_vnd", "compensation_vnd")


def fact_of(
    name: str, filled: FormData, by: str, now: datetime, known: Collection[Stated]
) -> tuple[f.Reportable, bool]:
    """Return the fact that a form says, and whether the incident has it already by an earlier sending of this form.

    Raises:
        Problem: it does not fit.
    """
    fact_id = f"board-{number_of(filled)}"
    before = next((one.form for one in known if one.form.fact_id == fact_id), None)
    at = moment_of(text_of(filled, WHEN), before.at if before is not None else now)
    given = {name: text_of(filled, name) for name in _FIELDS} | {n: digits(text_of(filled, n)) for n in _AMOUNTS}
    kind = _FACTS[name]
    given |= _special(name, filled, [one for one in known if one.form.fact_id != fact_id])
    wanted = {field: value for field, value in given.items() if field in kind.model_fields}
    fact: Any = filled_in(kind, {**wanted, "fact_id": fact_id, "at": at, "by": by})
    return fact, fact == before


def _special(name: str, filled: FormData, known: Collection[Stated]) -> dict[str, Any]:
    match name:
        case "inventory":
            inside = [line.strip() for line in text_of(filled, "found_inside").splitlines()]
            again = {"yes": True, "no": False}.get(text_of(filled, "wrapped_again"))
            return {"found_inside": [line for line in inside if line], "wrapped_again": again}
        case "compensation_paid" | "compensation_waived":
            debtor, _colon, creditor = text_of(filled, "between").partition(":")
            if not creditor:
                raise unfit("between")
            return {"payer": debtor, "to": creditor, "debtor": debtor, "creditor": creditor}
        case "reissue_planned":
            return {"steps": _steps(filled, known)}
        case "found" | "not_found":
            return {"found": name == "found"}
        case _:
            return {}


def _steps(filled: FormData, known: Collection[Stated]) -> list[dict[str, Any]]:
    """Let each ticked paper be a step of its own, called by its name and told apart from those of earlier plans."""
    taken = {step.step for one in known if isinstance(one.form, f.ReissuePlanned) for step in one.form.steps}
    steps = []
    papers, applicant = dict.fromkeys(str(paper) for paper in filled.getlist("papers")), text_of(filled, "applicant")
    if not papers or not applicant:
        raise unfit("applicant" if papers else "papers")
    for paper in papers:
        step = next(name for n in range(1, len(taken) + 2) if (name := _step(paper, n)) not in taken)
        taken.add(step)
        note = text_of(filled, "note") or None
        steps.append({"step": step, "papers": [paper], "applicant": applicant, "note": note})
    return steps


def _step(paper: str, count: int) -> str:
    begins = paper.strip()[:90].rstrip()
    return begins if count == 1 else f"{begins} ({count})"
