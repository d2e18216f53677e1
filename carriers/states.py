"""The states of a shipment, in the words every operator's codes are translated into."""

from __future__ import annotations

from enum import StrEnum


class ShipmentState(StrEnum):
    """Where a shipment stands. ``parked`` means: a person has to decide before anything else happens."""

    REQUESTED = "requested"
    BOOKING = "booking"
    OUTCOME_UNKNOWN = "outcome_unknown"
    BOOKED = "booked"
    COLLECTING = "collecting"
    COLLECTION_FAILED = "collection_failed"
    IN_TRANSIT = "in_transit"
    OUT_FOR_DELIVERY = "out_for_delivery"
    DELIVERY_FAILED = "delivery_failed"
    DELIVERED = "delivered"
    RETURNING = "returning"
    RETURNED = "returned"
    CANCELLED = "cancelled"
    LOST = "lost"
    PARKED = "parked"
