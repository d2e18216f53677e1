"""Handover records (biên bản giao nhận): counted together, accepted or rejected line by line, signed by both sides.

Decision 45/2016/QĐ-TTg Art. 7(2)-(4) for papers that come in, Art. 9 for results that go out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from carriers.states import ShipmentState
from config.batch import batched
from config.clock import local
from dispatch import custody
from dispatch.dossiers import Dossier, DossierPaper, preloaded
from dispatch.forms import Direction, HandoverForm
from dispatch.handover_lines import Handover, HandoverLine
from dispatch.handover_waiting import signed_numbers, waits_at
from dispatch.problems import Problem
from dispatch.shipment_queries import TRANSFERS, get_shipment
from dispatch.shipments import BEFORE_COLLECTION, Leg, Shipment
from dispatch.transfers import Transfer, carried_papers, transfer_of

SEALED = "01 bưu gửi do cơ quan niêm phong"
"""How a line of a sealed record is counted."""


@dataclass(frozen=True)
class ExpectedLine:
    """A shipment whose papers should change hands at the agency next."""

    shipment: Shipment
    papers: list[DossierPaper]


def expected(
    session: Session, agency: str, direction: Direction, *, most: int | None = None, after: int = 0
) -> list[ExpectedLine]:
    """Return what the desk should expect: papers on their way in, or results waiting for the postman.

    Those that have waited longest come first; ``most`` of them, without the first ``after``.
    """
    query = (
        select(Shipment)
        .join(Dossier, Dossier.code == Shipment.dossier_code)
        .outerjoin(Transfer, Transfer.order_id == Shipment.order_id)
        .where(*waits_at(agency, direction))
        .order_by(Shipment.state_since, Shipment.order_number)
        .limit(most)
        .offset(after)
    )
    found = list(session.scalars(query))
    codes = {shipment.dossier_code for shipment in found}
    with batched(session, {Dossier: codes}), preloaded(session, codes):
        return [ExpectedLine(one, papers_in(session, one, direction)) for one in found]


def draw_up(
    session: Session,
    form: HandoverForm,
    now: datetime,
    *,
    may_be_sealed: Callable[[Shipment], bool] = lambda _shipment: False,
) -> tuple[Handover, list[HandoverLine]]:
    """Draw up a record; the same record asked for again is the same draft.

    Raises:
        Problem: an order is unknown, is another agency's or operator's, has been signed for already, or may not be
            handed over sealed.
    """
    shipments = [get_shipment(session, number) for number in dict.fromkeys(form.orders)]
    for shipment in shipments:
        if form.sealed and not (form.direction is Direction.TO_POST and may_be_sealed(shipment)):
            raise _not_sealed(shipment)
        check_line(session, form, shipment)
    draft = _same_draft(session, form, {s.order_number for s in shipments})
    if draft is not None:
        return draft, lines_of(session, draft)
    handover = Handover(
        number=_next_number(session, form, now),
        agency_code=form.agency,
        carrier=form.carrier,
        direction=form.direction,
        sealed=form.sealed,
        drawn_up_at=now,
    )
    session.add(handover)
    session.flush()
    lines = [HandoverLine(handover_id=handover.id, order_number=s.order_number, missing_papers=[]) for s in shipments]
    session.add_all(lines)
    session.flush()
    return handover, lines


def get_handover(session: Session, handover_id: int, *, lock: bool = False) -> Handover:
    """Return the record; ``lock`` keeps others from signing it until the transaction ends.

    Raises:
        Problem: there is none with this id.
    """
    handover = session.get(Handover, handover_id, with_for_update=lock)
    if handover is None:
        raise unknown_handover(handover_id)
    return handover


def unknown_handover(handover_id: int) -> Problem:
    """No record has this id."""
    return Problem(
        "unknown-handover",
        "Unknown handover record",
        f"No handover record {handover_id} exists.",
        "Draw it up first, or choose it from the records that wait for signatures.",
        next_step_vi="Lập biên bản giao nhận trước khi ký.",
        next_step_api="Draw it up first with POST /v1/handovers.",
        status=404,
    )


def lines_of(session: Session, handover: Handover) -> list[HandoverLine]:
    """Return the record's lines in the order in which they were drawn up."""
    query = select(HandoverLine).where(HandoverLine.handover_id == handover.id).order_by(HandoverLine.id)
    return list(session.scalars(query))


def papers_in(session: Session, shipment: Shipment, direction: Direction) -> list[DossierPaper]:
    """Return the papers of a shipment that change hands in this direction.

    Going out, these are all papers the agency holds: the result and the originals that go back with it
    (Decision 45/2016/QĐ-TTg Art. 8(3)). Coming in, all that the operator or the citizen still holds. Between agencies,
    those of the transfer that have not arrived.
    """
    if shipment.leg is Leg.TRANSFER:
        return carried_papers(session, shipment)
    agency_code = session.get_one(Dossier, shipment.dossier_code).agency_code
    elsewhere = between_agencies(session, shipment.dossier_code)
    elsewhere |= custody.issued_since(session, shipment.dossier_code, shipment.collected_at)
    held = [h for h in custody.holdings(session, shipment.dossier_code) if h.paper.id not in elsewhere]
    if direction is Direction.TO_POST:
        return [h.paper for h in held if h.holder == custody.agency(agency_code)]
    return [h.paper for h in held if not custody.is_agency(h.holder)]


def between_agencies(session: Session, code: str) -> set[int]:
    """Return the ids of a dossier's papers that go from one agency to another: no other leg takes them along.

    They do from the order until the desk that they come to has signed for them.
    """
    transfer = next(reversed(TRANSFERS.of(session, code)), None)
    if transfer is None or transfer.state == ShipmentState.CANCELLED or _is_signed_for(session, transfer):
        return set()
    return {paper.id for paper in carried_papers(session, transfer)}


def _is_signed_for(session: Session, transfer: Shipment) -> bool:
    arrived = signed_numbers(Direction.TO_AGENCY).where(HandoverLine.order_number == transfer.order_number)
    return session.scalar(arrived.limit(1)) is not None


def desks_of(session: Session, shipment: Shipment, direction: Direction) -> list[str]:
    """Return the agencies at whose desk the papers of a shipment may change hands in this direction.

    What the other agency has rejected may be brought home before the operator has told that it was.
    """
    if shipment.leg is not Leg.TRANSFER:
        return [session.get_one(Dossier, shipment.dossier_code).agency_code]
    transfer = transfer_of(session, shipment)
    if direction is Direction.TO_POST or shipment.state == ShipmentState.RETURNED:
        return [transfer.from_agency]
    rejected = select(HandoverLine.id).where(
        HandoverLine.order_number == shipment.order_number, HandoverLine.accepted.is_(False)
    )
    comes_home = session.scalar(rejected.limit(1)) is not None
    return [transfer.to_agency, *([transfer.from_agency] if comes_home else [])]


def check_line(session: Session, form: HandoverForm, shipment: Shipment) -> None:
    """Refuse a line that does not belong in a record.

    Raises:
        Problem: it is another agency's or operator's, goes the other way, or has been signed for already.
    """
    desks = desks_of(session, shipment, form.direction)
    signed = session.scalar(
        signed_numbers(form.direction).where(HandoverLine.order_number == shipment.order_number).limit(1)
    )
    why = None
    if form.agency not in desks:
        why = f"it belongs to agency {' or '.join(desks)}"
    elif shipment.carrier != form.carrier:
        why = f"it is carried by {shipment.carrier}"
    elif form.direction is Direction.TO_POST and shipment.leg is Leg.SEND:
        why = "its papers come to the agency, they do not leave it"
    elif signed is not None:
        why = "it has been signed for already"
    elif form.direction is Direction.TO_AGENCY and shipment.leg is Leg.RETURN and _never_left(session, shipment):
        why = "nobody has collected it; sign first the record by which the post took it, or wait for its report"
    if why is not None:
        raise Problem(
            "handover-line",
            "A line does not belong in this record",
            f"Order {shipment.order_number}: {why}.",
            "Take the line out, or put it into the record of its own agency, operator and direction.",
            next_step_vi="Bỏ dòng này khỏi biên bản, hoặc ghi vào biên bản đúng cơ quan, bưu điện và chiều giao nhận.",
            status=409,
            order=shipment.order_number,
        )


def _never_left(session: Session, shipment: Shipment) -> bool:
    return shipment.journey in BEFORE_COLLECTION and not custody.is_with_post(session, shipment)


def _same_draft(session: Session, form: HandoverForm, numbers: set[str]) -> Handover | None:
    query = select(Handover).where(
        Handover.agency_code == form.agency,
        Handover.carrier == form.carrier,
        Handover.direction == form.direction,
        Handover.sealed.is_(form.sealed),
        Handover.signed_at.is_(None),
    )
    drafts = (h for h in session.scalars(query) if {line.order_number for line in lines_of(session, h)} == numbers)
    return next(drafts, None)


def _next_number(session: Session, form: HandoverForm, now: datetime) -> str:
    prefix = f"BBGN-{form.agency}-{local(now):%y%m%d}-"
    ours = Handover.agency_code == form.agency  # an index leads to it, which no beginning of a number has
    count = session.scalar(select(func.count()).where(ours, Handover.number.startswith(prefix))) or 0
    return f"{prefix}{count + 1:04d}"


def _not_sealed(shipment: Shipment) -> Problem:
    return Problem(
        "not-sealed",
        "These papers are counted one by one",
        f"Order {shipment.order_number}: account {shipment.account} has no agreement on results that the agency seals "
        "itself, or the papers do not leave the agency (Decision 45/2016/QĐ-TTg Art. 9(4)).",
        "Count the papers with the postman on a record that is not sealed, or agree on it with the operator.",
        next_step_vi="Lập biên bản kiểm đếm từng giấy tờ, hoặc thoả thuận với bưu điện về việc cơ quan tự niêm phong.",
        status=409,
        order=shipment.order_number,
    )
