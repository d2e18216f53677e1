from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from dispatch import custody
from dispatch.dossiers import PaperKind, add_papers, list_papers
from dispatch.papers import Paper
from tests.dispatch.people import NOW, register
from tests.support.desk import AGENCY, CODE

_AGENCY, _POST = custody.agency(AGENCY), custody.post("vnpost_ngsp")


def _hand_over(session: Session, holder: str, at: datetime, evidence: str) -> None:
    custody.hand_over(session, list_papers(session, CODE), holder, at, evidence, NOW)


def _holders(session: Session) -> list[str]:
    return [holding.holder for holding in custody.holdings(session, CODE)]


def test_before_anything_happens_the_citizen_has_the_papers_and_the_agency_its_result(session: Session) -> None:
    register(session)
    add_papers(session, CODE, PaperKind.RESULT, (Paper("Quyết định", 1, 0),))
    assert _holders(session) == [custody.CITIZEN, custody.CITIZEN, _AGENCY]
    assert {holding.since for holding in custody.holdings(session, CODE)} == {None}


def test_papers_belong_to_whom_the_latest_event_says_whatever_was_heard_last(session: Session) -> None:
    register(session)
    _hand_over(session, _AGENCY, NOW + timedelta(days=2), "BBGN-1")
    _hand_over(session, _POST, NOW, "collected")
    assert _holders(session) == [_AGENCY, _AGENCY]
    assert [paper.name for paper in custody.held_by(session, CODE, _AGENCY)] == ["Tờ khai", "Giấy tờ tùy thân"]
    assert custody.held_by(session, CODE, _POST) == []


def test_the_same_evidence_is_taken_once(session: Session) -> None:
    register(session)
    _hand_over(session, _POST, NOW, "collected")
    _hand_over(session, _AGENCY, NOW + timedelta(hours=1), "collected")
    assert _holders(session) == [_POST, _POST]
    assert len(custody.chain(session, CODE)) == 2


def test_the_chain_tells_every_change_of_hands_in_the_order_of_events(session: Session) -> None:
    register(session)
    _hand_over(session, _AGENCY, NOW + timedelta(hours=5), "BBGN-1")
    _hand_over(session, _POST, NOW, "collected")
    assert [fact.holder for _, fact in custody.chain(session, CODE)] == [_POST, _POST, _AGENCY, _AGENCY]


def test_every_paper_has_exactly_one_holder_in_whatever_order_the_facts_arrive(session: Session) -> None:
    register(session)
    true_history = [(hour, f"holder-{hour}") for hour in range(5)]

    @given(st.permutations(true_history))
    def story(arrival: list[tuple[int, str]]) -> None:
        with session.begin_nested() as savepoint:
            for hour, holder in arrival:
                _hand_over(session, holder, NOW + timedelta(hours=hour), holder)
            assert _holders(session) == ["holder-4", "holder-4"]
            savepoint.rollback()

    story()
