"""Labels as the operators draw them, asked for when somebody wants to print one."""

from __future__ import annotations

from carriers.capabilities import CanLabel
from carriers.contract import Label
from carriers.outcomes import CarrierError
from dispatch.context import Context
from dispatch.problems import Problem
from dispatch.shipments import BookingState, Shipment


def fetch_label(context: Context, shipment: Shipment) -> Label:
    """Ask the operator for a shipment's label.

    Raises:
        Problem: it is not booked, its operator draws none, or cannot be asked now.
    """
    carrier = context.carriers.get(shipment.account)
    if shipment.booking is not BookingState.BOOKED or not isinstance(carrier, CanLabel):
        raise Problem(
            "no-label",
            "The operator draws no label",
            f"Shipment {shipment.order_number} is '{shipment.state}' at {shipment.carrier}.",
            "Write the order number on the parcel; the postman brings the operator's own label.",
            next_step_vi="Ghi số đơn lên bì thư; bưu tá mang nhãn của bưu điện.",
            status=409,
        )
    try:
        return carrier.label(shipment.ref)
    except CarrierError as error:
        raise Problem(
            "no-label",
            "The operator gave no label",
            str(error),
            "Ask again in a few minutes, or write the order number on the parcel.",
            next_step_vi="Thử lại sau ít phút, hoặc ghi số đơn lên bì thư.",
            status=503,
        ) from error
