"""What Viettel Post's webhooks say, however they spell it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carriers.contract import Certainty, TrackingEvent, Undecodable
from carriers.states import ShipmentState as State
from carriers.viettelpost import PLUGIN, mapping
from carriers.viettelpost.mapping import Reading

_MEANINGS = PLUGIN.tables.meanings()
_READING = Reading(_MEANINGS, "VTP04")
_SAMPLES = json.loads(Path(__file__).with_name("data").joinpath("deliveries.json").read_text(encoding="utf-8"))


def _data(**changes: Any) -> dict[str, Any]:
    data = {
        "ORDER_NUMBER": "13294410127",
        "ORDER_REFERENCE": "H14.10-260302-0001-R1",
        "ORDER_STATUS": 501,
        "STATUS_NAME": "Phát thành công",
        "ORDER_STATUSDATE": "06/03/2026 03:25:00",
        "LOCALION_CURRENTLY": "Bưu cục Bảo Lạc",
        "NOTE": "Người nhận ký",
        "MONEY_TOTALFEE": 28000,
    }
    return {**data, **changes}


def _event(**changes: Any) -> TrackingEvent:
    (event,) = mapping.normalise({"DATA": _data(**changes)}, _READING)
    assert isinstance(event, TrackingEvent), event
    return event


def _refusal(**changes: Any) -> str:
    (refused,) = mapping.normalise({"DATA": _data(**changes)}, _READING)
    assert isinstance(refused, Undecodable)
    return refused.reason


def test_a_delivery_says_what_where_when_and_how_sure_we_are() -> None:
    event = _event()
    assert (event.order_number, event.waybill, event.code) == ("H14.10-260302-0001-R1", "13294410127", "501")
    assert (event.state, event.certainty, event.moves_custody) == (State.DELIVERED, Certainty.DOCUMENTED, True)
    assert event.event_time == datetime(2026, 3, 5, 20, 25, tzinfo=UTC)
    assert (event.location, event.text) == ("Bưu cục Bảo Lạc", "Phát thành công - Người nhận ký")
    assert event.account_ref == "VTP04"


@pytest.mark.parametrize(
    ("sample", "code", "state", "happened"),
    [
        (0, "515", State.RETURNING, datetime(2026, 3, 9, 16, 17, tzinfo=UTC)),
        (1, "-100", State.BOOKED, datetime(2026, 3, 7, 6, 12, tzinfo=UTC)),
        (2, "400", State.IN_TRANSIT, datetime(2026, 3, 6, 12, 40, tzinfo=UTC)),
        (3, "570", State.OUT_FOR_DELIVERY, datetime(2026, 3, 7, 16, 57, tzinfo=UTC)),
        (4, "400", State.IN_TRANSIT, datetime(2026, 3, 3, 20, 55, tzinfo=UTC)),
        (5, "570", State.OUT_FOR_DELIVERY, datetime(2026, 3, 11, 19, 59, tzinfo=UTC)),
        (6, "502", State.RETURNING, datetime(2026, 3, 12, 0, 29, tzinfo=UTC)),
        (7, "502", State.RETURNING, datetime(2026, 3, 9, 18, 46, tzinfo=UTC)),
    ],
)
def test_every_sample_is_read(sample: int, code: str, state: State, happened: datetime) -> None:
    (event,) = mapping.normalise(_SAMPLES[sample], _READING)
    assert isinstance(event, TrackingEvent)
    assert (event.order_number, event.location) == (f"H14.10-260302-000{sample + 1}-R1", "Cao Bằng")
    assert (event.code, event.state, event.event_time) == (code, state, happened)


def test_there_are_no_samples_that_nobody_looks_at() -> None:
    assert len(_SAMPLES) == 8


_STATES = {
    State.BOOKED: (-100, -108, 100, 102, 103),
    State.COLLECTING: (104,),
    State.IN_TRANSIT: (-109, -110, 105, 200, 300, 301, 302, 303, 310, 320, 400, 401, 402, 403, 509, 510),
    State.OUT_FOR_DELIVERY: (500, 508, 570),
    State.DELIVERY_FAILED: (505, 506, 507),
    State.DELIVERED: (501,),
    State.RETURNING: (502, 515),
    State.RETURNED: (504,),
    State.CANCELLED: (101, 107, 201, 503),
    None: (106, 202, 550),
}


@pytest.mark.parametrize(("state", "code"), [(state, code) for state, codes in _STATES.items() for code in codes])
def test_each_code_of_the_table_has_its_state(state: State | None, code: int) -> None:
    event = _event(ORDER_STATUS=code)
    assert event.state is state
    assert event.certainty is not Certainty.UNKNOWN
    assert _event(ORDER_STATUS=str(code)).key == event.key


def test_no_code_of_the_table_is_left_out_here() -> None:
    assert {str(code) for codes in _STATES.values() for code in codes} == _MEANINGS.keys()


def test_papers_change_hands_when_they_are_collected_delivered_or_given_back() -> None:
    assert {code for code, meaning in _MEANINGS.items() if meaning.moves_custody} == {"-109", "105", "501", "504"}


@pytest.mark.parametrize("code", ["-108", "-109", "-110", "510", "570"])
def test_where_sources_contradict_each_other_both_readings_are_told(code: str) -> None:
    assert _MEANINGS[code].certainty is Certainty.ASSUMED
    assert ", or" in _MEANINGS[code].source


@pytest.mark.parametrize("code", [999, "999", 0, 108, "DELIVERED"])
def test_a_code_that_nobody_explained_is_kept_and_moves_nothing(code: object) -> None:
    event = _event(ORDER_STATUS=code)
    assert (event.code, event.state, event.certainty) == (str(code), None, Certainty.UNKNOWN)
    assert not event.moves_custody


@pytest.mark.parametrize("name", ["LOCALION_CURRENTLY", "LOCATION_CURRENTLY"])
def test_the_place_is_found_under_either_spelling(name: str) -> None:
    both = {"LOCALION_CURRENTLY": None, "LOCATION_CURRENTLY": ""}
    assert _event(**{**both, name: " Bưu cục Gia Lâm "}).location == "Bưu cục Gia Lâm"
    assert _event(**both).location is None


def test_a_place_that_is_a_novel_is_cut() -> None:
    assert _event(LOCALION_CURRENTLY="x" * 900).location == "x" * 200


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (None, "receiver_absent"),
        (36, "receiver_unreachable"),
        ("35", "receiver_asked_for_later"),
        ("32", "wrong_address"),
        ("30", "refused"),
        ("99", "receiver_absent"),
        ([], "receiver_absent"),
    ],
)
def test_the_reason_code_is_more_exact_than_the_status(code: object, reason: str) -> None:
    assert _event(ORDER_STATUS=506, REASON_CODE=code).reason == reason


@pytest.mark.parametrize(("code", "reason"), [(505, "return_proposed"), (507, "receiver_collects"), (501, None)])
def test_without_a_reason_code_the_table_knows_why(code: int, reason: str | None) -> None:
    assert _event(ORDER_STATUS=code).reason == reason


@pytest.mark.parametrize("code", [300, 500, 506])
def test_the_same_codes_on_the_way_back_are_a_return(code: int) -> None:
    assert _event(ORDER_STATUS=code, IS_RETURNING=True).state is State.RETURNING
    assert _event(ORDER_STATUS=code, IS_RETURNING="true").state is _MEANINGS[str(code)].state


@pytest.mark.parametrize("code", [104, 501, 504, 202, 999])
def test_the_way_back_changes_no_other_code(code: int) -> None:
    assert _event(ORDER_STATUS=code, IS_RETURNING=True).state is _event(ORDER_STATUS=code).state


def test_the_same_fact_in_other_words_is_the_same_event() -> None:
    again = _event(
        ORDER_STATUS="501", ORDER_NUMBER=13294410127, ORDER_STATUSDATE="2026-03-05T20:25:00Z", NOTE="", MONEY_TOTAL=1
    )
    assert again.key == _event().key
    assert _event(ORDER_REFERENCE=None).key == _event().key


@pytest.mark.parametrize(
    "change",
    [{"ORDER_NUMBER": "1"}, {"ORDER_STATUS": 500}, {"ORDER_STATUSDATE": "06/03/2026 03:25:01"}],
    ids=lambda change: next(iter(change)),
)
def test_another_fact_has_another_key_and_another_document(change: dict[str, Any]) -> None:
    assert _event(**change).key != _event().key
    assert mapping.document_id(_data(**change)) != mapping.document_id(_data())


def test_a_document_is_known_by_waybill_code_and_time() -> None:
    same = _data(NOTE="", ORDER_STATUS="501", ORDER_NUMBER=13294410127, LOCATION_CURRENTLY="x")
    assert mapping.document_id(same) == mapping.document_id(_data())


def test_documents_without_one_of_these_do_not_hide_each_other() -> None:
    first, second = (_data(ORDER_NUMBER=None, ORDER_REFERENCE=number) for number in ("H14-1", "H14-2"))
    assert mapping.document_id(first) != mapping.document_id(second)
    assert mapping.document_id(first) == mapping.document_id(dict(first))


def test_an_order_without_our_number_goes_by_its_waybill() -> None:
    nothing: list[Any] = [None, "", {}]
    for missing in nothing:
        event = _event(ORDER_REFERENCE=missing)
        assert (event.order_number, event.waybill) == ("13294410127", "13294410127")


def test_an_event_without_a_waybill_goes_by_our_number() -> None:
    event = _event(ORDER_NUMBER="")
    assert (event.order_number, event.waybill) == ("H14.10-260302-0001-R1", None)


@pytest.mark.parametrize(
    "written", [None, "", "hôm qua", "31/02/2026 01:00:00", "06/03/1970 03:25:00", [], 1e300, True]
)
def test_a_time_that_cannot_be_is_refused_and_kept(written: object) -> None:
    assert "ORDER_STATUSDATE" in _refusal(ORDER_STATUSDATE=written)


@pytest.mark.parametrize("value", [None, "", True, {}, [], 1.5, "x" * 65])
def test_a_document_without_its_essentials_is_refused_and_kept(value: object) -> None:
    assert "ORDER_STATUS" in _refusal(ORDER_STATUS=value)
    assert "ORDER_NUMBER" in _refusal(ORDER_NUMBER=value, ORDER_REFERENCE=value)


@pytest.mark.parametrize("raw", [None, 7, "x", True, {"DATA": 7}, {"DATA": None}, {"DATA": []}])
def test_what_is_no_delivery_is_kept_as_it_came(raw: object) -> None:
    (kept,) = mapping.normalise(raw, _READING)
    assert isinstance(kept, Undecodable)
    assert kept.reason == "the document is not an object"


def test_text_that_no_database_takes_is_cleaned() -> None:
    event = _event(STATUS_NAME="phát\x00 \ud800xong", NOTE="n" * 900)
    assert event.text == f"phát ?xong - {'n' * 500}"


def test_data_alone_and_lists_of_deliveries_are_read_too() -> None:
    results = mapping.normalise([_data(), {"DATA": _data()}, None], _READING)
    assert [type(result) for result in results] == [TrackingEvent, TrackingEvent, Undecodable]


_SCALARS: st.SearchStrategy[Any] = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
_NAMES = st.sampled_from([*_data(), "DATA", "IS_RETURNING", "REASON_CODE"]) | st.text(max_size=5)
_JSON: st.SearchStrategy[Any] = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(_NAMES, inner, max_size=9), max_leaves=30
)
_FIELDS = (*_data(), "LOCATION_CURRENTLY", "IS_RETURNING", "REASON_CODE")


@given(_JSON)
def test_any_json_becomes_events_or_is_kept_as_undecodable(raw: Any) -> None:
    for result in mapping.normalise(raw, _READING):
        assert isinstance(result, TrackingEvent | Undecodable)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(_FIELDS, _JSON)))
def test_any_field_may_hold_anything(changes: dict[str, Any]) -> None:
    (result,) = mapping.normalise({"DATA": _data(**changes)}, _READING)
    assert mapping.document_id(_data(**changes))
    if isinstance(result, TrackingEvent):
        assert result.event_time.utcoffset() == timedelta(0)
        assert result.order_number.strip()
        json.dumps([result.text, result.location], ensure_ascii=False).encode("utf-8")
