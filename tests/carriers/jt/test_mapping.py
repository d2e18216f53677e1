"""What J&T's scans say, told or asked for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carriers.contract import Certainty, Normalised, TrackingEvent, Undecodable
from carriers.jt import PLUGIN, mapping
from carriers.jt.mapping import Reading, documents
from carriers.states import ShipmentState as State
from tests.carriers.jt.office import SAMPLES

_MEANINGS = PLUGIN.tables.meanings()
_READING = Reading(_MEANINGS, "J0086004")
_NAMES = ("billCode", "txlogisticId", "details", "scanTime", "scanTypeCode", "desc", "scanNetworkName")
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just("2026-03-06 09:15:00"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_NAMES), inner),
    max_leaves=25,
)


def _read(raw: Any) -> list[Normalised]:
    return mapping.normalise(raw, _READING)


def _item(**scan: Any) -> dict[str, Any]:
    whole = {"scanTime": "2026-03-06 09:15:00", "scanTypeCode": "113", **scan}
    return {"billCode": "840000000001", "txlogisticId": "H14-1-S1", "details": [whole]}


def _event(raw: Any) -> TrackingEvent:
    (event,) = _read(raw)
    assert isinstance(event, TrackingEvent), event
    return event


def test_a_scan_says_what_where_when_and_how_sure_we_are() -> None:
    event = _event(SAMPLES[0])
    assert (event.order_number, event.waybill, event.code) == ("H14.10-260302-0001-R1", "840000000001", "113")
    assert (event.state, event.certainty, event.moves_custody) == (State.DELIVERED, Certainty.DOCUMENTED, True)
    assert event.event_time == datetime(2026, 3, 6, 2, 15, tzinfo=UTC)
    assert (event.location, event.text) == ("BC Bảo Lạc", "Đã ký nhận - Người nhận đã ký")
    assert (event.account_ref, event.carrier) == ("J0086004", "jt")


def test_every_sample_is_read() -> None:
    events = [result for sample in SAMPLES for result in _read(sample)]
    assert [(event.code, event.state) for event in events if isinstance(event, TrackingEvent)] == [
        ("113", State.DELIVERED),
        ("106", State.IN_TRANSIT),
        ("109", State.IN_TRANSIT),
        *((code, None) for code in ("10", "50", "92", "94", "100")),
        ("118", State.DELIVERY_FAILED),
    ]
    assert _read(SAMPLES) == events


def test_a_parcel_that_was_entered_by_hand_goes_under_its_waybill() -> None:
    event = _event(SAMPLES[3])
    assert (event.order_number, event.waybill) == ("840000000004", "840000000004")
    assert event.event_time == datetime(2026, 3, 6, 2, 15, tzinfo=UTC)


def test_a_place_is_the_office_else_the_town_else_the_province() -> None:
    town, province = _read(SAMPLES[1])[0], _read(SAMPLES[2])[0]
    assert isinstance(town, TrackingEvent)
    assert isinstance(province, TrackingEvent)
    assert (town.location, province.location) == ("Cao Bằng", "Cao Bằng")
    assert _event(_item()).location is None
    assert _event(_item(scanNetworkName="x" * 900)).location == "x" * 200


_STATES: dict[State | None, tuple[int, ...]] = {
    State.BOOKED: (103,),
    State.COLLECTION_FAILED: (104,),
    State.CANCELLED: (105,),
    State.IN_TRANSIT: (106, 109, 110),
    State.OUT_FOR_DELIVERY: (112,),
    State.DELIVERY_FAILED: (118,),
    State.DELIVERED: (113,),
    State.RETURNING: (116,),
    State.RETURNED: (117,),
    None: (120, 121),
}


@pytest.mark.parametrize(("state", "code"), [(state, code) for state, codes in _STATES.items() for code in codes])
def test_each_code_of_the_table_has_its_state(state: State | None, code: int) -> None:
    event = _event(_item(scanTypeCode=code))
    assert event.state is state
    assert event.certainty is not Certainty.UNKNOWN
    assert _event(_item(scanTypeCode=str(code))).key == event.key


def test_no_code_of_the_table_is_left_out_here() -> None:
    assert {str(code) for codes in _STATES.values() for code in codes} == _MEANINGS.keys()


def test_papers_change_hands_when_they_are_collected_delivered_or_given_back() -> None:
    assert {code for code, meaning in _MEANINGS.items() if meaning.moves_custody} == {"106", "113", "117"}


def test_a_delivery_problem_is_an_attempt_only_by_assumption() -> None:
    assert _MEANINGS["118"].certainty is Certainty.ASSUMED
    assert ", or" in _MEANINGS["118"].source


@pytest.mark.parametrize("code", [10, "50", 92, "94", 100, 0, "DELIVERED"])
def test_a_code_that_nobody_explained_is_kept_and_moves_nothing(code: object) -> None:
    event = _event(_item(scanTypeCode=code))
    assert (event.code, event.state, event.certainty) == (str(code), None, Certainty.UNKNOWN)
    assert not event.moves_custody


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (None, "details holds no scan"),
        ({}, "details holds no scan"),
        ({"billCode": "8", "details": []}, "details holds no scan"),
        ({"billCode": "8", "details": {"scanTypeCode": 1}}, "details holds no scan"),
        ({"billCode": "8", "details": [7]}, "details holds no scan"),
        ({"details": [{"scanTime": "2026-03-06 09:15:00", "scanTypeCode": 1}]}, "billCode is missing"),
        (_item(scanTypeCode=None), "scanTypeCode is missing"),
        (_item(scanTime=None), "scanTime is missing"),
        (_item(scanTime="yesterday"), "scanTime is missing or is not a time"),
        (_item(scanTime="1970-01-01 08:00:00"), "scanTime lies in the year 1970"),
        (_item(scanTime="2100-01-01 08:00:00"), "scanTime lies in the year 2100"),
    ],
)
def test_what_is_no_event_is_kept_with_the_reason(raw: Any, reason: str) -> None:
    (result,) = _read(raw)
    assert isinstance(result, Undecodable)
    assert result.reason.startswith(reason)
    assert result.raw == raw


def test_a_scan_that_is_no_event_does_not_hide_its_neighbours() -> None:
    item = _item()
    item["details"] = [None, *item["details"], {"scanTypeCode": "112"}]
    assert [type(result) for result in _read(item)] == [Undecodable, TrackingEvent, Undecodable]


def test_the_same_fact_is_one_event_and_one_document_however_it_is_worded() -> None:
    asked = _item(desc="x", scanTypeCode=113)
    told = {**_item(desc="y"), "txlogisticId": None}
    assert _event(asked).key == _event(told).key
    assert [one.id for one in documents(asked)] == [one.id for one in documents(told)]


@pytest.mark.parametrize(
    "other",
    [
        _item(scanTypeCode="112"),
        _item(scanTime="2026-03-06 09:15:01"),
        {**_item(), "billCode": "840000000002"},
    ],
)
def test_another_fact_is_another_event_and_another_document(other: dict[str, Any]) -> None:
    assert _event(other).key != _event(_item()).key
    assert documents(other)[0].id != documents(_item())[0].id


def test_documents_that_lack_something_do_not_hide_each_other() -> None:
    lacking: list[Any] = [{**_item(scanTime=None), "n": n} for n in range(3)] + [
        None,
        7,
        {},
        {"details": []},
        {"details": [{}]},
    ]
    assert len({one.id for one in documents(lacking)}) == len(lacking)


def test_each_document_is_read_as_the_scan_it_was() -> None:
    apart = [result for one in documents(SAMPLES) for result in _read(one.raw)]
    assert apart == _read(SAMPLES)


@given(_JSON)
def test_any_json_is_survived(raw: Any) -> None:
    for result in _read(raw):
        assert isinstance(result, TrackingEvent | Undecodable)
    for document in documents(raw):
        assert len(document.id) == 32
