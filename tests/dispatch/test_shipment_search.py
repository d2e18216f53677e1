"""Where a page of shipments ends is written into an address and read from it again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.shipment_search import Mark

BEGIN = datetime(2000, 1, 1, tzinfo=UTC)
MOMENTS = st.timedeltas(timedelta(0), timedelta(days=70_000)).map(lambda since: BEGIN + since)


@given(MOMENTS, st.from_regex(r"[A-Z0-9][A-Z0-9.\-]{0,79}", fullmatch=True))
def test_what_was_written_is_read(at: datetime, number: str) -> None:
    assert Mark.read(Mark(at, number).text()) == Mark(at, number)


@given(st.text(max_size=120))
def test_anything_else_begins_at_the_first_page_or_somewhere_and_never_breaks(text: str) -> None:
    mark = Mark.read(text)
    assert mark is None or Mark.read(mark.text()) == mark


@pytest.mark.parametrize("text", ["", "-", "5", "x-H14", "99999999999999999999-H14"])
def test_a_mark_that_is_none_is_none(text: str) -> None:
    assert Mark.read(text) is None
