"""Post offices that an operator tells by their numbers are called by their names, or said to be post offices."""

from __future__ import annotations

import pytest

from dispatch.dossiers import get_dossier
from tests.support.desk import CARRIER
from tests.tracking.case import COLLECTED, COMING, DELIVERED, Case
from tests.tracking.conftest import ON_SQLITE
from tracking import views
from tracking.citizen.story import story_of
from tracking.clock_facts import ledger_of
from tracking.deadlines.wording import Text, same
from tracking.post_offices import names_in, where

NAMED = {"271000": "BC Trung tâm Cao Bằng"}


@pytest.mark.parametrize(
    "told",
    [
        "271000 - BC Trung tâm Cao Bằng",
        "271000 BC Trung tâm Cao Bằng",
        "BC Trung tâm Cao Bằng (271000)",
        "BC Trung tâm Cao Bằng - 271000",
        "BC Trung tâm Cao Bằng 271000",
    ],
)
def test_a_number_that_is_told_with_a_name_is_known_by_it(told: str) -> None:
    assert names_in([None, "270000", told]) == NAMED
    assert where("271000", names_in([told])) == same("BC Trung tâm Cao Bằng")
    assert where(told, NAMED) == same(told)


@pytest.mark.parametrize(
    "told", ["BC 271000", "Bưu cục 271000", "Mã bưu cục: 271000", "Cao Bằng", "271000", "()", "2 - A"]
)
def test_what_names_no_office_teaches_no_name(told: str) -> None:
    assert names_in([told]) == {}


def test_a_bare_number_is_said_to_be_a_post_office() -> None:
    assert where("270000", NAMED) == Text("bưu cục 270000", "post office 270000")
    assert where(" ", NAMED) is None
    assert where(None, NAMED) is None


def told_by_staff(case: Case, word: int) -> list[str]:
    """The places of a dossier's story in Vietnamese (0) or English (1)."""
    with case.desk.read() as session:
        moments = views.timeline(session, case.desk.office, case.code)
    said = ((one.what_vi, one.what_en)[word] for one in moments if one.source == CARRIER)
    return [text[text.rindex("(") :] for text in said]


def told_to_the_citizen(case: Case) -> set[str]:
    with case.desk.read() as session:
        dossier = get_dossier(session, case.code)
        ledger = ledger_of(session, case.desk.office, dossier)
        entries = story_of(session, case.desk.office, dossier, ledger)
    return {one.place.vi for one in entries if one.place is not None}


@ON_SQLITE
def test_an_office_is_called_by_the_name_that_the_operator_gave_it_on_another_leg(case: Case) -> None:
    case.order("both")
    case.reported(case.s1, COLLECTED, "2026-03-02 09:00", POSID="271000")
    case.reported(case.s1, DELIVERED, "2026-03-02 15:00", POSID="271010 - BC Bảo Lạc")
    case.reported(case.r1, COLLECTED, "2026-03-05 09:00", POSID=271010)
    assert told_by_staff(case, 0) == ["(bưu cục 271000)", "(271010 - BC Bảo Lạc)", "(BC Bảo Lạc)"]
    assert told_by_staff(case, 1) == ["(post office 271000)", "(271010 - BC Bảo Lạc)", "(BC Bảo Lạc)"]
    assert told_to_the_citizen(case) == {"bưu cục 271000", "271010 - BC Bảo Lạc", "BC Bảo Lạc"}


@ON_SQLITE
def test_of_two_names_the_latest_is_the_one_that_the_office_has_now(case: Case) -> None:
    case.order("send")
    case.reported(case.s1, COLLECTED, "2026-03-02 09:00", POSID="271010 BC Bảo Lạc cũ")
    case.reported(case.s1, COMING, "2026-03-02 11:00", POSID="271010")
    assert told_by_staff(case, 0)[-1] == "(BC Bảo Lạc cũ)"
    case.reported(case.s1, DELIVERED, "2026-03-02 15:00", POSID="271010 BC Bảo Lạc")
    assert told_by_staff(case, 0)[1] == "(BC Bảo Lạc)"
