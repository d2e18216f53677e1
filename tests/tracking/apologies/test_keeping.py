"""Letters are drafted once for each broken promise, in whatever order news comes, and void when it was kept."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from carriers.states import ShipmentState
from tests.tracking.apologies.letters_of import drafted, letters, missing, round_of_the_watch
from tests.tracking.case import COLLECTED, DELIVERED, FAILED, RETURNING, Case, happen_unforeseen
from tests.tracking.conftest import ON_SQLITE

pytestmark = ON_SQLITE

RESULT = [{"name": "Kết quả", "originals": 1}]


def accepted(case: Case) -> None:
    case.happens("accepted", "2026-03-02 10:00")  # due on Thursday 5 March


def test_a_dossier_in_good_time_gets_no_letter(case: Case) -> None:
    accepted(case)
    assert drafted(case) == []


def test_one_promise_gets_one_letter_that_follows_it_over_the_due_day(case: Case) -> None:
    accepted(case)
    case.now("2026-03-04 08:00")
    assert drafted(case) == [("result:2026-03-05", "will_be_late", "draft")]
    case.now("2026-03-06 08:00")
    assert missing(case) == []
    assert drafted(case) == [("result:2026-03-05", "late", "draft")]
    (letter,) = letters(case)
    assert letter.number == f"{case.code}-XL1"
    assert drafted(case) == [("result:2026-03-05", "late", "draft")]


def test_a_round_that_finds_nothing_new_does_nothing(case: Case) -> None:
    accepted(case)
    case.now("2026-03-06 08:00")
    assert missing(case) == [f"{case.code}: result:2026-03-05"]
    assert round_of_the_watch(case) >= 1
    assert round_of_the_watch(case) == 0
    assert missing(case) == []


def test_a_result_in_time_makes_the_draft_void_and_the_draft_is_still_there(case: Case) -> None:
    accepted(case)
    case.now("2026-03-04 08:00")
    round_of_the_watch(case)
    case.happens("result_ready", "2026-03-05 10:00", result_papers=RESULT)
    assert drafted(case) == [("result:2026-03-05", "will_be_late", "void")]


def test_a_result_in_time_that_is_heard_of_late_makes_the_letter_void(case: Case) -> None:
    accepted(case)
    case.now("2026-03-09 08:00")
    assert drafted(case) == [("result:2026-03-05", "late", "draft")]
    case.happens("result_ready", "2026-03-05 10:00", result_papers=RESULT)
    assert drafted(case) == [("result:2026-03-05", "late", "void")]


def test_a_result_that_was_none_makes_it_owed_again(case: Case) -> None:
    accepted(case)
    case.now("2026-03-09 08:00")
    round_of_the_watch(case)
    case.happens("result_ready", "2026-03-05 10:00", event_id="hasty", result_papers=RESULT)
    round_of_the_watch(case)
    case.happens("corrected", "2026-03-09 10:00", voids="hasty", reason="nhầm hồ sơ")
    assert drafted(case) == [("result:2026-03-05", "late", "draft")]
    assert missing(case) == []


def test_a_result_that_came_late_is_apologised_for_all_the_same(case: Case) -> None:
    accepted(case)
    case.happens("result_ready", "2026-03-09 10:00", result_papers=RESULT)
    assert missing(case) == [f"{case.code}: result:2026-03-05"]
    assert drafted(case) == [("result:2026-03-05", "late", "draft")]
    assert missing(case) == []


def test_a_promise_that_broke_before_anybody_told_us_of_it_gets_its_letter(case: Case) -> None:
    case.now("2026-03-12 08:00")
    accepted(case)
    case.happens("supplement_requested", "2026-03-09 10:00", reason="thiếu giấy xác nhận")
    assert drafted(case) == [("result:2026-03-05", "late", "draft")]
    assert missing(case) == []


def test_an_extension_by_the_onestop_is_its_apology_and_leads_to_no_second_letter(case: Case) -> None:
    accepted(case)
    case.now("2026-03-03 09:00")
    round_of_the_watch(case)
    case.happens("extended", "2026-03-04 09:00", reason="chờ ý kiến Sở", new_due="2026-03-10")
    assert drafted(case) == [("result:2026-03-05", "will_be_late", "void")]
    case.now("2026-03-10 09:00")
    assert drafted(case) == [("result:2026-03-05", "will_be_late", "void")]
    case.now("2026-03-11 09:00")
    assert drafted(case)[1:] == [("result:2026-03-10", "late", "draft")]
    assert missing(case) == []


def test_where_a_ministry_sets_the_date_no_promise_of_ours_is_broken(case: Case) -> None:
    story = Case.opened(case.desk, due_date_owner="source")
    accepted(story)
    story.now("2026-03-20 08:00")
    assert (drafted(story), missing(story)) == ([], [])


def test_lost_papers_stop_the_agencys_promise_and_break_the_posts(case: Case) -> None:
    case.order("send")
    case.reported(case.s1, COLLECTED, "2026-03-02 09:00")
    with case.desk.context.database.write() as session:
        happen_unforeseen(session, case, ShipmentState.LOST, "2026-03-03 09:00")
    assert drafted(case) == [("lost:-S1", "lost", "draft")]
    assert letters(case)[0].debtor == "post"
    case.now("2026-03-30 09:00")
    assert drafted(case) == [("lost:-S1", "lost", "draft")], "it is not late as well"


def test_a_loss_that_was_none_makes_the_letter_void_and_the_delay_is_left(case: Case) -> None:
    case.order("send")
    case.reported(case.s1, COLLECTED, "2026-03-02 09:00")
    with case.desk.context.database.write() as session:
        happen_unforeseen(session, case, ShipmentState.LOST, "2026-03-03 09:00")
    round_of_the_watch(case)
    case.reported(case.s1, DELIVERED, "2026-03-09 09:00")
    assert sorted(drafted(case)) == [("lost:-S1", "lost", "void"), ("transit:-S1", "carried_late", "draft")]


def test_a_parcel_beyond_its_transit_time_gets_the_posts_letter(case: Case) -> None:
    case.order("send")
    case.reported(case.s1, COLLECTED, "2026-03-02 09:00")
    due = case.shipment(case.s1).transit_due
    case.now(f"{due} 23:00")
    assert drafted(case) == []
    case.now("2026-03-05 08:00")
    assert drafted(case) == [("transit:-S1", "carried_late", "draft")]
    case.reported(case.s1, DELIVERED, "2026-03-05 09:00")
    assert drafted(case) == [("transit:-S1", "carried_late", "draft")]
    assert missing(case) == []


def test_a_parcel_that_arrived_late_before_anybody_looked_gets_it_too(case: Case) -> None:
    case.order("send")
    case.now("2026-03-10 08:00")
    case.reported(case.s1, COLLECTED, "2026-03-02 09:00")
    case.reported(case.s1, DELIVERED, "2026-03-09 09:00")
    assert missing(case) == [f"{case.code}: transit:{case.s1}"]
    assert drafted(case) == [("transit:-S1", "carried_late", "draft")]
    assert missing(case) == []


def test_a_delivery_in_time_that_is_heard_of_late_makes_the_posts_letter_void(case: Case) -> None:
    case.order("send")
    case.reported(case.s1, COLLECTED, "2026-03-02 09:00")
    case.now("2026-03-06 08:00")
    round_of_the_watch(case)
    case.reported(case.s1, DELIVERED, "2026-03-03 09:00")
    assert drafted(case) == [("transit:-S1", "carried_late", "void")]


def test_a_first_attempt_in_time_keeps_the_promise_of_a_result(case: Case) -> None:
    case.order("receive")
    accepted(case)
    case.finished("2026-03-04 15:00")
    case.reported(case.r1, COLLECTED, "2026-03-05 09:00")
    case.reported(case.r1, FAILED, "2026-03-06 09:00")
    case.now("2026-03-20 09:00")
    assert drafted(case) == []


@pytest.mark.parametrize(("turned", "late"), [("2026-03-03 10:00", False), ("2026-03-06 10:00", True)])
def test_papers_that_turned_round_are_late_only_where_they_were_so_before(case: Case, turned: str, late: bool) -> None:
    case.order("send")
    case.reported(case.s1, COLLECTED, "2026-03-02 09:00")
    case.now(turned)
    round_of_the_watch(case)
    case.reported(case.s1, RETURNING, turned)
    case.now("2026-03-20 09:00")
    assert drafted(case) == ([("transit:-S1", "carried_late", "draft")] if late else [])
    assert missing(case) == []


def test_each_letter_of_a_dossier_has_a_number_of_its_own(case: Case) -> None:
    case.order("send")
    case.reported(case.s1, COLLECTED, "2026-03-02 09:00")
    case.reported(case.s1, DELIVERED, "2026-03-09 09:00")
    case.signed(case.s1, "2026-03-09 10:00")
    case.now("2026-03-20 09:00")
    assert sorted(drafted(case)) == [("result:2026-03-12", "late", "draft"), ("transit:-S1", "carried_late", "draft")]
    assert {one.number for one in letters(case)} == {f"{case.code}-XL1", f"{case.code}-XL2"}


def test_the_story_of_a_dossier_tells_of_its_letters(case: Case) -> None:
    accepted(case)
    case.now("2026-03-06 08:00")
    round_of_the_watch(case)
    (moment,) = [one for one in case.timeline() if one.source == "apology"]
    assert "drafted" in moment.what_en
    assert f"{case.code}-XL1" in moment.what_vi


def test_two_rounds_at_once_draft_one_letter(case: Case) -> None:
    accepted(case)
    case.now("2026-03-06 08:00")
    with ThreadPoolExecutor(2) as watchmen:
        list(watchmen.map(round_of_the_watch, [case, case]))
    assert [one.number for one in letters(case)] == [f"{case.code}-XL1"]
