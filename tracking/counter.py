"""Results at the counter: handed back by the post, taken in person, or taken by the post once more."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from dispatch import custody
from dispatch.change_forms import CounterPickupForm
from dispatch.context import Context
from dispatch.dossiers import Dossier, get_dossier
from dispatch.generations import succeed
from dispatch.handover_lines import Handover
from dispatch.news import tell_copies
from dispatch.order_changes import ask_to_cancel
from dispatch.problems import Problem
from dispatch.recalls import end_changes
from dispatch.settlements import announce_cancelled
from dispatch.shipment_queries import current_shipment, get_shipment, shipments_of
from dispatch.shipments import BEFORE_COLLECTION, Leg, Shipment
from tracking.counter_facts import CounterFact, CounterWait, open_wait, record
from tracking.counter_stay import CounterEvent
from tracking.notices import tell_citizen
from tracking.office import Office

_CLOCK_SKEW = timedelta(minutes=5)


def handed_back(
    session: Session, office: Office, dossier: Dossier, shipment: Shipment, handover: Handover, now: datetime
) -> None:
    """The post has given a result back, by a signed record: from now on it waits at the counter.

    The record proves that the leg has ended, whatever the operator reports of it later.
    """
    shipment.live = False
    end_changes(shipment)
    fact = CounterFact(
        id=f"{shipment.order_number}:{CounterEvent.WAITING}:{handover.number}",
        order_number=shipment.order_number,
        kind=CounterEvent.WAITING,
        at=handover.signed_at or now,
        evidence=handover.number,
        officer=handover.officer,
        recorded_at=now,
    )
    record(session, office, dossier, fact)


def left_again(
    session: Session, office: Office, dossier: Dossier, shipment: Shipment, at: datetime, now: datetime
) -> None:
    """The post has collected the result once more: its stay at the counter is over."""
    wait = open_wait(session, dossier.code)
    if wait is None or wait.order_number == shipment.order_number:
        return
    fact = CounterFact(
        id=f"{wait.order_number}:{CounterEvent.SENT_AGAIN}:{shipment.order_number}",
        order_number=wait.order_number,
        kind=CounterEvent.SENT_AGAIN,
        at=at,
        evidence=f"{shipment.order_number} collected",
        recorded_at=now,
    )
    record(session, office, dossier, fact)


def take_at_counter(
    session: Session, context: Context, office: Office, code: str, form: CounterPickupForm
) -> CounterFact:
    """Record that a result was taken in person; the same form again changes nothing.

    Raises:
        Problem: nothing waits, the moment is none, somebody else has no authorisation, or it was taken already.
    """
    now = context.clock.now()
    dossier = get_dossier(session, code, lock=True)
    digest = hashlib.sha256(form.model_dump_json().encode()).hexdigest()
    if (known := _taken(session, code)) is not None:
        if known.digest != digest:
            raise _taken_already(known)
        return known
    wait = waiting(session, code)
    _check(form, dossier, wait, now)
    _stop_second_sending(session, context, code, now)
    fact = _fact_of(form, wait.order_number, digest, now)
    record(session, office, dossier, fact)
    papers = custody.held_by(session, code, custody.agency(dossier.agency_code))
    custody.hand_over(session, papers, custody.CITIZEN, form.at, f"counter {wait.order_number}", now)
    tell_citizen(session, dossier, "result_collected", wait.order_number, now, at=form.at)
    tell_copies(session, context.accounts, dossier, f"collected:{wait.order_number}", now)
    return fact


def waiting(session: Session, code: str) -> CounterWait:
    """Return the stay of a dossier's result.

    Raises:
        Problem: no result of it waits at the counter.
    """
    wait = open_wait(session, code)
    if wait is None:
        raise Problem(
            "not-at-counter",
            "No result waits at the counter",
            f"No result of dossier {code} was handed back by the post and is still there.",
            "Sign the handover record with the post first (direction to_agency), then record this.",
            next_step_vi="Ký biên bản nhận lại kết quả từ bưu điện trước khi ghi nhận.",
            status=409,
        )
    return wait


def _fact_of(form: CounterPickupForm, order_number: str, digest: str, now: datetime) -> CounterFact:
    receiver = form.receiver
    return CounterFact(
        id=f"{order_number}:{CounterEvent.COLLECTED}",
        order_number=order_number,
        kind=CounterEvent.COLLECTED,
        at=form.at,
        evidence=f"{receiver.id_kind} …{receiver.id_last}, {form.officer}",
        officer=form.officer,
        receiver=receiver.name,
        id_kind=receiver.id_kind,
        id_last=receiver.id_last,
        authorisation=receiver.authorisation,
        digest=digest,
        recorded_at=now,
    )


def _taken(session: Session, code: str) -> CounterFact | None:
    """Return the fact that says who took the newest result; None while it has not been taken, or was sent since."""
    backs = [s for s in shipments_of(session, code) if s.leg is Leg.RETURN]
    found = (session.get(CounterFact, f"{s.order_number}:{CounterEvent.COLLECTED}") for s in reversed(backs))
    return next((fact for fact in found if fact is not None), None)


def _check(form: CounterPickupForm, dossier: Dossier, wait: CounterWait, now: datetime) -> None:
    if not wait.since <= form.at <= now + _CLOCK_SKEW:
        raise Problem(
            "counter-moment",
            "The result was not at the counter then",
            f"at {form.at.isoformat()} lies before the hand-back ({wait.since.isoformat()}) or in the future.",
            "Give the moment at which it was taken, with its zone.",
            next_step_vi="Ghi đúng thời điểm công dân nhận kết quả tại quầy.",
        )
    receiver = form.receiver
    if receiver.name.casefold() != dossier.applicant_name.casefold() and not receiver.authorisation:
        raise Problem(
            "proxy-without-paper",
            "Another person needs an authorisation",
            f"'{receiver.name}' is not the applicant (Circular 17/2017/TT-BTTTT Art. 5(2)(d)).",
            "Ask for the written authorisation and record its number or date.",
            next_step_vi="Yêu cầu giấy uỷ quyền và ghi số hoặc ngày (Thông tư 17/2017/TT-BTTTT, Điều 5(2)(d)).",
            legal_source="Thông tư 17/2017/TT-BTTTT, Điều 5(2)(d)",
        )


def _stop_second_sending(session: Session, context: Context, code: str, now: datetime) -> None:
    """What was taken at the counter is not sent any more."""
    shipment = current_shipment(session, code, Leg.RETURN)
    if shipment is not None and shipment.live and shipment.journey in BEFORE_COLLECTION:
        shipments_of(session, code, lock=True)
        ask_to_cancel([shipment], now)
        announce_cancelled(session, context, get_shipment(session, shipment.order_number), now)
        succeed(session, shipment, now)


def _taken_already(known: CounterFact) -> Problem:
    return Problem(
        "taken-already",
        "The result was taken already",
        f"It was handed out on {known.at.isoformat()} by {known.officer}.",
        "What was recorded is never changed; if it is wrong, tell the head of the desk.",
        next_step_vi="Kết quả đã được trao; ghi nhận không sửa được, nếu sai hãy báo phụ trách bộ phận một cửa.",
        status=409,
    )
