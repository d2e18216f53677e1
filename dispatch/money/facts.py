"""What happened to money, as facts. They only ever grow; a wrong one is answered by another.

Postage and fee are two matters (Decision 45/2016/QĐ-TTg Art. 6(6), 12(3)); what is paid for loss, damage or delay is a
third. Amounts are whole đồng.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, insert, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from config.batch import RowsOf, Together, among, write_rows
from config.database import Base, UtcDateTime
from dispatch.dossiers import Dossier
from dispatch.money.debts import note_debts
from dispatch.money.kinds import Ledger, MoneyFact, MoneyKind
from dispatch.parties import Party

__all__ = ["COLLECTED", "Ledger", "MoneyFact", "MoneyFactRow", "MoneyKind", "money_of", "record_money"]


COLLECTED = text("kind = 'collected'")
"""What the post has collected, as the index says it by which statements are compared."""


class MoneyFactRow(Base):
    """One stored :class:`MoneyFact`."""

    __tablename__ = "money_fact"
    __table_args__ = (Index("ix_money_fact_collected", "at", sqlite_where=COLLECTED, postgresql_where=COLLECTED),)

    id: Mapped[str] = mapped_column(String(200), primary_key=True)
    ledger: Mapped[Ledger]
    kind: Mapped[MoneyKind]
    dossier_code: Mapped[str] = mapped_column(ForeignKey("dossier.code"), index=True)
    order_number: Mapped[str | None] = mapped_column(String(80), index=True)
    debtor: Mapped[Party]
    creditor: Mapped[Party]
    via: Mapped[Party | None]
    amount_vnd: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    evidence: Mapped[str] = mapped_column(String(300))
    legal_source: Mapped[str] = mapped_column(String(300))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)


def record_money(session: Session, fact: MoneyFact, now: datetime) -> bool:
    """Append a fact; one with a known id is the same fact. Tells whether it is new."""
    if any(known.id == fact.id for known in _FACTS.of(session, fact.dossier_code)):
        return False
    _FACTS.add(session, fact.dossier_code, fact)
    _insert(session, {**asdict(fact), "recorded_at": now})
    note_debts(session, fact)
    return True


def money_of(session: Session, dossier_code: str) -> list[MoneyFact]:
    """Return what happened to the money of a dossier, in the order in which it happened."""
    return sorted(_FACTS.of(session, dossier_code), key=lambda fact: (fact.at, fact.id))


def _read(session: Session, dossier_codes: Collection[str]) -> Iterable[tuple[str, MoneyFact]]:
    query = select(MoneyFactRow).where(among(session, MoneyFactRow.dossier_code, dossier_codes))
    return ((row.dossier_code, _fact(row)) for row in session.scalars(query))


def _fact(row: MoneyFactRow) -> MoneyFact:
    return MoneyFact(**{name: getattr(row, name) for name in MoneyFact.__slots__})


_FACTS = RowsOf(Dossier, _read)
_insert: Together[dict[str, Any]] = Together(lambda session, rows: write_rows(session, insert(MoneyFactRow), rows))
