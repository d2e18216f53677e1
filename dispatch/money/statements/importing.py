"""Taking in a statement, and looking at it again: what agrees becomes facts, what does not is listed with its cause."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.accounts import Accounts, CarrierAccount
from dispatch.context import Context
from dispatch.money.statements.accepting import accept
from dispatch.money.statements.known import known_orders
from dispatch.money.statements.matching import Comparison, compare
from dispatch.money.statements.reading import Line, Reading, read_statement
from dispatch.money.statements.rows import (
    Statement,
    StatementDifference,
    StatementLine,
    differences_of,
    get_statement,
    lines_of,
    open_differences,
)
from dispatch.money.statements.sheet import UnreadableFile
from dispatch.problems import Problem

_LISTED = 50
BY_ITSELF = "postal"
"""Who settles what facts that came later have explained."""


def import_statement(
    context: Context,
    account_id: str,
    name: str,
    content: bytes,
    *,
    period: tuple[date, date] | None = None,
) -> tuple[int, bool]:
    """Take in a file of an account and compare it; the same file again changes nothing. Returns id, and if it is new.

    Raises:
        Problem: the account is unknown, the file cannot be read (every cell is named), or its period is not known.
    """
    account = account_called(context.accounts, account_id)
    digest, now = hashlib.sha256(content).hexdigest(), context.clock.now()
    with context.database.read() as session:
        known = _same(session, account, digest)
    if known is not None:
        return known, False
    reading = _read(account, content)
    first, last = _period(reading, period)
    with context.database.write() as session:
        known = _same(session, account, digest)
        if known is not None:
            return known, False
        statement = Statement(
            account=account.id,
            carrier=account.carrier,
            digest=digest,
            name=name[:200],
            period_from=first,
            period_to=last,
            remitted_vnd=reading.remitted_vnd,
            imported_at=now,
        )
        session.add(statement)
        session.flush()
        session.add_all(_row(statement, line) for line in reading.lines)
        session.flush()
        _compare(session, statement, now)
        return statement.id, True


def review(context: Context) -> int:
    """Look again at every statement with an open difference: facts may have come since. Returns how many are open."""
    with context.database.read() as session:
        waiting = sorted({statement.id for _, statement in open_differences(session)})
    for statement_id in waiting:
        with context.database.write() as session:
            _compare(session, get_statement(session, statement_id), context.clock.now())
    with context.database.read() as session:
        return len(open_differences(session))


def settle_difference(
    context: Context, statement_id: int, difference_id: int, *, by: str, note: str, take: bool
) -> None:
    """Let a person settle a difference; ``take``: the statement is right, so its line becomes facts.

    Raises:
        Problem: there is no such difference, it was settled otherwise, or it has no line and order to take.
    """
    now = context.clock.now()
    with context.database.write() as session:
        statement = get_statement(session, statement_id)
        difference = session.get(StatementDifference, difference_id, with_for_update=True)
        if difference is None or difference.statement_id != statement.id:
            raise _refused("unknown-difference", f"Statement {statement_id} has no difference {difference_id}.", 404)
        if difference.settled_at is not None:
            if (difference.settled_by, difference.resolution) == (by, note):
                return
            raise _refused("difference-settled", f"It was settled by {difference.settled_by}.", 409)
        if take:
            line = next((one for one in lines_of(session, statement) if one.line == difference.line), None)
            if line is None or difference.order_number is None:
                raise _refused("difference-without-order", "There is no line of a known order to take.", 422)
            accept(session, statement, line, difference.order_number, now)
        difference.settled_at, difference.settled_by, difference.resolution = now, by, note


def account_called(accounts: Accounts, account_id: str) -> CarrierAccount:
    """Return the account.

    Raises:
        Problem: there is none of that name.
    """
    found = next((one for one in accounts.carrier_accounts if one.id == account_id), None)
    if found is None:
        names = ", ".join(one.id for one in accounts.carrier_accounts) or "none"
        raise _refused("unknown-account", f"No account '{account_id}' is configured; there are: {names}.", 404)
    return found


def _compare(session: Session, statement: Statement, now: datetime) -> None:
    rows = {row.line: row for row in lines_of(session, statement)}
    lines = [_line(row) for row in rows.values()]
    period = (statement.period_from, statement.period_to)
    known = known_orders(session, statement.account, lines, period, statement.id)
    accepted = {row.line for row in rows.values() if row.accepted_at is not None}
    comparison = compare(lines, known, period, statement.remitted_vnd, accepted)
    kept = {row.key: row for row in differences_of(session, statement)}
    _list(session, statement, comparison, kept, now)
    blamed = {row.line for row in kept.values() if row.settled_by not in (None, BY_ITSELF)}
    # By order, so that whoever locks several dossiers does it in one order.
    for number in sorted(comparison.agreed - blamed, key=lambda line: comparison.orders[line]):
        accept(session, statement, rows[number], comparison.orders[number], now)


def _list(
    session: Session,
    statement: Statement,
    comparison: Comparison,
    kept: dict[str, StatementDifference],
    now: datetime,
) -> None:
    """Add what is new; settle what is no more, unless its line was taken meanwhile (then a person has said why)."""
    found = {one.key: one for one in comparison.differences}
    for key, one in found.items():
        if key not in kept:
            values = {name: value for name, value in asdict(one).items() if name not in ("cause", "order")}
            session.add(
                StatementDifference(
                    statement_id=statement.id,
                    key=key[:160],
                    kind=one.cause,
                    order_number=one.order,
                    found_at=now,
                    **values,
                )
            )
    for key, row in kept.items():
        if key in found and row.settled_by == BY_ITSELF:
            row.settled_at = row.settled_by = row.resolution = None
        elif key not in found and row.settled_at is None:
            row.settled_at, row.settled_by, row.resolution = now, BY_ITSELF, "explained by facts that came later"
    session.flush()


def _same(session: Session, account: CarrierAccount, digest: str) -> int | None:
    return session.scalar(select(Statement.id).where(Statement.account == account.id, Statement.digest == digest))


def _read(account: CarrierAccount, content: bytes) -> Reading:
    try:
        reading = read_statement(content, account.statement_columns)
    except UnreadableFile as error:
        raise _unreadable(str(error)) from error
    if reading.errors:
        listed = [asdict(error) for error in reading.errors[:_LISTED]]
        said = "; ".join(f"line {one.line}, '{one.column}': {one.why}" for one in reading.errors[:_LISTED])
        more = len(reading.errors) - _LISTED
        raise _unreadable(said + (f"; and {more} more" if more > 0 else ""), errors=listed)
    if not reading.lines:
        raise _unreadable("it has headings and no line")
    return reading


def _period(reading: Reading, told: tuple[date, date] | None) -> tuple[date, date]:
    days = [line.day for line in reading.lines if line.day is not None]
    period = told or reading.period or ((min(days), max(days)) if days else None)
    if period is None or period[0] > period[1]:
        raise _refused("statement-period", "Neither the file nor the command tells for which days it is.", 422)
    return period


def _row(statement: Statement, line: Line) -> StatementLine:
    values = asdict(line)
    number, order = values.pop("number"), values.pop("order")
    return StatementLine(statement_id=statement.id, line=number, told_order=order, **values)


def _line(row: StatementLine) -> Line:
    return Line(
        number=row.line,
        order=row.told_order,
        waybill=row.waybill,
        collected_vnd=row.collected_vnd,
        postage_vnd=row.postage_vnd,
        remitted_vnd=row.remitted_vnd,
        refund_vnd=row.refund_vnd,
        day=row.day,
        payer=row.payer,
    )


def _unreadable(detail: str, **extra: Any) -> Problem:
    return Problem(
        "statement-unreadable",
        "The statement cannot be read",
        f"{detail}.",
        "Correct the cells that are named, or ask the operator for the file again, and import it; nothing was kept.",
        next_step_vi="Sửa các ô được nêu (hoặc xin lại tệp của bưu điện) rồi nhập lại; chưa có gì được lưu.",
        **extra,
    )


def _refused(kind: str, detail: str, status: int) -> Problem:
    return Problem(
        kind,
        "The statement cannot be handled this way",
        detail,
        "See `postal statement differences ID`; give --from and --to where the period is missing.",
        next_step_vi="Xem `postal statement differences`; nêu --from và --to nếu bảng kê không ghi kỳ.",
        status=status,
    )
