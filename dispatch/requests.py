"""From a shipment to what an operator needs to know: as little as delivers it, and no name of a procedure."""

from __future__ import annotations

from datetime import time

from sqlalchemy.orm import Session

from carriers.contract import BookingRequest, Party, PickupWindow
from config.accounts import Accounts, Desk
from dispatch.citizens import Citizen
from dispatch.dossiers import get_dossier
from dispatch.papers import Paper, describe_papers
from dispatch.riders import aboard
from dispatch.shipments import Leg, Shipment
from dispatch.transfers import transfer_of

_SAME_DAY = "Thủ tục giải quyết trong ngày: ưu tiên thu gom và phát ngay"
"""By agreement with the operator (Circular 17/2017/TT-BTTTT Art. 7(2)(d)); it names no procedure."""


def booking_request(
    session: Session, accounts: Accounts, shipment: Shipment, citizen_text: str | None = None
) -> BookingRequest:
    """Return the operator-neutral request for a shipment; ``citizen_text`` takes the place of the citizen it knows.

    A parcel is one order: what lies in it is listed with it, and what is to be collected for it is one sum.

    The procedure stays unnamed: the post must not learn what a dossier is about beyond its list of papers
    (Decision 45/2016/QĐ-TTg Art. 16(5)(a); Circular 17/2017/TT-BTTTT Art. 11).
    """
    sender, receiver = ends_of(session, accounts, shipment, citizen_text)
    parcel = aboard(session, shipment)
    return BookingRequest(
        order_number=shipment.order_number,
        sender=sender,
        receiver=receiver,
        contents=tuple(describe_papers([Paper(*line)]) for one in parcel for line in one.contents),
        note=_SAME_DAY if any(one.priority for one in parcel) else "",
        cod_vnd=sum(one.cod_vnd for one in parcel),
        waybill=shipment.waybill,
        pickup_on=shipment.pickup_on,
        pickup_window=_window(shipment.pickup_window),
    )


def ends_of(
    session: Session, accounts: Accounts, shipment: Shipment, citizen_text: str | None = None
) -> tuple[Party, Party]:
    """Return from whom and to whom a shipment goes; ``citizen_text`` takes the place of the citizen it knows."""
    citizen = Citizen.from_text(citizen_text or shipment.citizen)
    person = Party(
        name=citizen.name,
        phone=citizen.phone,
        address=citizen.address,
        province_code=citizen.province_code,
        district_code=None,
        email=None,
    )
    name, desk = _desk(session, accounts, shipment)
    agency = Party(
        name=name,
        phone=desk.phone,
        address=desk.address,
        province_code=desk.province_code,
        district_code=desk.district_code,
        email=desk.email,
    )
    return (person, agency) if shipment.leg is Leg.SEND else (agency, person)


def _desk(session: Session, accounts: Accounts, shipment: Shipment) -> tuple[str, Desk]:
    """Return the name and desk of the agency from or to which the account's operator carries."""
    desk = accounts.carrier_account_by_id(shipment.account).desk
    if shipment.leg is Leg.TRANSFER:
        transfer = transfer_of(session, shipment)
        return transfer.from_name, accounts.desk_of(transfer.from_agency, shipment.carrier) or desk
    return get_dossier(session, shipment.dossier_code).agency_name, desk


def _window(text: str | None) -> PickupWindow | None:
    return PickupWindow(*map(time.fromisoformat, text.split("-"))) if text else None
