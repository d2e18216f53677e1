"""The simulated operator keeps its books, and its trouble can be switched on and off."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from carriers.contract import ChangeOutcome, OrderRef
from carriers.simulation import s10_number
from carriers.states import ShipmentState
from carriers.vnpost_ngsp.dialects import Variant
from carriers.vnpost_ngsp.simulator import Fault, FaultPlan, FaultRule
from tests.support import ngsp


@pytest.fixture
def office() -> Iterator[ngsp.Connection]:
    with ngsp.connection(ngsp.new_operator()) as connection:
        yield connection


def test_the_books_survive_a_restart(tmp_path: Path) -> None:
    books = tmp_path / "operator.db"
    with ngsp.connection(ngsp.new_operator(database=books)) as office:
        office.carrier.book(ngsp.order("H14-1-S1"))
        cursor = office.carrier.feed_page(None).next_cursor
    with ngsp.connection(ngsp.new_operator(database=books)) as office:
        assert office.carrier.book(ngsp.order("H14-1-S1")).already_existed
        office.operator.push_event("H14-1-S1", 2, ngsp.NOW)
        assert len(office.carrier.feed_page(cursor).items) == 1
        (order,) = office.operator.orders()
        assert (order["live"], order["create_calls"]) == (1, 2)


def test_an_order_appears_in_the_feed_and_its_waybill_after_collection(office: ngsp.Connection) -> None:
    office.carrier.book(ngsp.order("H14-1-S1"))
    office.operator.push_event("H14-1-S1", 2, ngsp.NOW + timedelta(hours=1))
    created, collected = (item.raw for item in office.carrier.feed_page(None).items)
    assert (created["StatusCode"], created["ItemCode"]) == (1, None)
    assert created["EventTime"] == int(ngsp.NOW.timestamp() * 1000)
    assert collected["ItemCode"].endswith("VN")


def test_an_order_that_was_cancelled_is_not_live_and_cannot_be_created_again(office: ngsp.Connection) -> None:
    office.carrier.book(ngsp.order("H14-1-S1"))
    office.carrier.cancel(OrderRef("H14-1-S1"))
    assert office.carrier.book(ngsp.order("H14-1-S1")).already_existed
    (order,) = office.operator.orders()
    assert (order["state"], order["live"], order["created"]) == ("cancelled", 0, 1)


def test_an_operator_that_takes_duplicates_makes_two_orders(office: ngsp.Connection) -> None:
    office.operator.faults.replace([FaultRule(fault=Fault.ACCEPT_DUPLICATES, order="H14-1")])
    for _ in range(2):
        office.carrier.book(ngsp.order("H14-1-S1"))
    (order,) = office.operator.orders()
    assert (order["live"], order["created"], order["create_calls"]) == (2, 2, 2)


def test_the_postman_is_driven_over_http(office: ngsp.Connection) -> None:
    office.carrier.book(ngsp.order("H14-1-S1"))
    event = {"order_number": "H14-1-S1", "code": 4, "event_time": "2026-03-03T09:00:00+07:00", "place": "271010"}
    answer = httpx.post(f"{office.base_url}/_control/events", json=event)
    assert office.carrier.feed_page(None).next_cursor.endswith(f"{answer.json()['id']:016x}")
    (order,) = httpx.get(f"{office.base_url}/_control/orders").json()
    assert (order["order_number"], order["live"]) == ("H14-1-S1", 1)


@pytest.mark.parametrize("body", ["{}", "[", '{"order_number": "H", "code": 1, "event_time": "2026-03-03T09:00:00"}'])
def test_an_event_without_a_zone_or_sense_is_refused(office: ngsp.Connection, body: str) -> None:
    answer = httpx.post(f"{office.base_url}/_control/events", content=body)
    assert (answer.status_code, len(office.carrier.feed_page(None).items)) == (422, 0)


def test_faults_are_switched_on_and_off_over_http(office: ngsp.Connection) -> None:
    rules = [{"fault": "empty_page", "operation": "tracking"}]
    office.operator.push_event("H14-1", 4, ngsp.NOW)
    assert httpx.post(f"{office.base_url}/_control/faults", json=rules).status_code == 200
    assert office.carrier.feed_page(None).items == ()
    httpx.post(f"{office.base_url}/_control/faults", json=[])
    assert len(office.carrier.feed_page(None).items) == 1


@pytest.mark.parametrize("rules", [[{"fault": "no_such"}], {"a": 1}, 7])
def test_unknown_faults_are_refused(office: ngsp.Connection, rules: object) -> None:
    assert httpx.post(f"{office.base_url}/_control/faults", json=rules).status_code == 422


def test_an_unknown_code_follows_the_event_when_asked_for(office: ngsp.Connection) -> None:
    office.operator.faults.replace([FaultRule(fault=Fault.UNKNOWN_CODES, order="H14-1")])
    office.operator.push_event("H14-1", 4, ngsp.NOW)
    office.operator.push_event("H14-2", 4, ngsp.NOW)
    assert [item.raw["StatusCode"] for item in office.carrier.feed_page(None).items] == [4, 9, 4]


def test_papers_that_the_postman_has_collected_are_too_late_to_cancel(office: ngsp.Connection) -> None:
    office.carrier.book(ngsp.order("H14-1-S1"))
    office.operator.report("H14-1-S1", ShipmentState.COLLECTION_FAILED, office.operator.now())
    office.carrier.book(ngsp.order("H14-2-S1"))
    office.operator.report("H14-2-S1", ShipmentState.IN_TRANSIT, office.operator.now())
    early, late = (office.carrier.cancel(OrderRef(f"H14-{number}-S1")) for number in (1, 2))
    assert early.outcome is ChangeOutcome.ACCEPTED
    assert (late.outcome, late.operator_words) == (ChangeOutcome.REFUSED, "Đơn hàng đã được thu gom, không thể hủy")
    assert [order["live"] for order in office.operator.orders()] == [0, 1]


@pytest.mark.parametrize("variant", [v for v in Variant if v is not Variant.MTLS])  # it differs in the connection only
def test_every_adapter_hands_on_that_it_is_too_late(variant: Variant) -> None:
    with ngsp.connection(ngsp.new_operator(variant=variant)) as office:
        office.carrier.book(ngsp.order("H14-1-S1"))
        office.operator.report("H14-1-S1", ShipmentState.DELIVERED, office.operator.now())
        assert office.carrier.cancel(OrderRef("H14-1-S1")).outcome is ChangeOutcome.REFUSED


def test_a_cancellation_in_time_stays_one_whatever_moves_afterwards(office: ngsp.Connection) -> None:
    office.carrier.book(ngsp.order("H14-1-S1"))
    office.carrier.cancel(OrderRef("H14-1-S1"))
    office.operator.report("H14-1-S1", ShipmentState.IN_TRANSIT, office.operator.now())
    assert office.carrier.cancel(OrderRef("H14-1-S1")).outcome is ChangeOutcome.ACCEPTED


def test_a_cancellation_is_understood_with_misspelt_parameters(office: ngsp.Connection) -> None:
    office.carrier.book(ngsp.order("H14-1-S1"))
    query = {"customercode": ngsp.CLIENT.customer_code, "OrderNUmber": "H14-1-S1"}
    answer = httpx.get(f"{office.base_url}/order/cancel", params=query, headers=_bearer(office))
    assert answer.json()["Status"] == 110


def test_a_dossier_is_announced(office: ngsp.Connection) -> None:
    document = {"CustomerCode": ngsp.CLIENT.customer_code, "OrderNumber": "H14-1", "Procedure": {"Code": "1.004227"}}
    answer = httpx.post(f"{office.base_url}/document", json=document, headers=_bearer(office))
    assert answer.json()["Status"] == 100


@pytest.mark.parametrize("query", [{"lastId": "zz"}, {"lastId": "f" * 24}, {"pagesize": "many"}])
def test_a_cursor_of_another_feed_is_refused(office: ngsp.Connection, query: dict[str, str]) -> None:
    answer = httpx.get(f"{office.base_url}/order/tracking", params=query, headers=_bearer(office))
    assert answer.status_code == 400


def test_an_empty_question_for_a_price_is_refused(office: ngsp.Connection) -> None:
    assert httpx.post(f"{office.base_url}/order/price", headers=_bearer(office)).status_code == 417


def test_a_call_in_another_adapters_words_is_not_understood() -> None:
    with ngsp.connection(ngsp.new_operator(Variant.SERVICE_CODE_HEADER)) as office:
        assert httpx.post(f"{office.base_url}/order/post", json={}).status_code == 404


def test_a_token_ends_and_its_end_costs_one_renewal() -> None:
    with ngsp.connection(ngsp.new_operator(token_seconds=0.0)) as office:
        headers = _bearer(office)
        answer = httpx.get(f"{office.base_url}/order/tracking", headers=headers)
        assert answer.status_code == 401


def test_a_naive_time_cannot_be_pushed(office: ngsp.Connection) -> None:
    with pytest.raises(ValueError, match="needs a time zone"):
        office.operator.push_event("H14-1", 4, ngsp.NOW.replace(tzinfo=None))


def test_rules_strike_as_often_and_where_they_say() -> None:
    plan = FaultPlan([FaultRule(fault=Fault.MALFORMED, order="H14", exact=True, operation="order", times=2)])
    strikes = [plan.strike(Fault.MALFORMED, "order", number) for number in ("H14", "H14-1", "H14", "H14")]
    assert [rule is not None for rule in strikes] == [True, False, True, False]
    assert plan.strike(Fault.MALFORMED, "cancel", "H14") is None


def test_the_same_seed_brings_the_same_trouble() -> None:
    def drawn(seed: int) -> list[bool]:
        plan = FaultPlan([FaultRule(fault=Fault.EMPTY_PAGE, share=0.5)], seed=seed)
        return [plan.strike(Fault.EMPTY_PAGE, "tracking") is not None for _ in range(50)]

    assert drawn(7) == drawn(7) != drawn(8)
    assert 10 < sum(drawn(7)) < 40


def test_item_codes_have_the_check_digit_of_the_universal_postal_union() -> None:
    # 473124829 is the example of the standard (UPU S10).
    assert [s10_number("HC", number) for number in (47312482, 1, 3)] == [
        "HC473124829VN",
        "HC000000014VN",
        "HC000000031VN",
    ]


def _bearer(office: ngsp.Connection) -> dict[str, str]:
    answer = httpx.post(
        f"{office.base_url}/token",
        data={"grant_type": "client_credentials"},
        auth=(ngsp.CLIENT.key, ngsp.CLIENT.secret),
    )
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}
