"""A system that begins to keep copies is told of the dossiers that were there before: each once, a little at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select

from config.accounts import OneStopSystem
from dispatch.context import Context
from dispatch.dossiers import put_dossier
from dispatch.forms import DossierForm
from dispatch.outbox import OutboxMessage
from tests.support.desk import dossier_body
from tests.support.portal import PORTAL, PortalDesk, opened_portal_desk
from tracking import onestop_copies
from tracking.onestop_copies import OnestopCopying


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[PortalDesk]:
    with opened_portal_desk(tmp_path) as desk:
        yield desk


def code(number: int) -> str:
    return f"H14.10-260302-{number:04d}"


def was_there_before(desk: PortalDesk, *numbers: int, source: str = "igate") -> None:
    """Register dossiers while nobody keeps copies of them."""
    with desk.context.database.write() as session:
        for number in numbers:
            form = DossierForm.model_validate(dossier_body(source_system=source))
            put_dossier(session, code(number), form, desk.desk.clock.now())


def told(desk: PortalDesk) -> Counter[str]:
    """Return how many messages the portal is or was owed of each dossier."""
    with desk.desk.read() as session:
        return Counter(session.scalars(select(OutboxMessage.subject).where(OutboxMessage.destination == PORTAL)))


def drain(desk: PortalDesk, context: Context | None = None) -> int:
    return onestop_copies.drain(context or desk.context, desk.desk.office)


def test_every_dossier_that_was_there_comes_to_the_portal_once_with_its_due_date(desk: PortalDesk) -> None:
    numbers = range(1, 61)  # more than go at once
    was_there_before(desk, *numbers)
    desk.happens("accepted", "e1", code=code(7))
    with desk.context.database.write() as session:
        session.execute(delete(OutboxMessage))  # nobody was told of it then
    assert drain(desk) == 60
    desk.settle()
    assert set(desk.books.dossiers()) == {code(number) for number in numbers}
    assert desk.is_in_line(code(60))
    assert desk.copy(code(7))["NgayHenTra"] == desk.told_due(code(7)) != ""
    assert set(told(desk).values()) == {1}
    assert [drain(desk), drain(desk)] == [0, 0]


def test_what_it_has_been_told_and_what_is_none_of_its_is_left_out(desk: PortalDesk) -> None:
    desk.register(code(1))
    was_there_before(desk, 2)
    was_there_before(desk, 3, source="hotich")
    assert drain(desk) == 1
    assert told(desk) == {code(1): 1, code(2): 1}


def test_a_portal_that_is_down_is_brought_no_more_than_it_can_take_later(
    desk: PortalDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(onestop_copies, "_AT_ONCE", 4)
    monkeypatch.setattr(onestop_copies, "_MOST_WAITING", 10)
    was_there_before(desk, *range(1, 31))
    desk.faults({"kind": "down", "times": None})
    assert drain(desk) == 12
    desk.deliver()
    assert drain(desk) == 0
    desk.faults()
    rounds = 0
    while len(told(desk)) < 30:
        desk.settle()
        drain(desk)
        rounds += 1
    desk.settle()
    assert rounds == 2
    assert set(desk.books.dossiers()) == {code(number) for number in range(1, 31)}
    assert set(told(desk).values()) == {1}


def test_a_system_that_was_taken_out_for_a_while_is_told_what_it_missed(desk: PortalDesk) -> None:
    was_there_before(desk, 1)
    drain(desk)
    others = tuple(one for one in desk.context.accounts.onestops if not one.copies)
    other = OneStopSystem(id="another", connector="dvcqg", copies=("hotich",), options={})
    accounts = desk.context.accounts.model_copy(update={"onestops": (*others, other)})
    assert drain(desk, replace(desk.context, accounts=accounts)) == 0
    was_there_before(desk, 2)
    assert drain(desk) == 1
    assert told(desk) == {code(1): 1, code(2): 1}
    with desk.desk.read() as session:
        assert session.scalar(select(func.count()).select_from(OnestopCopying)) == 1
