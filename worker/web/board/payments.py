"""A payment that a person saw, or a claim that somebody gives up: written down for a dossier, each with its proof.

What the post has handed over of collected fees is written down as a receipt (:mod:`.remittances`), and what follows
from an incident with the incident.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from dispatch.dossiers import Dossier, get_dossier
from dispatch.money.books import books_of
from dispatch.money.facts import money_of
from dispatch.money.forms import PaymentForm
from dispatch.money.kinds import Ledger, MoneyFact
from dispatch.money.payments import take_payment
from dispatch.parties import Party
from dispatch.problems import Problem, unknown_order
from dispatch.shipment_queries import shipments_of
from worker.access import audit
from worker.access.actor import Staff
from worker.access.roles import Permission
from worker.runtime import Runtime
from worker.web.board.entry import (
    FilledDep,
    LookoutDep,
    MoneyStaff,
    back_to,
    digits,
    dossier_to_change,
    filled_in,
    page,
)
from worker.web.board.fields import NOT_YET, SENT_OTHERWISE, misfits, moment_of, new_number, number_of, shown, text_of
from worker.web.board.refusals import unfit
from worker.web.deps import RuntimeDep
from worker.web.dossiers import CodePath
from worker.web.staff import FormStaffDep

router = APIRouter(prefix="/board/dossiers/{code}/payments", include_in_schema=False)

_ = str

_CLIENT = "board"
_USUAL = (
    (Ledger.FEE, Party.CITIZEN, Party.AGENCY),
    (Ledger.POSTAGE, Party.CITIZEN, Party.POST),
    (Ledger.POSTAGE, Party.AGENCY, Party.POST),
    (Ledger.POSTAGE, Party.POST, Party.CITIZEN),
)
"""What may be paid, also before anything is known to be owed."""

_BESIDE = {
    "refund-too-large": ("amount_vnd", _("This is more than is still open between the two.")),
    "payment-without-proof": ("proof", _("Name the receipt, transfer or decision that shows it.")),
    "payment-impossible": ("at", NOT_YET),
    "payment-id": ("", SENT_OTHERWISE),
}

Between = tuple[Ledger, Party, Party]


@dataclass(frozen=True, slots=True)
class Matter:
    """What a payment may be for: in which matter, from whom, to whom, and how much of it is open."""

    ledger: Ledger
    debtor: Party
    creditor: Party
    open_vnd: int

    @property
    def value(self) -> str:
        """How a form names it."""
        return f"{self.ledger}:{self.debtor}:{self.creditor}"


@router.get("")
def ask(
    request: Request,
    code: CodePath,
    staff: MoneyStaff,
    runtime: RuntimeDep,
    between: Annotated[str, Query(max_length=60)] = "",
    order: Annotated[str, Query(max_length=80)] = "",
) -> HTMLResponse:
    """Ask what was paid; a link from what is open says between whom and of which order."""
    return _form_page(request, staff, runtime, code, FormData({"between": between, "order": order}), None)


@router.post("")
def write_down(
    request: Request,
    code: CodePath,
    staff: FormStaffDep,
    runtime: RuntimeDep,
    lookout: LookoutDep,
    filled: FilledDep,
) -> Response:
    """Write a payment down; the same form once more changes nothing, and a refusal leaves what was typed."""
    context = runtime.context
    with context.database.read() as session:  # a refusal is noted, for which nobody may hold the write lock
        dossier_to_change(session, runtime, staff, Permission.MANAGE_MONEY, code)
    try:
        with context.database.write() as session:
            is_new = _note(session, runtime, staff, code, filled)
    except Problem as problem:
        if problem.status == 404:
            raise
        return _form_page(request, staff, runtime, code, filled, problem)
    if is_new:
        context.ring("notices")
        lookout.forget()
    done = "payment-noted" if is_new else "payment-known"
    return back_to(f"/board/dossiers/{code}", done, noted=f"payment-{code}")


def _note(session: Session, runtime: Runtime, staff: Staff, code: str, filled: FormData) -> bool:
    now = runtime.context.clock.now()
    dossier = get_dossier(session, code, lock=True)
    number = number_of(filled)
    known = [fact for fact in money_of(session, code) if fact.id.endswith(f":payment:{_CLIENT}:{number}")]
    form = filled_in(
        PaymentForm,
        _said(session, dossier, filled, staff, known)
        | {
            "payment_id": number,
            "at": moment_of(text_of(filled, "at"), known[0].at if known else now),
        },
    )
    fact = take_payment(session, dossier, form, _CLIENT, now)
    if known:
        return False
    details = {"ledger": fact.ledger.value, "kind": fact.kind.value, "amount_vnd": fact.amount_vnd}
    audit.note(session, staff.actor, "payment.noted", subject=code, agency=dossier.agency_code, details=details)
    return True


def _said(
    session: Session, dossier: Dossier, filled: FormData, staff: Staff, known: Sequence[MoneyFact]
) -> dict[str, Any]:
    matters = {matter.value: matter for matter in _matters(session, dossier, known)}
    matter = matters.get(text_of(filled, "between"))
    if matter is None:
        raise unfit("between")
    order = text_of(filled, "order")
    if order and order not in {one.order_number for one in shipments_of(session, dossier.code)}:
        raise unknown_order(order)
    if matter.ledger is Ledger.POSTAGE and not order:
        raise unfit("order")  # what is owed of postage is counted by order
    return {
        "ledger": matter.ledger,
        "debtor": matter.debtor,
        "creditor": matter.creditor,
        "order": order,
        "kind": text_of(filled, "kind"),
        "amount_vnd": digits(text_of(filled, "amount_vnd")),
        "proof": text_of(filled, "proof"),
        "told_by": staff.display_name,
    }


def _matters(session: Session, dossier: Dossier, known: Sequence[MoneyFact] = ()) -> Sequence[Matter]:
    """Return what may be paid: what is open first, without what is written down elsewhere.

    What the payments ``known`` have settled is open no more, and still what their form was about.
    """
    open_ones: dict[Between, int] = {
        (debt.ledger, debt.debtor, debt.creditor): debt.amount_vnd
        for debt in books_of(session, dossier.code).standing.debts
        if debt.ledger is not Ledger.DAMAGES and (debt.ledger, debt.debtor) != (Ledger.FEE, Party.POST)
    }
    before = [(fact.ledger, fact.debtor, fact.creditor) for fact in known]
    between: list[Between] = list(dict.fromkeys([*open_ones, *_USUAL, *before]))
    return [Matter(*one, open_ones.get(one, 0)) for one in between]


def _form_page(
    request: Request, staff: Staff, runtime: Runtime, code: str, filled: FormData, problem: Problem | None
) -> HTMLResponse:
    with runtime.context.database.read() as session:
        dossier = dossier_to_change(session, runtime, staff, Permission.MANAGE_MONEY, code)
        matters = _matters(session, dossier)
        orders = [one.order_number for one in shipments_of(session, code)]
    said = _BESIDE.get(problem.kind) if problem is not None else None
    chosen = next((one for one in matters if one.value == filled.get("between")), None)
    return page(
        request,
        staff,
        "payment.html",
        status=problem.status if problem is not None else 200,
        dossier=dossier,
        matters=matters,
        orders=orders,
        starts=chosen.open_vnd if chosen is not None and chosen.open_vnd else "",
        once=new_number(),
        typed=filled,
        **shown(problem, {said[0]: said[1]} if said is not None else misfits(problem)),
    )
