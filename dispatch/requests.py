"""From a shipment to what an operator needs to know: as little as delivers it, and no name of a procedure."""

from __future__ import annotations

from datetime import time

from sqlalchemy.orm import Session

from carriers.contract import BookingRequest, Party, PickupWindow
from config.accounts import Accounts
from dispatch.citizens import Citizen
from dispatch.dossiers import get_dossier
from dispatch.papers import Paper, describe_papers
from dispatch.shipments import Leg, Shipment


def booking_request(
    session: Session, accounts: Accounts, shipment: Shipment, citizen_text: str | None = None
) -> BookingRequest:
    """Return the operator-neutral request for a shipment; ``citizen_text`` takes the place of the citizen it knows.

    The procedure stays unnamed: the post must not learn what a dossier is about beyond its list of papers
    (Decision 45/2016/QĐ-TTg Art. 16(5)(a); Circular 17/2017/TT-BTTTT Art. 11).
    """
    citizen = Citizen.from_text(citizen_text or shipment.citizen)
    person = Party(
        name=citizen.name,
        phone=citizen.phone,
        address=citizen.address,
        province_code=citizen.province_code,
        district_code=None,
        email=None,
    )
    desk = accounts.carrier_account_by_id(shipment.account).desk
    agency = Party(
        name=get_dossier(session, shipment.dossier_code).agency_name,
        phone=desk.phone,
        address=desk.address,
        province_code=desk.province_code,
        district_code=desk.district_code,
        email=desk.email,
    )
    sending = shipment.leg is Leg.SEND
    return BookingRequest(
        order_number=shipment.order_number,
        sender=person if sending else agency,
        receiver=agency if sending else person,
        contents=tuple(describe_papers([Paper(*line)]) for line in shipment.contents),
        note="",
        cod_vnd=shipment.cod_vnd,
        waybill=shipment.waybill,
        pickup_on=shipment.pickup_on,
        pickup_window=_window(shipment.pickup_window),
    )


def _window(text: str | None) -> PickupWindow | None:
    return PickupWindow(*map(time.fromisoformat, text.split("-"))) if text else None
