"""Statements of account: what each operator says that it has collected, with seeded errors that must all be found."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from carriers.states import ShipmentState as State
from config.clock import local
from dispatch.money.statements.importing import import_statement, settle_difference
from dispatch.money.statements.matching import Cause, Difference
from dispatch.money.statements.rows import open_differences
from dispatch.shipments import BEFORE_COLLECTION, Leg, Shipment
from worker.runtime import Runtime
from worker.simulation.post import Branch
from worker.simulation.requests import OFFICER
from worker.simulation.truth import StatementTruth
from worker.simulation.world import World

_ROUND = time(15, 10)
_EVERY, _AFTER = timedelta(days=14), timedelta(days=4)
"""How often a statement is made, and how long after its last day."""

_WRONG, _STRANGE, _SUM_OFF = 0.5, 0.4, 0.3
_HEAD = "Số đơn hàng;Ngày thu;Phí, lệ phí thu hộ (đ);Đã nộp (đ)"
_UNKNOWN = "H99.99-200101-9999-S1"


@dataclass(frozen=True, slots=True)
class _Entry:
    """A fee that an operator has collected, as a line of its statement tells it."""

    order: str
    day: date
    collected_vnd: int
    remitted_vnd: int

    def __str__(self) -> str:
        return f"{self.order};{self.day:%d/%m/%Y};{self.collected_vnd};{self.remitted_vnd}"


@dataclass
class _Sheet:
    """A statement while somebody writes it who makes mistakes."""

    lines: list[str]
    wrong: set[str] = field(default_factory=set)
    spoilt: set[str] = field(default_factory=set)
    total_vnd: int = 0

    def write(self, entry: _Entry, cause: Cause | None = None, order: str | None = None) -> None:
        """Add a line; ``cause`` is what is wrong with it, of the ``order`` that is meant."""
        self.lines.append(str(entry))
        self.total_vnd += entry.remitted_vnd
        if cause is not None:
            self.spoil(cause, len(self.lines), order)

    def spoil(self, cause: Cause, line: int | None, order: str | None) -> None:
        self.wrong.add(Difference(cause, line, order).key)
        self.spoilt |= {order} if order else set()


class Accountants:
    """Whoever writes the operators' statements, and whoever at the one-stop settles what is wrong with them."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._since = local(world.now()).date()

    def begin(self) -> None:
        """Plan the statements and the rounds of the desk."""
        self._world.agenda.add(self._world.now() + _EVERY, self._close_the_books)
        self._look_again()

    def _close_the_books(self) -> None:
        last = local(self._world.now() - _AFTER).date()
        for branch in self._world.post:
            self._state(branch, self._since, last)
        self._since = last + timedelta(days=1)
        self._world.agenda.add(self._world.now() + _EVERY, self._close_the_books)

    def _state(self, branch: Branch, first: date, last: date) -> None:
        entries = [one for one in _collected(self._world, branch) if first <= one.day <= last]
        draw = self._world.chance.of("statement", branch.name, last)
        sheet = _written(entries, (first, last), draw)
        name = f"{branch.name} {first:%d-%m} {last:%d-%m}.csv"
        said = StatementTruth(branch.account.id, name, frozenset(sheet.wrong), frozenset(sheet.spoilt))
        if not sheet.total_vnd:
            return  # nothing is told of, so nobody sends a statement
        content = "\n".join(sheet.lines).encode()
        self._world.truth.statements.append(said)

        def taken_in(runtime: Runtime) -> tuple[int, bool]:
            return import_statement(runtime.context, said.account, name, content)

        self._world.insist(f"the statement {name} is taken in ({len(sheet.wrong)} errors)", taken_in)

    def _look_again(self) -> None:
        """Once a day somebody settles what the operator has admitted: the errors that were made."""
        self._world.agenda.add(self._world.hours.next_round(self._world.now(), _ROUND), self._look_again)
        with self._world.system.web.runtime.context.database.read() as session:
            admitted = [
                (statement.id, one.id, one.key)
                for one, statement in open_differences(session)
                if any(one.key in said.wrong and said.is_called(statement) for said in self._world.truth.statements)
            ]
        for statement, difference, key in admitted:
            self._settle(statement, difference, key)

    def _settle(self, statement: int, difference: int, key: str) -> None:
        note = "bưu điện đã nhận sai sót"

        def settled(runtime: Runtime) -> None:
            settle_difference(runtime.context, statement, difference, by=OFFICER, note=note, take=False)

        self._world.insist(f"{key} of statement {statement} is settled", settled, refused=lambda _problem: None)


def _collected(world: World, branch: Branch) -> Iterator[_Entry]:
    """Return what an operator has collected by its own books: with the papers, or with the result at the door."""
    with world.system.web.runtime.context.database.read() as session:
        query = select(Shipment).where(Shipment.account == branch.account.id, Shipment.cod_vnd > 0)
        orders = [
            (one.order_number, one.rides_with or one.order_number, one.leg, one.cod_vnd)
            for one in session.scalars(query.order_by(Shipment.order_number))
        ]
    for number, parcel, leg, vnd in orders:
        at = _taken_at(branch.reports(parcel), leg)
        if at is not None:
            yield _Entry(number, local(at).date(), vnd, vnd)


def _taken_at(reports: Sequence[tuple[datetime, State | None]], leg: Leg) -> datetime | None:
    if leg is Leg.RETURN:
        return next((at for at, state in reports if state is State.DELIVERED), None)
    before = {*BEFORE_COLLECTION, State.CANCELLED, None}
    return next((at for at, state in reports if state not in before), None)


def _written(entries: Sequence[_Entry], period: tuple[date, date], draw: random.Random) -> _Sheet:
    sheet = _Sheet([f"Từ ngày {period[0]:%d/%m/%Y} đến ngày {period[1]:%d/%m/%Y};;;", _HEAD])
    for entry in entries:
        if draw.random() < _WRONG:
            _write_wrong(sheet, entry, period[0], draw.choice(_ERRORS))
        else:
            sheet.write(entry)
    if draw.random() < _STRANGE:
        sheet.write(_Entry(_UNKNOWN, period[1], 12_000, 12_000), Cause.UNKNOWN_ORDER)
    total = sheet.total_vnd
    if draw.random() < _SUM_OFF:
        total += 7_000
        sheet.spoil(Cause.SUM_DIFFERS, None, None)
    sheet.lines.append(f"Tổng cộng;;;{total}")
    return sheet


_ERRORS = (
    Cause.AMOUNT_DIFFERS,
    Cause.DOUBLED_LINE,
    Cause.ORDER_MISTYPED,
    Cause.NOT_IN_STATEMENT,
    Cause.REMITTED_DIFFERS,
    Cause.OUTSIDE_PERIOD,
)


def _write_wrong(sheet: _Sheet, entry: _Entry, first: date, cause: Cause) -> None:
    """Write a line with one error in it, or leave it out."""
    more = entry.collected_vnd + 1_000
    if cause is Cause.NOT_IN_STATEMENT:
        sheet.spoil(cause, None, entry.order)
        return
    if cause is Cause.DOUBLED_LINE:
        sheet.write(entry)
    wrong = {
        Cause.AMOUNT_DIFFERS: replace(entry, collected_vnd=more, remitted_vnd=more),
        Cause.ORDER_MISTYPED: replace(entry, order=f"{entry.order[:2]}X{entry.order[3:]}"),
        Cause.REMITTED_DIFFERS: replace(entry, remitted_vnd=entry.remitted_vnd - 1_000),
        Cause.OUTSIDE_PERIOD: replace(entry, day=first - timedelta(days=3)),
    }
    sheet.write(wrong.get(cause, entry), cause, entry.order)
