"""A result that came back goes out again: a new generation of its leg, paid by the party at fault.

Decision 45/2016/QĐ-TTg Art. 12(4). The old parcel is proven dead by a signed record: the agency holds the papers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from dispatch import custody, routing
from dispatch.citizens import Citizen
from dispatch.connections import OperatorsNow
from dispatch.context import Context
from dispatch.dossiers import get_dossier
from dispatch.generations import next_generation
from dispatch.money.unnamed import Charge, owe_postage
from dispatch.parties import Party
from dispatch.shipments import Shipment

LEGAL_SOURCE = "Quyết định 45/2016/QĐ-TTg, Điều 12(4)"


@dataclass(frozen=True, slots=True)
class Sending:
    """How a result goes out again: to whom, at whose cost, why, when it is collected, and by whom if that was said."""

    citizen: Citizen
    payer: Party
    reason: str
    pickup_on: date | None
    carrier: str | None = None
    legal_source: str = LEGAL_SOURCE


def send_again(session: Session, context: Context, back: Shipment, sending: Sending, now: datetime) -> Shipment:
    """Order the leg of ``back`` again; what the agency holds is what goes out.

    Raises:
        Problem: no operator fits.
    """
    dossier = get_dossier(session, back.dossier_code)
    operators = OperatorsNow(session, context)
    need = routing.Need(dossier.agency_code, back.leg, sending.citizen.province_code, sending.carrier)
    choice = routing.choose(session, context.accounts, need, now, operators.is_left_alone, operators.serves)
    heir = next_generation(session, back, now, account=choice.account)
    held = custody.held_by(session, dossier.code, custody.agency(dossier.agency_code))
    heir.citizen, heir.contents = sending.citizen.to_text(), [[p.name, p.originals, p.copies] for p in held]
    heir.payer, heir.cod_vnd = sending.payer, 0
    heir.pickup_on, heir.pickup_window = sending.pickup_on, None
    heir.zone = routing.zone_between(choice.account, sending.citizen.province_code)
    session.flush()
    routing.record(session, heir.order_number, choice, now)
    evidence = f"{back.order_number} came back: {sending.reason}"
    charge = Charge(sending.payer, now, evidence, sending.legal_source)
    owe_postage(session, context.accounts, heir, charge, now)
    return heir
