"""What a person tells of money: paid to the agency itself, paid to the post, a refund paid, or a claim given up.

Decision 45/2016/QĐ-TTg Art. 11: what is paid otherwise than through the post comes with a proof.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from dispatch.dossiers import Dossier
from dispatch.money.entries import standing
from dispatch.money.facts import money_of, record_money
from dispatch.money.fees import ROUTES, left_to_collect
from dispatch.money.forms import PaymentForm
from dispatch.money.kinds import Ledger, MoneyFact, MoneyKind
from dispatch.money.refunds import LATE
from dispatch.parties import Party
from dispatch.problems import Problem
from dispatch.riders import carrier_of
from dispatch.shipment_queries import get_shipment, shipments_of
from dispatch.shipments import BookingState, Shipment

_CLOCK_SKEW = timedelta(minutes=5)


def take_payment(session: Session, dossier: Dossier, form: PaymentForm, client: str, now: datetime) -> MoneyFact:
    """Record what a person tells; the same again is the same fact.

    Raises:
        Problem: the proof is missing, the parties cannot owe each other, the order is another dossier's, it lies in the
            future, the id was used for another payment, or a refund is larger than what is owed.
    """
    fact = _fact(session, dossier, form, client, now)
    known = next((one for one in money_of(session, dossier.code) if one.id == fact.id), None)
    if known is not None:
        if known != fact:
            raise _used(form)
        return known
    if fact.debtor is Party.POST or fact.kind is MoneyKind.WAIVED:
        _check_is_owed(session, fact)
    record_money(session, fact, now)
    if fact.ledger is Ledger.FEE and fact.debtor is Party.CITIZEN:
        _collect_no_more(session, dossier)
    return fact


def _collect_no_more(session: Session, dossier: Dossier) -> None:
    """What is paid, or let off, before an operator has been told to collect it, is not collected once more."""
    left = left_to_collect(session, dossier)
    for shipment in shipments_of(session, dossier.code, lock=True):
        untold = shipment.booking in (BookingState.REQUESTED, BookingState.RIDING) and shipment.unknown_since is None
        if shipment.live and untold and not _is_told(session, shipment):
            shipment.cod_vnd = min(shipment.cod_vnd, left)


def _is_told(session: Session, shipment: Shipment) -> bool:
    """Whether an operator knows of a shipment by the parcel in which it lies."""
    parcel = carrier_of(session, shipment)
    return parcel is not shipment and parcel.booking is not BookingState.REQUESTED


def _fact(session: Session, dossier: Dossier, form: PaymentForm, client: str, now: datetime) -> MoneyFact:
    if form.proof is None:
        raise _without_proof(form)
    if form.at > now + _CLOCK_SKEW:
        raise _impossible(f"at {form.at.isoformat()} lies in the future.", "Tell of a payment when it has been made.")
    creditor = form.creditor or (Party.AGENCY if form.ledger is Ledger.FEE else Party.POST)
    if Party.NOBODY in (form.debtor, creditor) or form.debtor is creditor:
        raise _impossible(f"'{form.debtor}' cannot owe '{creditor}'.", "Say who owed it to whom.")
    if form.order is not None and get_shipment(session, form.order).dossier_code != dossier.code:
        raise _impossible(f"Order {form.order} is another dossier's.", "Give an order number of this dossier.")
    return MoneyFact(
        id=f"{dossier.code}:payment:{client[:30]}:{form.payment_id}",
        ledger=form.ledger,
        kind=MoneyKind(form.kind),
        dossier_code=dossier.code,
        debtor=form.debtor,
        creditor=creditor,
        amount_vnd=form.amount_vnd,
        at=form.at,
        evidence=f"{form.proof}, {form.told_by}"[:300],
        order_number=form.order,
        legal_source=ROUTES if form.ledger is Ledger.FEE else "",
    )


def _check_is_owed(session: Session, fact: MoneyFact) -> None:
    """What the post pays back, and what somebody gives up, is at most what is owed."""
    debts = standing(one for one in money_of(session, fact.dossier_code)).debts
    same = (fact.ledger, fact.debtor, fact.creditor)
    owed = sum(debt.amount_vnd for debt in debts if (debt.ledger, debt.debtor, debt.creditor) == same)
    if fact.amount_vnd <= owed:
        return
    raise Problem(
        "refund-too-large",
        "More than is owed",
        f"{fact.amount_vnd} đồng, and '{fact.debtor}' owes '{fact.creditor}' {owed} đồng in the ledger '{fact.ledger}'."
        f" A refund is at most the charge ({LATE}).",
        "Look at the money of the dossier; compensation beyond the charge belongs to an incident.",
        next_step_vi="Xem lại sổ tiền của hồ sơ; bồi thường vượt cước phải ghi theo biên bản sự cố.",
        next_step_api="Look at GET /v1/dossiers/{code}/money; compensation beyond the charge belongs to an incident.",
        owed_vnd=owed,
    )


def _without_proof(form: PaymentForm) -> Problem:
    return Problem(
        "payment-without-proof",
        "A payment needs a proof",
        f"Payment '{form.payment_id}' names no receipt, transfer or decision ({ROUTES}).",
        "Give proof: the number and date of the paper that shows it.",
        next_step_vi="Ghi số và ngày của biên lai, lệnh chuyển tiền hoặc quyết định.",
    )


def _impossible(detail: str, next_step: str) -> Problem:
    return Problem(
        "payment-impossible",
        "This payment cannot have been made",
        detail,
        next_step,
        next_step_vi="Kiểm tra lại bên trả, bên nhận, số đơn và thời điểm.",
    )


def _used(form: PaymentForm) -> Problem:
    return Problem(
        "payment-id",
        "payment_id used for another payment",
        f"Payment '{form.payment_id}' was told before with another content.",
        "Tell of a new payment under an id of its own; what was told before stands.",
        next_step_vi="Dùng mã riêng cho khoản nộp mới; khoản đã ghi vẫn giữ nguyên.",
        status=409,
    )
