"""A statement's lines against what we know: every difference with its likely cause. Pure.

Each line is matched by order number, then by waybill. What is told and what is known are compared amount by amount; of
several causes that fit, the most particular one is named (digits swapped before "another amount").
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from dispatch.money.statements.reading import Line
from dispatch.parties import Party


class Cause(StrEnum):
    """What is likely to have gone wrong."""

    UNKNOWN_ORDER = "unknown-order"
    ORDER_MISTYPED = "order-mistyped"
    DOUBLED_LINE = "doubled-line"
    TOLD_BEFORE = "told-before"
    AMOUNT_DIFFERS = "amount-differs"
    DIGITS_SWAPPED = "digits-swapped"
    NOT_IN_STATEMENT = "not-in-statement"
    NOT_COLLECTED = "not-collected"
    WRONG_PAYER = "wrong-payer"
    POSTAGE_DIFFERS = "postage-differs"
    POSTAGE_WITHHELD = "postage-withheld"
    NOT_REDUCED = "not-reduced"
    CANCELLED_CHARGED = "cancelled-charged"
    RETURN_TWICE = "return-twice"
    REMITTED_DIFFERS = "remitted-differs"
    SUM_DIFFERS = "sum-differs"
    OUTSIDE_PERIOD = "outside-period"
    REFUND_TOO_LARGE = "refund-too-large"


@dataclass(frozen=True, slots=True)
class Known:
    """What we know of an order that a statement may speak of; amounts in đồng.

    Attributes:
        collected_vnd: what the post has collected for the agency by our facts.
        collected_on: when it did.
        postage_vnd: what its payer has to pay; None where nobody has told a price.
        reduction_vnd: by how much that is less than the quote.
        refund_vnd: what of the postage the post has to pay back.
        told_in: the earlier statement in which it was told and accepted, if any.
        told_later: a later statement has told it and was accepted: whatever is wrong with it here is mended.
    """

    order: str
    waybill: str | None
    is_return: bool
    cancelled: bool
    collected_vnd: int
    collected_on: date | None
    postage_vnd: int | None
    reduction_vnd: int
    payer: Party
    refund_vnd: int = 0
    told_in: str | None = None
    told_later: bool = False


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing on which the statement and we disagree. ``line`` is None where the statement lacks it."""

    cause: Cause
    line: int | None
    order: str | None
    expected_vnd: int | None = None
    stated_vnd: int | None = None
    detail: str = ""

    @property
    def key(self) -> str:
        """The same for the same difference of a statement."""
        return f"{self.cause}:{self.line or '-'}:{self.order or '-'}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came of it: the order of each line (by line number), and all differences in the file's order."""

    orders: Mapping[int, str]
    differences: tuple[Difference, ...]

    @property
    def agreed(self) -> frozenset[int]:
        """The lines with which nothing is wrong."""
        return frozenset(self.orders) - {one.line for one in self.differences}


def compare(
    lines: Sequence[Line],
    known: Iterable[Known],
    period: tuple[date, date],
    remitted_vnd: int | None,
    accepted: Collection[int] = (),
) -> Comparison:
    """Compare lines with all orders that may be in them; ``remitted_vnd`` is what the statement gives as its sum.

    Lines that were ``accepted`` before are among our facts by now, so nothing can be wrong with them any more.
    """
    by_order = {one.order: one for one in known}
    by_waybill = {one.waybill: one for one in by_order.values() if one.waybill}
    found: list[Difference] = []
    told: dict[str, list[Line]] = defaultdict(list)
    orders: dict[int, str] = {}
    matched = [(line, by_order.get(line.order) or by_waybill.get(line.waybill)) for line in lines]
    spoken_of = {order.order for _, order in matched if order is not None}
    for line, order in matched:
        if order is None:
            found.append(_unknown(line, [one for one in by_order.values() if one.order not in spoken_of]))
            continue
        before = told[order.order]
        if not order.told_later:
            orders[line.number] = order.order
            if line.number not in accepted:
                found.extend(_again(line, order, before) if before else _differences(line, order, period))
        before.append(line)
    mistyped = {one.order for one in found if one.cause is Cause.ORDER_MISTYPED and one.order}
    found.extend(_left_out(by_order, {*told, *mistyped}, period))
    found.extend(_sum(lines, remitted_vnd))
    return Comparison(orders, tuple(found))


def _unknown(line: Line, unspoken: Sequence[Known]) -> Difference:
    """An order that nobody knows, or one that is known and was typed with a wrong or swapped digit."""
    alike = [one for one in unspoken if one.collected_vnd == line.collected_vnd and nearly(line.order, one.order)]
    swaps = [one for one in alike if _one_swap(line.order, one.order)]
    meant = swaps or alike
    if len(meant) == 1:
        detail = f"{line.order} → {meant[0].order}"
        ours = meant[0].collected_vnd
        return Difference(Cause.ORDER_MISTYPED, line.number, meant[0].order, ours, line.collected_vnd, detail)
    stated = line.collected_vnd + line.postage_vnd
    return Difference(Cause.UNKNOWN_ORDER, line.number, None, 0, stated, line.order or line.waybill)


def _again(line: Line, order: Known, before: Sequence[Line]) -> Iterator[Difference]:
    first = before[0]
    same = (line.collected_vnd, line.postage_vnd, line.day, line.waybill) == (
        *(first.collected_vnd, first.postage_vnd, first.day),
        first.waybill,
    )
    if order.is_return and not same and line.postage_vnd:
        yield Difference(
            Cause.RETURN_TWICE, line.number, order.order, first.postage_vnd, first.postage_vnd + line.postage_vnd
        )
        return
    stated = line.collected_vnd + line.postage_vnd
    yield Difference(Cause.DOUBLED_LINE, line.number, order.order, 0, stated, str(first.number))


def _differences(line: Line, order: Known, period: tuple[date, date]) -> Iterator[Difference]:
    if order.told_in is not None:
        stated = line.collected_vnd + line.postage_vnd
        yield Difference(Cause.TOLD_BEFORE, line.number, order.order, 0, stated, order.told_in)
        return
    if line.day is not None and not period[0] <= line.day <= period[1]:
        yield Difference(Cause.OUTSIDE_PERIOD, line.number, order.order, detail=f"{line.day:%d/%m/%Y}")
    if order.cancelled and (line.collected_vnd or line.postage_vnd):
        stated = line.collected_vnd + line.postage_vnd
        yield Difference(Cause.CANCELLED_CHARGED, line.number, order.order, 0, stated)
        return
    yield from _collected(line, order)
    yield from _postage(line, order)
    yield from _remitted(line)
    if line.refund_vnd > order.refund_vnd:
        yield Difference(Cause.REFUND_TOO_LARGE, line.number, order.order, order.refund_vnd, line.refund_vnd)


def _collected(line: Line, order: Known) -> Iterator[Difference]:
    ours, theirs = order.collected_vnd, line.collected_vnd
    if ours == theirs:
        return
    if ours == 0:
        cause = Cause.NOT_COLLECTED
    elif swapped(ours, theirs):
        cause = Cause.DIGITS_SWAPPED
    else:
        cause = Cause.AMOUNT_DIFFERS
    yield Difference(cause, line.number, order.order, ours, theirs)


def _postage(line: Line, order: Known) -> Iterator[Difference]:
    ours, theirs = order.postage_vnd, line.postage_vnd
    if line.payer is not None and line.payer is not order.payer and theirs:
        yield Difference(Cause.WRONG_PAYER, line.number, order.order, ours, theirs, f"{line.payer} → {order.payer}")
    elif ours is not None and theirs and ours != theirs:
        cause = Cause.DIGITS_SWAPPED if swapped(ours, theirs) else Cause.POSTAGE_DIFFERS
        if order.reduction_vnd and theirs == ours + order.reduction_vnd:
            cause = Cause.NOT_REDUCED
        yield Difference(cause, line.number, order.order, ours, theirs)


def _remitted(line: Line) -> Iterator[Difference]:
    """What is paid to the agency is what was collected for it, without the post's own charge."""
    if line.remitted_vnd is None or line.remitted_vnd == line.collected_vnd:
        return
    withheld = line.postage_vnd and line.remitted_vnd == line.collected_vnd - line.postage_vnd
    cause = Cause.POSTAGE_WITHHELD if withheld else Cause.REMITTED_DIFFERS
    yield Difference(cause, line.number, line.order or None, line.collected_vnd, line.remitted_vnd)


def _left_out(by_order: Mapping[str, Known], told: Collection[str], period: tuple[date, date]) -> Iterator[Difference]:
    for order in by_order.values():
        on = order.collected_on
        if order.order not in told and not _settled(order) and on is not None and period[0] <= on <= period[1]:
            yield Difference(Cause.NOT_IN_STATEMENT, None, order.order, order.collected_vnd, 0, f"{on:%d/%m/%Y}")


def _settled(order: Known) -> bool:
    return order.told_in is not None or order.told_later


def _sum(lines: Sequence[Line], remitted_vnd: int | None) -> Iterator[Difference]:
    added = sum(line.remitted_vnd or 0 for line in lines)
    if remitted_vnd is not None and remitted_vnd != added:
        yield Difference(Cause.SUM_DIFFERS, None, None, added, remitted_vnd)


def swapped(one: int, other: int) -> bool:
    """Whether two amounts have two neighbouring digits the other way round."""
    a, b = str(one), str(other)
    return one != other and len(a) == len(b) and _one_swap(a, b)


def nearly(typed: str, known: str) -> bool:
    """Whether a number differs from a known one by one wrong character, or two neighbours the other way round."""
    if not typed or len(typed) != len(known) or typed == known:
        return False
    return sum(a != b for a, b in zip(typed, known, strict=True)) == 1 or _one_swap(typed, known)


def _one_swap(a: str, b: str) -> bool:
    apart = [place for place in range(len(a)) if a[place] != b[place]]
    if len(apart) != 2 or apart[1] - apart[0] != 1:
        return False
    first, second = apart
    return a[first] == b[second] and a[second] == b[first]
