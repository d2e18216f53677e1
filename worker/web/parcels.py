"""Routes for more than one leg and more than one dossier: transfers between agencies, and parcels."""

from __future__ import annotations

from fastapi import APIRouter, Response
from pydantic import BaseModel

from dispatch.connections import OperatorsNow
from dispatch.dossiers import get_dossier
from dispatch.idempotency import recall, remember
from dispatch.parcels import ParcelForm, form_parcel
from dispatch.transfers import TransferForm, place_transfer
from tracking.parcels import tell_riders
from worker.web.answers import OrderAnswer, ShipmentAnswer
from worker.web.auth import ClientDep
from worker.web.deps import RuntimeDep
from worker.web.orders import IdempotencyKey, order_answer

router = APIRouter(prefix="/v1", tags=["orders"])


class ParcelAnswer(BaseModel):
    """One parcel: the shipment with the order, and those that ride with it."""

    order_number: str
    shipments: list[ShipmentAnswer]


@router.post("/orders/transfer", status_code=201)
def transfer(
    form: TransferForm, runtime: RuntimeDep, client: ClientDep, key: IdempotencyKey, response: Response
) -> OrderAnswer:
    """Let the post carry papers from one agency to another. The same key with the same body is the same order."""
    context = runtime.context
    now = context.clock.now()
    with context.database.write() as session:
        get_dossier(session, form.dossier, lock=True)
        before = recall(session, client, key, form)
        if before is not None:
            response.status_code = 200
            return order_answer(session, str(before["order"]))
        order, _ = place_transfer(session, context.accounts, form, now, OperatorsNow(session, context))
        remember(session, client, key, form, {"order": order.id}, now)
        answer = order_answer(session, order.id)
    context.ring("booking")
    return answer


@router.post("/parcels")
def parcel(form: ParcelForm, runtime: RuntimeDep, _client: ClientDep) -> ParcelAnswer:
    """Put the papers or results of one citizen into one order; the same parcel again changes nothing."""
    with runtime.context.database.write() as session:
        shipments = form_parcel(session, form, runtime.context.clock.now())
        tell_riders(session, runtime.context, shipments)
        answer = ParcelAnswer(
            order_number=shipments[0].order_number, shipments=[ShipmentAnswer.of(one) for one in shipments]
        )
    runtime.context.ring("booking")
    return answer
