"""The same facts worked out once more, slowly and apart from the engine: states from events, due dates from acts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from carriers.states import ShipmentState as State
from config.calendars.model import OfficeCalendar
from worker.simulation.truth import DossierTruth
from worker.training.oracle import due_date

_BEFORE = {State.BOOKED, State.COLLECTING, State.COLLECTION_FAILED, State.CANCELLED}


def true_state(reports: Iterable[tuple[datetime, State | None]], *, live: bool) -> State | None:
    """Return where a parcel stands after all reports, in the order of their times.

    An order that is not live was cancelled, which counts until the papers are on their way. From then on
    nothing that belongs before counts; delivered papers can only go back, and once they are back they stay.
    """
    state, carried = None, False
    for _, reported in reports:
        stays = (carried and reported in _BEFORE) or state is State.RETURNED
        stays = stays or (state is State.DELIVERED and reported not in (State.RETURNING, State.RETURNED))
        if reported is None or stays:
            continue
        state, carried = reported, carried or reported not in _BEFORE
    return state if carried or live else State.CANCELLED


def true_due(truth: DossierTruth, calendar: OfficeCalendar) -> datetime | None:
    """Return when a dossier is due, from what its people did; None while no time runs."""
    due: datetime | None = None
    for act in sorted(truth.clock, key=lambda act: act.at):
        if act.kind in ("started", "supplement_completed"):
            due = due_date(calendar, act.at, truth.case.term)
        elif act.kind == "supplement_requested":
            due = None
        elif act.kind == "extended":
            due = act.new_due
    return due


def true_clock_state(truth: DossierTruth) -> str:
    """Return how a dossier's clock stands."""
    if truth.did("result_ready") or truth.did("withdrawn"):
        return "stopped"
    requested, completed = truth.did("supplement_requested"), truth.did("supplement_completed")
    if requested and not completed:
        return "suspended"
    return "running" if truth.did("started") else "not_started"
