"""The call log shows what was agreed to be shown, and nothing else."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from carriers.call_log import excerpt

_LOGGABLE = frozenset({"OrderNumber", "Status", "docs"})
_JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.sampled_from(["OrderNumber", "Name", "docs"]) | st.text(), inner)
    ),
    max_leaves=20,
)


def test_agreed_fields_are_shown_and_others_counted() -> None:
    shown = excerpt({"OrderNumber": "H14-1", "SenderName": "Bế Thu Duyên", "SenderTel": "0367828556"}, _LOGGABLE)
    assert shown == "{OrderNumber=H14-1, +2 hidden}"


def test_a_secret_deep_inside_stays_hidden() -> None:
    assert excerpt({"docs": [{"Status": 4, "Notes": "gọi 0367828556"}]}, _LOGGABLE) == "{docs=[{Status=4, +1 hidden}]}"


def test_bare_text_is_hidden() -> None:
    assert excerpt("0367828556", _LOGGABLE) == "hidden"


def test_long_lists_are_cut() -> None:
    assert excerpt({"docs": list(range(9))}, _LOGGABLE) == "{docs=[0, 1, 2, 3, 4, +4 more]}"


@given(_JSON)
def test_a_name_under_a_field_that_was_not_agreed_never_shows(value: Any) -> None:
    assert "Bế Thu Duyên" not in excerpt({"Name": "Bế Thu Duyên", "docs": [value, {"x": "Bế Thu Duyên"}]}, _LOGGABLE)


@given(_JSON)
def test_anything_can_be_logged_and_is_short(value: Any) -> None:
    assert len(excerpt(value, _LOGGABLE)) <= 2000
