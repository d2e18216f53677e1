"""What MyVNPost's webhooks and histories say, whatever shape they come in."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carriers.contract import Certainty, OrderRef, TrackingEvent, Undecodable
from carriers.myvnpost import PLUGIN, mapping
from carriers.myvnpost.mapping import Reading
from carriers.states import ShipmentState as State
from config.clock import local
from tests.carriers.myvnpost import order

_MEANINGS = PLUGIN.tables.meanings()
_READING = Reading(_MEANINGS, account_ref="C14000123")
_SAMPLES = json.loads(Path(__file__).with_name("data").joinpath("webhooks.json").read_text(encoding="utf-8"))
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
_NAMES = ("data", "sendDate", "itemCode", "saleOrderCode", "status", "updatedDate", "statusHistory", "createdDate")
_DOCUMENT = st.dictionaries(st.sampled_from(_NAMES), _JSON)


def _webhook(*orders: Any, **more: Any) -> dict[str, Any]:
    return {"data": list(orders), "sendDate": "02/03/2026 08:30:00", **more}


def _history(**changes: Any) -> dict[str, Any]:
    entry = {
        "createdDate": "02/03/2026",
        "createdHour": "08:28:00",
        "statusCode": 14,
        "statusName": "Phát thành công",
        "locateName": "BC Bảo Lạc",
    }
    entry = {name: value for name, value in {**entry, **changes}.items() if value is not ...}
    return {"itemCode": "EM295293415VN", "saleOrderCode": "H14.10-260302-0001-R1", "statusHistory": [entry]}


def _one(raw: Any, reading: Reading = _READING) -> TrackingEvent:
    (event,) = mapping.normalise(raw, reading)
    assert isinstance(event, TrackingEvent), event
    return event


def _refusal(raw: Any) -> str:
    (refused,) = mapping.normalise(raw, _READING)
    assert isinstance(refused, Undecodable), refused
    return refused.reason


def test_a_webhook_is_about_its_item_and_not_about_the_number_beside_it() -> None:
    event = _one(_webhook(order(saleOrderCode="H14-OF-SOMEBODY-ELSE", senderCode="C99")))
    assert (event.order_number, event.waybill, event.account_ref) == ("EM295293415VN", "EM295293415VN", "C14000123")
    assert (event.state, event.moves_custody, event.certainty) == (State.DELIVERED, True, Certainty.DOCUMENTED)
    assert event.event_time == datetime(2026, 3, 2, 1, 28, tzinfo=UTC)


def test_without_an_item_our_own_number_is_all_there_is() -> None:
    event = _one(_webhook(order(itemCode=None, status=1)))
    assert (event.order_number, event.waybill) == ("H14.10-260302-0001-R1", None)


def test_without_an_account_the_sender_says_whose_it_is() -> None:
    assert _one(_webhook(order()), Reading(_MEANINGS)).account_ref == "C14000123"


def test_a_history_bears_the_number_that_was_asked_for() -> None:
    event = _one(_history())
    assert (event.order_number, event.waybill, event.code) == ("H14.10-260302-0001-R1", "EM295293415VN", "14")
    assert (event.location, event.text) == ("BC Bảo Lạc", "Phát thành công")
    assert event.event_time == datetime(2026, 3, 2, 1, 28, tzinfo=UTC)


@pytest.mark.parametrize("body", _SAMPLES, ids=lambda body: body["data"][0]["itemCode"])
def test_every_sample_is_one_event_that_the_table_explains(body: dict[str, Any]) -> None:
    event = _one(body)
    sent = body["data"][0]
    assert (event.waybill, event.code) == (sent["itemCode"], str(sent["status"]))
    assert event.certainty is Certainty.DOCUMENTED
    assert f"{local(event.event_time):%d/%m/%Y %H:%M:%S}" == sent["updatedDate"]


def test_the_same_fact_in_webhook_and_history_is_the_same_event() -> None:
    told = [
        _webhook(order()),
        _webhook(order(status="14", saleOrderCode=None, senderCode=None)),
        _history(),
        _history(createdHour=..., createHour="08:28"),
        _history(createdDate="2026-03-02T00:00:00", statusCode="14", locateName="", statusName=""),
        _history(createdDate="02/03/2026 08:28:59", createdHour=...),
        {"data": [_history()]},
        {"data": {**_history(), "saleOrderCode": None}},
    ]
    assert len({_one(raw).key for raw in told}) == 1


@pytest.mark.parametrize("change", [{"status": 15}, {"itemCode": "EM1VN"}, {"updatedDate": "02/03/2026 08:27:59"}])
def test_another_fact_has_another_key(change: dict[str, Any]) -> None:
    assert _one(_webhook(order(**change))).key != _one(_webhook(order())).key


def test_a_webhook_without_a_time_of_its_own_happened_when_it_was_sent() -> None:
    assert _one(_webhook(order(updatedDate=None))).event_time == datetime(2026, 3, 2, 1, 30, tzinfo=UTC)


def test_a_batch_becomes_events_in_its_order_and_a_bad_neighbour_hurts_none() -> None:
    events = mapping.normalise(_webhook(order(), None, order(status=None), order(status=15)), _READING)
    assert [getattr(event, "code", None) for event in events] == ["14", None, None, "15"]


def test_documents_may_come_as_a_list() -> None:
    events = mapping.normalise([_webhook(order(), order()), _history(), 7], _READING)
    assert [type(event) for event in events] == [TrackingEvent] * 3 + [Undecodable]


def test_a_history_inside_a_webhook_is_not_read() -> None:
    smuggled = order(status=1, statusHistory=_history()["statusHistory"])
    assert _one({**_webhook(smuggled), **_history()}).code == "1"


@pytest.mark.parametrize("name", ["statusHistory", "statusHistory "])
def test_a_history_is_found_under_both_spellings(name: str) -> None:
    history = _history()
    entries = history.pop("statusHistory")
    assert mapping.history_of({"data": {**history, name: entries}}) == ("EM295293415VN", entries)


@pytest.mark.parametrize("answer", [None, [], {}, {"data": None}, {"data": []}, {"statusHistory": 7}])
def test_an_answer_without_a_history_has_none(answer: Any) -> None:
    assert mapping.history_of(answer) is None


def test_each_entry_of_a_history_is_a_document_that_reads_alone() -> None:
    entries = [_history(statusCode=code)["statusHistory"][0] for code in (1, 6)]
    items = mapping.history_items(entries, OrderRef("H14-1"), "EM1VN")
    assert [(_one(item.raw).code, _one(item.raw).order_number) for item in items] == [("1", "H14-1"), ("6", "H14-1")]
    assert len({item.id for item in items}) == 2
    assert items == mapping.history_items(entries, OrderRef("H14-1"), "EM1VN")


@pytest.mark.parametrize(
    ("codes", "state"),
    [
        ("1 2 3", State.BOOKED),
        ("4", State.COLLECTING),
        ("5 8", State.COLLECTION_FAILED),
        ("6 7 10 11 13", State.IN_TRANSIT),
        ("12", State.OUT_FOR_DELIVERY),
        ("14", State.DELIVERED),
        ("15", State.DELIVERY_FAILED),
        ("16 17 18 22 24", State.RETURNING),
        ("19", State.RETURNED),
        ("9", State.CANCELLED),
        ("0 20 21 23 28 29 99", None),
    ],
)
def test_each_code_has_its_state(codes: str, state: State | None) -> None:
    assert {_one(_webhook(order(status=code))).state for code in codes.split()} == {state}


def test_what_is_about_money_moves_no_papers_and_what_is_not_certain_says_so() -> None:
    assert {code for code, line in _MEANINGS.items() if line.money_only} == {"21", "28", "29"}
    assert {code for code, line in _MEANINGS.items() if line.moves_custody} == {"6", "14", "19"}
    unsure = {code for code, line in _MEANINGS.items() if line.certainty is not Certainty.DOCUMENTED}
    assert unsure == {"3", "16", "20", "22", "23"}


@pytest.mark.parametrize("code", ["99", "DELIVERED", "-1", "014"])
def test_a_code_that_nobody_explained_is_kept_and_moves_nothing(code: str) -> None:
    event = _one(_webhook(order(status=code)))
    assert (event.code, event.state, event.certainty) == (code, None, Certainty.UNKNOWN)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (_webhook(order(status=None)), "status is missing"),
        (_webhook(order(updatedDate="31/12/1970 00:00:00")), "lies in the year 1970"),
        (_webhook(order(updatedDate="soon")), "updatedDate is missing or is not a time"),
        (_webhook(order(itemCode={}, saleOrderCode="")), "saleOrderCode is missing"),
        (_webhook("x"), "not an object"),
        (_history(statusCode=None), "statusCode is missing"),
        (_history(createdHour=...), "createdHour is missing"),
        (_history(createdDate=None), "createdDate is missing"),
        ({"statusHistory": [{}]}, "neither the item nor the order is named"),
        ({"data": [7], "sendDate": None}, "not an object"),
        (7, "not an object"),
    ],
)
def test_what_is_no_event_says_why(raw: Any, reason: str) -> None:
    assert reason in _refusal(raw)


def test_a_place_is_not_longer_than_its_column() -> None:
    assert len(_one(_history(locateName="Bưu cục " * 20)).location or "") == 64


@given(
    _JSON | st.dictionaries(st.sampled_from(_NAMES), _JSON | st.lists(st.dictionaries(st.sampled_from(_NAMES), _JSON)))
)
def test_any_json_is_survived(raw: Any) -> None:
    for event in mapping.normalise(raw, _READING):
        assert isinstance(event, TrackingEvent | Undecodable)


@given(st.timedeltas(timedelta(0), timedelta(minutes=20)))
def test_seconds_do_not_make_another_fact_within_the_minute(later: timedelta) -> None:
    base = datetime(2026, 3, 2, 1, 28, tzinfo=UTC)
    first, second = (_one(_webhook(order(updatedDate=moment.isoformat()))) for moment in (base, base + later))
    assert (first.key == second.key) is (later < timedelta(minutes=1))
    assert replace(second, key=first.key, event_time=first.event_time) == first
