"""What happens to each dossier and when, and which due date it must end with: by hand from the law, not from our code.

Every procedure takes ten working days, so that nobody is warned of an end within the week, and each dossier is accepted
on Monday, 2 March 2026, at nine. The day of acceptance does not count, and an office day ends at 17:00.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from tests.support.desk import MONDAY


class Source(StrEnum):
    """The systems in which dossiers are filed; the portal keeps copies of all of them."""

    IGATE = "igate"
    BUS = "hotich"
    REST = "datdai"


def moment(day: int, hour: int) -> datetime:
    """Return an hour of that week; day 0 is Monday."""
    return MONDAY.replace(hour=hour) + timedelta(days=day)


@dataclass(frozen=True)
class Step:
    """One event: its kind is that of our own interface."""

    at: datetime
    kind: str
    more: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """A dossier's week. ``due``: with which it must end at all three places."""

    name: str
    steps: tuple[Step, ...]
    due: datetime


WORKING_DAYS = 10

FIRST_RESTART, SECOND_RESTART = moment(1, 9), moment(2, 14)
"""In the middle of the news of these moments RabbitMQ is stopped and started again."""
PORTAL_GOES, PORTAL_COMES_BACK = moment(2, 7), moment(3, 7)
RESULTS_ARE_BROUGHT = moment(4, 9)

_ACCEPTED = Step(moment(0, 9), "accepted")
_ASKED = Step(FIRST_RESTART, "supplement_requested", {"reason": "Thiếu giấy khai sinh"})
_BROUGHT = Step(SECOND_RESTART, "supplement_completed")
_PAUSED = Step(FIRST_RESTART, "suspended", {"reason": "Xác minh thông tin"})
_GOES_ON = Step(SECOND_RESTART, "resumed")
_EXTENDED = Step(moment(2, 10), "extended", {"new_due": "2026-03-20", "reason": "Chờ ý kiến của cơ quan phối hợp"})
_READY = Step(
    moment(3, 10), "result_ready", {"result_papers": [{"name": "Trích lục hộ tịch", "originals": 1, "copies": 0}]}
)

STRAIGHT = Plan("straight", (_ACCEPTED, _READY), moment(14, 17))
SUPPLEMENTED = Plan("supplemented", (_ACCEPTED, _ASKED, _BROUGHT), moment(16, 17))
PAUSED = Plan("paused", (_ACCEPTED, _PAUSED, _GOES_ON), moment(15, 17))
EXTENDED = Plan("extended", (_ACCEPTED, _EXTENDED), moment(18, 17))
TWICE_ASKED = Plan(
    "asked twice",
    (
        _ACCEPTED,
        _ASKED,
        Step(moment(2, 10), "supplement_completed"),
        Step(moment(2, 16), "supplement_requested", {"reason": "Giấy khai sinh bị mờ"}),
        Step(moment(4, 9), "supplement_completed"),
    ),
    moment(18, 17),
)
# iGate shows how a dossier stands, and an extension is no state.
_PLANS = {
    Source.IGATE: (STRAIGHT, SUPPLEMENTED, PAUSED, TWICE_ASKED),
    Source.BUS: (STRAIGHT, SUPPLEMENTED, PAUSED, EXTENDED),
    Source.REST: (STRAIGHT, SUPPLEMENTED, PAUSED, EXTENDED),
}
_POSTED = 3


@dataclass(frozen=True)
class Case:
    """One dossier. ``posted``: the result goes by post."""

    number: int
    source: Source
    plan: Plan
    posted: bool

    @property
    def code(self) -> str:
        return f"H14.10-260302-{self.number:04d}"

    @property
    def order_number(self) -> str:
        return f"{self.code}-R1"

    @property
    def is_brought(self) -> bool:
        """Whether the postman brings the citizen the result within the week."""
        return self.posted and self.plan is STRAIGHT


def cases(count: int) -> list[Case]:
    """Return that many dossiers, spread evenly over systems, plans and ways of the result."""
    return list(_cases(count))


def _cases(count: int) -> Iterator[Case]:
    sources = tuple(Source)
    for number in range(1, count + 1):
        turn, place = divmod(number - 1, len(sources))
        source = sources[place]
        plans = _PLANS[source]
        yield Case(number, source, plans[turn % len(plans)], posted=turn % _POSTED == 0)


def moments() -> list[datetime]:
    """Return when anything happens to any dossier, in order."""
    return sorted({step.at for plans in _PLANS.values() for plan in plans for step in plan.steps})
