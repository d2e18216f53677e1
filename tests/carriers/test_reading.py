"""Identifiers, texts and times as operators send them."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carriers.reading import NotAnEventError, digest, event_time, nests_deeper, reference, required, text

_NOON = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(("value", "read"), [(4, "4"), (4.0, "4"), (" RH1VN ", "RH1VN"), ("a\x00b", "ab"), (0, "0")])
def test_an_identifier_is_text_however_it_is_sent(value: object, read: str) -> None:
    assert reference(value) == read


@pytest.mark.parametrize("value", [None, True, 4.5, "", "  ", "\x00", "x" * 65, 10**18, [], {}, float("nan")])
def test_what_is_no_identifier_is_none(value: object) -> None:
    assert reference(value) is None


def test_a_missing_identifier_is_called_by_its_name() -> None:
    assert required({"itemCode": 7}, "itemCode") == "7"
    with pytest.raises(NotAnEventError, match="itemCode is missing"):
        required({}, "itemCode")


def test_text_is_what_a_database_takes_and_a_clerk_reads() -> None:
    assert text("Phát\x00 thành công \ud800") == "Phát thành công ?"
    assert (text("x" * 900), text(12), text(True), text(None)) == ("x" * 500, "12", "", "")


@pytest.mark.parametrize(
    "written",
    [
        1772427600,
        1772427600000,
        1772427600.0,
        "1772427600000",
        "02/03/2026 12:00:00",
        "02/03/2026 12:00",
        " 2026-03-02 12:00:00 ",
        "2026-03-02T12:00:00",
        "2026-03-02T05:00:00Z",
        "2026-03-02T12:00:00+07:00",
    ],
)
def test_a_time_is_an_instant_and_an_office_writes_its_wall_clock(written: object) -> None:
    happened = event_time(written, "at")
    assert happened == _NOON
    assert happened.tzinfo is UTC


def test_a_known_unit_is_not_guessed() -> None:
    assert event_time(1772427600, "at", "s") == _NOON
    with pytest.raises(NotAnEventError, match="at lies in the year 1970"):
        event_time(1772427600, "at", "ms")


@pytest.mark.parametrize("value", [None, True, "", "soon", "99/99/2026 00:00:00", "9" * 30, [], 1e300, float("inf")])
def test_what_is_no_time_is_refused_by_its_name(value: object) -> None:
    with pytest.raises(NotAnEventError, match="updatedDate is missing or is not a time"):
        event_time(value, "updatedDate")


@pytest.mark.parametrize("value", [0, "1970-01-01T00:00:00Z", "31/12/2014 23:59:59", "2100-01-02", 4_200_000_000])
def test_a_year_that_this_interface_cannot_have_seen_is_refused(value: object) -> None:
    with pytest.raises(NotAnEventError, match="lies in the year"):
        event_time(value, "at")


@given(_JSON)
def test_any_json_value_is_survived(value: Any) -> None:
    assert reference(value) is None or isinstance(reference(value), str)
    text(value).encode()
    assert digest(value) == digest(value)
    with suppress(NotAnEventError):
        assert event_time(value, "at").tzinfo is UTC


def _nested(depth: int) -> Any:
    value: Any = "x"
    for layer in range(depth):
        value = [value] if layer % 2 else {"a": value, "b": 1}
    return value


@pytest.mark.parametrize("most", [0, 1, 2, 64])
def test_depth_is_counted_in_lists_and_objects(most: int) -> None:
    assert not nests_deeper(_nested(most), most)
    assert nests_deeper(_nested(most + 1), most)


def test_any_depth_is_survived_and_breadth_is_no_depth() -> None:
    assert nests_deeper(_nested(100_000))
    assert not nests_deeper([[]] * 10_000)
