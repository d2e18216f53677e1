"""What a shipment means for the punctuality of an operator: the promise J+n, and how long it took. Pure.

Circular 17/2017/TT-BTTTT Art. 3(4)-(5), 7(2): from acceptance to the agency's desk, or to the first attempt at the
citizen's door; n in working days. Whether the promise was kept is judged once, by :mod:`tracking.effects`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from carriers.states import ShipmentState
from config.clock import local
from tracking.deadlines.working_time import WorkingTime

_TURNED = (ShipmentState.RETURNING, ShipmentState.RETURNED)
_BANDS = ((1, "within_1"), (2, "within_2"), (4, "within_4"))


@dataclass(frozen=True, slots=True)
class Carriage:
    """One shipment that its operator has accepted.

    Attributes:
        homeward: whether it goes to the citizen, so that the first attempt ends its transit.
        failed_attempts: when delivery was tried in vain.
        due: the last day of its promise; None where none could be computed.
        kept: whether it arrived by then; None while it has not arrived.
    """

    order_number: str
    homeward: bool
    accepted_at: datetime
    delivered_at: datetime | None
    failed_attempts: Sequence[datetime]
    due: date | None
    kept: bool | None
    state: str

    @property
    def accepted_on(self) -> date:
        """J."""
        return local(self.accepted_at).date()

    @property
    def arrived_on(self) -> date | None:
        """The day that ends its transit."""
        tried = self.failed_attempts if self.homeward else ()
        arrived = min([*tried, *([self.delivered_at] if self.delivered_at else [])], default=None)
        return local(arrived).date() if arrived else None


def week_of(day: date) -> tuple[str, str]:
    """Return the code and the words of the week, Monday to Sunday, in which a day lies."""
    year, week, weekday = day.isocalendar()
    monday = day - timedelta(days=weekday - 1)
    return f"{year}-W{week:02}", f"Tuần {week} ({monday:%d/%m}-{monday + timedelta(days=6):%d/%m/%Y})"


def transit(one: Carriage, today: date, working_time: WorkingTime) -> Iterator[tuple[str, int]]:
    """Yield the columns in which a shipment counts, each with its amount: one of the outcomes, and how long it took."""
    outcome = _outcome(one, today)
    yield outcome, 1
    if outcome in ("kept", "late") and one.arrived_on is not None:
        days = max(working_time.working_days_between(one.accepted_on, one.arrived_on), 0)
        yield next((band for most, band in _BANDS if days <= most), "beyond_4"), 1
        if days:
            yield "days", days


def _outcome(one: Carriage, today: date) -> str:
    if one.kept is not None:
        return "kept" if one.kept else "late"
    if one.due is None:
        return "unpromised"
    if one.state in _TURNED:
        return "turned"
    return "missing" if today > one.due else "under_way"
