"""Booking, changing and following at a simulated MyVNPost over real HTTP."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
import respx

from carriers.contract import ChangeOutcome, OrderRef, QuoteRequest, TrackingEvent
from carriers.outcomes import OutcomeUnknown, Rejected, Retryable, Throttled, Unauthorized
from carriers.simulation import Fault, FaultRule
from config.clock import wall_now
from tests.carriers.myvnpost import BASE, Connection, connection, new_operator, opened
from tests.support import ngsp

_MOVED = replace(ngsp.AGENCY, name="Chị Bế Mới", address="Số 5, Phường Thục Phán, tỉnh Cao Bằng")


@pytest.fixture
def office() -> Iterator[Connection]:
    with connection(new_operator(), timeout=2.0) as connected:
        yield connected


def _events(office: Connection, order: OrderRef) -> list[TrackingEvent]:
    results = [event for item in office.carrier.track([order]) for event in office.carrier.normalise(item.raw)]
    return [event for event in results if isinstance(event, TrackingEvent)]


def _record(office: Connection, order: OrderRef) -> dict[str, Any]:
    held = office.operator.find("1", order.waybill or "")
    assert held is not None
    return office.operator.record(held)


# --- booking ---


def test_a_booking_tells_item_and_original_id(office: Connection) -> None:
    booking = office.carrier.book(ngsp.order("H14-1-S1"))
    (books,) = office.operator.orders()
    assert [booking.waybill] == books["item_codes"]
    assert (booking.operator_id, booking.already_existed) == ("10000001", False)


@pytest.mark.parametrize("fault", [Fault.TIMEOUT_AFTER, Fault.TIMEOUT_BEFORE])
def test_an_operator_that_does_not_answer_in_time_leaves_the_outcome_unknown(fault: Fault) -> None:
    with connection(new_operator(), timeout=0.4) as office:
        office.carrier.check()
        office.operator.faults.replace([FaultRule(fault=fault, operation="order", seconds=30)])
        started = time.perf_counter()
        with pytest.raises(OutcomeUnknown):
            office.carrier.book(ngsp.order("H14-1-S1"))
        assert 0.3 < time.perf_counter() - started < 5
        (books,) = office.operator.orders()
        assert (books["create_calls"], books["live"]) == (1, int(fault is Fault.TIMEOUT_AFTER))


def test_a_refused_order_says_why_in_the_operators_words(office: Connection) -> None:
    with pytest.raises(Rejected, match="Thiếu thông tin: senderName") as refused:
        office.carrier.book(replace(ngsp.order("H14-1-S1"), sender=ngsp.nameless()))
    assert refused.value.operator_words == "Thiếu thông tin: senderName"
    (books,) = office.operator.orders()
    assert (books["created"], books["create_calls"]) == (0, 1)
    assert [record.outcome for record in office.records if record.operation == "book"] == ["rejected"]


def test_the_sum_to_collect_arrives(office: Connection) -> None:
    assert _record(office, office.booked("H14-1-S1", cod_vnd=150_000))["codAmount"] == 150_000


@pytest.mark.parametrize("status", [401, 403])
def test_a_token_that_is_over_costs_one_renewal(status: int) -> None:
    with connection(new_operator(expired_status=status)) as office:
        office.booked("H14-1-S1")
        office.operator.tokens.expire_all()
        office.booked("H14-2-S1")
        assert office.operations() == ["token", "book", "book", "token", "book"]
        assert [books["created"] for books in office.operator.orders()] == [1, 1]


def test_a_wrong_password_is_a_matter_for_a_person(office: Connection) -> None:
    login = {"username": "user-of-the-simulator", "password": "wrong"}
    with opened(office.base_url, secrets=login) as (carrier, _), pytest.raises(Unauthorized, match="Sai tên đăng nhập"):
        carrier.check()


def test_forty_threads_book_forty_orders_with_one_token(office: Connection) -> None:
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda n: office.booked(f"H14-{n}-S1"), range(40)))
    assert [books["live"] for books in office.operator.orders()] == [1] * 40
    assert office.operations().count("token") == 1


# --- looking up ---


def test_a_lost_booking_is_found_by_our_number(office: Connection) -> None:
    office.operator.faults.replace([FaultRule(fault=Fault.ERROR_AFTER, operation="order", times=1)])
    with pytest.raises(OutcomeUnknown):
        office.carrier.book(ngsp.order("H14-1-S1"))
    found = office.carrier.find("H14-1-S1")
    assert found is not None
    assert (found.already_existed, found.operator_id) == (True, "10000001")
    assert [found.waybill] == office.operator.orders()[0]["item_codes"]
    assert office.operations().count("find") == 0


@pytest.mark.parametrize("lists", ["bare", "wrapped"])
def test_where_our_number_cannot_be_asked_for_the_list_has_it(lists: str) -> None:
    with connection(new_operator(now=wall_now, type_two="original_id", lists=lists)) as office:
        office.booked("H14-0-S1")
        order = office.booked("H14-1-S1")
        found = office.carrier.find("H14-1-S1")
        assert found is not None
        assert (found.waybill, found.operator_id) == (order.waybill, order.operator_id)
        assert office.carrier.find("H14-9-S1") is None
        assert office.carrier.find("10000001") is None


def test_the_list_is_read_to_its_end_and_no_further() -> None:
    pages = iter([500, 500, 3])
    rows = iter(range(10_000))
    with respx.mock() as router:
        _let_in(router)
        router.get(f"{BASE}/getOrder").mock(return_value=httpx.Response(200, json=[{"results": []}]))
        listing = router.get(f"{BASE}/GetListOrder").mock(
            side_effect=lambda _: httpx.Response(200, json={"results": [_row(next(rows)) for _ in range(next(pages))]})
        )
        with opened() as (carrier, _):
            assert carrier.find("H14-9-S1") is None
    assert [call.request.url.params["page"] for call in listing.calls] == ["0", "1", "2"]
    assert {call.request.url.params["size"] for call in listing.calls} == {"500"}


def test_a_list_that_would_be_read_for_ever_says_so() -> None:
    full = httpx.Response(200, json=[_row(number) for number in range(500)])
    with respx.mock() as router:
        _let_in(router)
        router.get(f"{BASE}/getOrder").mock(return_value=httpx.Response(200, json=[]))
        router.get(f"{BASE}/GetListOrder").mock(return_value=full)
        with opened(find_pages=2) as (carrier, _), pytest.raises(Retryable, match="first 2 pages"):
            carrier.find("H14-9-S1")


# --- following ---


def test_an_item_is_followed_by_its_history(office: Connection) -> None:
    order = office.booked("H14-1-S1")
    office.operator.push_event("H14-1-S1", 6, ngsp.NOW + timedelta(hours=3), "BC Bảo Lạc", "Đã lấy hàng")
    created, collected = _events(office, order)
    assert (created.code, collected.code) == ("1", "6")
    assert (collected.order_number, collected.waybill) == ("H14-1-S1", order.waybill)
    assert (collected.event_time, collected.location) == (ngsp.NOW + timedelta(hours=3), "BC Bảo Lạc")
    assert (collected.text, collected.account_ref) == ("Đã lấy hàng", "C14000123")


@pytest.mark.parametrize("known", [{"operator_id": "10000001"}, {}])
def test_an_order_whose_item_we_do_not_know_is_asked_for_first(office: Connection, known: dict[str, str]) -> None:
    order = office.booked("H14-1-S1")
    (event,) = _events(office, OrderRef("H14-1-S1", **known))
    assert event.waybill == order.waybill
    assert office.carrier.track([OrderRef("H14-9-S1")]) == ()


def test_several_orders_are_asked_for_one_by_one_and_an_unknown_one_hides_none(office: Connection) -> None:
    orders = [office.booked("H14-1-S1"), OrderRef("H14-9-S1", "EA000000000VN"), office.booked("H14-2-S1")]
    raws = [item.raw for item in office.carrier.track(orders)]
    assert [raw["saleOrderCode"] for raw in raws] == ["H14-1-S1", "H14-2-S1"]


def test_the_same_news_by_webhook_and_by_history_is_one_event(office: Connection) -> None:
    order = office.booked("H14-1-S1")
    office.operator.push_event("H14-1-S1", 14, ngsp.NOW - timedelta(minutes=3, seconds=7))
    asked = {event.code: event.key for event in _events(office, order)}
    for event in office.operator.books.untold():
        delivery = office.operator.delivery(event, "https://desk.example/webhooks")
        assert delivery is not None
        raw = httpx.Response(200, content=delivery.body).json()
        (told,) = office.carrier.normalise(raw)
        assert isinstance(told, TrackingEvent)
        assert told.key == asked[told.code]


def test_a_history_of_another_item_is_not_taken_for_this_one() -> None:
    history = {"data": [{"itemCode": "EM2VN", "statusHistory": []}]}
    with respx.mock() as router:
        _let_in(router)
        router.get(f"{BASE}/GetStatusHistoryOrder").mock(return_value=httpx.Response(200, json=history))
        with opened() as (carrier, _), pytest.raises(Retryable, match="another item"):
            carrier.track([OrderRef("H14-1-S1", "EM1VN")])


@pytest.mark.parametrize("call", ["track", "record"])
def test_a_refusal_that_is_not_about_the_order_is_not_taken_for_silence(call: str) -> None:
    no = httpx.Response(200, json={"success": False, "errorMessage": "Tài khoản bị khóa"})
    with respx.mock(assert_all_called=False) as router:
        _let_in(router)
        router.get(url__regex=r"/(getOrder|GetStatusHistoryOrder)").mock(return_value=no)
        with opened() as (carrier, _), pytest.raises(Rejected, match="bị khóa"):
            carrier.track([OrderRef("H14-1-S1", "EM1VN" if call == "track" else None)])


# --- changes ---


def test_an_order_is_cancelled_by_its_original_id(office: Connection) -> None:
    change = office.carrier.cancel(office.booked("H14-1-S1"))
    assert (change.outcome, change.operator_words) == (ChangeOutcome.ACCEPTED, "Hủy đơn hàng thành công")
    assert office.operator.orders()[0]["state"] == "cancelled"


@pytest.mark.parametrize("known", [{"waybill": True}, {}])
def test_an_order_is_looked_up_where_its_id_is_not_known(office: Connection, known: dict[str, bool]) -> None:
    order = office.booked("H14-1-S1")
    partly = OrderRef("H14-1-S1", order.waybill if known else None)
    assert office.carrier.cancel(partly).outcome is ChangeOutcome.ACCEPTED


@pytest.mark.parametrize("known", [{"waybill": "EM1VN"}, {"operator_id": "10000001"}, {}])
@pytest.mark.parametrize(("theirs", "found"), [("H14-1-S1", True), ("H14-2-S1", False), (None, None)])
def test_a_record_of_another_order_is_not_taken_for_ours(known: dict[str, str], theirs: Any, found: Any) -> None:
    record = {"itemCode": "EM1VN", "originalID": "10000001", "saleOrderCode": theirs}
    with respx.mock(assert_all_called=False) as router:
        _let_in(router)
        router.get(f"{BASE}/getOrder").mock(return_value=httpx.Response(200, json=[{"results": [record]}]))
        correction = router.post(f"{BASE}/orderCorrection")
        correction.mock(return_value=httpx.Response(200, json={"Type": "00"}))
        with opened() as (carrier, _):
            carrier.change_address(OrderRef("H14-1-S1", **known), _MOVED)
    # Without any number the item or id that we asked for has to do.
    assert correction.called is (bool(known) if found is None else found)


def test_only_the_order_that_is_meant_is_cancelled(office: Connection) -> None:
    first, second = office.booked("H14-1-S1"), office.booked("H14-1-S1")
    office.carrier.cancel(first)
    (books,) = office.operator.orders()
    assert (books["created"], books["live"]) == (2, 1)
    assert [event.code for event in _events(office, second)] == ["1"]
    assert [event.code for event in _events(office, first)] == ["1", "9"]


def test_an_id_that_the_operator_does_not_have_is_not_found(office: Connection) -> None:
    change = office.carrier.cancel(OrderRef("H14-9-S1", None, "999999999"))
    assert (change.outcome, change.operator_words) == (ChangeOutcome.NOT_FOUND, "Không tìm thấy đơn hàng")


@pytest.mark.parametrize("order", [OrderRef("H14-9-S1"), OrderRef("H14-9-S1", "EA000000000VN")])
def test_an_order_that_is_merely_not_seen_is_not_called_dead(office: Connection, order: OrderRef) -> None:
    changes = [office.carrier.cancel(order), office.carrier.change_address(order, _MOVED)]
    assert [change.outcome for change in changes] == [ChangeOutcome.REFUSED] * 2
    assert office.operations() == ["token", "lookup", "lookup"]


def test_after_the_pickup_changes_are_refused_in_the_operators_words(office: Connection) -> None:
    order = office.booked("H14-1-S1")
    office.operator.push_event("H14-1-S1", 6, ngsp.NOW)
    changes = [office.carrier.cancel(order), office.carrier.change_address(order, _MOVED)]
    assert [change.outcome for change in changes] == [ChangeOutcome.REFUSED] * 2
    assert changes[0].operator_words == "Đơn hàng đã được thu gom, không thể thay đổi"
    assert office.operator.orders()[0]["live"] == 1


def test_a_change_that_waits_for_approval_names_its_case() -> None:
    with connection(new_operator(approval=True)) as office:
        order = office.booked("H14-1-S1")
        waiting = office.carrier.cancel(order)
        assert (waiting.outcome, waiting.operator_words) == (
            ChangeOutcome.PENDING,
            "Yêu cầu đang chờ phê duyệt - CaseId 1",
        )
        assert office.operator.orders()[0]["live"] == 1
        office.operator.changes.approve("H14-1-S1")
        assert office.carrier.cancel(order).outcome is ChangeOutcome.ACCEPTED
        assert office.operator.orders()[0]["live"] == 0


def test_another_address_changes_the_receiver_and_nothing_else(office: Connection) -> None:
    order = office.booked("H14-1-S1", cod_vnd=150_000)
    before = _record(office, order)
    assert office.carrier.change_address(order, _MOVED).outcome is ChangeOutcome.ACCEPTED
    changed = {name for name, value in _record(office, order).items() if before.get(name) != value}
    assert changed == {"receiverName", "receiverAddress"}
    assert _record(office, order)["receiverAddress"] == _MOVED.address


def test_a_refused_change_by_http_is_a_refusal_and_a_lost_one_is_unknown() -> None:
    order = OrderRef("H14-1-S1", "EM1VN", "10000001")
    with respx.mock() as router:
        _let_in(router)
        cancel = router.post(f"{BASE}/orderCancel")
        with opened() as (carrier, _):
            cancel.mock(return_value=httpx.Response(400, json={"message": "Sai định dạng"}))
            assert carrier.cancel(order).outcome is ChangeOutcome.REFUSED
            cancel.mock(return_value=httpx.Response(404, json={}))
            assert carrier.cancel(order).outcome is ChangeOutcome.REFUSED
            cancel.mock(return_value=httpx.Response(502))
            with pytest.raises(OutcomeUnknown):
                carrier.cancel(order)


# --- prices, labels, check ---


def test_a_price_is_told_before_booking(office: Connection) -> None:
    near, far = (office.carrier.quote(QuoteRequest(350, "04", to)) for to in ("04", "01"))
    assert near is not None
    assert far is not None
    assert 28_000 < near.vnd < far.vnd


def test_a_service_without_a_price_is_said_so() -> None:
    with connection(new_operator(), service_code="XXX") as office:
        with pytest.raises(Retryable, match="no price for service 'XXX'"):
            office.carrier.quote(QuoteRequest(100, "04", "04"))
        with pytest.raises(Rejected, match="Dữ liệu tính cước không hợp lệ"):
            office.carrier.quote(QuoteRequest("many", "04", "04"))  # type: ignore[arg-type]


def test_a_label_is_a_document_about_the_item(office: Connection) -> None:
    order = office.booked("H14-1-S1")
    label = office.carrier.label(order)
    assert label.media_type == "application/pdf"
    assert (order.waybill or "").encode() in label.content
    assert office.carrier.label(OrderRef("H14-1-S1")).content == label.content


def test_an_order_that_is_not_there_has_no_label(office: Connection) -> None:
    with pytest.raises(Rejected, match="has no label"):
        office.carrier.label(OrderRef("H14-9-S1"))
    with pytest.raises(Retryable):
        office.carrier.label(OrderRef("H14-9-S1", "EA000000000VN"))


def test_the_check_says_whose_account_answers(office: Connection) -> None:
    assert "C14000123" in office.carrier.check()
    assert office.carrier.check().endswith("holds no orders.")
    with connection(new_operator(now=wall_now)) as today:
        today.booked("H14-1-S1")
        assert today.carrier.check().endswith("holds orders.")


def test_a_pause_that_the_operator_asks_for_is_kept(office: Connection) -> None:
    office.booked("H14-1-S1")
    office.operator.faults.replace([FaultRule(fault=Fault.THROTTLED, times=1, seconds=30)])
    with pytest.raises(Throttled):
        office.carrier.book(ngsp.order("H14-2-S1"))
    assert 29 < office.carrier.status().paused_for <= 30


def _let_in(router: respx.MockRouter) -> None:
    granted = httpx.Response(200, json={"success": True, "token": "token-1"})
    router.post(f"{BASE}/GetAccessToken").mock(return_value=granted)


def _row(number: int) -> dict[str, Any]:
    return {"itemCode": f"EM{number}VN", "saleOrderCode": f"H14-0-{number}", "status": 1}
