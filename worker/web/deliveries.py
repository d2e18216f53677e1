"""Routes for what happens at the recipient's door: who received, and that it was the wrong person."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from dispatch.recipients import DeliveryRecordForm
from dispatch.shipments import get_shipment
from tracking.delivery_proof import take_record
from tracking.wrong_delivery import ReversalForm, reverse_delivery
from worker.web.auth import ClientDep
from worker.web.deps import RuntimeDep
from worker.web.incident_answers import DeliveryRecordAnswer, ReversalAnswer

router = APIRouter(prefix="/v1/shipments", tags=["deliveries"])

OrderNumber = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9.\-]{0,79}$", examples=["H14.10-260302-0001-R1"])]


@router.post("/{order_number}/delivery-record", status_code=201)
def record(
    order_number: OrderNumber, form: DeliveryRecordForm, runtime: RuntimeDep, _client: ClientDep
) -> DeliveryRecordAnswer:
    """Record who received a result. Without what is needed it is a failed attempt, and refused as a delivery."""
    with runtime.context.database.write() as session:
        taken = take_record(session, runtime.context, runtime.office, order_number, form)
    runtime.context.ring("notices")
    if taken.refusal is not None and taken.contradiction is None:
        raise taken.refusal  # after the attempt has been kept
    return DeliveryRecordAnswer.of(taken)


@router.post("/{order_number}/reversal", status_code=201)
def reverse(order_number: OrderNumber, form: ReversalForm, runtime: RuntimeDep, _client: ClientDep) -> ReversalAnswer:
    """Say that what was delivered went to the wrong person. The delivery is reversed, never deleted."""
    with runtime.context.database.write() as session:
        reversal = reverse_delivery(session, runtime.context, runtime.office, order_number, form)
        answer = ReversalAnswer.of(reversal, get_shipment(session, order_number).state)
    runtime.context.ring("notices")
    return answer
