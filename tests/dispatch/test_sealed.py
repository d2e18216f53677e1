"""Results that the agency has packed and sealed itself, by agreement (Decision 45/2016/QĐ-TTg Art. 9(4))."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from carriers.states import ShipmentState
from dispatch import custody
from dispatch.dossiers import PaperKind, add_papers, list_papers
from dispatch.forms import Direction, HandoverForm, SignatureForm
from dispatch.handover_signing import sign
from dispatch.handovers import draw_up
from dispatch.papers import Paper
from dispatch.problems import Problem
from tests.dispatch.people import NOW, has_moved, place, refusal, register
from tests.support.desk import AGENCY, CARRIER


def ready(session: Session, number: int) -> str:
    code = f"H14.10-260302-{number:04}"
    register(session, code)
    add_papers(session, code, PaperKind.RESULT, (Paper("Thẻ bảo hiểm", 1, 0),))
    custody.hand_over(session, list_papers(session, code), custody.agency(AGENCY), NOW, "counter", NOW)
    _, (shipment,) = place(session, "receive", ready=True, dossier=code)
    has_moved(shipment, ShipmentState.BOOKED)
    return shipment.order_number


def record(*numbers: str, direction: Direction = Direction.TO_POST) -> HandoverForm:
    return HandoverForm(agency=AGENCY, carrier=CARRIER, direction=direction, orders=list(numbers), sealed=True)


def test_by_agreement_sealed_results_go_out_as_parcels(session: Session) -> None:
    numbers = [ready(session, number) for number in range(1, 4)]
    handover, lines = draw_up(session, record(*numbers), NOW, may_be_sealed=lambda _shipment: True)
    assert (handover.sealed, len(lines)) == (True, 3)
    verdicts = [{"order": number, "accepted": True} for number in numbers]
    form = {"signed_at": NOW, "officer": "Hà Thị Mai", "postman": "Lý Văn Hải", "lines": verdicts}
    sign(session, handover.id, SignatureForm.model_validate(form), NOW)
    held = custody.holdings(session, "H14.10-260302-0001")
    assert {holding.holder for holding in held} == {custody.post(CARRIER)}


def test_without_an_agreement_they_are_counted_one_by_one(session: Session) -> None:
    with pytest.raises(Problem) as refused:
        draw_up(session, record(ready(session, 1)), NOW)
    assert refusal(refused) == ("not-sealed", 409)
    assert "Art. 9(4)" in refused.value.detail


def test_what_comes_in_is_never_taken_over_sealed(session: Session) -> None:
    number = ready(session, 1)
    with pytest.raises(Problem) as refused:
        draw_up(session, record(number, direction=Direction.TO_AGENCY), NOW, may_be_sealed=lambda _shipment: True)
    assert refusal(refused) == ("not-sealed", 409)


def test_a_sealed_record_is_another_draft_than_an_open_one(session: Session) -> None:
    number = ready(session, 1)
    sealed, _ = draw_up(session, record(number), NOW, may_be_sealed=lambda _shipment: True)
    opened, _ = draw_up(session, record(number).model_copy(update={"sealed": False}), NOW)
    assert sealed.id != opened.id
