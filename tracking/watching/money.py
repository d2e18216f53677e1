"""Money that is not where it belongs: fees not remitted, refunds not paid, statements that disagree with the facts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import date

from sqlalchemy import select

from config.clock import local
from config.errors import ConfigurationError
from dispatch.money.debts import PostDebt, open_debts
from dispatch.money.kinds import Ledger
from dispatch.money.statements.rows import open_differences
from dispatch.money.statements.words import spoken, worded
from dispatch.shipments import Shipment
from tracking.watching.items import Attention, View, item


def fees_not_remitted(view: View) -> Iterator[Attention]:
    """Collected, and not with the agency in full and on time (Decision 45/2016/QĐ-TTg Art. 7(5), 15(2))."""
    for debt in open_debts(view.session):
        if debt.ledger is not Ledger.FEE:
            continue
        due = remittance_due(view, debt)
        if view.today > due:
            late = view.office.working_time.working_days_between(due, view.today)
            yield _of(debt, "fee-not-remitted", due=f"{due:%d/%m/%Y}", days=late)


def refunds_not_paid(view: View) -> Iterator[Attention]:
    """Carried too late, and the charge is not paid back yet (Decree 47/2011/NĐ-CP Art. 25(2))."""
    for debt in open_debts(view.session):
        if debt.ledger is Ledger.POSTAGE:
            yield _of(debt, "refund-not-paid", since_day=f"{local(debt.since):%d/%m/%Y}")


def statement_differences(view: View) -> Iterator[Attention]:
    """Statements of account that disagree with the facts, until somebody has settled each difference."""
    found = open_differences(view.session)
    numbers = {difference.order_number for difference, _ in found if difference.order_number}
    query = select(Shipment.order_number, Shipment.dossier_code).where(Shipment.order_number.in_(numbers))
    dossiers = dict(view.session.execute(query).all()) if numbers else {}
    for difference, statement in found:
        words = worded(difference)
        values = {
            "statement": statement.id,
            "id": difference.id,
            "name": statement.name,
            "order": difference.order_number,
            **words,
        }
        key = f"{statement.id}:{difference.key}"
        yield item(
            "statement-difference", key, difference.found_at, values, dossiers.get(difference.order_number or "")
        )


def remittance_due(view: View, debt: PostDebt) -> date:
    """Return the last day on which a collected fee is remitted in time, by its account's agreement."""
    shipment = view.session.get(Shipment, debt.order_number)
    days = 1
    if shipment is not None:
        with suppress(ConfigurationError):  # an account that is gone: the day after, as where nothing else was agreed
            days = view.context.accounts.carrier_account_by_id(shipment.account).remit_working_days
    return view.office.working_time.add_working_days(local(debt.since).date(), days)


def _of(debt: PostDebt, kind: str, **values: object) -> Attention:
    amount = spoken(debt.owed_vnd - debt.paid_vnd)
    about = {"order": debt.order_number, "amount": amount, **values}
    return item(kind, f"{debt.order_number}:{debt.since.isoformat()}", debt.since, about, debt.dossier_code)
