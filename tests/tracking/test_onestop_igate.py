"""What iGate shows takes its effect here: a dossier's way, as its officers move it there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from config.clock import local
from dispatch.onestop.igate.simulator.office import written
from dispatch.onestop.igate.simulator.samples import BY_POST, sample_dossier, status
from tests.support.desk import MONDAY, TestDesk, opened_desk
from tests.support.igate import Installation, installation
from tracking import onestop_importing, onestop_inbox
from tracking.clock_facts import ClockFactRow
from tracking.inbox import UNDONE, InboxDelivery
from tracking.onestop_statements import StatementRow, Word

SUPPLEMENT, PROCESSING, STOPPED, FINISHED = 1, 2, 3, 4


@dataclass
class Story:
    """One dossier in iGate, and what is known of it here. The clocks of both go together."""

    igate: Installation
    desk: TestDesk
    code: str

    def moves(self, when: datetime, number: int, **more: Any) -> None:
        """An officer gives the dossier a status; then iGate is read, and what it shows is applied."""
        self.desk.clock.at(when)
        self.igate.clock.instant = when
        task = [{"id": "task", "createdDate": written(when)}]
        self.igate.office.change(self.code, dossierStatus=status(number), **{"currentTask": task, **more})
        self.is_read()

    def is_read(self) -> None:
        self.desk.clock.forward(minutes=12)
        self.igate.clock.forward(minutes=12)
        onestop_importing.drain(self.desk.context, [self.igate.onestop])
        onestop_inbox.drain(self.desk.context, self.desk.office, [self.igate.onestop])

    def facts(self) -> list[tuple[str, str]]:
        """Return the clock's facts with their times, in order."""
        with self.desk.read() as session:
            rows = session.scalars(select(ClockFactRow).where(ClockFactRow.dossier_code == self.code))
            return [(one.kind, f"{local(one.at):%d %H:%M}") for one in sorted(rows, key=lambda one: one.at)]

    def refused(self) -> list[str]:
        """Return what came of statements that did not take effect, and of deliveries that are not done."""
        with self.desk.read() as session:
            words = select(StatementRow).where(StatementRow.outcome.not_in((Word.APPLIED, Word.REPEATED)))
            undone = select(InboxDelivery).where(UNDONE)
            return [
                *(f"{one.kind}: {one.detail}" for one in session.scalars(words)),
                *(str(one.reason) for one in session.scalars(undone)),
            ]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[TestDesk]:
    with opened_desk(tmp_path) as desk:
        yield desk


def story(igate: Installation, desk: TestDesk, **more: Any) -> Story:
    document = sample_dossier(1, MONDAY, acceptedDate=written(MONDAY), **more)
    igate.office.put(document)
    found = Story(igate, desk, str(document["code"]))
    found.is_read()
    return found


def day(number: int, hour: int) -> datetime:
    return MONDAY.replace(hour=hour) + timedelta(days=number)


@pytest.mark.parametrize("kind", [None, BY_POST])
def test_a_result_that_is_ready_in_igate_stops_the_clock_and_is_listed(
    tmp_path: Path, desk: TestDesk, kind: dict[str, Any] | None
) -> None:
    with installation(tmp_path) as igate:
        told = story(igate, desk, dossierReceivingKind=kind)
        told.moves(day(1, 9), FINISHED, completedDate=written(day(1, 9)))
        assert told.refused() == []
        assert told.facts() == [("start", "02 08:00"), ("stop", "03 09:00")]
        with desk.read() as session:
            row = session.scalars(select(StatementRow).where(StatementRow.key.like("%result_ready%"))).one()
        assert row.outcome is Word.APPLIED


def test_a_state_to_which_a_dossier_returns_is_seen_though_it_looks_as_before(tmp_path: Path, desk: TestDesk) -> None:
    # As where the time of the last change moves whenever somebody looks at a dossier, and means nothing.
    with installation(tmp_path, ignored_fields=["updatedDate"]) as igate:
        told = story(igate, desk)
        before = [{"id": "task", "createdDate": written(day(0, 8))}]
        told.moves(day(0, 9), PROCESSING, currentTask=before)
        told.moves(day(1, 9), SUPPLEMENT)
        told.moves(day(2, 14), PROCESSING, currentTask=before)
        kinds = [kind for kind, _ in told.facts()]
        assert kinds == ["start", "suspend", "restart"]
        told.moves(day(3, 9), STOPPED)
        told.moves(day(3, 15), PROCESSING, currentTask=before)
        assert [kind for kind, _ in told.facts()] == ["start", "suspend", "restart", "suspend", "resume"]
        assert told.refused() == []


def test_what_is_kept_of_a_dossier_is_found_under_its_code(tmp_path: Path, desk: TestDesk) -> None:
    with installation(tmp_path) as igate:
        told = story(igate, desk)
        told.moves(day(1, 9), SUPPLEMENT)
        with desk.read() as session:
            rows = session.scalars(select(InboxDelivery).where(InboxDelivery.kind == "imported")).all()
        assert {row.subject for row in rows} == {told.code}
        assert len(rows) == len({row.key for row in rows}) == 2


def test_a_due_date_that_an_officer_changes_in_igate_is_shown_as_the_copy_that_it_is(
    tmp_path: Path, desk: TestDesk
) -> None:
    with installation(tmp_path) as igate:
        told = story(igate, desk)
        (before,) = igate.onestop.copies([told.code]).values()
        facts = told.facts()
        moved = day(10, 17)
        told.moves(day(1, 9), PROCESSING, appointmentDate=written(moved))
        (after,) = igate.onestop.copies([told.code]).values()
        assert before.due != after.due == moved
        assert told.facts() == facts, "it is no extension, which needs a reason and an apology"
