"""Routes for the citizen's choice: quotes, orders, cancellation, new address."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Path, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.orm import Session

from dispatch.change_forms import NewAddressForm
from dispatch.dossiers import get_dossier
from dispatch.forms import OrderForm, QuoteForm
from dispatch.labels import fetch_label
from dispatch.money.fees import left_to_collect
from dispatch.money.prices import tariff
from dispatch.orders import get_order
from dispatch.problems import unknown_order
from dispatch.quotes import quote
from tracking import citizen_orders, inbox
from tracking.citizen_orders import shipments_in
from worker.web.answers import LegPriceAnswer, OrderAnswer, QuoteAnswer
from worker.web.auth import ClientDep
from worker.web.deps import RuntimeDep

router = APIRouter(prefix="/v1", tags=["orders"])

IdempotencyKey = Annotated[str, Header(min_length=8, max_length=200, alias="Idempotency-Key")]
OrderId = Annotated[str, Path(pattern=r"^[A-Za-z0-9-]{1,40}$")]


@router.post("/quotes")
def quotes(form: QuoteForm, runtime: RuntimeDep, _client: ClientDep) -> QuoteAnswer:
    """What the post would charge, to be shown before the citizen decides."""
    legs = quote(runtime.context, form)
    known = [leg.postage_vnd for leg in legs if leg.postage_vnd is not None]
    total = sum(known) if len(known) == len(legs) else None
    fee = None
    if form.dossier is not None:
        with runtime.context.database.read() as session:
            fee = left_to_collect(session, get_dossier(session, form.dossier))
    return QuoteAnswer(
        service=form.service,
        legs=[LegPriceAnswer.of(leg) for leg in legs],
        total_vnd=total,
        payable_vnd=total - sum(leg.reduction_vnd for leg in legs) if total is not None else None,
        fee_vnd=fee,
        fee_route=form.fee_route,
        tariff=f"{tariff().text_vi} / {tariff().text_en}",
    )


@router.post("/orders", status_code=201)
def place(
    form: OrderForm, runtime: RuntimeDep, client: ClientDep, key: IdempotencyKey, response: Response
) -> OrderAnswer:
    """Take the citizen's choice. The same key with the same body is the same order; with another body it is refused."""
    context = runtime.context
    with context.database.write() as session:
        order_id, new = citizen_orders.place(session, context, runtime.office, form, client, key)
        if not new:
            response.status_code = 200
            return order_answer(session, order_id)
        inbox.keep(
            session,
            source=f"onestop:{client}",
            key=f"order:{inbox.digest(key.encode())}",
            kind="order.placed",
            body=form.model_dump_json(),
            now=context.clock.now(),
            subject=form.dossier,
            state=inbox.InboxState.APPLIED,
        )
        answer = order_answer(session, order_id)
    context.ring("booking")
    return answer


@router.get("/orders/{order_id}")
def show(order_id: OrderId, runtime: RuntimeDep, _client: ClientDep) -> OrderAnswer:
    """An order and where its shipments are."""
    with runtime.context.database.read() as session:
        return order_answer(session, order_id)


@router.post("/orders/{order_id}/cancel", status_code=202)
def cancel(order_id: OrderId, runtime: RuntimeDep, _client: ClientDep) -> OrderAnswer:
    """Cancel every leg whose papers have not been collected; the operator is told in the background."""
    with runtime.context.database.write() as session:
        citizen_orders.cancel(session, runtime.context, order_id)
        answer = order_answer(session, order_id)
    runtime.context.ring("booking")
    runtime.context.ring("notices")
    return answer


@router.post("/orders/{order_id}/address")
def readdress(order_id: OrderId, form: NewAddressForm, runtime: RuntimeDep, _client: ClientDep) -> OrderAnswer:
    """Put a new address on every leg that is not booked yet, and on a result that its operator can send elsewhere."""
    context = runtime.context
    with context.database.write() as session:
        citizen_orders.readdress(session, context, order_id, form)
        answer = order_answer(session, order_id)
    context.ring("booking")
    return answer


@router.get("/orders/{order_id}/labels/{order_number}", response_class=Response)
def label(order_id: OrderId, order_number: str, runtime: RuntimeDep, _client: ClientDep) -> Response:
    """The label as the operator draws it: a document, or a redirection to where the operator has it."""
    context = runtime.context
    with context.database.read() as session:
        found = (one for one in shipments_in(session, order_id) if one.order_number == order_number)
        shipment = next(found, None)
        if shipment is None:
            raise unknown_order(order_number)
    drawn = fetch_label(context, shipment)
    if drawn.url is not None:
        return RedirectResponse(drawn.url, 303)
    return Response(drawn.content, media_type=drawn.media_type)


def order_answer(session: Session, order_id: str) -> OrderAnswer:
    """Return what we answer about an order."""
    return OrderAnswer.of(get_order(session, order_id), shipments_in(session, order_id))
