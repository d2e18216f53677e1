"""Slip and label of a shipment, gathered from what is stored of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from carriers import registry
from carriers.contract import Party as End
from carriers.states import ShipmentState
from config.accounts import Accounts
from dispatch.contacts import mask_phone, national_phone
from dispatch.documents.contents import Bilingual, LabelContent, PaperLine, Person, SlipContent
from dispatch.documents.document import Document, written
from dispatch.documents.kinds import DocumentKind, Validity
from dispatch.documents.signed_counts import signed_count
from dispatch.dossiers import Dossier, get_dossier
from dispatch.forms import Direction, Service
from dispatch.handovers import papers_in
from dispatch.money.postage import terms_of
from dispatch.money.statements.words import spoken as dong
from dispatch.orders import get_order
from dispatch.parties import Party
from dispatch.problems import Problem
from dispatch.requests import ends_of
from dispatch.riders import carrier_of
from dispatch.shipment_queries import get_shipment
from dispatch.shipments import Leg, Shipment
from dispatch.transfers import transfer_of

_SERVICES = {
    Service.SEND: Bilingual("Gửi hồ sơ", "send the papers"),
    Service.RECEIVE: Bilingual("Nhận kết quả", "receive the result"),
    Service.BOTH: Bilingual("Gửi hồ sơ và nhận kết quả", "send the papers and receive the result"),
    Service.TRANSFER: Bilingual("Chuyển giữa hai cơ quan", "between two agencies"),
}
_PAYERS = {
    Party.CITIZEN: Bilingual("người dân trả", "paid by the citizen"),
    Party.AGENCY: Bilingual("cơ quan trả", "paid by the agency"),
    Party.POST: Bilingual("bưu điện chịu", "borne by the post"),
    Party.NOBODY: Bilingual("không thu", "nobody pays"),
}
_BY_TARIFF = "theo bảng giá niêm yết của bưu điện / by the operator's published tariff"


@dataclass(frozen=True, slots=True)
class Promise:
    """What the post promises for a shipment, and what may be asked for when it is not kept."""

    quality: Bilingual
    rights: tuple[Bilingual, ...]


def slip(
    session: Session, accounts: Accounts, order_number: str, promise_of: Callable[[Shipment], Promise], lookup: str
) -> Document:
    """Gather the slip of a shipment: what was signed, or what is to be signed.

    Raises:
        Problem: there is no such order, or no result yet that could be sent.
    """
    shipment = get_shipment(session, order_number)
    dossier = get_dossier(session, shipment.dossier_code)
    promise = promise_of(shipment)
    sender, receiver = ends_of(session, accounts, shipment)
    terms, signed = terms_of(session, shipment), signed_count(session, shipment)
    price = terms.payable_vnd if terms else None
    content = SlipContent(
        order_number=order_number,
        waybill=carrier_of(session, shipment).waybill or "",
        dossier=dossier.code,
        leg=shipment.leg,
        procedure=dossier.procedure_name,
        agency=dossier.agency_name,
        carrier=carrier_title(shipment.carrier),
        sender=_person(sender),
        receiver=_person(receiver),
        papers=signed.papers if signed else _to_count(session, shipment),
        missing=signed.missing if signed else (),
        placed_at=written(shipment.created_at),
        pickup=pickup_words(shipment),
        service=_SERVICES[get_order(session, shipment.order_id).service],
        price=dong(price) if price is not None else _BY_TARIFF,
        payer=_PAYERS[shipment.payer],
        to_collect=dong(shipment.cod_vnd) if shipment.cod_vnd else "",
        quality=promise.quality,
        rights=promise.rights,
        signatures=signed.signatures if signed else None,
        lookup=lookup,
        qr=order_number,
    )
    validity = Validity.SIGNED if signed else Validity.DRAFT
    agency = _agency_of(session, shipment, dossier)
    return Document.of(DocumentKind.SLIP, order_number, agency, validity, content)


def label(session: Session, accounts: Accounts, order_number: str) -> Document:
    """Gather the label of a parcel.

    Raises:
        Problem: there is no such order, it is over, or its papers lie in the parcel of another.
    """
    shipment = get_shipment(session, order_number)
    _check_has_label(shipment)
    dossier, parcel = get_dossier(session, shipment.dossier_code), [shipment, *_riders(session, shipment)]
    sender, receiver = ends_of(session, accounts, shipment)
    collect = sum(one.cod_vnd for one in parcel)
    content = LabelContent(
        order_number=order_number,
        waybill=shipment.waybill or "",
        dossier=dossier.code,
        carrier=carrier_title(shipment.carrier),
        sender=_person(sender, hidden=shipment.leg is Leg.SEND),
        receiver=_person(receiver, hidden=shipment.leg is Leg.RETURN),
        to_collect=dong(collect) if collect else "",
        priority=any(one.priority for one in parcel),
        parcel_of=len(parcel),
        barcode=shipment.waybill or order_number,
        qr=order_number,
    )
    agency = _agency_of(session, shipment, dossier)
    return Document.of(DocumentKind.LABEL, order_number, agency, Validity.PLAIN, content)


def carrier_title(name: str) -> str:
    """Return what people call an operator; its name here, where it is no longer installed."""
    return registry.plugin(name).title if name in registry.names() else name


def pickup_words(shipment: Shipment) -> str:
    """Return when the postman should come, as far as that is planned."""
    return f"{written(shipment.pickup_on)} {shipment.pickup_window or ''}".strip()


def _agency_of(session: Session, shipment: Shipment, dossier: Dossier) -> str:
    return transfer_of(session, shipment).from_agency if shipment.leg is Leg.TRANSFER else dossier.agency_code


def _riders(session: Session, shipment: Shipment) -> Iterable[Shipment]:
    """What lies in its parcel beside it; nobody decides about it here, so nothing is locked."""
    return (
        session.scalars(select(Shipment).where(Shipment.rides_with == shipment.order_number))
        if shipment.carries
        else ()
    )


def _person(end: End, *, hidden: bool = False) -> Person:
    if hidden:
        return Person(end.name, end.address, mask_phone(end.phone))
    return Person(end.name, end.address, national_phone(end.phone), end.email or "")


def _to_count(session: Session, shipment: Shipment) -> tuple[PaperLine, ...]:
    if shipment.leg is Leg.SEND:
        return tuple(PaperLine(*line) for line in shipment.contents)
    papers = papers_in(session, shipment, Direction.TO_POST)
    if not papers or shipment.waits_for_result:
        raise Problem(
            "nothing-to-send-yet",
            "There is nothing yet that this slip could list",
            f"Order {shipment.order_number} is '{shipment.state}': the agency has no result or papers for the post.",
            "Print it when the result is ready; the order follows by itself.",
            next_step_vi="In phiếu khi đã có kết quả; đơn sẽ tự được đặt.",
            status=409,
        )
    return tuple(PaperLine(paper.name, paper.originals, paper.copies) for paper in papers)


def _check_has_label(shipment: Shipment) -> None:
    if shipment.rides_with is not None:
        raise Problem(
            "no-label",
            "This order has no parcel of its own",
            f"The papers of order {shipment.order_number} lie in the parcel of order {shipment.rides_with}.",
            f"Print the label of order {shipment.rides_with}.",
            next_step_vi=f"In nhãn của đơn {shipment.rides_with}: giấy tờ đi chung một bưu gửi.",
            status=409,
            order_number=shipment.rides_with,
        )
    if shipment.state in (ShipmentState.CANCELLED, ShipmentState.LOST):
        raise Problem(
            "no-label",
            "The order is over",
            f"Order {shipment.order_number} is '{shipment.state}': a label of it would send papers nowhere.",
            "Order the leg again and print the label of the new order.",
            next_step_vi="Đặt lại đơn rồi in nhãn của đơn mới.",
            status=409,
        )
