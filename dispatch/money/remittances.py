"""Receipts of the agency for collected fees that the post has remitted (Decision 45/2016/QĐ-TTg Art. 7(5), 15(2))."""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import date, datetime, time

from sqlalchemy import BigInteger, ForeignKey, String, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from config.clock import VIETNAM, local
from config.database import Base, UtcDateTime
from dispatch.dossiers import get_dossier
from dispatch.money.fees import IN_FULL_AND_ON_TIME, collected, fee_remitted
from dispatch.money.forms import RemittanceForm
from dispatch.problems import Problem
from dispatch.shipment_queries import get_shipment
from dispatch.shipments import Shipment


class Remittance(Base):
    """One receipt of an agency."""

    __tablename__ = "remittance"
    __table_args__ = (UniqueConstraint("agency_code", "reference"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    agency_code: Mapped[str] = mapped_column(String(60))
    reference: Mapped[str] = mapped_column(String(100))
    received_on: Mapped[date]
    amount_vnd: Mapped[int] = mapped_column(BigInteger)
    officer: Mapped[str] = mapped_column(String(300))
    digest: Mapped[str] = mapped_column(String(64))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RemittanceLine(Base):
    """What one order has in it; ``open_vnd`` is what was still missing of it afterwards (below nothing: too much)."""

    __tablename__ = "remittance_line"

    id: Mapped[int] = mapped_column(primary_key=True)
    remittance_id: Mapped[int] = mapped_column(ForeignKey("remittance.id"), index=True)
    order_number: Mapped[str] = mapped_column(ForeignKey("shipment.order_number"), index=True)
    amount_vnd: Mapped[int] = mapped_column(BigInteger)
    open_vnd: Mapped[int] = mapped_column(BigInteger)


def confirm_remittance(
    session: Session, form: RemittanceForm, now: datetime
) -> tuple[Remittance, list[RemittanceLine], bool]:
    """Record a receipt with its lines; the same again changes nothing. Tells whether it is new.

    Raises:
        Problem: the sum is not that of the lines, an order is unknown, doubled or another agency's, the day has not
            come yet, or the reference was used for another receipt.
    """
    digest = hashlib.sha256(form.model_dump_json().encode()).hexdigest()
    same = select(Remittance).where(Remittance.agency_code == form.agency, Remittance.reference == form.reference)
    known = session.scalar(same)
    if known is not None:
        if known.digest != digest and not _says_the_same(session, known, form):
            raise _problem("remittance-reference", f"Receipt '{form.reference}' was told before otherwise.", status=409)
        return known, lines_of(session, known), False
    shipments = _checked(session, form, now)
    receipt = Remittance(
        agency_code=form.agency,
        reference=form.reference,
        received_on=form.received_on,
        amount_vnd=form.amount_vnd,
        officer=form.officer,
        digest=digest,
        recorded_at=now,
    )
    session.add(receipt)
    session.flush()
    at = min(datetime.combine(form.received_on, time(12), VIETNAM), now)
    for line in form.lines:
        _record(session, receipt, shipments[line.order], line.amount_vnd, at, now)
    return receipt, lines_of(session, receipt), True


def lines_of(session: Session, receipt: Remittance) -> list[RemittanceLine]:
    """Return a receipt's lines in their order."""
    query = select(RemittanceLine).where(RemittanceLine.remittance_id == receipt.id).order_by(RemittanceLine.id)
    return list(session.scalars(query))


def receipts(session: Session, agency_code: str, most: int) -> list[Remittance]:
    """Return an agency's newest receipts, at most ``most``."""
    query = select(Remittance).where(Remittance.agency_code == agency_code)
    return list(session.scalars(query.order_by(Remittance.id.desc()).limit(most)))


def _says_the_same(session: Session, known: Remittance, form: RemittanceForm) -> bool:
    """Whether a form tells of the money that is known, whoever of the agency's officers tells, in whichever order."""
    told = sorted((line.order, line.amount_vnd) for line in form.lines)
    lines = sorted((line.order_number, line.amount_vnd) for line in lines_of(session, known))
    return (known.received_on, known.amount_vnd, lines) == (form.received_on, form.amount_vnd, told)


def _record(
    session: Session, receipt: Remittance, shipment: Shipment, amount_vnd: int, at: datetime, now: datetime
) -> None:
    told = session.scalar(
        select(func.sum(RemittanceLine.amount_vnd)).where(RemittanceLine.order_number == shipment.order_number)
    )
    total = int(told or 0) + amount_vnd
    evidence = f"receipt {receipt.reference} of {receipt.agency_code}, {receipt.officer}"
    fee_remitted(session, shipment, total, at, evidence, now)
    open_vnd = collected(session, shipment) - total
    session.add(
        RemittanceLine(
            remittance_id=receipt.id, order_number=shipment.order_number, amount_vnd=amount_vnd, open_vnd=open_vnd
        )
    )
    session.flush()


def _checked(session: Session, form: RemittanceForm, now: datetime) -> dict[str, Shipment]:
    total = sum(line.amount_vnd for line in form.lines)
    if total != form.amount_vnd:
        raise _problem("remittance-sum", f"{form.amount_vnd} đồng came, and the lines add up to {total} đồng.")
    if form.received_on > local(now).date():
        raise _problem("remittance-in-future", f"{form.received_on:%d/%m/%Y} has not come yet.")
    counts = Counter(line.order for line in form.lines)
    if doubled := sorted(order for order, count in counts.items() if count > 1):
        raise _problem("remittance-doubled-order", f"Told more than once: {', '.join(doubled)}.")
    shipments = {order: get_shipment(session, order) for order in sorted(counts)}
    for code in sorted({shipment.dossier_code for shipment in shipments.values()}):
        if get_dossier(session, code, lock=True).agency_code != form.agency:
            raise _problem("remittance-agency", f"Dossier {code} is another agency's than {form.agency}.", status=409)
    return shipments


def _problem(kind: str, detail: str, status: int = 422) -> Problem:
    return Problem(
        kind,
        "The receipt cannot be recorded",
        f"{detail} ({IN_FULL_AND_ON_TIME})",
        "Compare the receipt with the post's list, correct the line that is named, and send it again.",
        next_step_vi="Đối chiếu biên lai với bảng kê của bưu điện, sửa dòng được nêu rồi gửi lại.",
        status=status,
    )
