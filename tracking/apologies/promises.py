"""What was promised about a dossier and what came of it, as far as an apology may be owed for it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from dispatch.parties import Party
from tracking.deadlines.clock import ClockState, Happening
from tracking.deadlines.ledger import Ledger
from tracking.deadlines.promises import Zone
from tracking.deadlines.rules import RuleId
from tracking.deadlines.terms import vietnam_time


@dataclass(frozen=True, slots=True)
class PromisedDate:
    """A due date for as long as it was in force.

    Attributes:
        given_on: the day on which it came into force.
        until: when the result came, the dossier was withdrawn or the date was replaced; None while it is waited for.
        by_result: whether it was the result that ended it.
    """

    due: datetime
    given_on: date
    until: datetime | None = None
    by_result: bool = False

    @property
    def day(self) -> date:
        return vietnam_time(self.due).date()

    def broken(self, now: datetime) -> bool:
        """Whether the due day was over while the date was still in force; that day itself belongs to it."""
        return vietnam_time(self.until or now).date() > self.day


@dataclass(frozen=True, slots=True)
class Parcel:
    """The transit promise J+n of one shipment (Circular 17/2017/TT-BTTTT Art. 7(2)).

    Attributes:
        kept: whether it arrived in time; None while it has not arrived.
        turned_on: the day on which it turned round without having arrived.
    """

    order_number: str
    zone: Zone
    due: date
    kept: bool | None = None
    turned_on: date | None = None

    def broken(self, today: date) -> bool:
        """Whether it came too late, or has not come and is beyond its last day."""
        return not self.kept if self.kept is not None else (self.turned_on or today) > self.due


class Harm(StrEnum):
    """What can happen to papers on their way."""

    LOST = "lost"
    DAMAGED = "damaged"
    WRONG_DELIVERY = "wrong_delivery"


@dataclass(frozen=True, slots=True)
class Mishap:
    """Harm that papers have come to. ``fault`` is who is at fault, once that is known; ``NOBODY`` is force majeure."""

    harm: Harm
    order_number: str
    zone: Zone
    on: date
    fault: Party | None = None


@dataclass(frozen=True, slots=True)
class Promises:
    """All that was promised about one dossier.

    Attributes:
        extensions: how often the agency has promised a new date.
        late_dates: how often it has named one in an apology after the due day.
    """

    dates: tuple[PromisedDate, ...] = ()
    extensions: int = 0
    late_dates: int = 0
    parcels: tuple[Parcel, ...] = ()
    mishaps: tuple[Mishap, ...] = ()


def promised_dates(ledger: Ledger) -> tuple[PromisedDate, ...]:
    """Return every due date that a ledger has set, in the order in which they were in force."""
    return tuple(_dates(ledger))


def any_broken(ledger: Ledger, now: datetime) -> bool:
    """Whether a due date of the ledger was let pass."""
    return any(one.broken(now) for one in _dates(ledger))


def _dates(ledger: Ledger) -> Iterator[PromisedDate]:
    current: PromisedDate | None = None
    for line in ledger.lines:
        due = line.due_after if line.state is ClockState.RUNNING else None
        if current is not None and current.due == due:
            continue
        if current is not None:
            result = line.happening is Happening.STOPPED and line.fact.rule == RuleId.STOP_RESULT
            yield PromisedDate(current.due, current.given_on, line.fact.at, result)
        current = PromisedDate(due, line.fact.day) if due is not None else None
    if current is not None:
        yield current
