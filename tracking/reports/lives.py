"""What a dossier's clock means for a period: came in, carried over, settled, still open. Pure.

The judgement is the ledger's own (:mod:`tracking.deadlines.ledger`), folded over what had happened by the period's end
and is known today; a correction counts whenever it was made.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tracking.deadlines.clock import ClockState, Happening
from tracking.deadlines.ledger import Ledger, Verdict
from tracking.deadlines.rules import RuleId
from tracking.deadlines.terms import vietnam_time
from tracking.reports.periods import Period


class Channel(StrEnum):
    """How a dossier came in.

    ``OTHER_POST`` is another operator than the public postal one, which counts as ordinary delivery (Decision
    45/2016/QĐ-TTg Art. 1(3)); ``UNTOLD``: not by post, and the one-stop has not said which way.
    """

    PUBLIC_POST = "public_post"
    OTHER_POST = "other_post"
    COUNTER = "counter"
    ONLINE = "online"
    UNTOLD = "untold"


class Settled(StrEnum):
    """How a dossier ended. ``UNDATED``: another system sets its due date, so we do not judge it."""

    EARLY = "settled_early"
    ON_TIME = "settled_on_time"
    LATE = "settled_late"
    UNDATED = "settled_undated"


class Open(StrEnum):
    """How a dossier stands that has not ended."""

    IN_TIME = "open_in_time"
    OVERDUE = "open_overdue"
    UNDATED = "open_undated"


@dataclass(frozen=True, slots=True)
class Life:
    """One dossier.

    Attributes:
        ours: whether its due date is ours to set (else Decree 224/2026/NĐ-CP Art. 15(1)(i)).
        ledger: its clock by the end of the period.
    """

    code: str
    agency: tuple[str, str]
    procedure: tuple[str, str]
    ours: bool
    channel: Channel
    ledger: Ledger

    @property
    def received_at(self) -> datetime | None:
        """When it was validly submitted; None where it never was."""
        return self.ledger.started_at

    @property
    def withdrawn(self) -> bool:
        """Whether the applicant took it back."""
        stops = (line.fact.rule for line in self.ledger.lines if line.happening is Happening.STOPPED)
        return self.ledger.state is ClockState.STOPPED and next(stops, None) == RuleId.STOP_WITHDRAWN


def channel_of(ledger: Ledger, operator: str | None, filed_through: str | None, public: frozenset[str]) -> Channel:
    """Return how a dossier came in, by the fact that started its clock."""
    start = next((line.fact.rule for line in ledger.lines if line.happening is Happening.STARTED), None)
    if start == RuleId.START_HANDOVER:
        return Channel.PUBLIC_POST if operator in public else Channel.OTHER_POST
    if start == RuleId.START_ONLINE:
        return Channel.ONLINE
    return Channel(filed_through) if filed_through is not None else Channel.UNTOLD


def came_in(life: Life, period: Period) -> bool:
    """Whether it was validly submitted in the period."""
    return life.received_at is not None and period.holds(life.received_at)


def carried_over(life: Life, period: Period) -> bool:
    """Whether it was submitted before the period and not settled then."""
    before = life.received_at is not None and life.received_at < period.begins
    return before and (life.ledger.stopped_at is None or life.ledger.stopped_at >= period.begins)


def settled_how(life: Life) -> Settled | None:
    """Return how it ended; None where it has not.

    What was withdrawn by its due day counts as on time, as Form II.06 has it; lateness that had come by then stays.
    """
    if life.ledger.state is not ClockState.STOPPED:
        return None
    verdict = life.ledger.verdict_current
    if not life.ours or verdict is None:
        return Settled.UNDATED
    if verdict is Verdict.OVERDUE:
        return Settled.LATE
    return Settled.ON_TIME if life.withdrawn or verdict is Verdict.ON_TIME else Settled.EARLY


def open_how(life: Life, by: datetime) -> Open:
    """Return how a dossier stands that has not ended ``by`` then; a clock that stands still is in time."""
    if not life.ours:
        return Open.UNDATED
    due = life.ledger.current_due
    if due is None:
        return Open.IN_TIME if life.ledger.state is ClockState.SUSPENDED else Open.UNDATED
    return Open.OVERDUE if vietnam_time(by).date() > vietnam_time(due).date() else Open.IN_TIME


def form_ii_06(life: Life, period: Period, by: datetime) -> Iterator[str]:
    """Yield the columns of Form II.06 in which a dossier counts: once among what was there, once among what came of it.

    ``by`` is the end of the period, or now where that is earlier.
    """
    if came_in(life, period):
        yield _RECEIVED.get(life.channel, "received_counter_post")
    elif carried_over(life, period):
        yield "carried_over"
    else:
        return
    how = settled_how(life)
    if how is None:
        stands = open_how(life, by)
        yield stands
        if stands is Open.IN_TIME and life.ledger.state is ClockState.SUSPENDED:
            yield "of_open_waiting"
        return
    yield how
    if life.withdrawn:
        yield "of_settled_withdrawn"
    if how in (Settled.EARLY, Settled.ON_TIME) and life.ledger.verdict_original is Verdict.OVERDUE:
        yield "of_settled_extended"


_RECEIVED = {Channel.ONLINE: "received_online", Channel.UNTOLD: "received_untold"}


def by_channel(life: Life, period: Period) -> Iterator[str]:
    """Yield the channel of a dossier that came in during the period."""
    if came_in(life, period):
        yield life.channel


def punctuality(life: Life, period: Period) -> Iterator[str]:
    """Yield whether a dossier was taken in, and whether it was settled on time by either date (ND 61 Art. 30(2)(c))."""
    if came_in(life, period):
        yield "received"
    if not (came_in(life, period) or carried_over(life, period)) or (how := settled_how(life)) is None:
        return
    yield how
    if how is not Settled.UNDATED:
        first = life.ledger.verdict_original
        yield "first_late" if first is Verdict.OVERDUE else "first_on_time"
