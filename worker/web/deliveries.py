"""Routes for what a person knows of a shipment: whether the operator holds it, and who received it, rightly or not."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel

from dispatch.findings import FindingForm, note_finding
from dispatch.recipients import DeliveryRecordForm
from dispatch.shipment_queries import get_shipment
from tracking.delivery_proof import take_record
from tracking.wrong_delivery import ReversalForm, reverse_delivery
from worker.web.auth import ClientDep
from worker.web.deps import RuntimeDep
from worker.web.incident_answers import DeliveryRecordAnswer, ReversalAnswer

router = APIRouter(prefix="/v1/shipments", tags=["deliveries"])

OrderNumber = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9.\-]{0,79}$", examples=["H14.10-260302-0001-R1"])]


class FindingAnswer(BaseModel):
    """The shipment's state after what was found out."""

    order_number: str
    state: str


@router.post("/{order_number}/finding")
def find_out(order_number: OrderNumber, form: FindingForm, runtime: RuntimeDep, _client: ClientDep) -> FindingAnswer:
    """Say what the operator told you of an order in doubt: it is followed from now on, or booked again."""
    note_finding(runtime.context, order_number, form)
    with runtime.context.database.read() as session:
        return FindingAnswer(order_number=order_number, state=get_shipment(session, order_number).state)


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
