"""What may be written down of an incident as it stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tracking.incidents.deadlines import NextKind
from tracking.incidents.facts import LOSSES, IncidentKind
from tracking.incidents.fold import Incident
from tracking.incidents.records import Standing
from worker.web.board.incident_sheets import Sheet, all_sheets

_IN_A_PACKAGE = frozenset({IncidentKind.TORN, IncidentKind.OPENED, IncidentKind.WET})

SETTLES = {
    NextKind.INVENTORY: "inventory",
    NextKind.COMPLAIN: "complaint_filed",
    NextKind.ANSWER: "complaint_answered",
    NextKind.FIND: "finding",
    NextKind.PAY: "compensation_paid",
    NextKind.REISSUE: "reissue_done",
    NextKind.RESOLVE: "resolved",
    NextKind.CLOSE: "closed",
}
"""The sheet by which each next step is settled."""


def sheets(one: Standing, papers: Sequence[str]) -> list[Sheet]:
    """Return what may be written down now, the next step first; ``papers`` are the names of the dossier's."""
    offered = list(_offered(one, papers))
    first = SETTLES[one.next.kind] if one.next is not None else ""
    return sorted(offered, key=lambda sheet: sheet.name != first)


def sheet(one: Standing, papers: Sequence[str], name: str) -> Sheet | None:
    """Return the form for a fact, also where it may not be written down now; None where there is no such fact."""
    return next((sheet for sheet in all_sheets(one, papers) if sheet.name == name), None)


def _offered(one: Standing, papers: Sequence[str]) -> Iterator[Sheet]:
    fitting = {name for name, fits in _fits(one.incident, bool(papers)) if fits}
    return (sheet for sheet in all_sheets(one, papers) if sheet.name in fitting)


def _fits(incident: Incident, papers: bool) -> Iterator[tuple[str, bool]]:
    """Say of each fact whether it may follow from those that are there."""
    can_turn_up = incident.kind in LOSSES
    yield "found", can_turn_up and incident.found_at is None
    yield "not_found", can_turn_up and incident.found_at is not None
    if incident.closed_at is not None:
        return
    complained = incident.complaint is not None
    yield "inventory", incident.kind in _IN_A_PACKAGE and incident.inventory is None
    yield "complaint_filed", not complained and incident.kind is not IncidentKind.SLIP_LOST
    yield "complaint_answered", complained and incident.answer is None
    yield "cost", True
    yield "finding", incident.finding is None
    yield "compensation_paid", bool(incident.claims)
    yield "compensation_waived", bool(incident.outstanding)
    yield "reissue_planned", papers and incident.found_at is None
    yield "reissue_done", bool(incident.open_steps)
    yield "owner_assigned", True
    yield "resolved", True
    yield "closed", incident.resolution is not None
