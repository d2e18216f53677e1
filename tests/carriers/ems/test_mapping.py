"""What EMS's webhooks and tracking answers say, in the words of either interface."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carriers.contract import Certainty, OrderRef, TrackingEvent, Undecodable
from carriers.ems import PLUGIN, mapping
from carriers.ems.mapping import Reading
from carriers.states import ShipmentState

_MEANINGS = PLUGIN.tables.meanings()
_READING = Reading(_MEANINGS, "EMS0004")
_HAPPENED = datetime(2026, 3, 9, 16, 17, tzinfo=UTC)
_DELIVERIES = json.loads(Path(__file__).with_name("data").joinpath("deliveries.json").read_text(encoding="utf-8"))
_V1, _V2 = (next(one["body"] for one in _DELIVERIES if one["version"] == version) for version in ("v1", "v2"))
_ENTRY = {"status": 2, "address": "BC Thục Phán", "description": "Đã duyệt", "tracedate": "2026-03-09 23:17:00"}
_TRACKED = {"tracking_code": "EM295293415VN", "order_code": "H14.10-260302-0001-R1", "__get_status": [_ENTRY]}
_ORDER = OrderRef("H14.10-260302-0001-R1", "EM295293415VN")


def _event(document: dict[str, Any]) -> TrackingEvent:
    (event,) = mapping.normalise(document, _READING)
    assert isinstance(event, TrackingEvent), event
    return event


def _refusal(document: Any) -> str:
    (refused,) = mapping.normalise(document, _READING)
    assert isinstance(refused, Undecodable)
    return refused.reason


def _entry(**changes: Any) -> dict[str, Any]:
    return {**_TRACKED, "__get_status": [{**_ENTRY, **changes}]}


def test_a_webhook_of_v1_says_what_where_and_when() -> None:
    event = _event({**_V1, "status_name": "Đã duyệt", "note": "Gọi trước"})
    assert (event.order_number, event.waybill, event.code) == ("H14.10-260302-0001-R1", "EM295293415VN", "2")
    assert (event.state, event.certainty) == (ShipmentState.BOOKED, Certainty.DOCUMENTED)
    assert (event.event_time, event.location) == (_HAPPENED, "BC Thục Phán")
    assert (event.text, event.account_ref) == ("Đã duyệt - Gọi trước", "EMS0004")


def test_a_webhook_of_v2_says_the_same_in_other_words() -> None:
    event = _event(_V2)
    assert (event.order_number, event.waybill, event.code) == ("H14.10-260302-0001-R1", "EM295293415VN", "11000")
    assert (event.state, event.certainty) == (ShipmentState.OUT_FOR_DELIVERY, Certainty.INFERRED)
    assert (event.event_time, event.location, event.text) == (_HAPPENED, "BC Bảo Lạc", "Giao bưu tá")


@pytest.mark.parametrize("delivery", _DELIVERIES, ids=lambda one: one["headers"]["ems-transaction"])
def test_every_sample_is_an_event_with_a_meaning(delivery: dict[str, Any]) -> None:
    event = _event(delivery["body"])
    assert event.state is not None
    assert event.event_time.utcoffset() == timedelta(0)


def test_the_same_fact_by_webhook_and_by_tracking_is_one_event() -> None:
    told, asked = _event(_V1), _event(_TRACKED)
    assert told.key == asked.key
    assert (asked.waybill, asked.location, asked.text) == ("EM295293415VN", "BC Thục Phán", "Đã duyệt")


def test_place_words_and_split_seconds_make_no_other_event() -> None:
    same = _entry(address="BC khác", description="", status="2", tracedate="2026-03-09T16:17:00.420Z")
    assert _event(same).key == _event(_V1).key


@pytest.mark.parametrize(
    "change",
    [{"order_code": "H14-2"}, {"status_code": 4}, {"datetime": "09/03/2026 23:17:01"}],
    ids=lambda change: next(iter(change)),
)
def test_another_fact_has_another_key(change: dict[str, Any]) -> None:
    assert _event({**_V1, **change}).key != _event(_V1).key


def test_an_answers_history_becomes_documents_that_name_the_order() -> None:
    other = {**_ENTRY, "status": 4, "tracedate": "2026-03-10 08:00:00"}
    first, second = mapping.feed_items(_ORDER, [_ENTRY, other])
    assert first.raw == _TRACKED
    assert first.id != second.id
    assert first.id == mapping.feed_items(_ORDER, [dict(reversed(_ENTRY.items()))])[0].id
    assert [_event(item.raw).code for item in (first, second)] == ["2", "4"]


def test_a_broken_entry_costs_no_neighbour_and_is_kept_with_its_order() -> None:
    results = mapping.normalise({**_TRACKED, "__get_status": [_ENTRY, None, {"status": 4}, _ENTRY]}, _READING)
    assert [type(result).__name__ for result in results] == [
        "TrackingEvent",
        "Undecodable",
        "Undecodable",
        "TrackingEvent",
    ]
    assert isinstance(results[1], Undecodable)
    assert results[1].raw == {**_TRACKED, "__get_status": [None]}
    assert _refusal({**_TRACKED, "__get_status": "none"}) == "__get_status is not a list"


def test_an_entry_cannot_say_that_it_is_about_another_order() -> None:
    assert _event(_entry(order_code="H14-2", tracking_code="EM000000014VN")).order_number == _ORDER.order_number


@pytest.mark.parametrize("code", [3, "3", 0, 7, -1, "Đã phát", 11001])
def test_a_code_that_nobody_explained_is_kept_and_moves_nothing(code: object) -> None:
    event = _event({**_V1, "status_code": code})
    assert (event.code, event.state, event.certainty) == (str(code), None, Certainty.UNKNOWN)
    assert not event.moves_custody


def test_no_assumption_calls_itself_more_than_that() -> None:
    made_up = {code for code in _MEANINGS if code.startswith("990")}
    assumed = {code for code, meaning in _MEANINGS.items() if meaning.certainty is Certainty.ASSUMED}
    assert made_up == assumed
    sure = {code for code, meaning in _MEANINGS.items() if meaning.certainty is Certainty.DOCUMENTED}
    assert sure == {"1", "2", "4"}


def test_there_is_a_code_for_every_state_of_a_journey() -> None:
    inner = {"requested", "booking", "outcome_unknown", "parked"}
    assert {meaning.state for meaning in _MEANINGS.values()} == {s for s in ShipmentState if s.value not in inner}


def test_a_handover_to_the_postman_shows_both_readings() -> None:
    source = _MEANINGS["11000"].source
    assert "out for delivery" in source
    assert "collect" in source


@pytest.mark.parametrize("written", ["09/03/2026 23:17:00", "2026-03-09 23:17:00", "2026-03-09T16:17:00Z"])
def test_a_time_without_a_zone_is_vietnams_in_either_form(written: str) -> None:
    assert _event({**_V1, "datetime": written}).event_time == _HAPPENED
    assert _event({**_V2, "CreatedAt": written}).event_time == _HAPPENED
    assert _event(_entry(tracedate=written)).event_time == _HAPPENED


@pytest.mark.parametrize("written", [None, "", "hôm qua", "31/02/2026 01:00:00", "01/01/1970 00:00:00", [], True])
def test_a_time_that_cannot_be_is_refused_by_its_own_name(written: object) -> None:
    assert "datetime" in _refusal({**_V1, "datetime": written})
    assert "CreatedAt" in _refusal({**_V2, "CreatedAt": written})
    assert "tracedate" in _refusal(_entry(tracedate=written))


@pytest.mark.parametrize("value", [None, "", "  ", True, {}, [], 1.5, "x" * 65, 10**30])
def test_a_document_without_its_essentials_is_refused_and_kept(value: object) -> None:
    assert "status_code" in _refusal({**_V1, "status_code": value})
    assert "OrderCode" in _refusal({**_V2, "OrderCode": value})
    assert "order_code" in _refusal({**_TRACKED, "order_code": value})


def test_text_is_what_a_database_takes() -> None:
    event = _event({**_V1, "status_name": "phát\x00 \ud800xong", "note": "n" * 900, "locate": "\x00" + "b" * 900})
    assert event.text.startswith("phát ?xong - nnn")
    assert (len(event.text), len(event.location or "")) == (500, 200)


_SCALARS: st.SearchStrategy[Any] = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
_NAMES = st.sampled_from([*_V1, *_V2, *_TRACKED, *_ENTRY]) | st.text(max_size=5)
_JSON: st.SearchStrategy[Any] = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(_NAMES, inner, max_size=9), max_leaves=30
)


@given(_JSON)
def test_any_json_becomes_events_or_is_kept_as_undecodable(raw: Any) -> None:
    for result in mapping.normalise(raw, _READING):
        assert isinstance(result, TrackingEvent | Undecodable)


@given(
    st.sampled_from([_V1, _V2]).flatmap(
        lambda body: st.fixed_dictionaries({}, optional=dict.fromkeys(body, _JSON)).map(lambda new: {**body, **new})
    )
)
def test_any_field_may_hold_anything(document: dict[str, Any]) -> None:
    (result,) = mapping.normalise(document, _READING)
    if isinstance(result, TrackingEvent):
        assert result.event_time.utcoffset() == timedelta(0)
        assert result.order_number.strip()
        json.dumps([result.text, result.location, result.waybill], ensure_ascii=False).encode("utf-8")


@given(st.lists(_JSON, max_size=5))
def test_any_history_becomes_documents_that_can_be_read_again(history: list[Any]) -> None:
    items = mapping.feed_items(_ORDER, history)
    assert len(items) == len(history) == len(mapping.normalise([item.raw for item in items], _READING))
