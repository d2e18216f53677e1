"""The signature under a handover record: it alone starts the clock of papers that come by post."""

from __future__ import annotations

from tests.tracking.case import COLLECTED, DELIVERED, RETURNED, RETURNING, Case, local_text


def test_the_clock_starts_at_the_signature_and_never_at_the_pickup(case: Case) -> None:
    case.order("send")
    case.arrives("2026-03-03 09:00")
    assert (case.facts(), case.due) == ([], None)
    case.signed(case.s1, "2026-03-03 10:00")
    assert case.facts() == [("start", "2026-03-03 10:00", "start.handover")]
    assert case.due == "2026-03-06 17:00"
    (told,) = case.told_citizen("papers_at_agency")
    assert "10:00 03/03/2026" in told["text_vi"]
    assert "17:00 06/03/2026" in told["text_en"]


def test_a_signature_before_tet_is_due_after_it(case: Case) -> None:
    story = Case.opened(case.desk, filed_at="2026-02-10T07:45:00+07:00")
    story.order("send")
    story.signed(story.s1, "2026-02-12 16:30")
    assert story.due == "2026-02-24 17:00"


def test_a_signature_in_the_evening_counts_from_the_next_morning(case: Case) -> None:
    case.order("send")
    case.signed(case.s1, "2026-03-02 18:30")
    assert case.due == "2026-03-06 17:00"


def test_a_rejected_line_starts_nothing_and_says_what_is_missing(case: Case) -> None:
    case.order("send")
    case.arrives()
    case.signed(case.s1, "2026-03-02 16:00", accepted=False, reason="Thiếu chữ ký", missing_papers=["Tờ khai"])
    assert (case.facts(), case.due) == ([], None)
    (told,) = case.told_citizen("papers_incomplete")
    assert "Thiếu chữ ký; thiếu Tờ khai" in told["text_vi"]
    assert set(case.holders().values()) == {"post:vnpost_ngsp"}


def test_what_the_desk_rejected_may_be_brought_in_person_though_the_parcel_was_delivered(case: Case) -> None:
    case.order("send")
    case.arrives("2026-03-02 15:00")
    case.signed(case.s1, "2026-03-02 16:00", accepted=False, missing_papers=["Tờ khai"])
    case.happens("accepted", "2026-03-04 09:00")
    assert case.facts() == [("start", "2026-03-04 09:00", "start.counter")]
    assert set(case.holders().values()) == {"agency:H14.10"}


def test_papers_sent_a_second_time_start_the_clock_when_they_are_accepted(case: Case) -> None:
    case.order("send")
    case.arrives("2026-03-02 15:00")
    case.signed(case.s1, "2026-03-02 16:00", accepted=False, missing_papers=["Tờ khai"])
    case.reported(case.s1, RETURNING, "2026-03-02 17:00")
    case.reported(case.s1, RETURNED, "2026-03-04 09:00")
    assert case.order("send") == [case.s2]
    case.reported(case.s2, COLLECTED, "2026-03-05 09:00")
    case.reported(case.s2, DELIVERED, "2026-03-06 09:00")
    case.signed(case.s2, "2026-03-06 10:00")
    assert case.facts() == [("start", "2026-03-06 10:00", "start.handover")]
    assert case.due == "2026-03-11 17:00"
    assert [holder for holder, _ in case.hands()] == [
        *("post:vnpost_ngsp", "post:vnpost_ngsp", "citizen", "post:vnpost_ngsp", "agency:H14.10")
    ]


def test_a_supplement_that_comes_by_post_is_complete_at_its_own_handover(case: Case) -> None:
    case.order("send")
    case.arrives("2026-03-02 15:00")
    case.signed(case.s1, "2026-03-02 16:00")
    case.happens("supplement_requested", "2026-03-03 09:00", reason="bản sao hộ chiếu")
    assert case.order("send") == [case.s2]
    case.reported(case.s2, COLLECTED, "2026-03-04 09:00")
    assert case.holders()["Tờ khai"] == "agency:H14.10", "what the agency has, the postman did not collect"
    case.reported(case.s2, DELIVERED, "2026-03-05 09:00")
    case.signed(case.s2, "2026-03-05 10:00")
    assert case.facts()[-1] == ("start", "2026-03-05 10:00", "start.handover")
    assert case.due == "2026-03-10 17:00"
    assert "10/03/2026" in case.told_citizen("supplement_received")[0]["text_vi"]


def test_a_supplement_signed_for_before_its_request_was_reported_ends_at_the_same_date(case: Case) -> None:
    case.order("send")
    case.signed(case.s1, "2026-03-02 16:00")
    case.reported(case.s1, DELIVERED, "2026-03-02 15:00")
    case.order("send")
    case.signed(case.s2, "2026-03-05 10:00")
    case.happens("supplement_requested", "2026-03-03 09:00", reason="bản sao hộ chiếu")
    assert case.due == "2026-03-10 17:00"
    assert case.attention_kinds("clock") == []


def test_signing_twice_changes_nothing(case: Case) -> None:
    case.order("send")
    case.signed(case.s1, "2026-03-02 16:00")
    told = case.told_citizen(), case.told_onestop("postal.papers_handed_over"), len(case.versions())
    case.signed_again()
    assert (case.told_citizen(), case.told_onestop("postal.papers_handed_over"), len(case.versions())) == told


def test_a_result_given_to_the_postman_touches_no_clock(case: Case) -> None:
    case.order("both")
    case.signed(case.s1, "2026-03-02 16:00")
    case.finished("2026-03-04 15:00")
    case.signed(case.r1, "2026-03-05 09:00", direction="to_post")
    assert [kind for kind, _, _ in case.facts()] == ["start", "stop"]
    assert set(case.holders().values()) == {"post:vnpost_ngsp"}


def test_a_result_that_came_back_waits_at_the_agency_and_the_citizen_hears_of_it(case: Case) -> None:
    case.order("receive")
    case.happens("accepted", "2026-03-02 10:00")
    case.finished("2026-03-04 15:00")
    case.reported(case.r1, COLLECTED, "2026-03-05 09:00")
    case.reported(case.r1, RETURNED, "2026-03-12 09:00")
    assert case.holders()["Kết quả"] == "post:vnpost_ngsp", "until somebody has counted it"
    case.signed(case.r1, "2026-03-12 10:00")
    assert case.holders()["Kết quả"] == "agency:H14.10"
    assert "đang chờ tại Sở Tư pháp" in case.told_citizen("result_back")[0]["text_vi"]
    assert [kind for kind, _, _ in case.facts()] == ["start", "stop"]


def test_the_onestop_is_told_of_every_line(case: Case) -> None:
    case.order("send")
    case.signed(case.s1, "2026-03-02 16:00", accepted=False, missing_papers=["Tờ khai"])
    (told,) = case.told_onestop("postal.papers_handed_over")
    assert (told["order_number"], told["direction"], told["accepted"]) == (case.s1, "to_agency", False)
    assert told["missing_papers"] == ["Tờ khai"]
    line = case.copy().handover(case.s1, "to_agency")
    assert line is not None
    assert not line.accepted


def test_where_a_ministry_sets_the_date_the_signature_is_kept_as_a_fact(case: Case) -> None:
    story = Case.opened(case.desk, due_date_owner="source")
    story.order("send")
    story.signed(story.s1, "2026-03-02 16:00")
    assert story.facts() == [("start", "2026-03-02 16:00", "start.handover")]
    assert (story.due, story.told_citizen("papers_at_agency")) == (None, [])


def test_the_second_opinion_of_the_one_stop_does_not_start_it_again(case: Case) -> None:
    case.order("send")
    case.signed(case.s1, "2026-03-02 16:00")
    assert local_text(case.happens("accepted", "2026-03-03 10:00").due) == "2026-03-05 17:00"
    assert len(case.facts()) == 1
