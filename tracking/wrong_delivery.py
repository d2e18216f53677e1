"""A delivery to the wrong person is reversed by a fact: the dossier stays settled, its result is on its way again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from carriers.states import ShipmentState
from config.clock import local
from dispatch import custody
from dispatch.context import Context
from dispatch.dossiers import Dossier, get_dossier
from dispatch.forms import Instant, Reference, Text
from dispatch.news import tell_onestop
from dispatch.problems import Problem
from dispatch.riders import dossiers_aboard
from dispatch.shipment_queries import get_shipment, shipments_of
from dispatch.shipments import Shipment
from tracking.doorstep import DeliveryReversal
from tracking.effects import journeys_with, move_on
from tracking.incidents.facts import IncidentKind
from tracking.incidents.opening import Alarm, open_incident
from tracking.notices import tell_citizen
from tracking.office import Office

_CLOCK_SKEW = timedelta(minutes=5)


class ReversalForm(BaseModel):
    """``POST /v1/shipments/{order_number}/reversal``: deliveries up to ``at`` were to somebody else.

    ``papers_with``: whether the papers are back with the post, or still with whoever was given them.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    reversal_id: Reference
    at: Instant
    officer: Text
    reason: Text
    papers_with: Literal["stranger", "post"] = "stranger"


def reverse_delivery(
    session: Session, context: Context, office: Office, order_number: str, form: ReversalForm
) -> DeliveryReversal:
    """Reverse a delivery; the same reversal again changes nothing.

    Raises:
        Problem: the order is unknown, nothing of it was delivered by then, the desk has signed for it, or the id was
            used for another reversal.
    """
    shipment = get_shipment(session, order_number)
    dossiers = {code: get_dossier(session, code, lock=True) for code in dossiers_aboard(session, shipment)}
    session.refresh(shipment, with_for_update=True)
    known = session.get(DeliveryReversal, (order_number, form.reversal_id))
    if known is not None:
        if ReversalForm.model_validate_json(known.said) != form:
            raise _cannot(f"'{form.reversal_id}' was sent before with another content.")
        return known
    _check(shipment, form, context)
    return _reverse(session, context, office, dossiers, shipment, form)


def _reverse(
    session: Session,
    context: Context,
    office: Office,
    dossiers: dict[str, Dossier],
    shipment: Shipment,
    form: ReversalForm,
) -> DeliveryReversal:
    now, number, together = context.clock.now(), shipment.order_number, journeys_with(session, shipment)
    holder = custody.STRANGER if form.papers_with == "stranger" else custody.post(shipment.carrier)
    reversal = DeliveryReversal(
        order_number=number,
        reversal_id=form.reversal_id,
        at=form.at,
        holder=holder,
        said=form.model_dump_json(),
        recorded_at=now,
    )
    session.add(reversal)
    session.flush()
    for one, before in together:
        _take_back(session, one, holder, form, now)
        # Before what follows from it: a delivery that came after the wrong one is told after it, and stands.
        _tell(session, context, dossiers[one.dossier_code], one, form)
        move_on(session, context, office, one, before)
    alarm = Alarm(
        kind=IncidentKind.WRONG_RECIPIENT,
        what=form.reason,
        cause=f"reversal:{number}:{form.reversal_id}",
        at=form.at,
        by=form.officer,
    )
    open_incident(session, context, office, dossiers[shipment.dossier_code], shipment, alarm)
    return reversal


def _take_back(session: Session, shipment: Shipment, holder: str, form: ReversalForm, now: datetime) -> None:
    """The papers are not where they were said to be; the leg is under way again, unless it was ordered anew since."""
    code, number = shipment.dossier_code, shipment.order_number
    delivered = {paper.id for paper, fact in custody.chain(session, code) if _is_delivery(fact, number)}
    papers = [paper for paper in custody.held_by(session, code, custody.CITIZEN) if paper.id in delivered]
    custody.hand_over(session, papers, holder, form.at, f"{number} reversed {form.reversal_id}", now)
    legs = shipments_of(session, code, lock=True)
    shipment.proof_wanted = False
    shipment.live = not any(one.live and one.leg is shipment.leg for one in legs if one is not shipment)


def _is_delivery(fact: custody.CustodyFact, number: str) -> bool:
    return fact.evidence.startswith(f"{number} delivered")


def _tell(session: Session, context: Context, dossier: Dossier, shipment: Shipment, form: ReversalForm) -> None:
    now, fact = context.clock.now(), f"{shipment.order_number}:{form.reversal_id}"
    data = {"order_number": shipment.order_number, "at": local(form.at).isoformat(), "reason": form.reason}
    tell_onestop(session, context.accounts, dossier, "postal.delivery_reversed", fact, data, now)
    tell_citizen(session, dossier, "delivery_reversed", fact, now)


def _check(shipment: Shipment, form: ReversalForm, context: Context) -> None:
    if form.at > context.clock.now() + _CLOCK_SKEW:
        raise _cannot(f"It is dated {form.at.isoformat()}, which is to come.")
    delivered = shipment.journey == ShipmentState.DELIVERED and shipment.delivered_at is not None
    if not delivered or (shipment.delivered_at is not None and shipment.delivered_at > form.at):
        raise _cannot(f"Nothing of order {shipment.order_number} was delivered by then; it is '{shipment.state}'.")
    if shipment.counted_at is not None:
        raise _cannot(f"The papers of order {shipment.order_number} were counted and signed for at the desk.")


def _cannot(why: str) -> Problem:
    return Problem(
        "reversal",
        "This delivery cannot be reversed",
        why,
        "Look at the shipment: only a delivery that the operator has reported, and that nobody has signed for at the "
        "desk, can be reversed; everything else is an incident.",
        next_step_vi="Chỉ đảo ngược việc phát đã được báo và chưa ký nhận tại quầy; việc khác thì lập sự cố.",
        status=409,
    )
