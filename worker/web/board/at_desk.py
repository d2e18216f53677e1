"""What a scan at an agency's desk means: which orders change hands there, and on which record one goes."""

from __future__ import annotations

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from dispatch.dossiers import Dossier
from dispatch.forms import Direction
from dispatch.handover_doubts import doubts
from dispatch.handover_drafts import add_line, drafts
from dispatch.handover_lines import Handover
from dispatch.problems import Problem
from dispatch.scanning import scanned
from dispatch.shipment_queries import get_shipment
from dispatch.shipments import Shipment
from dispatch.transfers import Transfer
from worker.access.actor import Staff
from worker.access.filters import within
from worker.access.roles import Permission, Scope
from worker.runtime import Runtime


def add_scanned(
    runtime: Runtime, staff: Staff, agency: str, direction: Direction, text: str, record: int | None
) -> tuple[int, str]:
    """Put the order that a scanned text means on a record; returns its id and the word of what came of it.

    Without a record it goes on the newest draft of its operator, or begins one. Of a dossier with several orders the
    one counts that changes hands in this direction.

    Raises:
        Problem: the text is none of ours, or the order does not belong on the record.
    """
    with runtime.context.database.write() as session:
        visible = _at_desks_of(staff.scope(Permission.SIGN_HANDOVERS))
        trouble: Problem | None = None
        for number in scanned(session, text, visible):
            chosen = record or _open_draft(session, agency, direction, get_shipment(session, number))
            try:
                handover, is_new = add_line(session, chosen, agency, direction, number, runtime.context.clock.now())
            except Problem as problem:
                trouble = problem
                continue
            in_doubt = doubts(session, handover, get_shipment(session, number))
            return handover.id, "added-in-doubt" if in_doubt else "added" if is_new else "added-before"
        raise trouble or AssertionError("what was scanned means at least one order")


def _at_desks_of(scope: Scope) -> ColumnElement[bool]:
    """Whether an order may change hands at a desk of the scope: its dossier is of an agency there, or a transfer comes.

    Of the dossier of another agency its other orders stay unknown.
    """
    ends = within(Transfer.from_agency, scope), within(Transfer.to_agency, scope)
    carried = Shipment.order_id.in_(select(Transfer.order_id).where(or_(*ends)))
    return or_(within(Dossier.agency_code, scope), carried)


def may_read(session: Session, staff: Staff, shipment: Shipment) -> bool:
    """Whether the dossier of an order at a desk may be opened: a transfer's belongs to another agency at one end."""
    return staff.may(Permission.READ_DOSSIERS, session.get_one(Dossier, shipment.dossier_code).agency_code)


def _open_draft(session: Session, agency: str, direction: Direction, shipment: Shipment) -> int | None:
    same = (Handover.agency_code == agency) & (Handover.direction == direction) & Handover.sealed.is_(False)
    found = drafts(session, same & (Handover.carrier == shipment.carrier), 1)
    return found[0][0].id if found else None
