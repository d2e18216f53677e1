from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.money.statements.cells import LARGEST, UnreadableCell, amount_of, day_of, text_of


@pytest.mark.parametrize(
    ("written", "vnd"),
    [
        ("25000", 25_000),
        ("25.000", 25_000),
        ("25,000", 25_000),
        ("25.000 đ", 25_000),
        ("25.000đ", 25_000),
        ("25.000₫", 25_000),
        ("1.250.000 VND", 1_250_000),
        ("1,250,000.00", 1_250_000),
        ("1.250.000,0 đồng", 1_250_000),
        ("25\u00a0000", 25_000),
        ("0", 0),
        ("", None),
        (" - ", None),
        (Decimal("25000"), 25_000),
        (Decimal("2.5E4"), 25_000),
    ],
)
def test_amounts_as_they_are_written(written: str | Decimal, vnd: int | None) -> None:
    assert amount_of(written) == vnd


@pytest.mark.parametrize(
    "written",
    ["25.00", "25,5", "-25.000", "25.0000", "1.25.000", "hai mươi", "٢٥", "2e4", "25.000,50", "25.000.00", "1,250.000"],
)
def test_what_is_no_amount_is_refused_and_never_guessed(written: str) -> None:
    with pytest.raises(UnreadableCell):
        amount_of(written)


@pytest.mark.parametrize("number", ["25.5", "NaN", "Infinity", "-1", "1e20"])
def test_a_number_of_a_spreadsheet_has_to_be_whole_dong(number: str) -> None:
    with pytest.raises(UnreadableCell):
        amount_of(Decimal(number))


@given(st.integers(0, LARGEST), st.sampled_from((".", ",")), st.sampled_from(("", " đ", "đ", " VND", " ₫")))
def test_every_amount_that_is_written_out_is_read_back(vnd: int, separator: str, unit: str) -> None:
    assert amount_of(f"{vnd:,}".replace(",", separator) + unit) == vnd


@given(st.text(max_size=30))
def test_any_text_is_an_amount_or_refused_in_words(written: str) -> None:
    try:
        read = amount_of(written)
    except UnreadableCell as refusal:
        assert str(refusal)
    else:
        assert read is None or (type(read) is int and 0 <= read <= LARGEST)


@pytest.mark.parametrize(
    "written", ["02/03/2026", "2/3/2026", "02-03-2026", "02.03.2026", "2026-03-02", "02/03/2026 08:15", Decimal(46083)]
)
def test_days_as_they_are_written(written: str | Decimal) -> None:
    assert day_of(written) == date(2026, 3, 2)


@pytest.mark.parametrize("written", ["31/02/2026", "02/03/26", "March 2", "20260302", Decimal(2), Decimal("NaN")])
def test_what_is_no_day_is_refused(written: str | Decimal) -> None:
    with pytest.raises(UnreadableCell):
        day_of(written)


@given(st.text(max_size=20))
def test_any_text_is_a_day_or_refused_in_words(written: str) -> None:
    try:
        assert isinstance(day_of(written), date | None)
    except UnreadableCell as refusal:
        assert str(refusal)


def test_an_order_number_that_a_spreadsheet_made_a_number_is_read_without_a_point() -> None:
    assert text_of(Decimal("26030201.0")) == "26030201"
