"""Form 02 (Phiếu yêu cầu bổ sung hồ sơ): what the counter asks for when it does not take papers, all of it at once.

Decree 61/2018/NĐ-CP Art. 15(3), 17(1)(a), and what replaced it. A form is issued once for a rejected line and never
changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from config.clock import local
from config.database import Base, UtcDateTime
from dispatch.dossiers import Dossier
from dispatch.handover_lines import Handover, HandoverLine


class SupplementForm(Base):
    """One issued form. ``items`` are the names of the papers that are missing; ``text_vi`` is what it says."""

    __tablename__ = "supplement_form"

    number: Mapped[str] = mapped_column(String(120), primary_key=True)
    line_id: Mapped[int] = mapped_column(ForeignKey("handover_line.id"), unique=True)
    dossier_code: Mapped[str] = mapped_column(ForeignKey("dossier.code"), index=True)
    items: Mapped[list[Any]]
    reason: Mapped[str | None] = mapped_column(String(300))
    officer: Mapped[str] = mapped_column(String(300))
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    legal_source: Mapped[str] = mapped_column(String(300))
    text_vi: Mapped[str] = mapped_column(Text)


def issue(
    session: Session, dossier: Dossier, handover: Handover, line: HandoverLine, legal_source: str, now: datetime
) -> SupplementForm:
    """Issue the form for a rejected line of a signed record."""
    number = f"PYCBS-{handover.number}-{line.id}"
    officer, issued_at = handover.officer or "", handover.signed_at or now
    form = SupplementForm(
        number=number,
        line_id=line.id,
        dossier_code=dossier.code,
        items=list(line.missing_papers),
        reason=line.reason,
        officer=officer,
        issued_at=issued_at,
        legal_source=legal_source,
        text_vi=_text(dossier, number, line.missing_papers, line.reason, officer, issued_at, legal_source),
    )
    session.add(form)
    session.flush()
    return form


def forms_of(session: Session, dossier_code: str) -> list[SupplementForm]:
    """Return the forms that were issued for a dossier, oldest first."""
    query = select(SupplementForm).where(SupplementForm.dossier_code == dossier_code)
    return list(session.scalars(query.order_by(SupplementForm.issued_at, SupplementForm.number)))


def _text(
    dossier: Dossier,
    number: str,
    items: Sequence[str],
    reason: str | None,
    officer: str,
    issued_at: datetime,
    legal_source: str,
) -> str:
    wanted = [f"{place}. {name}" for place, name in enumerate(items, start=1)]
    return "\n".join(
        [
            "PHIẾU YÊU CẦU BỔ SUNG, HOÀN THIỆN HỒ SƠ (mẫu số 02)",
            f"Số: {number}",
            f"{dossier.agency_name} - {local(issued_at):%H:%M ngày %d/%m/%Y}",
            f"Hồ sơ: {dossier.code}, thủ tục {dossier.procedure_name}",
            f"Người nộp: {dossier.applicant_name}",
            *(["Giấy tờ cần bổ sung:", *wanted] if wanted else []),
            *([f"Lý do: {reason}"] if reason else []),
            f"Căn cứ: {legal_source}. Thời hạn giải quyết chưa bắt đầu tính.",
            f"Người lập phiếu: {officer}",
        ]
    )
