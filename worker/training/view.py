"""What one dossier looks like to the people around it, and the hours at which they act."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from config.clock import VIETNAM, local
from dispatch.onestop.copy import CopyOfShipment, DossierCopy
from tracking.deadlines.working_time import WorkingTime
from worker.training.cases import Case
from worker.training.casting import Part


class Hours:
    """When people come and go: the office's working days, and the clock times of the day's rounds."""

    def __init__(self, working_time: WorkingTime) -> None:
        self._working_time = working_time

    def after(self, instant: datetime, days: int, clock: time) -> datetime:
        """Return ``clock`` on the ``days``-th working day after ``instant`` (before it when negative)."""
        return datetime.combine(self._working_time.add_working_days(local(instant).date(), days), clock, VIETNAM)

    def next_round(self, instant: datetime, *rounds: time) -> datetime:
        """Return the first of the day's ``rounds`` after ``instant`` on a working day."""
        day = self._working_time.on_or_after(local(instant).date())
        today = (datetime.combine(day, clock, VIETNAM) for clock in rounds)
        return next((at for at in today if at > instant), self.after(instant, 1, rounds[0]))

    def at_desk(self, instant: datetime) -> datetime:
        """Return ``instant``, or when the office next opens."""
        return self._working_time.normalise(instant)

    def day_before(self, day: date, clock: time) -> datetime:
        """Return ``clock`` on the last working day before ``day``."""
        return datetime.combine(self._working_time.previous_working_day(day), clock, VIETNAM)


@dataclass(frozen=True)
class View:
    """One dossier as everybody around it sees it now.

    Attributes:
        copy: what the one-stop has been told.
        done: ids of the dossier's acts that are done, without the dossier's code, and when.
        orders: order numbers that the operator holds live, and when each was created there.
    """

    case: Case
    part: Part
    copy: DossierCopy
    done: Mapping[str, datetime]
    orders: Mapping[str, datetime]
    now: datetime
    hours: Hours

    @property
    def luck(self) -> int:
        """A number from 0 to 7 that belongs to this dossier, for variety without chance."""
        return zlib.crc32(self.case.code.encode()) % 8

    @property
    def due(self) -> datetime | None:
        """The due date the one-stop knows of, while the clock runs."""
        return datetime.fromisoformat(self.copy.due) if self.copy.due and self.copy.state == "running" else None

    def shipments(self, leg: str) -> list[CopyOfShipment]:
        """Return what the one-stop knows of a leg's shipments (``send`` or ``return``)."""
        return [shipment for shipment in self.copy.shipments if shipment.leg == leg]

    def later(self, minutes: int) -> datetime:
        """Return the present instant plus ``minutes``."""
        return self.now + timedelta(minutes=minutes)
