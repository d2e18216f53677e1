"""Collected fees: what the post has not handed over yet, what is overdue, and a form for what has come.

An agency's receipt is written down once, by its number: the same receipt again changes nothing (Decision
45/2016/QĐ-TTg Art. 7(5), 15(2)).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from dispatch.agencies import agencies
from dispatch.dossiers import Dossier, get_dossier
from dispatch.money.debts import PostDebt, open_fees
from dispatch.money.forms import RemittanceForm
from dispatch.money.remittances import confirm_remittance, receipts
from dispatch.problems import Problem
from dispatch.scanning import LONGEST, scanned
from tracking.watching.items import View
from tracking.watching.money import remittance_due
from worker.access import audit
from worker.access.actor import Staff
from worker.access.filters import within
from worker.access.roles import Permission
from worker.runtime import Runtime
from worker.web.board.entry import (
    FilledDep,
    LookoutDep,
    MoneyStaff,
    back_to,
    digits,
    filled_in,
    page,
    shipment_for,
)
from worker.web.board.fields import misfits, shown, text_of
from worker.web.deps import RuntimeDep
from worker.web.staff import FormStaffDep, check

router = APIRouter(prefix="/board/remittances", include_in_schema=False)

_ = str

_MOST = 200
_MOST_RECEIPTS = 20
_MOST_LINES = 500

_BESIDE = {
    "remittance-sum": ("amount_vnd", _("This is not what the ticked orders add up to: compare them with the receipt.")),
    "remittance-in-future": ("received_on", _("That day has not come yet.")),
    "remittance-reference": (
        "reference",
        _("A receipt with this number was written down before with other content, and it stands."),
    ),
    "remittance-lines": ("lines", _("Tick every order that is on the receipt, and enter the amount of each.")),
    "remittance-agency": ("lines", _("One of the orders is another agency's.")),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One order of which the post may have handed over the fee; ``due`` is None where nothing of it is open."""

    order: str
    dossier: str
    since: datetime | None
    due: date | None
    open_vnd: int
    is_over: bool


@router.get("")
def remittances(
    request: Request,
    staff: MoneyStaff,
    runtime: RuntimeDep,
    agency: Annotated[str, Query(max_length=60)] = "",
    order: Annotated[list[str], Query(max_length=_MOST_LINES)] = [],  # noqa: B006 - FastAPI copies it
    find: Annotated[str, Query(max_length=LONGEST)] = "",
) -> HTMLResponse:
    """What the post holds for an agency; ``find`` puts an order on the list and ticks it, as ``order`` does."""
    ticked, problem = list(order), None
    try:
        ticked += _found(runtime, staff, find) if find else []
    except Problem as unknown:
        problem = unknown
    return _page(request, staff, runtime, agency, ticked, FormData(), problem)


@router.post("")
def receive(
    request: Request,
    staff: FormStaffDep,
    runtime: RuntimeDep,
    lookout: LookoutDep,
    filled: FilledDep,
    agency: Annotated[str, Form(max_length=60)] = "",
) -> Response:
    """Write a receipt down; a refusal leaves what was typed."""
    context = runtime.context
    check(runtime, staff, Permission.MANAGE_MONEY, agency)
    try:
        form = _receipt(filled, staff, agency)
        with context.database.write() as session:
            _lock(session, staff, agency, [line.order for line in form.lines])
            receipt, _lines, is_new = confirm_remittance(session, form, context.clock.now())
            if is_new:
                details = {"amount_vnd": receipt.amount_vnd, "lines": len(form.lines)}
                audit.note(
                    session, staff.actor, "remittance.noted", subject=form.reference, agency=agency, details=details
                )
    except Problem as problem:
        ticked = [str(one) for one in filled.getlist("order")]
        return _page(request, staff, runtime, agency, ticked, filled, problem)
    lookout.forget()
    return back_to("/board/remittances", "remittance-noted" if is_new else "remittance-known", agency=agency)


def _found(runtime: Runtime, staff: Staff, text: str) -> list[str]:
    with runtime.context.database.read() as session:
        return scanned(session, text, within(Dossier.agency_code, staff.scope(Permission.SEE_MONEY)))


def _receipt(filled: FormData, staff: Staff, agency: str) -> RemittanceForm:
    """Read the receipt that was filled in: an order that is ticked is a line of it."""
    orders = list(dict.fromkeys(str(one) for one in filled.getlist("order")))
    lines = [{"order": order, "amount_vnd": digits(text_of(filled, f"amount:{order}"))} for order in orders]
    given: dict[str, Any] = {
        "agency": agency,
        "reference": text_of(filled, "reference"),
        "received_on": text_of(filled, "received_on"),
        "amount_vnd": digits(text_of(filled, "amount_vnd")),
        "officer": staff.display_name,
    }
    if not orders or any(not line["amount_vnd"].isdecimal() or not int(line["amount_vnd"]) for line in lines):
        raise _lines_unsaid()
    return filled_in(RemittanceForm, {**given, "lines": lines})


def _lock(session: Session, staff: Staff, agency: str, orders: Iterable[str]) -> None:
    """Let a second sending of the form wait for this one; another agency's order is answered as an unknown one."""
    codes = set()
    for order in orders:
        _, dossier = shipment_for(session, staff, Permission.MANAGE_MONEY, order)
        codes.add(dossier.code)
    for code in sorted(codes):
        get_dossier(session, code, lock=True)


def _page(
    request: Request,
    staff: Staff,
    runtime: Runtime,
    agency: str,
    ticked: Sequence[str],
    filled: FormData,
    problem: Problem | None,
) -> HTMLResponse:
    context = runtime.context
    with context.database.read() as session:
        scope = staff.scope(Permission.SEE_MONEY)
        desks = {code: name for code, name in agencies(session).items() if scope.covers(code)}
        chosen = agency if agency in desks else next(iter(desks), "")
        view = View(session, context, runtime.office)
        debts = open_fees(session, chosen, _MOST + 1)
        lines = [_line(view, debt) for debt in debts[:_MOST]]
        lines = [*_put_on(session, staff, view, chosen, ticked, {line.order for line in lines}), *lines]
        told = receipts(session, chosen, _MOST_RECEIPTS)
    said = _BESIDE.get(problem.kind) if problem is not None else None
    return page(
        request,
        staff,
        "remittances.html",
        here="fees",
        status=problem.status if problem is not None else 200,
        desks=desks,
        agency=chosen,
        lines=lines,
        more=len(debts) > _MOST,
        overdue_vnd=sum(line.open_vnd for line in lines if line.is_over),
        receipts=told,
        today=view.today,
        ticked=set(ticked),
        typed=filled,
        adds_up=sum(int(n) for one in ticked if (n := digits(text_of(filled, f"amount:{one}"))).isdecimal()),
        **shown(problem, {said[0]: said[1]} if said is not None else misfits(problem)),
    )


def _line(view: View, debt: PostDebt) -> Line:
    due, left = remittance_due(view, debt), debt.owed_vnd - debt.paid_vnd
    return Line(debt.order_number, debt.dossier_code, debt.since, due, left, view.today > due)


def _put_on(
    session: Session, staff: Staff, view: View, agency: str, orders: Iterable[str], there: set[str]
) -> list[Line]:
    """Return lines for orders that were asked for and are not on the list; another agency's are left out."""
    wanted = [order for order in dict.fromkeys(orders) if order not in there]
    owed = {debt.order_number: debt for debt in open_fees(session, agency, len(wanted), wanted)} if wanted else {}
    found = []
    for order in wanted:
        with suppress(Problem):
            _, dossier = shipment_for(session, staff, Permission.SEE_MONEY, order)
            if order in owed:
                found.append(_line(view, owed[order]))
            elif dossier.agency_code == agency:
                found.append(Line(order, dossier.code, None, None, 0, False))
    return found


def _lines_unsaid() -> Problem:
    return Problem(
        "remittance-lines",
        "The receipt cannot be recorded",
        "No order is ticked, or the amount of one that is ticked was not entered.",
        "Tick every order that is on the receipt, each with its amount in whole đồng.",
        next_step_vi="Đánh dấu từng đơn có trên biên nhận và ghi số tiền chẵn đồng của mỗi đơn.",
    )
