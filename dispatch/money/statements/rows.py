"""Statements of account as they are kept: every line once, and what was wrong with it until somebody has settled it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from config.database import Base, UtcDateTime
from dispatch.money.statements.matching import Cause
from dispatch.parties import Party
from dispatch.problems import Problem

UNSETTLED = text("settled_at IS NULL")
"""Differences that wait for somebody, as the index says it and every query of them has to."""


class Statement(Base):
    """One file of one operator's account; the same file again is the same statement."""

    __tablename__ = "statement"
    __table_args__ = (UniqueConstraint("account", "digest"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(String(40))
    carrier: Mapped[str] = mapped_column(String(40))
    digest: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(200))
    period_from: Mapped[date]
    period_to: Mapped[date]
    remitted_vnd: Mapped[int | None] = mapped_column(BigInteger)
    imported_at: Mapped[datetime] = mapped_column(UtcDateTime)


class StatementLine(Base):
    """One line as told; ``accepted_at`` is when its facts were recorded, and ``order_number`` whose they are."""

    __tablename__ = "statement_line"
    __table_args__ = (UniqueConstraint("statement_id", "line"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    statement_id: Mapped[int] = mapped_column(ForeignKey("statement.id"))
    line: Mapped[int]
    told_order: Mapped[str] = mapped_column(String(80))
    waybill: Mapped[str] = mapped_column(String(80))
    collected_vnd: Mapped[int] = mapped_column(BigInteger)
    postage_vnd: Mapped[int] = mapped_column(BigInteger)
    remitted_vnd: Mapped[int | None] = mapped_column(BigInteger)
    refund_vnd: Mapped[int] = mapped_column(BigInteger)
    day: Mapped[date | None]
    payer: Mapped[Party | None]
    order_number: Mapped[str | None] = mapped_column(ForeignKey("shipment.order_number"), index=True)
    accepted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class StatementDifference(Base):
    """One difference; ``key`` is the same for the same difference of a statement."""

    __tablename__ = "statement_difference"
    __table_args__ = (
        UniqueConstraint("statement_id", "key"),
        Index("ix_statement_difference_open", "found_at", sqlite_where=UNSETTLED, postgresql_where=UNSETTLED),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    statement_id: Mapped[int] = mapped_column(ForeignKey("statement.id"))
    key: Mapped[str] = mapped_column(String(160))
    kind: Mapped[Cause]
    line: Mapped[int | None]
    order_number: Mapped[str | None] = mapped_column(String(80))
    expected_vnd: Mapped[int | None] = mapped_column(BigInteger)
    stated_vnd: Mapped[int | None] = mapped_column(BigInteger)
    detail: Mapped[str] = mapped_column(String(300))
    found_at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settled_by: Mapped[str | None] = mapped_column(String(300))
    resolution: Mapped[str | None] = mapped_column(String(300))


def get_statement(session: Session, statement_id: int) -> Statement:
    """Return a statement.

    Raises:
        Problem: there is none with this id.
    """
    statement = session.get(Statement, statement_id)
    if statement is None:
        raise Problem(
            "unknown-statement",
            "Unknown statement",
            f"No statement {statement_id} has been imported.",
            "Import it with `postal statement import FILE`, which answers its id.",
            next_step_vi="Nhập bảng kê trước bằng lệnh `postal statement import`.",
            status=404,
        )
    return statement


def lines_of(session: Session, statement: Statement) -> list[StatementLine]:
    """Return a statement's lines in the file's order."""
    query = select(StatementLine).where(StatementLine.statement_id == statement.id).order_by(StatementLine.line)
    return list(session.scalars(query))


def differences_of(session: Session, statement: Statement) -> list[StatementDifference]:
    """Return all differences of a statement, settled ones among them, in the order in which they were found."""
    query = select(StatementDifference).where(StatementDifference.statement_id == statement.id)
    return list(session.scalars(query.order_by(StatementDifference.id)))


def open_differences(session: Session) -> list[tuple[StatementDifference, Statement]]:
    """Return what nobody has settled yet, oldest first."""
    query = select(StatementDifference, Statement).join(Statement, Statement.id == StatementDifference.statement_id)
    found = session.execute(query.where(UNSETTLED).order_by(StatementDifference.found_at, StatementDifference.id))
    return [(difference, statement) for difference, statement in found]
