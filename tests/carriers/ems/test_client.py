"""Booking and following at a simulated EMS over real HTTP."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
import respx

from carriers.capabilities import CanCancel, CanFindByReference, CanQuote, CanTrackItems, RefusesDuplicates
from carriers.contract import OrderRef, TrackingEvent
from carriers.outcomes import OutcomeUnknown, Rejected, Retryable, Unauthorized
from carriers.simulation import Fault, FaultRule
from carriers.states import ShipmentState
from tests.carriers.ems import merchant
from tests.support import ngsp


@pytest.fixture
def office() -> Iterator[merchant.Connection]:
    with merchant.connection(merchant.new_operator()) as connection:
        yield connection


def _booked(office: merchant.Connection, number: str = "H14-1-S1") -> OrderRef:
    return OrderRef(number, office.carrier.book(ngsp.order(number)).waybill)


def _events(office: merchant.Connection, *orders: OrderRef) -> list[TrackingEvent]:
    results = office.carrier.normalise([item.raw for item in office.carrier.track(orders)])
    return [result for result in results if isinstance(result, TrackingEvent)]


def test_a_booking_brings_the_tracking_code_and_carries_our_number(office: merchant.Connection) -> None:
    booking = office.carrier.book(ngsp.order("H14-1-S1"))
    (books,) = office.operator.orders()
    assert [booking.waybill] == books["item_codes"]
    assert (books["order_number"], books["created"], booking.operator_id) == ("H14-1-S1", 1, None)


def test_what_public_pages_do_not_promise_is_not_claimed(office: merchant.Connection) -> None:
    unclaimed = (CanCancel, CanFindByReference, CanQuote, RefusesDuplicates)
    assert not any(isinstance(office.carrier, capability) for capability in unclaimed)
    assert isinstance(office.carrier, CanTrackItems)
    assert (office.carrier.items_at_once, office.carrier.renews_token) == (1, False)


def test_an_item_is_followed_by_its_tracking_code(office: merchant.Connection) -> None:
    order = _booked(office)
    office.operator.report("H14-1-S1", ShipmentState.IN_TRANSIT, ngsp.NOW + timedelta(hours=3))
    office.operator.report("H14-1-S1", ShipmentState.DELIVERED, ngsp.NOW + timedelta(hours=30))
    events = _events(office, order)
    assert [event.state for event in events] == [
        ShipmentState.BOOKED,
        ShipmentState.IN_TRANSIT,
        ShipmentState.DELIVERED,
    ]
    assert {(event.order_number, event.waybill, event.account_ref) for event in events} == {
        ("H14-1-S1", order.waybill, "EMS0004")
    }


def test_asking_again_brings_the_same_documents(office: merchant.Connection) -> None:
    order = _booked(office)
    first, second = (office.carrier.track([order]) for _ in range(2))
    office.operator.faults.replace([FaultRule(fault=Fault.OUT_OF_ORDER, operation="tracking")])
    office.operator.report("H14-1-S1", ShipmentState.IN_TRANSIT, ngsp.NOW + timedelta(hours=3))
    assert first == second
    assert {item.id for item in first} < {item.id for item in office.carrier.track([order])}


def test_an_unknown_item_is_silent_and_an_order_without_a_code_is_not_asked_for(office: merchant.Connection) -> None:
    unknown = OrderRef("H14-9-S1", "EM999999999VN")
    assert office.carrier.track([unknown, OrderRef("H14-8-S1")]) == ()
    assert [(record.operation, record.outcome) for record in office.records] == [("track", "rejected")]
    order = _booked(office)
    assert len(office.carrier.track([unknown, order])) == 1


def test_an_item_without_news_is_silent(office: merchant.Connection) -> None:
    order = _booked(office)
    office.operator.faults.replace([FaultRule(fault=Fault.EMPTY_PAGE, operation="tracking")])
    assert office.carrier.track([order]) == ()


def test_a_second_order_of_one_number_is_another_item(office: merchant.Connection) -> None:
    first, second = _booked(office), _booked(office)
    assert first.waybill != second.waybill
    assert [event.waybill for event in _events(office, first)] == [first.waybill]


@pytest.mark.parametrize("fault", [Fault.TIMEOUT_AFTER, Fault.TIMEOUT_BEFORE])
def test_an_operator_that_does_not_answer_in_time_leaves_the_outcome_unknown(fault: Fault) -> None:
    with merchant.connection(merchant.new_operator(), timeout=0.4) as office:
        office.operator.faults.replace([FaultRule(fault=fault, operation="order", seconds=30)])
        started = time.perf_counter()
        with pytest.raises(OutcomeUnknown):
            office.carrier.book(ngsp.order("H14-1-S1"))
        assert 0.3 < time.perf_counter() - started < 5
        (books,) = office.operator.orders()
        assert (books["create_calls"], books["live"]) == (1, int(fault is Fault.TIMEOUT_AFTER))


def test_a_refused_order_says_why_in_the_operators_words(office: merchant.Connection) -> None:
    with pytest.raises(Rejected, match="from_name"):
        office.carrier.book(replace(ngsp.order("H14-1-S1"), sender=ngsp.nameless()))
    (books,) = office.operator.orders()
    assert (books["created"], books["create_calls"]) == (0, 1)
    assert office.records[-1].outcome == "rejected"


def test_a_wrong_token_is_a_matter_for_a_person_and_is_sent_once(office: merchant.Connection) -> None:
    secrets = {"merchant_token": "a-token-that-is-wrong", "path_secret": merchant.PATH_SECRET}
    with merchant.opened(base_url=f"{office.base_url}/api/v1", secrets=secrets) as (carrier, records):
        with pytest.raises(Unauthorized, match="correct the account's secrets"):
            carrier.book(ngsp.order("H14-1-S1"))
        with pytest.raises(Unauthorized):
            carrier.check()
        with pytest.raises(Unauthorized):
            carrier.track([OrderRef("H14-1-S1", "EM000000014VN")])
        assert [record.outcome for record in records] == ["unauthorized"] * 3
    assert office.operator.orders() == []


def test_the_token_reaches_neither_the_call_log_nor_the_process_log_nor_an_outcome(
    office: merchant.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, logger="carriers"):
        office.carrier.track([_booked(office)])
        office.carrier.check()
        office.operator.faults.replace([FaultRule(fault=Fault.MALFORMED, order="H14-2-S1")])
        with pytest.raises(OutcomeUnknown) as lost:
            office.carrier.book(ngsp.order("H14-2-S1"))
    log = [repr(record) for record in office.records] + [record.getMessage() for record in caplog.records]
    said = [*log, str(lost.value), repr(lost.value.__cause__)]
    assert len(office.records) == 4
    assert not any(merchant.MERCHANT.token in text for text in said)


def test_a_place_that_is_not_there_is_silent_but_another_refusal_is_not() -> None:
    order = OrderRef("H14-1-S1", "EM295293415VN")
    with merchant.opened() as (carrier, _), respx.mock(base_url=merchant.OPTIONS["base_url"]) as router:
        route = router.get("/orders/tracking/EM295293415VN", params={"merchant_token": merchant.MERCHANT.token})
        route.mock(return_value=httpx.Response(404, json={"message": "Not Found"}))
        assert carrier.track([order]) == ()
        route.mock(return_value=httpx.Response(422, json={"message": "no"}))
        with pytest.raises(Rejected):
            carrier.track([order])
        route.mock(return_value=httpx.Response(200, text="<html>maintenance</html>"))
        with pytest.raises(Retryable, match="no history"):
            carrier.track([order])


def test_the_check_says_what_it_found_and_whether_webhooks_are_heard(office: merchant.Connection) -> None:
    assert office.carrier.check() == "EMS Vietnam answers and lists 2 services; its webhooks are received."
    token_alone = {"merchant_token": merchant.MERCHANT.token}
    with merchant.opened(base_url=f"{office.base_url}/api/v1", secrets=token_alone) as (deaf, _):
        assert deaf.check().endswith("its webhooks are refused.")
