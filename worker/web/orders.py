"""Routes for the citizen's choice: quotes, orders, cancellation, new address."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Path, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import select
from sqlalchemy.orm import Session

from carriers.capabilities import CanChangeAddress
from dispatch.connections import OperatorsNow
from dispatch.context import Context
from dispatch.dossiers import get_dossier
from dispatch.forms import NewAddressForm, OrderForm, QuoteForm
from dispatch.idempotency import recall, remember
from dispatch.labels import fetch_label
from dispatch.order_changes import ask_to_cancel, change_address
from dispatch.orders import get_order, place_order
from dispatch.problems import unknown_order
from dispatch.quotes import quote
from dispatch.settlements import announce_cancelled
from dispatch.shipments import Shipment
from tracking import inbox
from tracking.clock_facts import ledger_of
from tracking.deadlines.transitions import ClockState
from tracking.result_pickup import plan_pickup
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
    return QuoteAnswer(
        service=form.service,
        legs=[LegPriceAnswer.of(leg) for leg in legs],
        total_vnd=sum(known) if len(known) == len(legs) else None,
    )


@router.post("/orders", status_code=201)
def place(
    form: OrderForm, runtime: RuntimeDep, client: ClientDep, key: IdempotencyKey, response: Response
) -> OrderAnswer:
    """Take the citizen's choice. The same key with the same body is the same order; with another body it is refused."""
    now = runtime.context.clock.now()
    with runtime.context.database.write() as session:
        # The lock comes first: the same request twice at once must not find its key unused twice.
        dossier = get_dossier(session, form.dossier, lock=True)
        before = recall(session, client, key, form)
        if before is not None:
            response.status_code = 200
            return _answer(session, str(before["order"]))
        ledger = ledger_of(session, runtime.office, dossier)
        ready = ledger.state is ClockState.STOPPED
        context = runtime.context
        operators = OperatorsNow(session, context)
        order, _ = place_order(session, context.accounts, form, result_is_ready=ready, now=now, operators=operators)
        plan_pickup(session, runtime.office, dossier.code, ledger.current_due)
        remember(session, client, key, form, {"order": order.id}, now)
        inbox.keep(
            session,
            source=f"onestop:{client}",
            key=f"order:{inbox.digest(key.encode())}",
            kind="order.placed",
            body=form.model_dump_json(),
            now=now,
            subject=form.dossier,
            state=inbox.InboxState.APPLIED,
        )
        answer = _answer(session, order.id)
    runtime.context.ring("booking")
    return answer


@router.get("/orders/{order_id}")
def show(order_id: OrderId, runtime: RuntimeDep, _client: ClientDep) -> OrderAnswer:
    """An order and where its shipments are."""
    with runtime.context.database.read() as session:
        return _answer(session, order_id)


@router.post("/orders/{order_id}/cancel", status_code=202)
def cancel(order_id: OrderId, runtime: RuntimeDep, _client: ClientDep) -> OrderAnswer:
    """Cancel every leg whose papers have not been collected; the operator is told in the background."""
    with runtime.context.database.write() as session:
        get_order(session, order_id)
        now = runtime.context.clock.now()
        ask_to_cancel(shipments := _shipments(session, order_id, lock=True), now)
        for shipment in shipments:
            announce_cancelled(session, runtime.context, shipment, now)
        answer = _answer(session, order_id)
    runtime.context.ring("booking")
    runtime.context.ring("notices")
    return answer


@router.post("/orders/{order_id}/address")
def readdress(order_id: OrderId, form: NewAddressForm, runtime: RuntimeDep, _client: ClientDep) -> OrderAnswer:
    """Put a new address on every leg that is not booked yet, and on a result that its operator can send elsewhere."""
    context = runtime.context
    with context.database.write() as session:
        order = get_order(session, order_id)
        shipments = _shipments(session, order_id, lock=True)
        now = context.clock.now()
        change_address(session, order, shipments, form, now, takes_addresses=lambda s: _takes_addresses(context, s))
        answer = _answer(session, order_id)
    context.ring("booking")
    return answer


@router.get("/orders/{order_id}/labels/{order_number}", response_class=Response)
def label(order_id: OrderId, order_number: str, runtime: RuntimeDep, _client: ClientDep) -> Response:
    """The label as the operator draws it: a document, or a redirection to where the operator has it."""
    context = runtime.context
    with context.database.read() as session:
        found = (one for one in _shipments(session, order_id) if one.order_number == order_number)
        shipment = next(found, None)
        if shipment is None:
            raise unknown_order(order_number)
    drawn = fetch_label(context, shipment)
    if drawn.url is not None:
        return RedirectResponse(drawn.url, 303)
    return Response(drawn.content, media_type=drawn.media_type)


def _takes_addresses(context: Context, shipment: Shipment) -> bool:
    return isinstance(context.carriers.get(shipment.account), CanChangeAddress)


def _shipments(session: Session, order_id: str, *, lock: bool = False) -> list[Shipment]:
    """Return an order's shipments; ``lock`` keeps the booking lane off them while they are judged."""
    query = select(Shipment).where(Shipment.order_id == order_id).order_by(Shipment.leg.desc(), Shipment.generation)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return list(session.scalars(query))


def _answer(session: Session, order_id: str) -> OrderAnswer:
    return OrderAnswer.of(get_order(session, order_id), _shipments(session, order_id))
