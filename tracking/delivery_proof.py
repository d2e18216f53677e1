"""The record of a delivery: who received, with what paper and by what right."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.clock import local
from dispatch import custody
from dispatch.context import Context
from dispatch.dossiers import Dossier, get_dossier
from dispatch.problems import Problem
from dispatch.recipients import DeliveryRecordForm, Lack, Receiving, judge
from dispatch.riders import dossiers_aboard
from dispatch.shipment_queries import get_shipment
from dispatch.shipments import Leg, Shipment
from tracking.deadlines.rules import RuleId
from tracking.doorstep import NOT_WITH_POST, RECEIVED_ALREADY, DeliveryRecord, DeliveryReversal, is_proven
from tracking.effects import journeys_with, move_on
from tracking.lost_slips import note_lost_slip
from tracking.office import Office

_CLOCK_SKEW = timedelta(minutes=5)
_RULES = {Lack.TAKE_BACK: RuleId.DELIVERY_TAKE_BACK, Lack.SIGNATURES: RuleId.DELIVERY_SIGNATURE}


@dataclass(frozen=True)
class Recorded:
    """A record that is kept. ``refusal`` says why it is no delivery; ``contradiction`` what it does not fit."""

    record: DeliveryRecord
    refusal: Problem | None
    contradiction: str | None


def take_record(
    session: Session, context: Context, office: Office, order_number: str, form: DeliveryRecordForm
) -> Recorded:
    """Keep a record; the same one again changes nothing. Without what is needed it is a failed attempt.

    Raises:
        Problem: the order is unknown or carries no result, the record lies in the future, or its id was used for
            another one.
    """
    shipment = get_shipment(session, order_number)
    dossiers = {code: get_dossier(session, code, lock=True) for code in dossiers_aboard(session, shipment)}
    session.refresh(shipment, with_for_update=True)
    dossier = dossiers[shipment.dossier_code]
    receiving = judge(form)
    known = session.get(DeliveryRecord, (order_number, form.record_id))
    if known is None:
        _check(shipment, form, context)
        known = _write(session, context, office, dossier, shipment, form, receiving)
    elif DeliveryRecordForm.model_validate_json(known.said) != form:
        raise _used_otherwise(form.record_id)
    return Recorded(known, _refusal(office, form, receiving), contradiction_of(session, shipment, known))


def records_of(session: Session, order_number: str) -> list[DeliveryRecord]:
    """Return the records of a shipment in event time."""
    query = select(DeliveryRecord).where(DeliveryRecord.order_number == order_number)
    return list(session.scalars(query.order_by(DeliveryRecord.at, DeliveryRecord.record_id)))


def _write(
    session: Session,
    context: Context,
    office: Office,
    dossier: Dossier,
    shipment: Shipment,
    form: DeliveryRecordForm,
    receiving: Receiving,
) -> DeliveryRecord:
    together = journeys_with(session, shipment)
    record = DeliveryRecord(
        order_number=shipment.order_number,
        record_id=form.record_id,
        at=form.at,
        said=form.model_dump_json(),
        refused=",".join(receiving.lacks) or None,
        contradiction=_contradiction(session, shipment),
        recorded_at=context.clock.now(),
    )
    session.add(record)
    session.flush()
    if record.contradiction is not None:
        return record
    if receiving.lacks:
        for one, before in together:
            move_on(session, context, office, one, before)
        return record
    shipment.proof_wanted = False
    note_lost_slip(session, context, office, dossier, shipment, form)
    return record


def contradiction_of(session: Session, shipment: Shipment, record: DeliveryRecord) -> str | None:
    """Return what a record does not fit by what is known now: the collection may have been heard of after it."""
    if record.contradiction != NOT_WITH_POST or shipment.collected_at is None:
        return record.contradiction
    reversed_at = list(
        session.scalars(select(DeliveryReversal.at).where(DeliveryReversal.order_number == record.order_number))
    )
    for earlier in records_of(session, record.order_number):
        if earlier.record_id == record.record_id:
            return None
        received = earlier.refused is None and earlier.contradiction in (None, NOT_WITH_POST)
        if received and not any(earlier.at <= at <= record.at for at in reversed_at):
            return RECEIVED_ALREADY
    return None


def _contradiction(session: Session, shipment: Shipment) -> str | None:
    if is_proven(session, shipment.order_number, collected=shipment.collected_at is not None):
        return RECEIVED_ALREADY
    held = custody.held_by(session, shipment.dossier_code, custody.post(shipment.carrier))
    return None if held or shipment.collected_at is not None else NOT_WITH_POST


def _check(shipment: Shipment, form: DeliveryRecordForm, context: Context) -> None:
    now = context.clock.now()
    why = None
    if shipment.leg is not Leg.RETURN:
        why = "It brings papers to the agency, where a handover record is signed."
    elif form.at > now + _CLOCK_SKEW:
        why = f"It is dated {form.at.isoformat()}, and now is {local(now).isoformat()}."
    if why is not None:
        raise Problem(
            "delivery-record",
            "The record of delivery cannot be taken",
            why,
            "Record deliveries of results, when they have happened, with time and zone.",
            next_step_vi="Chỉ ghi nhận việc phát kết quả đã diễn ra, kèm thời điểm và múi giờ.",
        )


def _refusal(office: Office, form: DeliveryRecordForm, receiving: Receiving) -> Problem | None:
    if not receiving.lacks:
        return None
    first = receiving.lacks[0]
    rule = office.rules.at(_RULES.get(first, RuleId.DELIVERY_IDENTITY), local(form.at).date())
    return Problem(
        "no-delivery",
        "This is not a delivery",
        f"Missing: {', '.join(receiving.lacks)}. It is kept as a failed attempt.",
        "Keep the papers; invite the recipient to come with what is missing, and record the next attempt anew.",
        next_step_vi="Chưa được phát: giữ lại bưu gửi, mời người nhận mang đủ giấy tờ, lập biên bản cho lần phát sau.",
        lacks=list(receiving.lacks),
        rule=rule.id,
        legal_source=rule.legal_source,
        rule_vi=rule.text_vi,
        rule_en=rule.text_en,
    )


def _used_otherwise(record_id: str) -> Problem:
    return Problem(
        "record-id",
        "record_id used for another record",
        f"'{record_id}' was sent before with another content; a signed record is never changed.",
        "Send a new record under an id of its own.",
        next_step_vi="Biên bản đã ký không sửa được: gửi biên bản mới với mã riêng.",
        status=409,
    )
