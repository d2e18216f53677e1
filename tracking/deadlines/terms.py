"""How long a procedure may take and how its end is read, and the ways in which that can be asked wrongly."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from config.clock import VIETNAM


class DeadlineError(ValueError):
    """A due date was asked for in a way that has no answer; the message says what to correct."""


class NaiveTimeError(DeadlineError):
    """An instant came without a time zone."""

    def __init__(self, instant: datetime) -> None:
        super().__init__(f"the time {instant.isoformat()} has no time zone: write it like 2026-03-02T08:15:00+07:00")


class InvalidAmountError(DeadlineError):
    """A time limit is zero or negative."""

    def __init__(self, amount: int) -> None:
        super().__init__(f"a time limit of {amount} makes no sense: give 1 or more")


class UnknownUnitError(DeadlineError):
    """A time limit is given in a unit that no rule knows."""

    def __init__(self, unit: str) -> None:
        super().__init__(f"the unit '{unit}' is not known: use one of {', '.join(Unit)}")


class Unit(StrEnum):
    """What a time limit is counted in. Half days are for the internal steps of a procedure, never for its whole."""

    WORKING_DAYS = "working_days"
    WORKING_HOURS = "working_hours"
    HALF_DAYS = "half_days"
    CALENDAR_DAYS = "calendar_days"
    SAME_DAY = "same_day"


class DueTime(StrEnum):
    """When on its due day a result is due: at closing time, or at the clock time of the (effective) start."""

    END_OF_DAY = "end-of-day"
    SAME_CLOCK = "same-clock"


@dataclass(frozen=True, slots=True)
class Term:
    """A time limit, such as 10 working days. The amount of a same-day term has no meaning and is taken as 1.

    Raises:
        InvalidAmountError: the amount is zero or negative.
    """

    amount: int
    unit: Unit

    def __post_init__(self) -> None:
        if self.unit is Unit.SAME_DAY:
            object.__setattr__(self, "amount", 1)
        elif self.amount <= 0:
            raise InvalidAmountError(self.amount)

    @classmethod
    def parse(cls, amount: int, unit: str) -> Term:
        """Make a term from a unit's name as it stands in a request.

        Raises:
            UnknownUnitError: no such unit.
            InvalidAmountError: the amount is zero or negative.
        """
        try:
            known = Unit(unit)
        except ValueError as error:
            raise UnknownUnitError(unit) from error
        return cls(amount, known)


def vietnam_time(instant: datetime) -> datetime:
    """Return ``instant`` in Vietnam's zone.

    Raises:
        NaiveTimeError: it has no time zone.
    """
    if instant.tzinfo is VIETNAM:  # by far the usual case, and the conversion is what costs most of a due date
        return instant
    if instant.utcoffset() is None:
        raise NaiveTimeError(instant)
    return instant.astimezone(VIETNAM)
