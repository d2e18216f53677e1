"""What is issued again takes the place of what the post has lost: one holder for each original, whatever turns up.

Decision 45/2016/QĐ-TTg Art. 14.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from carriers.states import ShipmentState as State
from dispatch import custody
from dispatch.dossiers import list_papers
from tests.support.desk import AGENCY, CARRIER, TestDesk
from tests.support.operators import joined
from tests.tracking.case import Case
from tests.tracking.conftest import ON_SQLITE
from tests.tracking.counting import CARD, FORM, slip
from tests.tracking.homeward import heard
from tests.tracking.incidents.test_incidents import all_of, only
from tracking.incidents.facts import ReissueDone
from tracking.incidents.records import report

pytestmark = ON_SQLITE

OTHER = "ems"
AGENCY_HAS, CITIZEN, POST = custody.agency(AGENCY), custody.CITIZEN, custody.post(CARRIER)
NEW_RESULT, NEW_FORM, NEW_CARD = "Kết quả (cấp lại)", "Tờ khai (cấp lại)", "Giấy tờ tùy thân (cấp lại)"


@pytest.fixture(autouse=True)
def _another_operator(shared_desk: TestDesk) -> Iterator[None]:
    with joined(shared_desk, OTHER):
        yield


def is_issued_again(case: Case, name: str, when: str, **more: str) -> None:
    incident = all_of(case)[-1]
    (step,) = [one.planned.step for one in incident.incident.steps if one.planned.papers == [name]]
    said = {"fact_id": f"again {step}", "at": case.now(when), "by": "Nông Thị Hoa", "step": step, **more}
    with case.desk.context.database.write() as session:
        fact = ReissueDone.model_validate(said)
        report(session, case.desk.context, case.desk.office, incident.row.id, fact)


def result_lost(case: Case) -> None:
    """VNPost has lost the result; on Monday, 9 March, the agency has issued it again."""
    case.order("receive", carrier=CARRIER)
    case.happens("accepted", "2026-03-02 08:30")
    case.finished("2026-03-02 15:00")
    case.signed(case.r1, "2026-03-03 08:00", direction="to_post")
    heard(case, case.r1, State.IN_TRANSIT, "2026-03-03 08:00")
    heard(case, case.r1, State.LOST, "2026-03-04 09:00")
    is_issued_again(case, "Kết quả", "2026-03-09 09:00")


def sent_by_the_other(case: Case) -> str:
    """The new original is collected by EMS on Tuesday, 10 March."""
    (number,) = case.order("receive", carrier=OTHER)
    case.desk.work()
    heard(case, number, State.IN_TRANSIT, "2026-03-10 09:00")
    return number


def gapless(case: Case) -> None:
    """Every original that was issued has exactly one holder now, or was ended by a fact."""
    with case.desk.read() as session:
        held = {holding.paper.id: holding.holder for holding in custody.holdings(session, case.code)}
        last = {paper.id: fact.holder for paper, fact in custody.chain(session, case.code)}
        for paper in list_papers(session, case.code):
            ended = last.get(paper.id) == custody.SUPERSEDED
            assert ended is (paper.id not in held), paper.name


def test_the_lost_original_is_ended_and_another_is_at_the_agency(case: Case) -> None:
    result_lost(case)
    assert case.hands("Kết quả")[-2:] == [(POST, "2026-03-03 08:00"), (custody.SUPERSEDED, "2026-03-09 09:00")]
    assert case.hands(NEW_RESULT) == [(AGENCY_HAS, "2026-03-09 09:00")]
    assert "Kết quả" not in case.holders()
    gapless(case)


def test_the_new_original_goes_by_another_operator_to_the_citizen(case: Case) -> None:
    result_lost(case)
    number = sent_by_the_other(case)
    assert [line[0] for line in case.shipment(number).contents if line[0].startswith("Kết quả")] == [NEW_RESULT]
    assert case.holders()[NEW_RESULT] == custody.post(OTHER)
    heard(case, number, State.DELIVERED, "2026-03-11 09:00")
    assert [holder for holder, _ in case.hands(NEW_RESULT)] == [AGENCY_HAS, custody.post(OTHER), CITIZEN]
    gapless(case)


@pytest.mark.parametrize("turns_up", [State.DELIVERED, State.RETURNED])
def test_the_old_original_that_turns_up_moves_nothing_any_more(case: Case, turns_up: State) -> None:
    result_lost(case)
    number = sent_by_the_other(case)
    heard(case, case.r1, State.IN_TRANSIT, "2026-03-10 10:00")
    heard(case, case.r1, turns_up, "2026-03-10 15:00")
    assert case.holders()[NEW_RESULT] == custody.post(OTHER)
    assert case.hands("Kết quả")[-1][0] == custody.SUPERSEDED
    heard(case, number, State.DELIVERED, "2026-03-11 09:00")
    assert case.holders()[NEW_RESULT] == CITIZEN
    gapless(case)


def test_signing_the_old_parcel_back_takes_nothing_from_whoever_has_the_new_original(case: Case) -> None:
    result_lost(case)
    number = sent_by_the_other(case)
    heard(case, number, State.DELIVERED, "2026-03-11 09:00")
    heard(case, case.r1, State.IN_TRANSIT, "2026-03-12 10:00")
    case.signed(case.r1, "2026-03-13 10:00")
    assert case.holders()[NEW_RESULT] == CITIZEN
    gapless(case)


def papers_lost(case: Case) -> None:
    """VNPost has lost what the citizen sent."""
    case.order("send", carrier=CARRIER)
    heard(case, case.s1, State.IN_TRANSIT, "2026-03-02 09:00")
    heard(case, case.s1, State.LOST, "2026-03-03 09:00")


def test_papers_that_the_citizen_had_made_again_are_counted_by_the_names_of_the_list(case: Case) -> None:
    papers_lost(case)
    for name in ("Tờ khai", "Giấy tờ tùy thân"):
        is_issued_again(case, name, "2026-03-09 09:00")
    assert case.holders() == {NEW_FORM: CITIZEN, NEW_CARD: CITIZEN}
    (number,) = case.order("send", carrier=CARRIER)
    case.desk.work()
    slip(case, "2026-03-10 09:00", FORM, CARD, number=number)
    assert case.holders() == {NEW_FORM: POST, NEW_CARD: POST}
    heard(case, case.s1, State.RETURNED, "2026-03-10 15:00")
    assert case.holders() == {NEW_FORM: POST, NEW_CARD: POST}, "the old ones came home, and count for nothing"
    case.signed(number, "2026-03-11 09:00")
    assert case.holders() == {NEW_FORM: AGENCY_HAS, NEW_CARD: AGENCY_HAS}
    gapless(case)


def test_what_was_sent_anew_before_anybody_said_so_is_not_ended(case: Case) -> None:
    papers_lost(case)
    (number,) = case.order("send", carrier=OTHER)
    case.desk.work()
    heard(case, number, State.IN_TRANSIT, "2026-03-06 09:00")
    is_issued_again(case, "Tờ khai", "2026-03-09 09:00")
    assert case.holders()["Tờ khai"] == custody.post(OTHER)
    gapless(case)


def test_papers_that_the_onestop_has_again_are_new_ones_at_the_agency(case: Case) -> None:
    papers_lost(case)
    case.happens("papers_restored", "2026-03-09 09:00")
    assert case.holders() == {NEW_FORM: AGENCY_HAS, NEW_CARD: AGENCY_HAS}
    assert only(case).incident.open_steps == ()
    gapless(case)


def test_papers_that_were_found_are_not_replaced(case: Case) -> None:
    papers_lost(case)
    heard(case, case.s1, State.IN_TRANSIT, "2026-03-05 09:00")
    is_issued_again(case, "Tờ khai", "2026-03-09 09:00")
    assert case.holders() == {"Tờ khai": POST, "Giấy tờ tùy thân": POST}


def test_what_is_lost_twice_is_issued_a_second_time(case: Case) -> None:
    result_lost(case)
    number = sent_by_the_other(case)
    heard(case, number, State.LOST, "2026-03-11 09:00")
    is_issued_again(case, NEW_RESULT, "2026-03-16 09:00")
    assert case.hands("Kết quả (cấp lại 2)") == [(AGENCY_HAS, "2026-03-16 09:00")]
    assert case.hands(NEW_RESULT)[-1][0] == custody.SUPERSEDED
    gapless(case)
