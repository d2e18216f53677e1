"""Booking, changing and asking at a simulated Viettel Post over real HTTP."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from carriers.contract import ChangeOutcome, OrderRef, QuoteRequest
from carriers.outcomes import OutcomeUnknown, Rejected, Retryable, Unauthorized
from carriers.simulation import Fault, FaultRule
from carriers.states import ShipmentState
from carriers.viettelpost.client import ViettelPostCarrier
from carriers.viettelpost.simulator.operator import Said
from tests.carriers.viettelpost.office import CLIENT, Connection, connection
from tests.support import ngsp


@pytest.fixture
def office() -> Iterator[Connection]:
    with connection() as open_account:
        yield open_account


def _booked(office: Connection, number: str = "H14-1-S1") -> OrderRef:
    return OrderRef(number, office.carrier.book(ngsp.order(number)).waybill)


def _collect(office: Connection, number: str = "H14-1-S1") -> None:
    office.operator.report(number, ShipmentState.IN_TRANSIT, ngsp.NOW + timedelta(hours=3))


def test_a_booking_has_the_code_that_is_in_the_operators_books(office: Connection) -> None:
    booking = office.carrier.book(ngsp.order("H14-1-S1"))
    (books,) = office.operator.orders()
    assert ([booking.waybill], booking.already_existed) == (books["item_codes"], False)


def test_a_refused_order_says_why_in_the_operators_words(office: Connection) -> None:
    with pytest.raises(Rejected, match=r"Invalid \[SENDER_FULLNAME\]"):
        office.carrier.book(replace(ngsp.order("H14-1-S1"), sender=ngsp.nameless()))
    assert office.operator.orders()[0]["created"] == 0
    assert office.records[-1].outcome == "rejected"
    assert office.records[-1].status == 200


def test_an_address_that_is_too_long_is_the_operators_to_refuse(office: Connection) -> None:
    far = replace(ngsp.CITIZEN, address="Xóm Lũng Nặm, " * 20)
    with pytest.raises(Rejected, match=r"Invalid \[SENDER_ADDRESS\]"):
        office.carrier.book(replace(ngsp.order("H14-1-S1"), sender=far))


def test_a_system_error_inside_a_success_leaves_the_outcome_unknown(
    office: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(office.operator, "create", lambda body: Said(refusal="System error"))
    with pytest.raises(OutcomeUnknown, match="its own report is waited for"):
        office.carrier.book(ngsp.order("H14-1-S1"))
    assert [record.operation for record in office.records].count("book") == 1
    assert (office.records[-1].outcome, office.records[-1].status) == ("outcome_unknown", 200)


@pytest.mark.parametrize("fault", [Fault.TIMEOUT_AFTER, Fault.TIMEOUT_BEFORE])
def test_an_operator_that_does_not_answer_in_time_leaves_the_outcome_unknown(fault: Fault) -> None:
    with connection(timeout=0.5) as office:
        office.carrier.check()
        office.operator.faults.replace([FaultRule(fault=fault, operation="order", seconds=30)])
        started = time.perf_counter()
        with pytest.raises(OutcomeUnknown):
            office.carrier.book(ngsp.order("H14-1-S1"))
        assert 0.3 < time.perf_counter() - started < 5
        (books,) = office.operator.orders()
        assert (books["create_calls"], books["live"]) == (1, int(fault is Fault.TIMEOUT_AFTER))


@pytest.mark.parametrize("http_refusals", [True, False])
def test_a_token_that_has_expired_costs_one_renewal_however_it_is_refused(http_refusals: bool) -> None:
    with connection(http_refusals=http_refusals) as office:
        _booked(office, "H14-1-S1")
        office.operator.tokens.expire_all()
        _booked(office, "H14-2-S1")
        assert [record.operation for record in office.records].count("token") == 4
        assert [books["created"] for books in office.operator.orders()] == [1, 1]
        refused = next(record for record in office.records if record.outcome == "unauthorized")
        assert refused.status == (401 if http_refusals else 200)


def test_a_token_that_never_works_is_a_matter_for_a_person() -> None:
    with connection(token_seconds=30.0) as office:
        office.operator.faults.replace([FaultRule(fault=Fault.EXPIRED_TOKEN, operation="order")])
        with pytest.raises(Unauthorized, match="Token invalid or expired"):
            office.carrier.book(ngsp.order("H14-1-S1"))
        assert office.operator.orders()[0]["created"] == 0


def test_a_wrong_password_is_a_matter_for_a_person() -> None:
    with (
        connection(secrets={"password": "wrong"}) as office,
        pytest.raises(Unauthorized, match="correct username and password"),
    ):
        office.carrier.check()


def test_an_order_is_cancelled_until_it_is_collected(office: Connection) -> None:
    early, late = _booked(office, "H14-1-S1"), _booked(office, "H14-2-S1")
    _collect(office, "H14-2-S1")
    assert office.carrier.cancel(early).outcome is ChangeOutcome.ACCEPTED
    refused = office.carrier.cancel(late)
    assert (refused.outcome, refused.operator_words) == (
        ChangeOutcome.REFUSED,
        "Trạng thái đơn hàng không được phép hủy",
    )
    assert [books["live"] for books in office.operator.orders()] == [0, 1]


def test_cancelling_again_is_refused_in_words(office: Connection) -> None:
    order = _booked(office)
    assert office.carrier.cancel(order).operator_words == "Hủy đơn hàng thành công"
    assert office.carrier.cancel(order).outcome is ChangeOutcome.REFUSED


def test_an_order_without_a_waybill_is_not_cancelled_and_nobody_is_asked(office: Connection) -> None:
    _booked(office)
    calls = len(office.records)
    change = office.carrier.cancel(OrderRef("H14-1-S1"))
    assert change.outcome is ChangeOutcome.REFUSED
    assert "has not told its own code" in change.operator_words
    assert len(office.records) == calls
    assert not office.carrier.cancels_by_reference


def test_an_order_that_viettel_post_calls_unknown_is_not_taken_for_dead(office: Connection) -> None:
    change = office.carrier.cancel(OrderRef("H14-1-S1", "99999999999"))
    assert (change.outcome, change.operator_words) == (ChangeOutcome.REFUSED, "Order does not exist")


def test_what_words_mean_can_be_learnt() -> None:
    learnt = {"không được phép hủy": "not_found", "does not exist": "pending"}
    with connection(options={"cancel_words": learnt}) as office:
        order = _booked(office)
        office.carrier.cancel(order)
        assert office.carrier.cancel(order).outcome is ChangeOutcome.NOT_FOUND
        assert office.carrier.cancel(OrderRef("H", "9")).outcome is ChangeOutcome.PENDING


def test_a_duplicate_makes_a_second_order_unless_viettel_post_checks(office: Connection) -> None:
    first, second = (_booked(office).waybill for _ in range(2))
    assert first != second
    assert office.operator.orders()[0]["live"] == 2


def test_a_refused_duplicate_is_a_booking_once_its_words_are_learnt() -> None:
    with connection(honours_check_unique=True, options={"duplicate_words": ["đã tồn tại"]}) as office:
        _booked(office)
        again = office.carrier.book(ngsp.order("H14-1-S1"))
        assert (again.already_existed, again.waybill) == (True, None)
        assert office.operator.orders()[0]["created"] == 1


def test_a_refused_duplicate_is_a_refusal_as_long_as_its_words_are_not() -> None:
    with connection(honours_check_unique=True) as office:
        _booked(office)
        with pytest.raises(Rejected, match="Mã đơn hàng đã tồn tại"):
            office.carrier.book(ngsp.order("H14-1-S1"))


def test_a_price_is_that_of_the_agreed_service(office: Connection) -> None:
    near, far = (office.carrier.quote(QuoteRequest(350, "04", there)) for there in ("04", "01"))
    assert near is not None
    assert far is not None
    assert (near.vnd, far.vnd) == (39_000, 46_000)


def test_a_service_that_is_not_offered_has_no_price() -> None:
    with connection(options={"order_service": "VHT"}) as office:
        assert office.carrier.quote(QuoteRequest(350, "04", "01")) is None


def test_a_label_is_an_address_that_shows_it(office: Connection) -> None:
    order = _booked(office)
    label = office.carrier.label(order)
    assert (label.content, label.media_type) == (b"", "text/uri-list")
    assert label.url is not None
    assert order.waybill is not None
    assert order.waybill in httpx.get(label.url).text


def test_a_print_code_cannot_break_out_of_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("carriers.viettelpost.client.read_print_code", lambda body: "a+b/c=&type=2")
    with connection(options={"label_url": "https://print.example/?type=1&bill=${code}&showPostage=0"}) as office:
        url = office.carrier.label(_booked(office)).url
        assert url == "https://print.example/?type=1&bill=$a%2Bb%2Fc%3D%26type%3D2&showPostage=0"


def test_an_unknown_order_has_no_label(office: Connection) -> None:
    with pytest.raises(Rejected, match="Order does not exist"):
        office.carrier.label(OrderRef("H14-1-S1", "9"))


def test_a_journey_is_not_asked_for_without_a_waybill_or_for_an_unknown_one(office: Connection) -> None:
    with pytest.raises(Rejected, match="has not told its own code"):
        office.carrier.resend_journey(OrderRef("H14-1-S1"))
    with pytest.raises(Rejected, match="Order does not exist"):
        office.carrier.resend_journey(OrderRef("H14-1-S1", "9"))


def test_the_check_says_that_webhooks_are_all_there_is(office: Connection) -> None:
    said = office.carrier.check()
    assert f"customer {CLIENT.customer_code}; places of collection there: 1" in said
    assert "by webhook alone" in said


def test_an_operator_that_cannot_be_reached_harms_nothing(office: Connection) -> None:
    nowhere = office.carrier.account.model_copy(
        update={"options": {**office.carrier.account.options, "base_url": "http://127.0.0.1:9"}}
    )
    lost = ViettelPostCarrier(nowhere, ngsp.quiet_runtime(), office.carrier.tables)
    with pytest.raises(Retryable, match="cannot be reached"):
        lost.book(ngsp.order("H14-1-S1"))
    lost.close()


def test_forty_threads_book_forty_orders_with_one_token(office: Connection) -> None:
    with ThreadPoolExecutor(8) as threads:
        waybills = set(threads.map(lambda n: _booked(office, f"H14-{n}-S1").waybill, range(40)))
    assert len(waybills) == 40
    assert [books["live"] for books in office.operator.orders()] == [1] * 40
    assert [record.operation for record in office.records].count("token") == 2
