"""What the post owes about each order: fees that it collected and has to remit, refunds, damages.

A sum of the money facts, kept beside them in the same transaction so that what is open is found by a small index.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from config.batch import Together, insert_or_update
from config.database import Base, UtcDateTime
from dispatch.dossiers import Dossier
from dispatch.money.kinds import Ledger, MoneyFact, MoneyKind
from dispatch.parties import Party

OPEN = text("owed_vnd > paid_vnd")
"""What is not paid yet, as the index says it and every query of it has to."""


class PostDebt(Base):
    """What the post owes somebody in one matter of one order; ``since`` is when the first of it fell due."""

    __tablename__ = "post_debt"
    __table_args__ = (Index("ix_post_debt_open", "since", sqlite_where=OPEN, postgresql_where=OPEN),)

    dossier_code: Mapped[str] = mapped_column(ForeignKey("dossier.code"), primary_key=True)
    order_number: Mapped[str] = mapped_column(String(80), primary_key=True)
    ledger: Mapped[Ledger] = mapped_column(primary_key=True)
    creditor: Mapped[Party] = mapped_column(primary_key=True)
    owed_vnd: Mapped[int] = mapped_column(BigInteger)
    paid_vnd: Mapped[int] = mapped_column(BigInteger)
    since: Mapped[datetime] = mapped_column(UtcDateTime)


def note_debts(session: Session, fact: MoneyFact) -> None:
    """Count a new fact."""
    holds_it = fact.kind is MoneyKind.COLLECTED and fact.via is Party.POST
    if not holds_it and fact.debtor is not Party.POST:
        return
    signed = {MoneyKind.WAIVED: -fact.amount_vnd, MoneyKind.PAID: 0}.get(fact.kind, fact.amount_vnd)
    row = {
        "dossier_code": fact.dossier_code,
        "order_number": fact.order_number or "",
        "ledger": fact.ledger,
        "creditor": fact.creditor,
        "owed_vnd": signed,
        "paid_vnd": fact.amount_vnd if fact.kind is MoneyKind.PAID else 0,
        "since": fact.at,
    }
    _add(session, row)


def open_debts(session: Session) -> list[PostDebt]:
    """Return what the post has not paid yet, oldest first."""
    return list(session.scalars(select(PostDebt).where(OPEN).order_by(PostDebt.since)))


def open_fees(session: Session, agency_code: str, most: int, orders: Collection[str] | None = None) -> list[PostDebt]:
    """Return fees that the post has collected for an agency and not remitted yet, at most ``most``, oldest first.

    With ``orders`` those of these orders alone.
    """
    query = select(PostDebt).join(Dossier).where(OPEN, PostDebt.ledger == Ledger.FEE)
    query = query.where(PostDebt.creditor == Party.AGENCY, Dossier.agency_code == agency_code)
    if orders is not None:
        query = query.where(PostDebt.order_number.in_(orders))
    return list(session.scalars(query.order_by(PostDebt.since, PostDebt.order_number).limit(most)))


def _write(session: Session, rows: list[dict[str, Any]]) -> None:
    statement = insert_or_update(session, PostDebt)
    grown = {name: getattr(PostDebt, name) + getattr(statement.excluded, name) for name in ("owed_vnd", "paid_vnd")}
    keys = ["dossier_code", "order_number", "ledger", "creditor"]
    session.execute(statement.on_conflict_do_update(index_elements=keys, set_=grown), rows)


_add: Together[dict[str, Any]] = Together(_write)
