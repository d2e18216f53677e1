"""The same facts worked out once more, slowly and apart from the engine: states from events, due dates from acts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from carriers.states import ShipmentState as State
from config.clock import local
from worker.simulation.calendar import Calendars, end_of, first_working_day
from worker.simulation.truth import ClockAct, DossierTruth
from worker.training.oracle import due_date

_CONFIRMED = "calendar_confirmed"
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


def true_due(truth: DossierTruth, calendars: Calendars, confirmed_at: datetime | None) -> datetime | None:
    """Return when a dossier is due, from what its people did; None while no time runs."""
    story = _Deadline(truth, calendars)
    acts = [*truth.clock, *([ClockAct(_CONFIRMED, confirmed_at, confirmed_at)] if confirmed_at else [])]
    for act in sorted(acts, key=lambda act: act.at):
        story.follow(act)
    return story.due


class _Deadline:
    """One time limit while its acts are followed."""

    def __init__(self, truth: DossierTruth, calendars: Calendars) -> None:
        self._term, self._calendars = truth.case.term, calendars
        self._since: datetime | None = None
        self._runs = False
        self.due: datetime | None = None

    def follow(self, act: ClockAct) -> None:
        if act.kind in ("started", "supplement_completed"):
            self._since, self._runs = act.at, True
            self.due = due_date(self._calendars.at(act.told_at), act.at, self._term)
        elif act.kind == "supplement_requested":
            self._runs, self.due = False, None
        elif act.kind == "extended":
            self._since, self.due = None, act.new_due
        elif act.kind in ("result_ready", "withdrawn"):
            self._runs = False
        elif self._runs and self.due is not None:
            self._move(self.due)

    def _move(self, due: datetime) -> None:
        """The calendar in force is confirmed: a date that was printed is never shortened."""
        after = self._calendars.after
        if self._since is not None:
            self.due = max(due, due_date(after, self._since, self._term))
        elif not after.sessions_on(local(due).date()):
            self.due = end_of(first_working_day(local(due).date(), after), after)


def true_clock_state(truth: DossierTruth) -> str:
    """Return how a dossier's clock stands."""
    if truth.did("result_ready") or truth.did("withdrawn"):
        return "stopped"
    requested, completed = truth.did("supplement_requested"), truth.did("supplement_completed")
    if requested and not completed:
        return "suspended"
    return "running" if truth.did("started") else "not_started"
