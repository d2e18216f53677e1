"""Papers that are wanted back from an operator which has them (Postal Law 49/2010/QH12 Art. 16(2)).

Where the operator takes that from us, it is told in the background (:mod:`dispatch.steps`); where it does not, staff
see that somebody has to call it. Either way the journey is followed until the papers are back.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from carriers.states import ShipmentState
from dispatch.shipments import BEFORE_COLLECTION, ENDED, Shipment

COMES_BACK = (ShipmentState.RETURNING, *ENDED)
"""What an operator says of papers that nobody need want back any more."""


def ask_to_recall(shipments: Iterable[Shipment], now: datetime) -> list[Shipment]:
    """Want back what an operator has; returns the shipments of which that was not wanted before."""
    asked = []
    for shipment in shipments:
        under_way = shipment.live and shipment.journey not in BEFORE_COLLECTION
        if (
            under_way
            and shipment.rides_with is None
            and shipment.journey not in COMES_BACK
            and shipment.recall_asked_at is None
        ):
            shipment.recall_wanted, shipment.recall_asked_at, shipment.next_at = True, now, now
            shipment.new_citizen = shipment.address_waits_since = None
            asked.append(shipment)
    return asked


def end_changes(shipment: Shipment) -> None:
    """The papers come back, or the leg has ended: nothing of this is to be told to the operator any more."""
    if (shipment.next_at, shipment.recall_asked_at, shipment.address_waits_since) == (None, None, None):
        return  # nothing is to be told, and whom it was for need not be fetched to see that
    if not shipment.cancel_wanted and (shipment.recall_wanted or shipment.new_citizen is not None):
        shipment.next_at = None
    if shipment.recall_asked_at is not None or shipment.address_waits_since is not None:
        shipment.trouble = None
    shipment.recall_wanted, shipment.new_citizen, shipment.address_waits_since = False, None, None
