"""What is settled and changed from the board: confirmed first, done once, noted, and refused where it does not fit."""

from __future__ import annotations

import pytest

from dispatch.money.unnamed import UnnamedPostage
from dispatch.outbox_rows import OutboxMessage, OutboxState
from dispatch.parties import Party
from dispatch.shipments import BookingState
from tests.support.board import Colleague
from tests.support.desk import MONDAY, TestDesk
from tests.worker.web.board.cases import in_doubt
from tests.worker.web.board.conftest import As
from worker.access import audit
from worker.access.roles import Role


def noted(desk: TestDesk, subject: str) -> list[str]:
    with desk.read() as session:
        return [entry.action for entry in audit.entries(session, subject=subject)]


def test_what_the_post_says_of_an_order_settles_it(desk: TestDesk, officer: Colleague, registered: str) -> None:
    number = in_doubt(desk, registered)
    page = officer.page(f"/board/shipments/{number}/finding")
    assert "This cannot be undone" in page
    answer = officer.send(page, f"/board/shipments/{number}/finding", held="yes", waybill=" EV123VN ")
    assert "Noted: the post holds the order." in answer.text
    assert answer.url.path == f"/board/dossiers/{registered}"
    shipment = desk.shipment(number)
    assert (shipment.booking, shipment.waybill) == (BookingState.BOOKED, "EV123VN")
    assert noted(desk, number) == ["order.settled"]


def test_an_order_that_the_post_does_not_have_is_booked_again(
    desk: TestDesk, officer: Colleague, registered: str
) -> None:
    number = in_doubt(desk, registered)
    page = officer.page(f"/board/shipments/{number}/finding")
    officer.send(page, f"/board/shipments/{number}/finding", held="no", waybill="EV1")
    assert desk.shipment(number).booking is BookingState.REQUESTED


def test_who_settles_it_second_is_told_that_it_is_settled(desk: TestDesk, officer: Colleague, registered: str) -> None:
    number = in_doubt(desk, registered)
    page = officer.page(f"/board/shipments/{number}/finding")
    first, second = (officer.send(page, f"/board/shipments/{number}/finding", held="yes") for _ in range(2))
    assert "Noted: the post holds the order." in first.text
    assert second.status_code == 200
    assert "Noted: the post holds" in second.text or "that was known already" in second.text
    assert desk.shipment(number).booking is BookingState.BOOKED


def test_a_form_without_an_answer_comes_back_as_it_was_filled_in(
    desk: TestDesk, officer: Colleague, registered: str
) -> None:
    number = in_doubt(desk, registered)
    page = officer.page(f"/board/shipments/{number}/finding")
    answer = officer.send(page, f"/board/shipments/{number}/finding", waybill="EV99VN")
    assert answer.status_code == 422
    assert 'value="EV99VN"' in answer.text
    assert "Choose one of the two answers" in answer.text


def test_a_form_of_another_site_or_session_is_refused(desk: TestDesk, officer: Colleague, registered: str) -> None:
    number = in_doubt(desk, registered)
    answer = officer.http.post(f"/board/shipments/{number}/finding", data={"held": "no", "csrf_token": "x" * 43})
    assert answer.status_code == 403
    assert desk.shipment(number).booking is BookingState.OUTCOME_UNKNOWN


def test_whoever_may_not_settle_is_refused_and_that_is_noted(desk: TestDesk, colleague: As, registered: str) -> None:
    number = in_doubt(desk, registered)
    clerk = colleague(Role.CLERK)
    page = clerk.page("/board")
    assert clerk.send(page, f"/board/shipments/{number}/finding", held="no").status_code == 403
    assert desk.shipment(number).booking is BookingState.OUTCOME_UNKNOWN
    with desk.read() as session:
        assert audit.entries(session, actor="clerk@caobang.gov.vn")[0].action == "permission.refused"
    other = colleague(Role.OFFICER, "H14.99")
    assert other.get(f"/board/shipments/{number}/finding").status_code == 404


def test_cancelling_says_first_what_ends(desk: TestDesk, officer: Colleague, registered: str) -> None:
    number = desk.order("send", dossier=registered)[0]
    path = f"/board/orders/{desk.shipment(number).order_id}/cancel"
    page = officer.page(path)
    assert "is cancelled, and the post is told not to come" in page
    assert "This cannot be taken back." in page
    for _ in range(2):  # a double click
        answer = officer.send(page, path)
        assert "What had not been collected is cancelled" in answer.text
    assert desk.shipment(number).state == "cancelled"
    assert "Nothing is left to cancel" in officer.page(path)


def test_a_new_address_that_means_nothing_comes_back_with_what_was_typed(
    desk: TestDesk, officer: Colleague, registered: str
) -> None:
    number = desk.order("send", dossier=registered)[0]
    path = f"/board/orders/{desk.shipment(number).order_id}/address"
    page = officer.page(path)
    answer = officer.send(page, path, address="nowhere at all <b>", name="", phone="", who="applicant")
    assert answer.status_code == 422
    assert "nowhere at all &lt;b&gt;" in answer.text
    good = officer.send(page, path, address="Tổ 2, Xã Xuân Trường, tỉnh Cao Bằng", era="new2", who="applicant")
    assert "The new address is noted" in good.text
    assert f'data-taken="address-{registered}"' in good.text
    assert "Tổ 2" in good.text


def test_papers_under_way_are_called_back_once(desk: TestDesk, officer: Colleague, registered: str) -> None:
    number = desk.order("send", dossier=registered)[0]
    desk.work()
    desk.report(number, 2)
    desk.poll()
    path = f"/board/shipments/{number}/recall"
    page = officer.page(path)
    first, second = (officer.send(page, path) for _ in range(2))
    assert "The papers are wanted back" in first.text
    assert "nothing is on its way that could be called back" in second.text
    assert desk.shipment(number).recall_asked_at is not None
    assert noted(desk, number) == ["order.recalled"]


def test_where_there_is_no_other_operator_none_is_offered(desk: TestDesk, officer: Colleague, registered: str) -> None:
    number = desk.order("send", dossier=registered)[0]
    assert f"/board/shipments/{number}/operator" not in officer.page(f"/board/dossiers/{registered}")


@pytest.fixture
def parked(desk: TestDesk, registered: str) -> str:
    """The id of a message that its receiver refused for good."""
    desk.tell("accepted", "e1", code=registered)
    with desk.context.database.write() as session:
        message = next(iter(session.query(OutboxMessage).filter_by(subject=registered)))
        message.state = OutboxState.PARKED
        return message.id


def test_a_parked_message_is_sent_again_by_those_who_may(desk: TestDesk, colleague: As, parked: str) -> None:
    supervisor = colleague(Role.SUPERVISOR)
    page = supervisor.page("/board/messages/again", id=parked)
    assert "takes it once" in page
    answer = supervisor.send(page, "/board/messages/again", id=parked)
    assert "The message is in line again" in answer.text
    again = supervisor.send(page, "/board/messages/again", id=parked)
    assert "Nothing was changed" in again.text
    assert noted(desk, parked) == ["message.sent-again"]
    assert colleague(Role.OFFICER).get("/board/messages/again", id=parked).status_code == 403
    assert colleague(Role.SUPERVISOR, "H14.99").get("/board/messages/again", id=parked).status_code == 404
    assert supervisor.get("/board/messages/again", id="no such").status_code == 404


def test_what_another_agencys_citizen_asked_for_is_not_sent_again_by_a_stranger(
    desk: TestDesk, colleague: As, parked: str
) -> None:
    with desk.context.database.write() as session:
        message = session.get_one(OutboxMessage, parked)
        message.subject = f"{message.subject}:0a1b2c3d"  # a line of its own, as one-time codes have
    stranger = colleague(Role.SUPERVISOR, "H14.99")
    assert stranger.get("/board/messages/again", id=parked).status_code == 404
    sent = stranger.send(stranger.page("/board"), "/board/messages/again", id=parked)
    assert sent.status_code == 404
    assert colleague(Role.SUPERVISOR).get("/board/messages/again", id=parked).status_code == 200


def test_another_agencys_postage_is_answered_as_what_is_not_there(
    desk: TestDesk, colleague: As, registered: str
) -> None:
    number = desk.order("send", dossier=registered)[0]
    owed = f"{number}:first"
    with desk.context.database.write() as session:
        session.add(
            UnnamedPostage(
                **{"id": owed, "dossier_code": registered, "order_number": number, "debtor": Party.AGENCY},
                **{"at": MONDAY, "evidence": "record 1", "legal_source": "45/2016", "named_at": None},
            )
        )
    stranger = colleague(Role.OFFICER, "H14.99")
    foreign, missing = (stranger.get("/board/postage", id=one) for one in (owed, f"{owed}-none"))
    assert foreign.status_code == missing.status_code == 404
    assert "There is no such task" in foreign.text
    assert "There is no such task" in missing.text
    officer = colleague(Role.OFFICER)
    sent = officer.send(officer.page("/board/postage", id=owed), "/board/postage", id=owed, amount="30.000")
    assert sent.status_code == 200
    assert noted(desk, number) == ["postage.named"]


def test_a_waybill_with_what_cannot_be_printed_is_refused(desk: TestDesk, officer: Colleague, registered: str) -> None:
    number = in_doubt(desk, registered)
    page = officer.page(f"/board/shipments/{number}/finding")
    answer = officer.send(page, f"/board/shipments/{number}/finding", held="yes", waybill="EB\x00123")
    assert answer.status_code == 422
    assert desk.shipment(number).waybill is None
