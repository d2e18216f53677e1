"""The stop notice (form 05, Thông báo dừng giải quyết hồ sơ) as text: what it says, who issued it and why.

Decree 118/2025/NĐ-CP Art. 21; Circular 03/2025/TT-VPCP Art. 7.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from config.clock import local
from config.database import Base, UtcDateTime
from tracking.event_facts import Case

FORM = "05"


class StopNotice(Base):
    """One notice. It names the dossier, not the person: whom it concerns stands in the dossier."""

    __tablename__ = "stop_notice"

    id: Mapped[str] = mapped_column(String(200), primary_key=True)
    dossier_code: Mapped[str] = mapped_column(ForeignKey("dossier.code"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    officer: Mapped[str] = mapped_column(String(300))
    legal_source: Mapped[str] = mapped_column(String(300))
    text_vi: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)


def issue(session: Session, case: Case, legal_source: str) -> None:
    """Write down the notice of a withdrawal, once for each."""
    if session.get(StopNotice, case.fact_id) is not None:
        return
    dossier, form = case.dossier, case.form
    text = (
        f"THÔNG BÁO DỪNG GIẢI QUYẾT HỒ SƠ (mẫu {FORM}). {dossier.agency_name} dừng giải quyết hồ sơ {dossier.code} "
        f"từ {local(form.at):%H:%M ngày %d/%m/%Y} theo đề nghị của người nộp hồ sơ. "
        f"Lý do: {form.reason or 'người nộp rút hồ sơ'}. Căn cứ: {legal_source}. Cán bộ: {form.officer}."
    )
    notice = StopNotice(
        id=case.fact_id,
        dossier_code=dossier.code,
        at=form.at,
        officer=form.officer,
        legal_source=legal_source,
        text_vi=text,
        recorded_at=case.now,
    )
    session.add(notice)
    session.flush()


def notices_of(session: Session, dossier_code: str) -> list[StopNotice]:
    """Return the stop notices of a dossier in the order in which they were issued."""
    query = select(StopNotice).where(StopNotice.dossier_code == dossier_code)
    return list(session.scalars(query.order_by(StopNotice.at, StopNotice.id)))
