"""Booking, cancelling and asking at a simulated J&T over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from carriers.capabilities import CanFindByReference, OffersPickupWindows
from carriers.contract import Change, ChangeOutcome, OrderRef, QuoteRequest, TrackingEvent
from carriers.jt.simulator.operator import Said
from carriers.outcomes import OutcomeUnknown, Rejected, Retryable, Unauthorized
from carriers.simulation import Fault, FaultRule
from carriers.states import ShipmentState as State
from tests.carriers.jt.office import CUSTOMER, Connection, connection, later
from tests.support import ngsp


@pytest.fixture
def office() -> Iterator[Connection]:
    with connection() as open_account:
        yield open_account


def _booked(office: Connection, number: str = "H14-1-S1") -> OrderRef:
    return OrderRef(number, office.carrier.book(ngsp.order(number)).waybill)


def _events(office: Connection, *orders: OrderRef) -> list[TrackingEvent]:
    results = office.carrier.normalise([item.raw for item in office.carrier.track(orders)])
    return [result for result in results if isinstance(result, TrackingEvent)]


def test_a_booking_has_the_waybill_that_is_in_the_operators_books(office: Connection) -> None:
    booking = office.carrier.book(ngsp.order("H14-1-S1"))
    (books,) = office.operator.orders()
    assert ([booking.waybill], booking.already_existed) == (books["item_codes"], False)
    assert (books["order_number"], booking.operator_id) == ("H14-1-S1", None)


def test_what_public_material_does_not_promise_is_not_claimed(office: Connection) -> None:
    assert not isinstance(office.carrier, CanFindByReference | OffersPickupWindows)
    assert (office.carrier.cancels_by_reference, office.carrier.renews_token) == (False, False)
    assert (office.carrier.refuses_duplicates, office.carrier.items_at_once) == (True, 30)


def test_a_refused_duplicate_is_a_booking_whose_waybill_is_told_later(office: Connection) -> None:
    _booked(office)
    again = office.carrier.book(ngsp.order("H14-1-S1"))
    assert (again.already_existed, again.waybill) == (True, None)
    assert office.operator.orders()[0]["created"] == 1
    assert (office.records[-1].outcome, office.records[-1].status) == ("rejected", 200)


def test_a_booking_whose_answer_was_lost_can_be_sent_again(office: Connection) -> None:
    office.operator.faults.replace([FaultRule(fault=Fault.TIMEOUT_AFTER, operation="order", times=1, seconds=0)])
    with pytest.raises(OutcomeUnknown):
        office.carrier.book(ngsp.order("H14-1-S1"))
    assert office.carrier.book(ngsp.order("H14-1-S1")).already_existed
    assert office.operator.orders()[0]["live"] == 1


def test_a_refused_order_says_why_in_the_operators_words(office: Connection) -> None:
    with pytest.raises(Rejected, match="Tham số không hợp lệ"):
        office.carrier.book(replace(ngsp.order("H14-1-S1"), sender=ngsp.nameless()))
    assert office.operator.orders()[0]["created"] == 0


def test_a_system_error_inside_a_success_leaves_the_outcome_unknown(
    office: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(office.operator, "create", lambda body: Said("999999999", "System error"))
    with pytest.raises(OutcomeUnknown, match="so a booking is sent again by itself"):
        office.carrier.book(ngsp.order("H14-1-S1"))
    assert (office.records[-1].outcome, office.records[-1].status) == ("outcome_unknown", 200)


@pytest.mark.parametrize(
    ("secret", "outcome", "words"),
    [
        ("private_key", Unauthorized, "refuses our signature"),
        ("password_key", Rejected, "mật khẩu không đúng"),
        ("password_suffix", Rejected, "mật khẩu không đúng"),
    ],
)
def test_a_wrong_key_is_a_matter_for_a_person(secret: str, outcome: type[Exception], words: str) -> None:
    with connection(secrets={secret: "wrong"}) as office:
        for call in (office.carrier.check, lambda: office.carrier.book(ngsp.order("H14-1-S1"))):
            with pytest.raises(outcome, match=words):
                call()
        assert len(office.records) == 2
        assert office.operator.orders() == []


def test_another_customers_api_account_is_refused() -> None:
    with connection(options={"api_account": "api-05"}) as office, pytest.raises(Unauthorized):
        office.carrier.check()


def test_the_check_asks_about_nobodys_item(office: Connection) -> None:
    assert f"customer {CUSTOMER.code}" in office.carrier.check()
    assert [(record.operation, record.outcome) for record in office.records] == [("track", "rejected")]


def test_an_order_is_cancelled_until_it_is_collected(office: Connection) -> None:
    early, late = _booked(office, "H14-1-S1"), _booked(office, "H14-2-S1")
    office.operator.report("H14-2-S1", State.IN_TRANSIT, later(3))
    assert office.carrier.cancel(early) == Change(ChangeOutcome.ACCEPTED, "success")
    assert office.carrier.cancel(late) == Change(ChangeOutcome.REFUSED, "Trạng thái đơn hàng không thể hủy")
    assert office.carrier.cancel(early).outcome is ChangeOutcome.REFUSED
    assert [books["live"] for books in office.operator.orders()] == [0, 1]


@pytest.mark.parametrize("confirmed", [True, False])
def test_not_found_is_proof_only_where_jt_has_confirmed_what_it_looks_by(confirmed: bool) -> None:
    with connection(options={"cancels_by_reference": confirmed}) as office:
        change = office.carrier.cancel(OrderRef("H14-9-S1"))
        assert change.outcome is (ChangeOutcome.NOT_FOUND if confirmed else ChangeOutcome.REFUSED)
        assert office.carrier.cancels_by_reference is confirmed


def test_an_order_is_cancelled_by_whichever_name_jt_looks_by() -> None:
    with connection(cancels_by_waybill=True) as office:
        order = _booked(office)
        assert office.carrier.cancel(OrderRef("H14-1-S1")).outcome is ChangeOutcome.REFUSED
        assert office.carrier.cancel(order).outcome is ChangeOutcome.ACCEPTED


def test_a_lost_cancellation_is_unknown(office: Connection) -> None:
    order = _booked(office)
    office.operator.faults.replace([FaultRule(fault=Fault.ERROR_AFTER, operation="cancel")])
    with pytest.raises(OutcomeUnknown):
        office.carrier.cancel(order)


def test_a_price_is_there_where_it_is_known_which_it_is(office: Connection) -> None:
    near, far = (office.carrier.quote(QuoteRequest(350, "04", there)) for there in ("04", "01"))
    assert near is not None
    assert far is not None
    assert (near.vnd, far.vnd) == (29_000, 39_000)
    with connection(options={"price_field": None}) as silent:
        assert silent.carrier.quote(QuoteRequest(350, "04", "01")) is None
        assert silent.records == []


def test_a_label_is_a_document(office: Connection) -> None:
    order = _booked(office)
    label = office.carrier.label(order)
    assert (label.media_type, label.url) == ("application/pdf", None)
    assert order.waybill is not None
    assert order.waybill.encode() in label.content
    with pytest.raises(Rejected, match="Không tìm thấy"):
        office.carrier.label(OrderRef("H14-1-S1", "9"))


def test_an_item_is_followed_under_our_number(office: Connection) -> None:
    order = _booked(office)
    for hour, state in enumerate((State.IN_TRANSIT, State.OUT_FOR_DELIVERY, State.DELIVERED), start=1):
        office.operator.report("H14-1-S1", state, later(hour))
    events = _events(office, order)
    assert [event.state for event in events] == [
        *(State.BOOKED, State.IN_TRANSIT, State.OUT_FOR_DELIVERY, State.DELIVERED)
    ]
    assert {(one.order_number, one.waybill, one.account_ref) for one in events} == {
        ("H14-1-S1", order.waybill, CUSTOMER.code)
    }


def test_asking_again_brings_the_same_documents(office: Connection) -> None:
    order = _booked(office)
    first, second = (office.carrier.track([order]) for _ in range(2))
    office.operator.faults.replace([FaultRule(fault=Fault.OUT_OF_ORDER, operation="tracking")])
    office.operator.report("H14-1-S1", State.IN_TRANSIT, later(3))
    assert first == second
    assert {item.id for item in first} < {item.id for item in office.carrier.track([order])}


@pytest.mark.parametrize("spoils", [True, False])
def test_thirty_items_are_asked_for_at_once_and_unknown_ones_hide_none(spoils: bool) -> None:
    with connection(unknown_spoils_all=spoils) as office:
        orders = [_booked(office, f"H14-{n}-S1") for n in range(28)]
        strangers = [OrderRef("H14-98-S1", "1"), OrderRef("H14-99-S1", "2"), OrderRef("H14-97-S1")]
        events = _events(office, strangers[0], *orders[:9], *strangers[1:], *orders[9:])
        assert sorted(event.order_number for event in events) == sorted(order.order_number for order in orders)
        questions = [record.operation for record in office.records].count("track")
        assert (questions == 1) is not spoils
        assert questions < 20
        assert office.carrier.track(strangers) == ()


def test_an_order_without_a_waybill_is_not_asked_for(office: Connection) -> None:
    assert office.carrier.track([OrderRef("H14-1-S1")]) == ()
    assert office.records == []


def test_an_item_without_news_is_silent(office: Connection) -> None:
    order = _booked(office)
    office.operator.faults.replace([FaultRule(fault=Fault.EMPTY_PAGE, operation="tracking")])
    assert office.carrier.track([order]) == ()


def test_what_was_not_asked_for_is_not_taken(office: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    order = _booked(office)
    scans = [{"scanTime": "2026-03-06 09:15:00", "scanTypeCode": "113"}]
    said: list[Any] = [{"billCode": "9", "details": scans}, {"details": scans}]
    monkeypatch.setattr(office.operator, "trace", lambda waybills: Said(data=said))
    assert office.carrier.track([order]) == ()
    said.append({"billCode": order.waybill, "txlogisticId": "somebody else's", "details": scans})
    assert [event.order_number for event in _events(office, order)] == ["H14-1-S1"]


def test_more_than_thirty_at_once_is_refused(office: Connection) -> None:
    orders = [OrderRef(f"H14-{n}-S1", str(n)) for n in range(1, 32)]
    with pytest.raises(Rejected, match="Vượt quá 30"):
        office.carrier.track(orders)


def test_an_operator_that_cannot_be_reached_harms_nothing() -> None:
    with (
        connection(options={"base_url": "http://127.0.0.1:9"}) as office,
        pytest.raises(Retryable, match="cannot be reached"),
    ):
        office.carrier.book(ngsp.order("H14-1-S1"))


def test_eight_threads_book_forty_orders(office: Connection) -> None:
    with ThreadPoolExecutor(8) as threads:
        waybills = set(threads.map(lambda n: _booked(office, f"H14-{n}-S1").waybill, range(40)))
    assert len(waybills) == 40
    assert [books["live"] for books in office.operator.orders()] == [1] * 40
