"""Handover records before they are signed: the server keeps what has been counted so far, one line after another.

A line that breaks in the middle of the counting, a scanner that stops or an officer who is called away lose nothing.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from dispatch.forms import Direction, HandoverForm
from dispatch.handover_lines import Handover, HandoverLine
from dispatch.handovers import check_line, draw_up, get_handover, lines_of
from dispatch.problems import Problem
from dispatch.shipment_queries import get_shipment

_MOST_LINES = 500
"""As many as a record that is drawn up at once may have."""


def drafts(session: Session, at: ColumnElement[bool], most: int) -> list[tuple[Handover, int]]:
    """Return records that nobody has signed yet, each with its number of lines, the newest first.

    ``at`` says of :class:`Handover` which records are wanted.
    """
    return _listed(session, (at, Handover.signed_at.is_(None)), most)


def signed_since(session: Session, at: ColumnElement[bool], since: datetime, most: int) -> list[tuple[Handover, int]]:
    """Return records that were signed at or after a moment, each with its number of lines, the newest first."""
    return _listed(session, (at, Handover.signed_at >= since), most)


def add_line(
    session: Session, handover_id: int | None, agency: str, direction: Direction, number: str, now: datetime
) -> tuple[Handover, bool]:
    """Put an order on a draft, or begin one with it; tells whether the draft did not have it before.

    Raises:
        Problem: the draft is signed, full or unknown, or the order does not belong in it.
    """
    shipment = get_shipment(session, number)
    form = HandoverForm(agency=agency, carrier=shipment.carrier, direction=direction, orders=[number])
    if handover_id is None:
        return draw_up(session, form, now)[0], True
    handover = _open_draft(session, handover_id)
    check_line(session, form.model_copy(update={"carrier": handover.carrier}), shipment)
    listed = lines_of(session, handover)
    if any(line.order_number == number for line in listed):
        return handover, False
    if len(listed) >= _MOST_LINES:
        raise _full(handover)
    session.add(HandoverLine(handover_id=handover.id, order_number=number, missing_papers=[]))
    session.flush()
    return handover, True


def drop_line(session: Session, handover_id: int, number: str) -> Handover:
    """Take an order off a draft. A draft without lines keeps its number and is listed no more.

    Raises:
        Problem: the draft is signed or unknown.
    """
    handover = _open_draft(session, handover_id)
    for line in lines_of(session, handover):
        if line.order_number == number:
            session.delete(line)
    session.flush()
    return handover


def _listed(
    session: Session, which: tuple[ColumnElement[bool], ColumnElement[bool]], most: int
) -> list[tuple[Handover, int]]:
    query = (
        select(Handover, func.count(HandoverLine.id))
        .join(HandoverLine, HandoverLine.handover_id == Handover.id)
        .where(*which)
        .group_by(Handover.id)
        .order_by(Handover.id.desc())
        .limit(most)
    )
    return [(handover, count) for handover, count in session.execute(query)]


def _open_draft(session: Session, handover_id: int) -> Handover:
    handover = get_handover(session, handover_id, lock=True)
    if handover.signed_at is None:
        return handover
    raise Problem(
        "handover-signed",
        "The record was signed already",
        f"Record {handover.number} was signed; its lines stay as they are.",
        "Draw up a new record for what is left.",
        next_step_vi="Biên bản đã ký không sửa được: hãy lập biên bản mới cho phần còn lại.",
        status=409,
    )


def _full(handover: Handover) -> Problem:
    return Problem(
        "handover-full",
        "The record is full",
        f"Record {handover.number} has {_MOST_LINES} lines.",
        "Sign it, and draw up another one for the rest.",
        next_step_vi="Ký biên bản này rồi lập biên bản khác cho phần còn lại.",
        status=409,
    )
