"""What the one-stop tells us of a dossier: each kind of event, what it does to the clock, and who hears of it."""

from __future__ import annotations

import threading

import pytest

from carriers.states import ShipmentState
from dispatch import booking
from dispatch.forms import DossierForm
from dispatch.order_changes import ask_to_cancel
from dispatch.problems import Problem
from dispatch.shipment_queries import shipments_of
from dispatch.shipments import BookingState
from tests.support.desk import dossier_body
from tests.tracking.case import AT_THE_DOOR, COLLECTED, DELIVERED, RETURNED, RETURNING, Case, local_text
from tracking.clock_facts import keep_printed_term
from tracking.dossier_events import Applied


def asked(case: Case, when: str) -> Applied:
    return case.happens("supplement_requested", when, reason="bản sao hộ chiếu")


def extended(case: Case, when: str, new_due: str, **more: str) -> Applied:
    return case.happens("extended", when, new_due=new_due, reason="chờ ý kiến Sở", **more)


def refused(problem: pytest.ExceptionInfo[Problem]) -> str:
    """Return the kind of a refusal, after a look at whether it says what to do next."""
    assert problem.value.next_step
    assert problem.value.next_step_vi
    return problem.value.kind


def told_dates(case: Case) -> list[tuple[int, str | None]]:
    return [(data["revision"], data["due"]) for data in case.told_onestop("dossier.due_date_changed")]


# --- the start ---


def test_papers_brought_to_the_counter_start_the_clock_there(case: Case) -> None:
    case.order("receive")
    applied = case.happens("accepted", "2026-03-02 10:00")
    assert case.facts() == [("start", "2026-03-02 10:00", "start.counter")]
    assert (local_text(applied.due), applied.revision, applied.contradiction) == ("2026-03-05 17:00", 1, None)
    assert case.holders()["Tờ khai"] == "agency:H14.10"
    assert "2026" in case.told_citizen("papers_at_agency")[0]["text_vi"]


@pytest.mark.parametrize("service", ["send", "both"])
def test_an_acceptance_does_not_start_the_clock_of_papers_that_come_by_post(case: Case, service: str) -> None:
    case.order(service)
    case.reported(case.s1, COLLECTED, "2026-03-02 09:00")
    assert case.happens("accepted", "2026-03-02 10:00").due is None
    assert case.facts() == []
    assert case.holders()["Tờ khai"] == "post:vnpost_ngsp"


def test_papers_whose_post_was_cancelled_start_the_clock_at_the_counter(case: Case) -> None:
    case.order("send")
    with case.desk.context.database.write() as session:
        ask_to_cancel(shipments_of(session, case.code), case.desk.clock.now())
    assert local_text(case.happens("accepted", "2026-03-02 10:00").due) == "2026-03-05 17:00"
    assert case.holders()["Tờ khai"] == "agency:H14.10"


def test_papers_that_the_post_brought_back_start_the_clock_at_the_counter(case: Case) -> None:
    case.order("send")
    case.reported(case.s1, COLLECTED, "2026-03-02 09:00")
    case.reported(case.s1, RETURNED, "2026-03-03 09:00")
    assert local_text(case.happens("accepted", "2026-03-03 10:00").due) == "2026-03-06 17:00"


def test_papers_at_the_desk_wait_for_the_signature_and_not_for_an_acceptance(case: Case) -> None:
    case.order("send")
    case.arrives("2026-03-02 15:00")
    assert case.happens("accepted", "2026-03-02 15:30").due is None
    case.signed(case.s1, "2026-03-02 16:00")
    assert case.facts() == [("start", "2026-03-02 16:00", "start.handover")]


# --- supplements, pauses ---


def test_a_supplement_stops_the_clock_and_its_completion_starts_the_whole_time_again(case: Case) -> None:
    case.happens("accepted", "2026-03-02 10:00")
    assert asked(case, "2026-03-03 09:00").due is None
    assert local_text(case.happens("supplement_completed", "2026-03-06 10:00").due) == "2026-03-11 17:00"
    assert [data["kind"] for data in case.told_citizen()] == ["papers_at_agency", "supplement_requested", "due_changed"]
    assert "bản sao hộ chiếu" in case.told_citizen("supplement_requested")[0]["text_vi"]


def test_a_supplement_that_is_completed_after_tet_is_due_after_tet(case: Case) -> None:
    story = Case.opened(case.desk, filed_at="2026-02-09T07:45:00+07:00")
    story.happens("accepted", "2026-02-10 10:00")
    asked(story, "2026-02-11 09:00")
    completed = story.happens("supplement_completed", "2026-02-13 10:00")
    assert local_text(completed.due) == "2026-02-25 17:00"
    assert "25/02/2026" in story.told_citizen("due_changed")[0]["text_vi"]


def test_a_pause_gives_back_the_days_that_were_left(case: Case) -> None:
    case.happens("accepted", "2026-03-02 10:00")
    assert case.happens("suspended", "2026-03-03 09:00", reason="chờ nộp phí").due is None
    assert local_text(case.happens("resumed", "2026-03-10 09:00").due) == "2026-03-12 17:00"
    assert "12/03/2026" in case.told_citizen("due_changed")[0]["text_en"]


def test_a_pause_over_tet_leaves_the_holidays_out(case: Case) -> None:
    story = Case.opened(case.desk, filed_at="2026-02-09T07:45:00+07:00")
    story.happens("accepted", "2026-02-10 10:00")
    story.happens("suspended", "2026-02-12 09:00", reason="chờ nộp phí")
    assert local_text(story.happens("resumed", "2026-02-13 15:00").due) == "2026-02-23 17:00"


def test_a_resumption_without_a_pause_is_kept_and_shown_and_moves_nothing(case: Case) -> None:
    case.happens("accepted", "2026-03-02 10:00")
    applied = case.happens("resumed", "2026-03-03 09:00")
    assert (local_text(applied.due), applied.revision, applied.contradiction) == (
        "2026-03-05 17:00",
        1,
        "not_suspended",
    )
    assert case.attention_kinds("clock") == ["clock-contradiction"]
    assert case.told_citizen("due_changed") == []


@pytest.mark.parametrize("kind", ["resumed", "supplement_completed", "extended"])
def test_nobody_is_told_of_a_date_before_there_is_one(case: Case, kind: str) -> None:
    more = {"reason": "chờ ý kiến Sở", "new_due": "2026-03-10"} if kind == "extended" else {}
    applied = case.happens(kind, "2026-03-02 10:00", **more)
    assert (applied.due, applied.revision, applied.contradiction) == (None, 0, "not_started")
    assert case.told_citizen() == []
    assert told_dates(case) == []


# --- extensions ---


def test_one_extension_comes_with_an_apology(case: Case) -> None:
    case.happens("accepted", "2026-03-02 10:00")
    assert local_text(extended(case, "2026-03-04 09:00", "2026-03-10").due) == "2026-03-10 17:00"
    (apology,) = case.told_citizen("due_extended")
    assert "xin lỗi" in apology["text_vi"]
    assert "apologises" in apology["text_en"]
    for words in apology["text_vi"], apology["text_en"]:
        assert "chờ ý kiến Sở" in words
        assert "17:00 10/03/2026" in words


def test_a_second_extension_contradicts_and_leaves_the_date(case: Case) -> None:
    case.happens("accepted", "2026-03-02 10:00")
    extended(case, "2026-03-04 09:00", "2026-03-10")
    again = extended(case, "2026-03-05 09:00", "2026-03-20")
    assert (local_text(again.due), again.revision, again.contradiction) == ("2026-03-10 17:00", 2, "extension_repeated")
    assert len(case.told_citizen("due_extended")) == 1
    assert case.attention_kinds("clock") == ["clock-contradiction"]


def test_an_extension_on_the_due_day_is_too_late(case: Case) -> None:
    case.happens("accepted", "2026-03-02 10:00")
    late = extended(case, "2026-03-05 09:00", "2026-03-10")
    assert (local_text(late.due), late.contradiction) == ("2026-03-05 17:00", "extension_late")
    assert case.told_citizen("due_extended") == []


@pytest.mark.parametrize("day", ["2026-03-08", "2026-02-18", "2026-04-30"])
def test_a_new_date_on_a_day_off_is_refused_with_a_better_one(case: Case, day: str) -> None:
    case.happens("accepted", "2026-03-02 10:00")
    with pytest.raises(Problem) as problem:
        extended(case, "2026-03-03 09:00", day)
    assert refused(problem) == "new-due-date"
    better = {"2026-03-08": "09/03/2026", "2026-02-18": "23/02/2026", "2026-04-30": "04/05/2026"}[day]
    assert better in problem.value.next_step
    assert better in problem.value.next_step_vi


def test_a_refused_extension_may_be_sent_again_under_its_id(case: Case) -> None:
    case.happens("accepted", "2026-03-02 10:00")
    with pytest.raises(Problem):
        extended(case, "2026-03-03 09:00", "2026-03-08", event_id="apology")
    assert local_text(extended(case, "2026-03-03 09:00", "2026-03-09", event_id="apology").due) == "2026-03-09 17:00"


def test_a_new_date_may_name_its_hour(case: Case) -> None:
    case.happens("accepted", "2026-03-02 10:00")
    assert local_text(extended(case, "2026-03-03 09:00", "2026-03-09T10:30:00+07:00").due) == "2026-03-09 10:30"


@pytest.mark.parametrize(
    ("kind", "more", "missing"),
    [
        ("extended", {"reason": "bận"}, "new_due"),
        ("extended", {"new_due": "2026-03-10"}, "reason"),
        ("suspended", {}, "reason"),
        ("supplement_requested", {}, "reason"),
    ],
)
def test_an_incomplete_event_is_refused_and_says_what_is_missing(
    case: Case, kind: str, more: dict[str, str], missing: str
) -> None:
    with pytest.raises(Problem) as problem:
        case.happens(kind, "2026-03-02 10:00", **more)
    assert refused(problem) == "event-incomplete"
    assert missing in problem.value.detail


# --- the end ---


def test_a_result_books_the_way_home_for_the_next_working_day(case: Case) -> None:
    case.order("both")
    case.signed(case.s1, "2026-03-02 16:00")
    assert case.shipment(case.r1).book_at is None
    case.finished("2026-03-06 15:00")
    home = case.shipment(case.r1)
    assert (str(home.pickup_on), local_text(home.book_at)) == ("2026-03-09", "2026-03-06 15:00")
    assert ["Kết quả", 1, 0] in home.contents
    assert case.holders()["Kết quả"] == "agency:H14.10"
    assert "09/03/2026" in case.told_citizen("result_by_post")[0]["text_vi"]
    assert case.versions()[-1].state == "stopped"


def test_a_result_on_the_last_day_before_tet_is_collected_after_it(case: Case) -> None:
    story = Case.opened(case.desk, filed_at="2026-02-09T07:45:00+07:00")
    story.order("receive")
    story.happens("accepted", "2026-02-10 10:00")
    story.finished("2026-02-13 15:00")
    assert str(story.shipment(story.r1).pickup_on) == "2026-02-23"


def test_a_result_that_nobody_wants_by_post_waits_at_the_agency(case: Case) -> None:
    case.happens("accepted", "2026-03-02 10:00")
    case.finished("2026-03-04 15:00")
    assert [data["kind"] for data in case.told_citizen()] == ["papers_at_agency", "result_ready"]


def test_a_withdrawal_cancels_what_has_not_been_collected(case: Case) -> None:
    case.order("both")
    case.happens("withdrawn", "2026-03-02 10:00")
    assert {case.shipment(n).booking for n in (case.s1, case.r1)} == {BookingState.CANCELLED}
    assert "dừng giải quyết" in case.told_citizen("withdrawn")[0]["text_vi"]


def test_a_withdrawal_leaves_papers_under_way_to_come_back(case: Case) -> None:
    case.order("both")
    case.reported(case.s1, AT_THE_DOOR, "2026-03-02 09:00")
    case.happens("withdrawn", "2026-03-02 10:00")
    assert (case.shipment(case.s1).live, case.shipment(case.s1).cancel_wanted) == (True, False)
    assert case.shipment(case.r1).booking is BookingState.CANCELLED


def test_a_withdrawal_when_nothing_can_be_stopped_stops_the_clock_alone(case: Case) -> None:
    case.order("send")
    case.arrives()
    case.signed(case.s1, "2026-03-02 16:00")
    case.happens("withdrawn", "2026-03-03 10:00")
    assert case.versions()[-1].state == "stopped"
    assert case.shipment(case.s1).state == ShipmentState.DELIVERED


# --- ids, owners, one at a time ---


def test_an_event_that_comes_twice_is_taken_once(case: Case) -> None:
    first = case.happens("accepted", "2026-03-02 10:00", event_id="e-1")
    told = len(case.told_citizen()), told_dates(case)
    assert case.happens("accepted", "2026-03-02 10:00", event_id="e-1") == first
    assert (len(case.told_citizen()), told_dates(case)) == told
    assert len(case.facts()) == 1


def test_an_id_with_another_content_is_refused(case: Case) -> None:
    case.happens("accepted", "2026-03-02 10:00", event_id="e-1")
    with pytest.raises(Problem) as problem:
        case.happens("accepted", "2026-03-02 11:00", event_id="e-1")
    assert (refused(problem), problem.value.status) == ("event-id", 409)
    assert case.facts() == [("start", "2026-03-02 10:00", "start.counter")]


def test_the_same_id_in_another_dossier_is_another_event(case: Case) -> None:
    case.happens("accepted", "2026-03-02 10:00", event_id="e-1")
    other = Case.opened(case.desk)
    assert other.happens("accepted", "2026-03-03 11:00", event_id="e-1").revision == 1


def test_an_event_of_tomorrow_is_refused(case: Case) -> None:
    tomorrow = "2026-03-03T10:00:00+07:00"
    with pytest.raises(Problem) as problem:
        case.happens("accepted", "2026-03-02 10:00", at=tomorrow)
    assert refused(problem) == "event-in-future"


def test_an_event_of_an_unknown_dossier_is_refused(case: Case) -> None:
    with pytest.raises(Problem) as problem:
        Case(case.desk, "H14.10-000000-0000").happens("accepted", "2026-03-02 10:00")
    assert (refused(problem), problem.value.status) == ("unknown-dossier", 404)


def test_where_a_ministry_sets_the_date_we_keep_the_facts_and_set_none(case: Case) -> None:
    story = Case.opened(case.desk, due_date_owner="source")
    story.happens("accepted", "2026-03-02 10:00")
    assert extended(story, "2026-03-03 09:00", "2026-03-10").due is None
    assert [kind for kind, _, _ in story.facts()] == ["start", "extend"]
    assert (told_dates(story), story.told_citizen("due_extended")) == ([], [])


def test_every_change_is_owed_once_under_a_growing_revision_and_the_copy_ends_equal(case: Case) -> None:
    case.order("both")
    case.signed(case.s1, "2026-03-02 16:00")
    asked(case, "2026-03-03 09:00")
    case.happens("supplement_completed", "2026-03-04 10:00")
    extended(case, "2026-03-05 09:00", "2026-03-16")
    case.happens("suspended", "2026-03-06 09:00", reason="chờ nộp phí")
    case.happens("resumed", "2026-03-09 09:00")
    case.finished("2026-03-10 09:00")
    assert [revision for revision, _ in told_dates(case)] == [1, 2, 3, 4, 5, 6, 7]
    copy, ours = case.copy(), case.versions()[-1]
    assert (copy.revision, copy.state, copy.due) == (7, "stopped", told_dates(case)[-1][1])
    assert ours.due is not None
    assert copy.due == ours.due.astimezone(case.now("2026-03-10 09:00").tzinfo).isoformat()


def test_the_original_date_survives_every_change(case: Case) -> None:
    case.happens("accepted", "2026-03-02 10:00")
    extended(case, "2026-03-04 09:00", "2026-03-10")
    assert {local_text(version.original_due) for version in case.versions()} == {"2026-03-05 17:00"}


def test_two_events_of_one_dossier_wait_for_each_other(case: Case) -> None:
    case.happens("accepted", "2026-03-02 10:00")
    case.now("2026-03-05 09:00")
    resumption = threading.Thread(target=case.happens, args=("resumed", "2026-03-04 09:00"))
    with case.desk.context.database.write() as session:
        case.take(session, "suspended", "2026-03-03 09:00", reason="chờ nộp phí")
        resumption.start()
        resumption.join(0.3)
        assert resumption.is_alive(), "the resumption looked at the dossier before the pause was committed"
    resumption.join()
    assert case.due == "2026-03-06 17:00"
    assert case.attention_kinds("clock") == []


def test_events_that_arrive_in_the_wrong_order_end_in_the_same_date(case: Case) -> None:
    case.happens("accepted", "2026-03-02 10:00")
    case.now("2026-03-05 09:00")
    assert case.happens("resumed", "2026-03-04 09:00").contradiction == "not_suspended"
    case.happens("suspended", "2026-03-03 09:00", reason="chờ nộp phí")
    assert case.due == "2026-03-06 17:00"
    assert case.attention_kinds("clock") == []


def test_papers_on_their_way_back_from_the_desk_are_still_with_the_post(case: Case) -> None:
    case.order("send")
    case.reported(case.s1, DELIVERED, "2026-03-02 09:00")
    case.reported(case.s1, RETURNING, "2026-03-02 10:00")
    assert case.happens("accepted", "2026-03-02 11:00").due is None


def test_completion_without_a_request_moves_nothing_and_is_shown(case: Case) -> None:
    case.happens("accepted", "2026-03-02 10:00")
    applied = case.happens("supplement_completed", "2026-03-04 10:00")
    assert applied.contradiction == "not_suspended"
    assert case.due == "2026-03-05 17:00"


def test_an_acceptance_at_the_counter_counts_while_the_postal_order_is_still_being_cancelled(case: Case) -> None:
    case.order("send")
    booking.drain(case.desk.context)
    with case.desk.context.database.write() as session:
        ask_to_cancel(shipments_of(session, case.code), case.desk.clock.now())
    case.happens("accepted", "2026-03-02 10:00")
    assert case.due == "2026-03-05 17:00"


def test_a_registration_cannot_change_a_printed_time_limit(case: Case) -> None:
    case.happens("accepted", "2026-03-02 10:00")
    longer = dossier_body()["procedure"] | {"time_limit": {"amount": 10, "unit": "working_days"}}
    form = DossierForm.model_validate(dossier_body(procedure=longer))
    with case.desk.context.database.write() as session, pytest.raises(Problem) as refusal:
        keep_printed_term(session, case.code, form)
    assert refusal.value.kind == "term-printed"


def test_a_verdict_that_a_late_report_changes_is_a_new_version(case: Case) -> None:
    case.happens("accepted", "2026-03-02 10:00")
    case.finished("2026-03-09 15:00")
    case.now("2026-03-09 16:00")
    with case.desk.context.database.write() as session:
        case.take(session, "result_ready", "2026-03-04 10:00", result_papers=[{"name": "Kết quả", "originals": 1}])
    assert [version.verdict_current for version in case.versions()][-1] == "early"
