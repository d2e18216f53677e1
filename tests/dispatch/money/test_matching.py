from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.money.statements.matching import Cause, Known, compare, nearly, swapped
from dispatch.money.statements.reading import Line
from dispatch.parties import Party

MARCH = (date(2026, 3, 1), date(2026, 3, 31))
AMOUNTS = st.integers(1, 10_000_000)


@st.composite
def _orders(draw: st.DrawFn) -> list[Known]:
    return [
        Known(
            order=f"H14-{number:03}-S1",
            waybill=draw(st.sampled_from((None, f"EE{number:09}VN"))),
            is_return=False,
            cancelled=False,
            collected_vnd=draw(AMOUNTS),
            collected_on=draw(st.dates(*MARCH)),
            postage_vnd=draw(st.one_of(st.none(), AMOUNTS)),
            reduction_vnd=0,
            payer=Party.CITIZEN,
        )
        for number in range(draw(st.integers(1, 6)))
    ]


def told(number: int, order: Known, *, by_waybill: bool = False) -> Line:
    return Line(
        number=number,
        order="" if by_waybill else order.order,
        waybill=order.waybill or "",
        collected_vnd=order.collected_vnd,
        postage_vnd=order.postage_vnd or 0,
        remitted_vnd=order.collected_vnd,
        refund_vnd=0,
        day=order.collected_on,
        payer=order.payer,
    )


def statement_of(orders: list[Known]) -> list[Line]:
    return [told(number, order) for number, order in enumerate(orders, start=2)]


@given(_orders())
def test_a_statement_that_says_what_we_know_has_no_difference(orders: list[Known]) -> None:
    lines = statement_of(orders)
    by_waybill = [
        told(line.number, order, by_waybill=order.waybill is not None)
        for line, order in zip(lines, orders, strict=True)
    ]
    for same in (lines, by_waybill):
        comparison = compare(same, orders, MARCH, sum(line.collected_vnd for line in lines))
        assert comparison.differences == ()
        assert comparison.agreed == {line.number for line in lines}


@given(_orders(), st.data())
def test_any_other_amount_is_a_difference_of_its_line(orders: list[Known], data: st.DataObject) -> None:
    lines = statement_of(orders)
    place = data.draw(st.integers(0, len(lines) - 1))
    wrong = data.draw(AMOUNTS.filter(lambda vnd: vnd != lines[place].collected_vnd))
    lines[place] = replace(lines[place], collected_vnd=wrong, remitted_vnd=wrong)
    comparison = compare(lines, orders, MARCH, None)
    (difference,) = comparison.differences
    assert difference.cause in (Cause.AMOUNT_DIFFERS, Cause.DIGITS_SWAPPED)
    assert (difference.line, difference.expected_vnd, difference.stated_vnd) == (
        lines[place].number,
        orders[place].collected_vnd,
        wrong,
    )
    assert lines[place].number not in comparison.agreed


@given(_orders(), st.data())
def test_a_line_that_is_left_out_or_doubled_is_found(orders: list[Known], data: st.DataObject) -> None:
    lines = statement_of(orders)
    line = data.draw(st.sampled_from(lines))
    without = compare([one for one in lines if one is not line], orders, MARCH, None)
    assert [(one.cause, one.order) for one in without.differences] == [(Cause.NOT_IN_STATEMENT, line.order)]
    again = compare([*lines, replace(line, number=99)], orders, MARCH, None)
    assert [(one.cause, one.line, one.order) for one in again.differences] == [(Cause.DOUBLED_LINE, 99, line.order)]


@given(_orders())
def test_what_was_accepted_before_is_never_wrong_again(orders: list[Known]) -> None:
    lines = statement_of(orders)
    later = [replace(order, collected_vnd=order.collected_vnd + 1) for order in orders]
    assert compare(lines, later, MARCH, None, accepted=[line.number for line in lines]).differences == ()
    assert len(compare(lines, later, MARCH, None).differences) == len(lines)


@pytest.mark.parametrize(
    ("one", "other", "is_swap"),
    [(25_000, 52_000, True), (25_000, 20_500, True), (25_000, 25_000, False), (12_300, 32_100, False), (1, 10, False)],
)
def test_swapped_digits(one: int, other: int, is_swap: bool) -> None:
    assert swapped(one, other) is is_swap


@pytest.mark.parametrize(
    ("typed", "alike"), [("H14-012", True), ("H14-102", False), ("H14-022", True), ("H14-021", False), ("", False)]
)
def test_order_numbers_that_are_nearly_ours(typed: str, alike: bool) -> None:
    assert nearly(typed, "H14-021") is alike
