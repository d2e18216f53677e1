"""Choosing the post with the price first: address, then the price of each service, then the order, once."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from pydantic import ValidationError

from config.clock import local
from dispatch.dossiers import get_dossier
from dispatch.forms import AddressForm, OrderForm
from dispatch.money.kinds import FeeRoute
from dispatch.money.prices import tariff
from dispatch.problems import Problem
from tracking.citizen.doing import place
from tracking.citizen.overview import overview
from worker.web.citizen.address_fields import AddressFields, Wrong, checked
from worker.web.citizen.guard import guard_of, slow_down
from worker.web.citizen.personal import changing, reading
from worker.web.citizen.prices import Offer, offers_of
from worker.web.citizen.sessions import Visitor
from worker.web.citizen.visiting import DOSSIER, VisitorDep, check_form, go, new_key
from worker.web.deps import RuntimeDep
from worker.web.pages.rendering import render

PATH = f"{DOSSIER}/buu-chinh"
router = APIRouter(include_in_schema=False)


class OrderPage(AddressFields):
    """The form: first the address alone; with ``sure`` from the page that shows the prices.

    ``pickup_on`` and ``pickup_window`` say when papers are fetched, where the operator lets people choose.
    """

    service: str = ""
    fee_route: str = ""
    pickup_on: str = ""
    pickup_window: str = ""
    forms: str = ""
    key: str = ""
    sure: str = ""


@router.get(PATH)
def ask(request: Request, visitor: VisitorDep, runtime: RuntimeDep) -> Response:
    """Ask for the address."""
    return _page(request, visitor, runtime, OrderPage())


@router.post(PATH)
def take(request: Request, visitor: VisitorDep, runtime: RuntimeDep, form: Annotated[OrderPage, Form()]) -> Response:
    """Show what each service costs at the address; from there, take the order."""
    check_form(visitor, form.forms)
    try:
        address = checked(form)
    except Problem as problem:
        return _page(request, visitor, runtime, form, Wrong.of(problem), status=problem.status)
    if not (form.sure and form.key):
        return _priced(request, visitor, runtime, form, address)
    try:
        order = _order(form, visitor, address)
        with changing(runtime, visitor, "order") as session:
            place(session, runtime.context, runtime.office, visitor.dossier, order, form.key)
    except Problem as problem:
        return _priced(request, visitor, runtime, form, address, Wrong.of(problem), problem.status)
    return go(f"{DOSSIER}?da=buu-chinh")


def _priced(
    request: Request,
    visitor: Visitor,
    runtime: RuntimeDep,
    form: OrderPage,
    address: AddressForm,
    wrong: Wrong | None = None,
    status: int = 200,
) -> Response:
    """Show the prices; where nobody tells them now, the address again with the reason."""
    offers: list[Offer] = []
    try:
        slow_down(guard_of(request).actions, visitor.dossier)
        with reading(runtime, visitor, "prices") as session:
            dossier = get_dossier(session, visitor.dossier)
            services = overview(session, runtime.context, runtime.office, visitor.dossier).choices.services
        offers = offers_of(runtime.context, dossier, services, address)
    except Problem as problem:
        wrong, status = wrong or Wrong.of(problem), problem.status if status == 200 else status
    return _page(request, visitor, runtime, form, wrong, offers, status)


def _order(form: OrderPage, visitor: Visitor, address: AddressForm) -> OrderForm:
    """Return the order that a form asks for.

    Raises:
        Problem: no service was chosen, or the day or hours of the pickup are none.
    """
    opens, _, closes = form.pickup_window.partition("-")
    pickup = {"on": form.pickup_on, "opens": opens, "closes": closes} if closes else None
    try:
        return OrderForm.model_validate(
            {
                "dossier": visitor.dossier,
                "service": form.service,
                "address": address,
                "fee_route": form.fee_route or FeeRoute.DIRECT,
                "pickup": pickup if form.service != "receive" else None,
            }
        )
    except ValidationError as error:
        raise _choose() from error


def _choose() -> Problem:
    return Problem(
        "order",
        "Something is not chosen",
        "A service, and for papers that are fetched a day and hours, are needed.",
        "Choose a service; write the day as day, month and year.",
        next_step_vi="Vui lòng chọn một dịch vụ; nếu bưu tá đến lấy giấy tờ, chọn ngày và khung giờ.",
    )


def _page(
    request: Request,
    visitor: Visitor,
    runtime: RuntimeDep,
    form: OrderPage,
    wrong: Wrong | None = None,
    offers: list[Offer] | None = None,
    status: int = 200,
) -> Response:
    with reading(runtime, visitor, "order") as session:
        dossier = overview(session, runtime.context, runtime.office, visitor.dossier)
    address = ""
    with suppress(Problem):
        address = form.address.text
    today = local(runtime.context.clock.now()).date()
    windows = next((offer.windows for offer in offers or () if offer.windows), ())
    about = {"dossier": dossier, "visitor": visitor, "form": form, "wrong": wrong, "key": form.key or new_key()}
    about |= {"offers": offers or [], "address": address, "today": today, "windows": windows, "tariff": tariff()}
    return render(request, "citizen/order.html", status, **about)
