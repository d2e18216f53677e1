"""Each style against the simulated portal over real HTTP: adding, updating, histories, and every kind of trouble."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from dispatch.messenger import Messenger
from dispatch.onestop.contract import CanBeChecked, OneStopError, ShowsCopies
from dispatch.onestop.dvcqg.simulator import PortalBooks, create_app
from dispatch.outbox import Delivery, OutboxMessage
from tests.support.desk import CODE
from tests.support.portal import PORTAL, PortalDesk, opened_portal_desk, portal_system
from tests.support.servers import serve

STYLES = ("session", "lgsp", "gateway")
PROGRESS = "CapNhatTienDoHoSoMC"


@pytest.fixture
def session_desk(tmp_path: Path) -> Iterator[PortalDesk]:
    with opened_portal_desk(tmp_path, "session") as desk:
        desk.register()
        yield desk


@pytest.fixture(params=STYLES)
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[PortalDesk]:
    """A desk for each style, with one registered dossier of which the portal has not heard."""
    with opened_portal_desk(tmp_path, request.param) as desk:
        desk.register()
        yield desk


def ring(desk: PortalDesk, code: str = CODE) -> Delivery:
    """Bring the portal one message about a dossier, which only says that there may be news."""
    return desk.portal.tell(OutboxMessage(id=f"{code}:ring", destination=PORTAL, subject=code, payload="{}"))


def test_a_dossier_is_added_then_updated_and_its_steps_are_told_once_each(desk: PortalDesk) -> None:
    assert ring(desk).delivered
    desk.happens("accepted", "e1")
    assert ring(desk).delivered
    assert desk.is_in_line()
    assert desk.copy()["NgayHenTra"] == desk.told_due() != ""
    assert desk.fates() == ["taken", "taken"]
    assert desk.history() == ["Nộp hồ sơ", "Tiếp nhận hồ sơ"]


def test_what_has_not_changed_costs_no_call(desk: PortalDesk) -> None:
    ring(desk)
    calls = len(desk.books.calls())
    assert [ring(desk).delivered for _ in range(5)] == [True] * 5
    assert len(desk.books.calls()) == calls


def test_a_dossier_that_the_portal_has_already_is_updated(desk: PortalDesk) -> None:
    desk.books.synchronise([{**_minimal(), "TrangThaiHoSo": "1"}], updating=False)
    desk.happens("accepted", "e1")
    assert ring(desk).delivered
    assert desk.fates() == ["exists", "taken"]
    assert desk.copy()["TrangThaiHoSo"] == "4"


def test_a_dossier_that_the_portal_has_lost_is_added_again(desk: PortalDesk) -> None:
    ring(desk)
    desk.books.lose(CODE)
    desk.happens("accepted", "e1")
    assert ring(desk).delivered
    assert desk.fates() == ["taken", "missing", "taken"]
    assert desk.is_in_line()


def test_a_long_history_goes_in_chunks_of_ten(desk: PortalDesk) -> None:
    desk.happens("accepted", "e1")
    for number in range(11):
        desk.desk.clock.forward(minutes=10)
        desk.happens("suspended", f"s{number}", reason=f"Xác minh lần {number + 1}")
        desk.desk.clock.forward(minutes=10)
        desk.happens("resumed", f"r{number}")
    assert ring(desk).delivered
    assert len(desk.history()) == 24
    assert [len(codes.split()) for _, codes, _ in desk.books.calls(PROGRESS)] == [10, 10, 4]
    assert desk.is_in_line()


def test_a_page_with_http_200_is_a_failure_of_the_portal(desk: PortalDesk) -> None:
    desk.faults({"kind": "page"})
    delivery = ring(desk)
    assert (delivery.delivered, delivery.status) == (False, None)
    assert "text/html" in delivery.answer
    assert ring(desk).delivered


def test_a_portal_that_blames_itself_or_answers_503_is_left_alone_for_a_while(desk: PortalDesk) -> None:
    desk.faults({"kind": "busy"}, {"kind": "down"})
    busy, down = ring(desk), ring(desk)
    assert (busy.delivered, busy.status) == (False, None)
    assert (down.delivered, down.status) == (False, 503)


def test_a_refusal_is_about_the_dossier_and_names_the_portals_words(desk: PortalDesk) -> None:
    desk.faults({"kind": "refused"})
    delivery = ring(desk)
    assert (delivery.delivered, delivery.status) == (False, 200)
    assert "Mã TTHC không có hiệu lực" in delivery.answer


def test_an_answer_that_breaks_off_leaves_a_doubt_that_the_next_attempt_settles(desk: PortalDesk) -> None:
    desk.faults({"kind": "drop"})
    assert not ring(desk).delivered
    assert ring(desk).delivered
    assert desk.fates() == ["taken", "exists", "taken"]
    assert desk.is_in_line()


def test_a_portal_that_dies_between_the_dossier_and_its_history_is_told_only_the_history(desk: PortalDesk) -> None:
    desk.faults({"kind": "down", "service": PROGRESS})
    assert not ring(desk).delivered
    assert ring(desk).delivered
    assert desk.fates() == ["taken"]
    assert desk.is_in_line()


def test_of_a_long_history_only_the_chunks_that_were_not_confirmed_go_again(desk: PortalDesk) -> None:
    desk.happens("accepted", "e1")
    for number in range(6):
        desk.desk.clock.forward(minutes=10)
        desk.happens("suspended", f"s{number}", reason=f"Xác minh lần {number + 1}")
        desk.desk.clock.forward(minutes=10)
        desk.happens("resumed", f"r{number}")
    desk.faults({"kind": "slow", "service": PROGRESS, "seconds": 0}, {"kind": "down", "service": PROGRESS})
    assert not ring(desk).delivered
    assert ring(desk).delivered
    assert desk.fates(PROGRESS) == ["taken", "down", "taken"]
    assert desk.is_in_line()


def test_a_success_with_an_error_code_is_sent_again_as_an_update(desk: PortalDesk) -> None:
    desk.faults({"kind": "doubtful"})
    assert ring(desk).delivered
    assert desk.fates() == ["taken", "taken"]
    assert desk.is_in_line()


@pytest.mark.parametrize("style", ["lgsp", "gateway"])
def test_where_nobody_can_look_it_does_not_count_until_code_and_words_agree(tmp_path: Path, style: str) -> None:
    with opened_portal_desk(tmp_path, style) as desk:
        desk.register()
        desk.faults({"kind": "doubtful", "times": 2})
        delivery = ring(desk)
        assert (delivery.delivered, delivery.status) == (False, 200)
        assert "words say success" in delivery.answer
        assert ring(desk).delivered
        assert desk.is_in_line()


def test_where_the_copy_can_be_looked_up_it_decides(session_desk: PortalDesk) -> None:
    session_desk.faults({"kind": "pretended", "service": "DongBoHoSoMC", "times": 2})
    assert not ring(session_desk).delivered
    assert session_desk.copy() == {}
    assert ring(session_desk).delivered
    session_desk.happens("accepted", "e1")
    session_desk.faults({"kind": "doubtful", "service": "DongBoHoSoMC"})
    assert ring(session_desk).delivered
    assert session_desk.fates("TraCuuHoSo") == ["00", "00"]
    assert session_desk.is_in_line()


def test_a_session_that_is_over_in_the_middle_is_renewed_once(session_desk: PortalDesk) -> None:
    session_desk.faults({"kind": "expired", "service": PROGRESS})
    assert ring(session_desk).delivered
    assert len(session_desk.books.calls("auth")) == 2
    assert session_desk.is_in_line()


def test_a_portal_that_refuses_every_session_is_not_asked_for_ever(session_desk: PortalDesk) -> None:
    session_desk.faults({"kind": "expired", "times": None})
    delivery = ring(session_desk)
    assert not delivery.delivered
    assert "just given" in delivery.answer
    assert len(session_desk.books.calls("auth")) == 2


def test_a_portal_that_is_too_slow_is_not_waited_for(tmp_path: Path) -> None:
    with opened_portal_desk(tmp_path, "gateway", read_timeout=0.2) as desk:
        desk.register()
        desk.faults({"kind": "slow", "seconds": 0.6})
        delivery = ring(desk)
        assert (delivery.delivered, delivery.status) == (False, None)
        assert "ReadTimeout" in delivery.answer
        assert ring(desk).delivered
        assert desk.is_in_line()


def test_an_older_state_that_is_still_under_way_cannot_overtake_a_newer_one(tmp_path: Path) -> None:
    with opened_portal_desk(tmp_path, "gateway") as desk:
        desk.register()
        desk.faults({"kind": "slow", "service": "DongBoHoSoMC", "seconds": 0.5})
        older = threading.Thread(target=ring, args=(desk,))
        older.start()
        while not desk.books.calls("DongBoHoSoMC"):
            older.join(0.01)
        desk.happens("accepted", "e1")
        newer = ring(desk)
        assert (newer.delivered, newer.status) == (False, 409)
        older.join()
        assert ring(desk).delivered
        assert desk.is_in_line()


def test_of_two_changes_the_first_message_to_come_brings_both_and_the_other_nothing(session_desk: PortalDesk) -> None:
    ring(session_desk)
    session_desk.happens("accepted", "e1")
    session_desk.happens("suspended", "e2", reason="Xác minh")
    newest, oldest = ring(session_desk), ring(session_desk)
    assert newest.delivered
    assert oldest.answer == "nothing has changed since the portal was last told"
    assert session_desk.is_in_line()


def test_where_a_ministry_owns_the_due_date_the_portals_own_stays(tmp_path: Path) -> None:
    with opened_portal_desk(tmp_path, "session") as desk:
        desk.register(due_date_owner="source")
        desk.books.synchronise([{**_minimal(), "NgayHenTra": "20260401170000"}], updating=False)
        desk.happens("accepted", "e1")
        desk.happens("supplement_requested", "e2", reason="Thiếu giấy khai sinh")
        desk.settle()
        assert desk.copy()["NgayHenTra"] == "20260401170000"
        assert desk.copy()["TrangThaiHoSo"] == "5"


def test_a_dossier_that_nobody_knows_any_more_is_done_with(session_desk: PortalDesk) -> None:
    assert ring(session_desk, "H14.10-990101-9999").delivered
    assert session_desk.books.calls() == []


def test_the_session_style_shows_its_copies_and_can_be_checked(session_desk: PortalDesk) -> None:
    session_desk.happens("accepted", "e1")
    ring(session_desk)
    portal = session_desk.portal
    assert isinstance(portal, ShowsCopies)
    assert isinstance(portal, CanBeChecked)
    assert portal.check() == "the login is accepted"
    copies = portal.copies([CODE, "H14.10-990101-9999"])
    due = session_desk.standing().due
    assert due is not None
    assert list(copies) == [CODE]
    assert (copies[CODE].due, copies[CODE].state) == (due - timedelta(microseconds=due.microsecond), "4")


@pytest.mark.parametrize("style", ["lgsp", "gateway"])
def test_the_other_styles_claim_neither(tmp_path: Path, style: str) -> None:
    with opened_portal_desk(tmp_path, style) as desk:
        assert not isinstance(desk.portal, ShowsCopies)
        assert not isinstance(desk.portal, CanBeChecked)


def test_a_wrong_password_is_told_with_the_next_step(session_desk: PortalDesk) -> None:
    system = portal_system(session_desk.url, "session")
    wrong = system.model_copy(update={"secrets": {**system.secrets, "password": SecretStr("another")}})
    accounts = session_desk.context.accounts.model_copy(update={"onestops": (wrong,)})
    settings, database = session_desk.context.settings, session_desk.context.database
    messenger = Messenger(accounts, settings, lambda _code: session_desk.standing(), database=database)
    (portal,) = messenger.onestops
    assert isinstance(portal, CanBeChecked)
    with pytest.raises(OneStopError, match=r"secrets\.password"):
        portal.check()
    delivery = portal.tell(OutboxMessage(id="m", destination=PORTAL, subject=CODE, payload="{}"))
    assert (delivery.delivered, delivery.status) == (False, 401)
    messenger.close()


def test_the_portals_books_survive_a_restart(tmp_path: Path) -> None:
    before = PortalBooks(tmp_path / "books.db")
    before.synchronise([_minimal()], updating=False)
    before.close()
    after = PortalBooks(tmp_path / "books.db")
    with serve(create_app(after)):
        assert after.dossier(CODE) == _minimal()
    after.close()


def _minimal() -> dict[str, str]:
    return {
        "MaHoSo": CODE,
        "MaTTHC": "1.004859",
        "TenTTHC": "Hộ tịch",
        "ChuHoSo": "Bế Đức Hiếu",
        "TrangThaiHoSo": "1",
        "HinhThuc": "0",
        "KenhThucHien": "1",
    }
