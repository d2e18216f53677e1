"""A March of eleven dossiers at one desk, told so that every figure can be counted by hand.

All take three working days. 2 March 2026 is a Monday.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from tests.support.desk import TestDesk
from tests.tracking.case import COLLECTED, DELIVERED, Case
from tracking.reports.catalogue import LAYOUTS
from tracking.reports.making import make, tallied
from tracking.reports.periods import Period

FIRST_WEEK = Period(date(2026, 3, 2), date(2026, 3, 8))
REST = Period(date(2026, 3, 9), date(2026, 3, 31))
OTHER = {"code": "H14.22", "name": "Ủy ban nhân dân xã Xuân Trường"}


@dataclass
class March:
    """The desk at the end of the month, and its dossiers by their stories."""

    desk: TestDesk
    by_post: Case
    at_the_counter: Case
    online_and_late: Case
    over_the_weekend: Case
    supplemented: Case
    forgotten: Case
    withdrawn: Case
    of_a_ministry: Case
    never_accepted: Case

    @classmethod
    def lived(cls, desk: TestDesk) -> March:
        """Let it all happen."""

        def new(**more: object) -> Case:
            return Case.opened(desk, **more)

        march = cls(
            desk,
            by_post=new(),
            at_the_counter=new(filed_through="counter"),
            online_and_late=new(filed_through="online"),
            over_the_weekend=new(),
            supplemented=new(agency=OTHER),
            forgotten=new(agency=OTHER),
            withdrawn=new(),
            of_a_ministry=new(due_date_owner="source"),
            never_accepted=new(),
        )
        march.by_post.order("both")
        march.at_the_counter.order("receive")
        march._first_week()
        march._rest()
        return march

    def _first_week(self) -> None:
        for case in (self.at_the_counter, self.online_and_late, self.supplemented, self.forgotten, self.withdrawn):
            case.happens("accepted", "2026-03-02 10:00")
        self.by_post.arrives("2026-03-02 15:00")
        self.supplemented.happens("supplement_requested", "2026-03-03 08:00", reason="Thiếu giấy khai sinh")
        self.withdrawn.happens("withdrawn", "2026-03-03 09:00", reason="Không còn nhu cầu")
        self.by_post.signed(self.by_post.s1, "2026-03-03 10:00")
        self.of_a_ministry.happens("accepted", "2026-03-03 14:00")
        self.over_the_weekend.happens("accepted", "2026-03-04 10:00")
        self.of_a_ministry.finished("2026-03-04 14:00")
        self.at_the_counter.finished("2026-03-05 15:00")
        self.by_post.finished("2026-03-05 15:00")
        self.online_and_late.finished("2026-03-06 09:00")
        self.by_post.reported(self.by_post.r1, COLLECTED, "2026-03-06 09:00")

    def _rest(self) -> None:
        self.by_post.reported(self.by_post.r1, DELIVERED, "2026-03-10 09:00")
        self.over_the_weekend.finished("2026-03-10 10:00")
        self.supplemented.happens("supplement_completed", "2026-03-10 11:00")
        self.supplemented.finished("2026-03-12 15:00")
        self.forgotten.finished("2026-03-12 16:00")
        self.by_post.now("2026-04-01 08:00")

    def figures(self, name: str, period: Period) -> dict[tuple[str, ...], dict[str, int]]:
        """Return the leaves of every row of a report."""
        with tallied(self.desk.context, self.desk.office, LAYOUTS[name], period) as tally:
            return tally.figures()

    def dossiers(self, name: str, period: Period, column: str) -> set[str]:
        """Return the dossiers behind one column of a report, of all rows."""
        with tallied(self.desk.context, self.desk.office, LAYOUTS[name], period) as tally:
            return {e.dossier for row in tally.figures() for e in tally.evidence(row) if e.column == column}

    def made(self, name: str, period: Period, out: Path) -> tuple[Path, ...]:
        """Make a report."""
        return make(self.desk.context, self.desk.office, LAYOUTS[name], period, out)
