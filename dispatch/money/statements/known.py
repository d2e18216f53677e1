"""What we know of the orders that a statement may speak of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from carriers.states import ShipmentState
from config.batch import among
from config.clock import VIETNAM, local
from dispatch.money.debts import PostDebt
from dispatch.money.facts import COLLECTED, MoneyFactRow
from dispatch.money.kinds import Ledger, MoneyKind
from dispatch.money.postage import PostageTerms
from dispatch.money.statements.matching import Known
from dispatch.money.statements.reading import Line
from dispatch.money.statements.rows import Statement, StatementLine
from dispatch.shipments import Leg, Shipment


def known_orders(
    session: Session, account: str, lines: Sequence[Line], period: tuple[date, date], this: int
) -> list[Known]:
    """Return the orders of an account that lines name, and all of which the post has collected a fee in the period.

    ``this`` is the id of the statement that is compared: what it told itself was not told before.
    """
    shipments = _shipments(session, account, lines, period)
    numbers = list(shipments)
    collected, on = _collected(session, numbers)
    terms = _terms(session, shipments.values())
    refunds = _refunds(session, numbers)
    told = _told(session, numbers)
    return [
        _known(
            shipment,
            collected[number],
            on.get(number),
            terms.get((shipment.order_id, shipment.leg)),
            refunds,
            _elsewhere(told[number], this),
        )
        for number, shipment in shipments.items()
    ]


def _known(
    shipment: Shipment,
    collected_vnd: int,
    collected_on: date | None,
    terms: PostageTerms | None,
    refunds: dict[str, int],
    told: tuple[str | None, bool],
) -> Known:
    number = shipment.order_number
    return Known(
        order=number,
        waybill=shipment.waybill,
        is_return=shipment.leg is Leg.RETURN,
        cancelled=shipment.state == ShipmentState.CANCELLED,
        collected_vnd=collected_vnd,
        collected_on=collected_on,
        postage_vnd=terms.payable_vnd if terms else None,
        reduction_vnd=terms.reduction_vnd if terms else 0,
        payer=shipment.payer,
        refund_vnd=refunds.get(number, 0),
        told_in=told[0],
        told_later=told[1],
    )


def _shipments(session: Session, account: str, lines: Sequence[Line], period: tuple[date, date]) -> dict[str, Shipment]:
    named = [line.order for line in lines if line.order]
    waybills = [line.waybill for line in lines if line.waybill]
    collected = _collected_within(session, period)
    query = select(Shipment).where(Shipment.account == account)
    by_number = session.scalars(query.where(among(session, Shipment.order_number, {*named, *collected})))
    found = {shipment.order_number: shipment for shipment in by_number}
    of_operator = query.where(among(session, Shipment.waybill, set(waybills)))
    return found | {shipment.order_number: shipment for shipment in session.scalars(of_operator)}


def _collected_within(session: Session, period: tuple[date, date]) -> list[str]:
    first = datetime.combine(period[0], time.min, VIETNAM)
    after = datetime.combine(period[1], time.min, VIETNAM) + timedelta(days=1)
    query = select(MoneyFactRow.order_number).where(
        COLLECTED,
        MoneyFactRow.ledger == Ledger.FEE,
        MoneyFactRow.at >= first,
        MoneyFactRow.at < after,
        MoneyFactRow.order_number.is_not(None),
    )
    return [number for number in session.scalars(query) if number is not None]


def _collected(session: Session, numbers: Sequence[str]) -> tuple[dict[str, int], dict[str, date]]:
    query = select(MoneyFactRow).where(
        among(session, MoneyFactRow.order_number, numbers),
        MoneyFactRow.kind == MoneyKind.COLLECTED,
        MoneyFactRow.ledger == Ledger.FEE,
    )
    sums: dict[str, int] = defaultdict(int)
    first: dict[str, date] = {}
    for fact in session.scalars(query.order_by(MoneyFactRow.at)):
        sums[fact.order_number or ""] += fact.amount_vnd
        first.setdefault(fact.order_number or "", local(fact.at).date())
    return sums, first


def _terms(session: Session, shipments: Iterable[Shipment]) -> dict[tuple[str, Leg], PostageTerms]:
    orders = {shipment.order_id for shipment in shipments}
    query = select(PostageTerms).where(among(session, PostageTerms.order_id, orders))
    return {(terms.order_id, terms.leg): terms for terms in session.scalars(query)}


def _refunds(session: Session, numbers: Sequence[str]) -> dict[str, int]:
    query = select(PostDebt).where(
        among(session, PostDebt.order_number, numbers),
        PostDebt.ledger == Ledger.POSTAGE,
        PostDebt.owed_vnd > PostDebt.paid_vnd,
    )
    return {debt.order_number: debt.owed_vnd - debt.paid_vnd for debt in session.scalars(query)}


def _told(session: Session, numbers: Sequence[str]) -> dict[str, list[tuple[int, str]]]:
    """Return in which statements an order was told and accepted, oldest first."""
    query = select(StatementLine.order_number, Statement.id, Statement.name).join(
        Statement, Statement.id == StatementLine.statement_id
    )
    accepted = StatementLine.accepted_at.is_not(None)
    query = query.where(among(session, StatementLine.order_number, numbers), accepted).order_by(Statement.id)
    told: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for number, statement_id, name in session.execute(query):
        told[number or ""].append((statement_id, name))
    return told


def _elsewhere(told: Sequence[tuple[int, str]], this: int) -> tuple[str | None, bool]:
    """Return the earlier statement that told it, and whether a later one did."""
    earlier = next((f"{id} ({name})" for id, name in told if id < this), None)
    return earlier, any(id > this for id, _ in told)
