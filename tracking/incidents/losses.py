"""Losses by the operator's word: each is an incident, and a find is a fact in it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from dispatch.context import Context
from dispatch.dossiers import Dossier
from dispatch.shipments import Shipment
from tracking.incidents.facts import FOUND_BY_OPERATOR, Found, IncidentKind
from tracking.incidents.opening import Alarm, open_incident
from tracking.incidents.records import add
from tracking.incidents.rows import IncidentRow, said_of
from tracking.incidents.standstill import BY_OPERATOR
from tracking.journey import Loss
from tracking.office import Office

_LATER_EVENTS = "tin đến muộn của bưu điện cho thấy không thất lạc"


def follow_losses(
    session: Session,
    context: Context,
    office: Office,
    dossier: Dossier,
    shipment: Shipment,
    before: tuple[Loss, ...],
    after: tuple[Loss, ...],
) -> None:
    """Open an incident for each loss that is new, and say in it when the papers were found.

    Events come in any order: the first loss of a shipment stays its first, whatever its time turns out to be, and one
    that turns out to have been none is found.
    """
    for number in range(max(len(before), len(after))):
        known = before[number] if number < len(before) else None
        loss = after[number] if number < len(after) else None
        if loss is None and known is not None:
            _say_found(
                session, context, office, dossier, _incident(session, context, office, dossier, shipment, number, known)
            )
        elif loss is not None and loss != known:
            incident = _incident(session, context, office, dossier, shipment, number, loss)
            if loss.found_at is not None:
                _say_found(session, context, office, dossier, incident, loss.found_at)
            elif known is not None and known.found_at is not None:
                _say_found(session, context, office, dossier, incident, known.found_at, found=False)


def _incident(
    session: Session, context: Context, office: Office, dossier: Dossier, shipment: Shipment, number: int, loss: Loss
) -> IncidentRow:
    alarm = Alarm(
        kind=IncidentKind.LOST,
        what=f"bưu điện báo thất lạc giấy tờ của đơn {shipment.order_number}",
        cause=f"{BY_OPERATOR}{shipment.order_number}:{number + 1}",
        at=loss.lost_at,
        by=f"operator:{shipment.account}",
    )
    return open_incident(session, context, office, dossier, shipment, alarm)


def _say_found(
    session: Session,
    context: Context,
    office: Office,
    dossier: Dossier,
    incident: IncidentRow,
    at: datetime | None = None,
    *,
    found: bool = True,
) -> None:
    times = sum(isinstance(one.form, Found) for one in said_of(session, incident))
    said = (
        _LATER_EVENTS if at is None else "bưu điện báo đã tìm thấy giấy tờ" if found else "bưu điện vẫn chưa tìm thấy"
    )
    fact = Found(
        fact_id=f"{FOUND_BY_OPERATOR}{times + 1}", at=at or context.clock.now(), by="bưu điện", found=found, what=said
    )
    add(session, context, office, dossier, incident, fact)
