"""Papers that the post carries from one agency to another, on the agency's request, in linked procedures (liên thông).

Decision 45/2016/QĐ-TTg Art. 16(2). The dossier's time is not touched by it: the agencies' time limits run as before.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from config.accounts import Accounts, Desk
from config.database import Base, UtcDateTime
from dispatch import custody
from dispatch.checklist_choice import same_name
from dispatch.citizens import Citizen
from dispatch.dossiers import Dossier, DossierPaper, get_dossier
from dispatch.forms import AgencyForm, CarrierName, Code, Service, Text
from dispatch.generations import fresh
from dispatch.orders import PostalOrder, refuse_live_leg
from dispatch.problems import Problem
from dispatch.routing import Need, Operators, choose, record, zone_between
from dispatch.shipment_queries import current_shipment
from dispatch.shipments import Leg, Shipment, order_number

RULE = "Decision 45/2016/QĐ-TTg Art. 16(2)"


class TransferForm(BaseModel):
    """``POST /v1/orders/transfer``. Without ``papers``, all that the first agency holds of the dossier goes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    dossier: Code
    from_agency: AgencyForm
    to_agency: AgencyForm
    papers: Annotated[list[Text], Field(max_length=100)] = Field(default_factory=list)
    reason: Text
    carrier: CarrierName | None = None


class Transfer(Base):
    """Between whom an order carries papers, and which; every generation of its leg carries the same."""

    __tablename__ = "transfer"

    order_id: Mapped[str] = mapped_column(ForeignKey("postal_order.id"), primary_key=True)
    from_agency: Mapped[str] = mapped_column(String(60), index=True)
    from_name: Mapped[str] = mapped_column(String(300))
    to_agency: Mapped[str] = mapped_column(String(60), index=True)
    to_name: Mapped[str] = mapped_column(String(300))
    papers: Mapped[list[Any]]
    reason: Mapped[str] = mapped_column(String(300))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)


def place_transfer(
    session: Session, accounts: Accounts, form: TransferForm, now: datetime, operators: Operators
) -> tuple[PostalOrder, Shipment]:
    """Take an agency's order; it is booked at once.

    Raises:
        Problem: the dossier is unknown, a transfer is under way, the first agency does not hold the papers, or no desk
            is known of an agency.
    """
    dossier = get_dossier(session, form.dossier, lock=True)
    refuse_live_leg(session, dossier, Leg.TRANSFER)
    papers = _held(session, dossier, form)
    # The account's own desk is where its operator comes by default, so that is where the other agency must not be.
    need = Need(form.from_agency.code, Leg.TRANSFER, _province(accounts, form), form.carrier)
    choice = choose(session, accounts, need, now, operators.is_left_alone, operators.serves)
    start = accounts.desk_of(form.from_agency.code, choice.account.carrier) or choice.account.desk
    end = _end(accounts, form, choice.account.carrier, start)
    order = PostalOrder(
        id=uuid.uuid4().hex, dossier_code=dossier.code, service=Service.TRANSFER, fee_by_post=False, placed_at=now
    )
    session.add(order)
    session.flush()
    session.add(_transfer(order, form, papers, now))
    before = current_shipment(session, dossier.code, Leg.TRANSFER)
    generation = before.generation + 1 if before else 1
    shipment = Shipment(
        order_number=order_number(dossier.code, Leg.TRANSFER, generation),
        order_id=order.id,
        dossier_code=dossier.code,
        leg=Leg.TRANSFER,
        generation=generation,
        carrier=choice.account.carrier,
        account=choice.account.id,
        citizen=_at_the_other_end(form.to_agency, end).to_text(),
        contents=[[paper.name, paper.originals, paper.copies] for paper in papers],
        cod_vnd=0,
        zone=zone_between(choice.account, end.province_code),
        **fresh(now),
    )
    shipment.book_at = shipment.next_at = now
    session.add(shipment)
    session.flush()
    record(session, shipment.order_number, choice, now)
    session.flush()
    return order, shipment


def transfer_of(session: Session, shipment: Shipment) -> Transfer:
    """Return between whom a transfer's shipment goes."""
    return session.get_one(Transfer, shipment.order_id)


def carried_papers(session: Session, shipment: Shipment) -> list[DossierPaper]:
    """Return the papers of a transfer that have not arrived: its first agency holds them, or the operator."""
    transfer = transfer_of(session, shipment)
    under_way = {custody.agency(transfer.from_agency), custody.post(shipment.carrier)}
    held = custody.holdings(session, shipment.dossier_code)
    return [h.paper for h in held if h.paper.name in transfer.papers and h.holder in under_way]


def _held(session: Session, dossier: Dossier, form: TransferForm) -> Sequence[DossierPaper]:
    held = custody.held_by(session, dossier.code, custody.agency(form.from_agency.code))
    wanted = [paper for paper in held if any(same_name(paper.name, name) for name in form.papers)]
    papers = wanted if form.papers else held
    absent = [name for name in form.papers if not any(same_name(paper.name, name) for paper in held)]
    if absent or not papers or form.from_agency.code == form.to_agency.code:
        what = f"it does not hold: {', '.join(absent)}" if absent else "it holds no paper to send to another agency"
        raise Problem(
            "nothing-to-transfer",
            "The agency cannot send these papers on",
            f"Agency {form.from_agency.code}, dossier {dossier.code}: {what} ({RULE}).",
            "Name the agency that holds the papers, another one as the receiver, and papers from the dossier's list.",
            next_step_vi="Chọn đúng cơ quan đang giữ giấy tờ, cơ quan nhận khác, và giấy tờ có trong hồ sơ.",
            status=409,
            absent=absent,
        )
    return papers


def _province(accounts: Accounts, form: TransferForm) -> str:
    """Return where the papers go, as far as that is known before an operator is chosen."""
    desks = (accounts.desk_of(form.to_agency.code, account.carrier) for account in accounts.carrier_accounts)
    desk = next((desk for desk in desks if desk is not None), None)
    if desk is None:
        raise _no_desk(form.to_agency)
    return desk.province_code


def _end(accounts: Accounts, form: TransferForm, carrier: str, start: Desk) -> Desk:
    desk = accounts.desk_of(form.to_agency.code, carrier)
    if desk is None or desk == start:
        raise _no_desk(form.to_agency)
    return desk


def _no_desk(agency: AgencyForm) -> Problem:
    return Problem(
        "no-agency-desk",
        "Nobody knows where that agency's desk is",
        f"No desk of agency {agency.code} is configured, or it is the desk from which the papers go.",
        "Ask operations to add an [[agency_desks]] entry for the agency.",
        next_step_vi="Đề nghị bộ phận vận hành khai báo địa chỉ bộ phận một cửa của cơ quan nhận.",
    )


def _at_the_other_end(agency: AgencyForm, desk: Desk) -> Citizen:
    return Citizen(agency.name, desk.phone, desk.address, "new2", desk.province_code, "", "")


def _transfer(order: PostalOrder, form: TransferForm, papers: Sequence[DossierPaper], now: datetime) -> Transfer:
    return Transfer(
        order_id=order.id,
        from_agency=form.from_agency.code,
        from_name=form.from_agency.name,
        to_agency=form.to_agency.code,
        to_name=form.to_agency.name,
        papers=[paper.name for paper in papers],
        reason=form.reason,
        asked_at=now,
    )
