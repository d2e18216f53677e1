"""The tables of handover records and their lines."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from config.database import Base, UtcDateTime
from dispatch.fault import FaultReason
from dispatch.forms import Direction
from dispatch.parties import Party

_REJECTED = text("accepted IS 0"), text("accepted IS FALSE")
"""As each database is asked for them, SQLite first."""
_UNCLEAR = text("fault_reason IS NOT NULL AND fault IS NULL")


class Handover(Base):
    """One record between one agency and one operator; ``sealed``: its lines are parcels that the agency has sealed."""

    __tablename__ = "handover"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(80), unique=True)
    agency_code: Mapped[str] = mapped_column(String(60), index=True)
    carrier: Mapped[str] = mapped_column(String(40))
    direction: Mapped[Direction]
    drawn_up_at: Mapped[datetime] = mapped_column(UtcDateTime)
    signed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    officer: Mapped[str | None] = mapped_column(String(300))
    postman: Mapped[str | None] = mapped_column(String(300))
    signature_digest: Mapped[str | None] = mapped_column(String(64))
    sealed: Mapped[bool] = mapped_column(default=False, server_default=false())


class HandoverLine(Base):
    """One dossier's papers in a record. ``accepted`` is empty until both sides have signed.

    ``fault`` is who pays for carrying rejected papers again, by the facts of that moment, and ``fault_reason`` which
    facts these are; without a party a person names it (:mod:`dispatch.rejections`).
    """

    __tablename__ = "handover_line"
    __table_args__ = (
        UniqueConstraint("handover_id", "order_number"),
        Index("ix_handover_line_rejected", "order_number", sqlite_where=_REJECTED[0], postgresql_where=_REJECTED[1]),
        Index("ix_handover_line_unclear", "id", sqlite_where=_UNCLEAR, postgresql_where=_UNCLEAR),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    handover_id: Mapped[int] = mapped_column(ForeignKey("handover.id"), index=True)
    order_number: Mapped[str] = mapped_column(ForeignKey("shipment.order_number"), index=True)
    accepted: Mapped[bool | None]
    reason: Mapped[str | None] = mapped_column(String(300))
    missing_papers: Mapped[list[Any]]
    discrepancy: Mapped[str | None] = mapped_column(String(300))
    seal_intact: Mapped[bool | None]
    fault: Mapped[Party | None]
    fault_reason: Mapped[FaultReason | None]
