"""Who is told that several dossiers go in one parcel: one-stop and citizen, of each dossier that rides along."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from dispatch.context import Context
from dispatch.dossiers import get_dossier
from dispatch.news import tell_onestop
from dispatch.shipments import Shipment
from tracking.notices import tell_citizen


def tell_riders(session: Session, context: Context, shipments: Sequence[Shipment]) -> None:
    """Tell of a parcel that was formed; ``shipments`` has the one with the order first. Told once."""
    now, carrier = context.clock.now(), shipments[0]
    for rider in shipments[1:]:
        dossier, fact = get_dossier(session, rider.dossier_code), f"{rider.order_number}:{carrier.order_number}"
        data = {"order_number": rider.order_number, "rides_with": carrier.order_number, "leg": rider.leg.value}
        tell_onestop(session, context.accounts, dossier, "postal.rides_with", fact, data, now)
        tell_citizen(session, dossier, "one_parcel", fact, now, carrier=carrier.dossier_code)
