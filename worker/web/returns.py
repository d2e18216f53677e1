"""Routes for results that cannot be delivered or come back, and for papers that shall go another way."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response

from dispatch.change_forms import CounterPickupForm, ForwardForm, OperatorForm, PostageForm, SecondSendingForm
from dispatch.dossiers import get_dossier
from dispatch.idempotency import recall, remember
from dispatch.money.unnamed import name_postage
from dispatch.orders import get_order
from dispatch.other_operator import give_to_another
from dispatch.settlements import announce_cancelled
from tracking.citizen_orders import shipments_in, takes_addresses
from tracking.counter import take_at_counter
from tracking.forwarding import forward
from tracking.second_sending import send_from_counter
from worker.web.answers import OrderAnswer
from worker.web.auth import ClientDep
from worker.web.deps import RuntimeDep
from worker.web.dossiers import CodePath
from worker.web.orders import IdempotencyKey, OrderId, order_answer
from worker.web.return_answers import CounterPickupAnswer, PostageAnswer

router = APIRouter(prefix="/v1", tags=["returns"])

PostageId = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9.:\-]{0,199}$")]


@router.post("/orders/{order_id}/forward", status_code=202)
def forward_result(order_id: OrderId, form: ForwardForm, runtime: RuntimeDep, _client: ClientDep) -> OrderAnswer:
    """Send a result to where the citizen has moved: through its operator, or by way of the counter; who asks, pays."""
    context = runtime.context
    with context.database.write() as session:
        order = get_order(session, order_id)
        get_dossier(session, order.dossier_code, lock=True)
        shipments = shipments_in(session, order_id, lock=True)
        forward(session, context, runtime.office, order, shipments, form, lambda one: takes_addresses(context, one))
        answer = order_answer(session, order_id)
    context.ring("booking")
    context.ring("notices")
    return answer


@router.post("/orders/{order_id}/operator", status_code=202)
def another_operator(order_id: OrderId, form: OperatorForm, runtime: RuntimeDep, _client: ClientDep) -> OrderAnswer:
    """Give the legs that nobody has collected to another operator, once the old order is proven dead."""
    context = runtime.context
    with context.database.write() as session:
        order = get_order(session, order_id)
        get_dossier(session, order.dossier_code, lock=True)
        now = context.clock.now()
        for shipment in give_to_another(session, context, shipments_in(session, order_id, lock=True), form, now):
            announce_cancelled(session, context, shipment, now)
        answer = order_answer(session, order_id)
    context.ring("booking")
    context.ring("notices")
    return answer


@router.post("/dossiers/{code}/second-sending", status_code=201)
def second_sending(
    code: CodePath,
    form: SecondSendingForm,
    runtime: RuntimeDep,
    client: ClientDep,
    key: IdempotencyKey,
    response: Response,
) -> OrderAnswer:
    """Send a result that waits at the counter once more, at the cost of the party at fault."""
    context = runtime.context
    with context.database.write() as session:
        get_dossier(session, code, lock=True)
        before = recall(session, client, key, form)
        if before is not None:
            response.status_code = 200
            return order_answer(session, str(before["order"]))
        shipment = send_from_counter(session, context, runtime.office, code, form)
        remember(session, client, key, form, {"order": shipment.order_id}, context.clock.now())
        answer = order_answer(session, shipment.order_id)
    context.ring("booking")
    context.ring("notices")
    return answer


@router.post("/dossiers/{code}/counter-pickup")
def counter_pickup(
    code: CodePath, form: CounterPickupForm, runtime: RuntimeDep, _client: ClientDep
) -> CounterPickupAnswer:
    """Record that a result was taken at the counter, and what was shown; the same body again changes nothing."""
    context = runtime.context
    with context.database.write() as session:
        fact = take_at_counter(session, context, runtime.office, code, form)
        answer = CounterPickupAnswer.of(code, fact)
    context.ring("booking")
    context.ring("notices")
    return answer


@router.post("/postage/{postage_id}")
def postage(postage_id: PostageId, form: PostageForm, runtime: RuntimeDep, _client: ClientDep) -> PostageAnswer:
    """Name the amount of postage that is owed and that no operator has told."""
    context = runtime.context
    with context.database.write() as session:
        row = name_postage(session, postage_id, form.amount_vnd, form.officer, context.clock.now())
        return PostageAnswer.of(row, form.amount_vnd)
