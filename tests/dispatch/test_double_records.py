"""One dossier's papers counted in two handover records: they change hands once, under whichever is signed first."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from dispatch import custody
from dispatch.forms import Direction, HandoverForm, SignatureForm
from dispatch.handover_lines import Handover
from dispatch.handover_signing import sign
from dispatch.handovers import draw_up
from dispatch.problems import Problem
from tests.dispatch.people import NOW, place, refusal, register
from tests.support.desk import AGENCY, CARRIER, CODE

FIRST, OTHER = f"{CODE}-S1", "H14.10-260302-0002-S1"


@pytest.fixture
def drafts(session: Session) -> tuple[Handover, Handover]:
    """Two drafts that both list the first dossier's papers; one of them has the other dossier's papers too."""
    for code in (CODE, OTHER.removesuffix("-S1")):
        register(session, code)
        place(session, "send", dossier=code)
    return record(session, FIRST), record(session, FIRST, OTHER)


def record(session: Session, *orders: str) -> Handover:
    form = HandoverForm(agency=AGENCY, carrier=CARRIER, direction=Direction.TO_AGENCY, orders=list(orders))
    return draw_up(session, form, NOW)[0]


def signature(*orders: str, accepted: bool = True) -> SignatureForm:
    verdict = {"accepted": accepted, "reason": None if accepted else "Phong bì rách"}
    lines = [{"order": order, **verdict} for order in orders]
    return SignatureForm.model_validate({"signed_at": NOW, "officer": "Mai", "postman": "Páo", "lines": lines})


@pytest.mark.parametrize("accepted", [True, False])
def test_a_second_record_of_papers_that_were_taken_over_is_not_signed(
    session: Session, drafts: tuple[Handover, Handover], accepted: bool
) -> None:
    first, second = drafts
    sign(session, first.id, signature(FIRST), NOW)
    chain = custody.chain(session, CODE)
    with pytest.raises(Problem, match=f"in another record: {FIRST}\\.") as problem:
        sign(session, second.id, signature(FIRST, OTHER, accepted=accepted), NOW + timedelta(hours=1))
    assert refusal(problem) == ("handover-signature", 422)
    assert second.signed_at is None
    assert custody.chain(session, CODE) == chain


def test_what_was_left_of_a_refused_record_is_signed_in_a_new_one(
    session: Session, drafts: tuple[Handover, Handover]
) -> None:
    sign(session, drafts[0].id, signature(FIRST), NOW)
    _, (line,) = sign(session, record(session, OTHER).id, signature(OTHER), NOW)
    assert (line.order_number, line.accepted) == (OTHER, True)


def test_papers_rejected_in_one_record_may_be_accepted_in_another(
    session: Session, drafts: tuple[Handover, Handover]
) -> None:
    sign(session, drafts[0].id, signature(FIRST, accepted=False), NOW)
    _, lines = sign(session, drafts[1].id, signature(FIRST, OTHER), NOW)
    assert [line.accepted for line in lines] == [True, True]
