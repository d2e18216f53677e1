"""What VNPost's tracking documents say, whatever shape they come in."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carriers.contract import Certainty, TrackingEvent, Undecodable
from carriers.states import ShipmentState
from carriers.vnpost_ngsp import PLUGIN, mapping
from carriers.vnpost_ngsp.mapping import Reading

_MEANINGS = PLUGIN.tables.meanings()
_READING = Reading(_MEANINGS, account_ref="C14000123")
_HAPPENED = datetime(2026, 3, 5, 20, 25, tzinfo=UTC)
_FEED = json.loads(Path(__file__).with_name("data").joinpath("feed.json").read_text(encoding="utf-8"))


def _document(**changes: Any) -> dict[str, Any]:
    document = {
        "_id": {"$oid": "0220a141fcd2a9120a07d6e2"},
        "CustomerCode": "C14000123",
        "OrderNumber": "H14.10-260302-0001-R1",
        "ItemCode": "RH734930260VN",
        "POSID": "271000",
        "EventTime": 1772742300000,
        "StatusCode": 4,
        "StatusMessage": "Phát thành công",
        "Notes": "",
    }
    return {**document, **changes}


def _event(reading: Reading = _READING, **changes: Any) -> TrackingEvent:
    (event,) = mapping.normalise(_document(**changes), reading)
    assert isinstance(event, TrackingEvent), event
    return event


def _refusal(**changes: Any) -> str:
    (refused,) = mapping.normalise(_document(**changes), _READING)
    assert isinstance(refused, Undecodable)
    return refused.reason


def test_a_delivery_says_what_where_when_and_how_sure_we_are() -> None:
    event = _event()
    assert (event.order_number, event.waybill, event.code) == ("H14.10-260302-0001-R1", "RH734930260VN", "4")
    assert (event.state, event.certainty, event.moves_custody) == (ShipmentState.DELIVERED, Certainty.INFERRED, True)
    assert (event.event_time, event.location, event.text) == (_HAPPENED, "271000", "Phát thành công")


def test_a_whole_page_of_the_feed_becomes_events_in_its_order() -> None:
    events = mapping.normalise(_FEED, _READING)
    assert len(events) == 24
    assert all(isinstance(event, TrackingEvent) for event in events)
    assert [e.code for e in events if isinstance(e, TrackingEvent)][:5] == ["3", "4", "2", "3", "9"]


@pytest.mark.parametrize(
    ("code", "state"),
    [
        (1, ShipmentState.BOOKED),
        (2, ShipmentState.IN_TRANSIT),
        (3, ShipmentState.OUT_FOR_DELIVERY),
        (4, ShipmentState.DELIVERED),
        (5, ShipmentState.DELIVERY_FAILED),
        (6, ShipmentState.RETURNING),
        (7, ShipmentState.RETURNED),
        (8, ShipmentState.COLLECTION_FAILED),
        (10, ShipmentState.COLLECTING),
    ],
)
def test_each_code_of_the_table_has_its_state(code: int, state: ShipmentState) -> None:
    assert _event(StatusCode=code).state is state


@pytest.mark.parametrize("code", [9, "9", 0, 99, -1, "DELIVERED"])
def test_a_code_that_nobody_explained_is_kept_and_moves_nothing(code: object) -> None:
    event = _event(StatusCode=code)
    assert (event.code, event.state, event.certainty) == (str(code), None, Certainty.UNKNOWN)
    assert not event.moves_custody


def test_no_assumption_calls_itself_more_than_that() -> None:
    sure = {code for code, meaning in _MEANINGS.items() if meaning.certainty is not Certainty.ASSUMED}
    assert sure == {"4"}


def test_the_same_fact_under_another_feed_id_is_the_same_event() -> None:
    again = _event(_id={"$oid": "f" * 24}, POSID=271000, StatusCode="4", ItemCode=None, StatusMessage="")
    assert again.key == _event().key


@pytest.mark.parametrize(
    "change",
    [{"OrderNumber": "H14-2"}, {"StatusCode": 5}, {"EventTime": 1772742301000}, {"POSID": "271010"}],
    ids=lambda change: next(iter(change)),
)
def test_another_fact_has_another_key(change: dict[str, Any]) -> None:
    assert _event(**change).key != _event().key


@pytest.mark.parametrize(
    "written",
    [
        1772742300000,
        1772742300,
        1772742300.0,
        "1772742300000",
        "2026-03-05T20:25:00Z",
        "2026-03-06T03:25:00+07:00",
        "2026-03-06T03:25:00",
        "06/03/2026 03:25:00",
    ],
)
def test_a_time_is_understood_in_every_form_and_without_a_zone_it_is_vietnams(written: object) -> None:
    assert _event(EventTime=written).event_time == _HAPPENED


def test_the_unit_of_times_can_be_fixed_per_account() -> None:
    assert _event(Reading(_MEANINGS, "s"), EventTime=1772742300).event_time == _HAPPENED
    (wrong,) = mapping.normalise(_document(EventTime=1772742300), Reading(_MEANINGS, "ms"))
    assert isinstance(wrong, Undecodable)
    assert wrong.reason == "EventTime lies in the year 1970"


@pytest.mark.parametrize("written", [0, 253402300800000, None, True, "", "hôm qua", "31/02/2026 01:00:00", [], 1e300])
def test_a_time_that_cannot_be_is_refused_and_kept(written: object) -> None:
    assert "EventTime" in _refusal(EventTime=written)


@pytest.mark.parametrize("name", ["OrderNumber", "StatusCode"])
@pytest.mark.parametrize("value", [None, "", "  ", True, {}, [], 1.5, "x" * 65, 10**30])
def test_a_document_without_its_essentials_is_refused_and_kept(name: str, value: object) -> None:
    assert name in _refusal(**{name: value})


def test_a_broken_document_does_not_cost_its_neighbours() -> None:
    page = copy.deepcopy(_FEED)
    page["_embedded"]["rh:doc"][3] = None
    page["_embedded"]["rh:doc"][7].pop("StatusCode")
    results = mapping.normalise(page, _READING)
    broken = [index for index, result in enumerate(results) if isinstance(result, Undecodable)]
    assert (len(results), broken) == (24, [3, 7])


def test_text_that_no_database_takes_is_cleaned() -> None:
    event = _event(StatusMessage="phát\x00 \ud800xong", Notes="n" * 900)
    assert event.text == f"phát ?xong - {'n' * 500}"


def test_an_event_without_a_customer_code_belongs_to_the_account_whose_feed_it_is() -> None:
    assert _event(CustomerCode=None).account_ref == "C14000123"
    assert _event(CustomerCode="C99").account_ref == "C99"


@pytest.mark.parametrize("page", [{"_returned": 0}, {"_embedded": {}}, {"_embedded": {"rh:doc": []}}, []])
def test_an_empty_page_has_no_events(page: object) -> None:
    assert mapping.normalise(page, _READING) == []


def test_items_of_a_page_carry_the_feeds_ids_or_a_digest() -> None:
    first, second, third = mapping.feed_items([_document(), {"a": 1}, {"a": 2}])
    assert first.id == "0220a141fcd2a9120a07d6e2"
    assert second.id != third.id
    assert second.id == mapping.feed_items([{"a": 1}])[0].id


_SCALARS: st.SearchStrategy[Any] = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
_NAMES = st.sampled_from([*_document(), "_embedded", "rh:doc", "_returned", "$oid"]) | st.text(max_size=5)
_JSON: st.SearchStrategy[Any] = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(_NAMES, inner, max_size=9), max_leaves=30
)


@given(_JSON)
def test_any_json_becomes_events_or_is_kept_as_undecodable(raw: Any) -> None:
    for result in mapping.normalise(raw, _READING):
        assert isinstance(result, TrackingEvent | Undecodable)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(_document(), _JSON)))
def test_any_field_may_hold_anything(changes: dict[str, Any]) -> None:
    (result,) = mapping.normalise(_document(**changes), _READING)
    if isinstance(result, TrackingEvent):
        assert result.event_time.utcoffset() == timedelta(0)
        assert result.order_number.strip()
        json.dumps(result.text, ensure_ascii=False).encode("utf-8")


@given(st.lists(_JSON, max_size=8))
def test_a_list_gives_one_result_for_each_document(documents: list[Any]) -> None:
    assert len(mapping.normalise(documents, _READING)) == len(documents)


@given(st.integers(min_value=1_420_070_400, max_value=4_102_444_799))
def test_seconds_and_milliseconds_of_the_same_moment_are_the_same_event(seconds: int) -> None:
    assert _event(EventTime=seconds).key == _event(EventTime=seconds * 1000).key
