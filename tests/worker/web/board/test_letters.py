"""Letters of apology are read, signed with a new day, or dismissed, by who may approve them."""

from __future__ import annotations

from datetime import datetime

import pytest

from config.clock import VIETNAM
from tests.support.desk import MONDAY, TestDesk
from tests.worker.web.board.conftest import As
from tracking.apologies import keeping
from tracking.apologies.rows import apologies_of
from tracking.apologies.standing import State
from worker.access.roles import Role


@pytest.fixture
def letter(desk: TestDesk, registered: str) -> int:
    """The id of a draft for a dossier that is due on the next working day."""
    desk.clock.at(MONDAY)
    desk.tell("accepted", f"a-{registered}", code=registered)
    desk.clock.at(datetime(2026, 3, 4, 9, 0, tzinfo=VIETNAM))
    keeping.sweep(desk.context, desk.office)
    with desk.read() as session:
        (apology,) = apologies_of(session, registered)
        return apology.id


def state(desk: TestDesk, code: str) -> State:
    with desk.read() as session:
        return apologies_of(session, code)[0].state


def test_it_is_signed_once_with_its_new_day(desk: TestDesk, colleague: As, registered: str, letter: int) -> None:
    who = colleague(Role.SUPERVISOR)
    assert f'href="/board/letters/{letter}"' in who.page(f"/board/dossiers/{registered}")
    page = who.page(f"/board/letters/{letter}")
    assert "cannot be taken back" in page
    fields = {"title": "Phó Giám đốc", "reason": "Chờ xác minh", "new_due": "2026-03-09"}
    done = who.send(page, f"/board/letters/{letter}/sign", **fields)
    assert "The letter is signed" in done.text
    assert 'datetime="2026-03-09T17:00:00+07:00"' in done.text
    again = who.send(page, f"/board/letters/{letter}/sign", **fields)
    assert "has been settled already" in again.text


def test_a_day_that_is_no_working_day_is_refused_and_kept(
    desk: TestDesk, colleague: As, registered: str, letter: int
) -> None:
    who = colleague(Role.SUPERVISOR)
    page = who.page(f"/board/letters/{letter}")
    answer = who.send(page, f"/board/letters/{letter}/sign", title="Trưởng phòng", reason="Chờ", new_due="2026-03-08")
    assert answer.status_code == 422
    assert 'value="2026-03-08"' in answer.text
    assert 'value="Trưởng phòng"' in answer.text
    assert state(desk, registered) is State.DRAFT


def test_none_is_owed_with_a_reason(desk: TestDesk, colleague: As, registered: str, letter: int) -> None:
    who = colleague(Role.SUPERVISOR)
    done = who.send(who.page(f"/board/letters/{letter}"), f"/board/letters/{letter}/dismiss", why="Bão số 3")
    assert "Noted: no apology is owed." in done.text
    assert state(desk, registered) is State.DISMISSED


def test_only_who_may_approve_sees_it(colleague: As, letter: int) -> None:
    assert colleague(Role.OFFICER).get(f"/board/letters/{letter}").status_code == 403
    assert colleague(Role.SUPERVISOR, "H14.99").get(f"/board/letters/{letter}").status_code == 404


def test_another_agencys_letter_is_answered_as_one_that_is_not_there(colleague: As, letter: int) -> None:
    stranger = colleague(Role.SUPERVISOR, "H14.99")
    page = stranger.page("/board")
    foreign, missing = (stranger.send(page, "/board/print", kind="apology", subject=str(n)) for n in (letter, 99999))
    assert foreign.status_code == missing.status_code == 404
    assert foreign.text.replace(f"apology {letter} ", "") == missing.text.replace("apology 99999 ", "")
