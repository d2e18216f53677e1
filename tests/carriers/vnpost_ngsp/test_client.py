"""Booking, cancelling and following at a simulated VNPost over real HTTP."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from carriers.contract import ChangeOutcome, OrderRef, QuoteRequest, TrackingEvent
from carriers.outcomes import OutcomeUnknown, Rejected, Retryable, Unauthorized
from carriers.vnpost_ngsp.dialects import Variant
from carriers.vnpost_ngsp.simulator import Client, Fault, FaultRule
from tests.support import ngsp


@pytest.fixture
def office() -> Iterator[ngsp.Connection]:
    with ngsp.connection(ngsp.new_operator(), timeout=2.0) as connection:
        yield connection


def _events(office: ngsp.Connection, cursor: str | None = None) -> list[TrackingEvent]:
    page = office.carrier.feed_page(cursor)
    results = office.carrier.normalise([item.raw for item in page.items])
    return [result for result in results if isinstance(result, TrackingEvent)]


@pytest.mark.parametrize("fault", [Fault.TIMEOUT_AFTER, Fault.TIMEOUT_BEFORE])
def test_an_operator_that_does_not_answer_in_time_leaves_the_outcome_unknown(fault: Fault) -> None:
    with ngsp.connection(ngsp.new_operator(), timeout=0.4) as office:
        office.carrier.check()
        office.operator.faults.replace([FaultRule(fault=fault, operation="order", seconds=30)])
        started = time.perf_counter()
        with pytest.raises(OutcomeUnknown):
            office.carrier.book(ngsp.order("H14-1-S1"))
        assert 0.3 < time.perf_counter() - started < 5
        (books,) = office.operator.orders()
        assert (books["create_calls"], books["live"]) == (1, int(fault is Fault.TIMEOUT_AFTER))


def test_a_lost_booking_is_adopted_with_the_waybill_once_it_is_known(office: ngsp.Connection) -> None:
    office.operator.faults.replace([FaultRule(fault=Fault.ERROR_AFTER, operation="order", times=1)])
    before = office.carrier.feed_page(None).next_cursor
    with pytest.raises(OutcomeUnknown):
        office.carrier.book(ngsp.order("H14-1-S1"))
    found = office.carrier.find("H14-1-S1", before)
    assert found is not None
    assert (found.already_existed, found.waybill) == (True, None)
    office.operator.push_event("H14-1-S1", 2, ngsp.NOW + timedelta(hours=3))
    collected = office.carrier.find("H14-1-S1", before)
    (books,) = office.operator.orders()
    assert collected is not None
    assert [collected.waybill] == books["item_codes"]


def test_a_look_up_reads_on_until_the_feed_ends(office: ngsp.Connection) -> None:
    for number in range(1005):
        office.operator.push_event(f"H14-{number}", 3, ngsp.NOW)
    assert office.carrier.find("H14-1004") is not None
    assert office.carrier.find("H14-9999") is None
    assert [record.operation for record in office.records].count("feed") == 2 + 3


def test_a_look_up_that_would_read_for_ever_says_so() -> None:
    with ngsp.connection(ngsp.new_operator(), options={"find_pages": 1}) as office:
        office.operator.push_event("H14-1", 3, ngsp.NOW)
        with pytest.raises(Retryable, match="from a later cursor"):
            office.carrier.find("H14-2")


def test_events_of_another_customer_are_not_taken_for_ours() -> None:
    with ngsp.connection(ngsp.new_operator()) as office:
        office.operator.push_event("H14-1", 3, ngsp.NOW)
        stranger = ngsp.account(office.carrier.account.options).model_copy(update={"customer_code": "C99"})
        assert office.carrier.find("H14-1") is not None
        other = type(office.carrier)(stranger, ngsp.quiet_runtime(), office.carrier.tables)
        assert other.find("H14-1") is None
        other.close()


def test_the_cursor_moves_page_by_page_and_stays_at_the_end(office: ngsp.Connection) -> None:
    for hour in range(5):
        office.operator.push_event("H14-1", 3, ngsp.NOW + timedelta(hours=hour))
    sizes, cursor = [], None
    for _ in range(4):
        page = office.carrier.feed_page(cursor, limit=2)
        sizes.append(len(page.items))
        cursor = page.next_cursor
    assert sizes == [2, 2, 1, 0]
    assert cursor == office.carrier.feed_page(cursor).next_cursor


def test_a_shuffled_page_loses_nothing(office: ngsp.Connection) -> None:
    for hour in range(30):
        office.operator.push_event("H14-1", 3, ngsp.NOW + timedelta(hours=hour))
    office.operator.faults.replace([FaultRule(fault=Fault.OUT_OF_ORDER)])
    seen: set[str] = set()
    cursor = None
    while (page := office.carrier.feed_page(cursor, limit=7)).items:
        seen |= {item.id for item in page.items}
        cursor = page.next_cursor
    assert len(seen) == 30


def test_the_same_event_twice_in_the_feed_has_two_ids_and_one_key(office: ngsp.Connection) -> None:
    office.operator.faults.replace([FaultRule(fault=Fault.DUPLICATE_EVENTS)])
    office.operator.push_event("H14-1", 4, ngsp.NOW)
    assert len({item.id for item in office.carrier.feed_page(None).items}) == 2
    assert len({event.key for event in _events(office)}) == 1


def test_a_refused_order_says_why_in_the_operators_words(office: ngsp.Connection) -> None:
    nameless = ngsp.order("H14-1-S1")
    with pytest.raises(Rejected, match="SenderName"):
        office.carrier.book(type(nameless)("H14-1-S1", ngsp.nameless(), ngsp.AGENCY, ()))
    (books,) = office.operator.orders()
    assert (books["created"], books["create_calls"]) == (0, 1)


@pytest.mark.parametrize("status_as", ["int", "str"])
def test_status_may_come_as_number_or_text(status_as: str) -> None:
    with ngsp.connection(ngsp.new_operator(status_as=status_as)) as office:
        assert not office.carrier.book(ngsp.order("H14-1-S1")).already_existed
        assert office.carrier.book(ngsp.order("H14-1-S1")).already_existed
        assert office.carrier.cancel(OrderRef("H14-1-S1")).outcome is ChangeOutcome.ACCEPTED


def test_waybills_from_the_pool_are_sent_and_come_back_in_the_feed() -> None:
    operator = ngsp.new_operator(item_codes="preallocated")
    with ngsp.connection(operator, options={"with_item_code": True}) as office:
        assert office.carrier.needs_waybill
        assert office.carrier.book(ngsp.order("H14-1-S1", waybill="RH734930260VN")).waybill == "RH734930260VN"
        assert [event.waybill for event in _events(office)] == ["RH734930260VN"]
        with pytest.raises(Rejected, match="đã được sử dụng"):
            office.carrier.book(ngsp.order("H14-2-S1", waybill="RH734930260VN"))


def test_a_price_is_told_before_booking(office: ngsp.Connection) -> None:
    near = office.carrier.quote(QuoteRequest(100, "04", "04"))
    far = office.carrier.quote(QuoteRequest(350, "04", "01"))
    assert near is not None
    assert far is not None
    assert 0 < near.vnd < far.vnd


def test_an_account_without_a_price_service_has_no_price() -> None:
    with ngsp.connection(ngsp.new_operator()) as office:
        urls = {**office.carrier.account.options["urls"], "price": None}
        with ngsp.opened(office.operator, office.base_url, options={"urls": urls}) as bare:
            assert bare.carrier.quote(QuoteRequest(100, "04", "04")) is None


def test_a_wrong_secret_is_a_matter_for_a_person(office: ngsp.Connection) -> None:
    wrong = ngsp.account(office.carrier.account.options, Client("C14000123", "key-of-cao-bang", "wrong"))
    carrier = type(office.carrier)(wrong, ngsp.quiet_runtime(), office.carrier.tables)
    with pytest.raises(Unauthorized):
        carrier.check()
    carrier.close()


def test_forty_threads_book_forty_orders_with_one_token(office: ngsp.Connection) -> None:
    with ThreadPoolExecutor(8) as threads:
        bookings = list(threads.map(lambda n: office.carrier.book(ngsp.order(f"H14-{n}-S1")), range(40)))
    assert not any(booking.already_existed for booking in bookings)
    assert [books["live"] for books in office.operator.orders()] == [1] * 40
    assert [record.operation for record in office.records].count("token") == 1


@pytest.mark.parametrize(
    ("variant", "renewed"), [(Variant.NGSP_DIRECT, True), (Variant.KEY_TOKEN, True), (Variant.STATIC_TOKEN, False)]
)
def test_only_a_token_that_was_fetched_can_be_renewed(variant: Variant, renewed: bool) -> None:
    with ngsp.connection(ngsp.new_operator(variant)) as office:
        assert office.carrier.renews_token is renewed
