"""Routes for the desk: what to expect, handover records, signatures."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from sqlalchemy.orm import Session

from config.clock import local
from dispatch.forms import Code, Direction, HandoverForm, SignatureForm
from dispatch.handover_doubts import doubts
from dispatch.handover_lines import Handover, HandoverLine
from dispatch.handovers import SEALED, draw_up, expected, papers_in
from dispatch.papers import Paper, describe_papers
from dispatch.pickup_slips import missing_from_the_start
from dispatch.rejections import FaultForm, name_party, payer_of
from dispatch.shipment_queries import get_shipment
from tracking.acceptance import sign_handover
from tracking.clock_facts import contradiction_of, handover_fact_id, latest_version
from worker.web.auth import ClientDep
from worker.web.deps import RuntimeDep
from worker.web.handover_answers import ExpectedAnswer, ExpectedList, FaultAnswer, HandoverAnswer, HandoverLineAnswer

router = APIRouter(prefix="/v1/handovers", tags=["handovers"])

HandoverId = Annotated[int, Path(ge=1, lt=2**31)]


@router.get("/expected")
def expected_handovers(
    agency: Annotated[Code, Query()], direction: Annotated[Direction, Query()], runtime: RuntimeDep, _client: ClientDep
) -> ExpectedList:
    """Papers on their way to the desk, or results waiting for the postman."""
    with runtime.context.database.read() as session:
        lines = expected(session, agency, direction)
        return ExpectedList(
            orders=[
                ExpectedAnswer(
                    order_number=line.shipment.order_number,
                    dossier=line.shipment.dossier_code,
                    carrier=line.shipment.carrier,
                    direction=direction,
                    state=line.shipment.state,
                    since=local(line.shipment.state_since),
                    papers=[describe_papers([Paper(p.name, p.originals, p.copies)]) for p in line.papers],
                    missing_from_the_start=missing_from_the_start(session, line.shipment),
                    rides_with=line.shipment.rides_with,
                )
                for line in lines
            ]
        )


@router.post("", status_code=201)
def draw(form: HandoverForm, runtime: RuntimeDep, _client: ClientDep) -> HandoverAnswer:
    """Draw up a record; the same lines asked for again are the same draft."""
    with runtime.context.database.write() as session:
        accounts = runtime.context.accounts
        may_be_sealed = lambda shipment: accounts.carrier_account_by_id(shipment.account).bulk_sealed  # noqa: E731
        handover, lines = draw_up(session, form, runtime.context.clock.now(), may_be_sealed=may_be_sealed)
        return _answer(session, handover, lines)


@router.post("/{handover_id}/sign")
def sign(handover_id: HandoverId, form: SignatureForm, runtime: RuntimeDep, _client: ClientDep) -> HandoverAnswer:
    """Put both signatures under a record: from this moment on the agency's time runs for every accepted line."""
    with runtime.context.database.write() as session:
        handover, lines = sign_handover(session, runtime.context, runtime.office, handover_id, form)
        answer = _answer(session, handover, lines)
    runtime.context.ring("notices")
    return answer


@router.post("/{handover_id}/fault")
def fault(handover_id: HandoverId, form: FaultForm, runtime: RuntimeDep, _client: ClientDep) -> FaultAnswer:
    """Name who pays for carrying rejected papers again, where the facts do not tell it."""
    with runtime.context.database.write() as session:
        line = name_party(session, handover_id, form, runtime.context.clock.now())
        return FaultAnswer(order=line.order_number, fault=payer_of(session, line), fault_reason=line.fault_reason)


def _answer(session: Session, handover: Handover, lines: list[HandoverLine]) -> HandoverAnswer:
    return HandoverAnswer.of(handover, [_line(session, handover, line) for line in lines])


def _line(session: Session, handover: Handover, line: HandoverLine) -> HandoverLineAnswer:
    shipment = get_shipment(session, line.order_number)
    papers = papers_in(session, shipment, handover.direction)
    counted = [SEALED] if handover.sealed else [describe_papers([Paper(p.name, p.originals, p.copies)]) for p in papers]
    version = latest_version(session, shipment.dossier_code) if line.accepted else None
    return HandoverLineAnswer.of(
        line,
        counted,
        missing_from_the_start(session, shipment),
        doubts(session, handover, shipment),
        payer_of(session, line),
        version.due if version else None,
        contradiction_of(session, handover_fact_id(shipment.dossier_code, handover.number)),
    )
