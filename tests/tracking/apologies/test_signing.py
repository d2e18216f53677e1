"""An officer's word on a letter: what signing and dismissing do, who hears of it, and what is refused."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from dispatch.problems import Problem
from tests.tracking.apologies.letters_of import dismiss, drafted, letters, missing, round_of_the_watch, sign
from tests.tracking.case import COLLECTED, Case, local_text
from tests.tracking.conftest import ON_SQLITE
from tracking.apologies.signing import get_apology, letter_text

pytestmark = ON_SQLITE

RESULT = [{"name": "Kết quả", "originals": 1}]


@pytest.fixture
def threatened(case: Case) -> Case:
    """A dossier whose result, to be sent by post, is due on Thursday 5 March; form 04 is drafted on Tuesday."""
    case.order("receive")
    case.happens("accepted", "2026-03-02 10:00")
    case.now("2026-03-03 08:00")
    round_of_the_watch(case)
    return case


@pytest.fixture
def late(threatened: Case) -> Case:
    """The same dossier on Friday 6 March, without result."""
    threatened.now("2026-03-06 08:00")
    round_of_the_watch(threatened)
    return threatened


@pytest.fixture
def carried_late(case: Case) -> Case:
    """Papers that should have been at the desk by 4 March and are still under way on the fifth."""
    case.order("send")
    case.reported(case.s1, COLLECTED, "2026-03-02 09:00")
    case.now("2026-03-05 08:00")
    round_of_the_watch(case)
    return case


def refused(problem: pytest.ExceptionInfo[Problem]) -> str:
    assert problem.value.next_step
    assert problem.value.next_step_vi
    return problem.value.kind


def told_signed(case: Case) -> list[str]:
    return [one["what_en"] for one in case.told_onestop("postal.attention_needed") if one["kind"] == "apology-signed"]


def text_of(case: Case) -> str:
    with case.desk.read() as session:
        return letter_text(session, case.desk.office, letters(case)[0])


# --- form 04 ---


def test_signing_form_04_is_the_extension(threatened: Case) -> None:
    signed = sign(threatened, "2026-03-04 09:00", reason="chờ ý kiến Sở", new_due="2026-03-13")
    assert (signed.state, threatened.due) == ("signed", "2026-03-13 17:00")
    assert ("extend", "2026-03-04 09:00", "extension") in threatened.facts()
    assert threatened.told_onestop("dossier.due_date_changed")[-1]["due"] == "2026-03-13T17:00:00+07:00"
    assert len(told_signed(threatened)) == 1


def test_the_citizen_hears_the_apology_once_and_the_pickup_is_planned_anew(threatened: Case) -> None:
    sign(threatened, "2026-03-04 09:00", reason="chờ ý kiến Sở", new_due="2026-03-13")
    (told,) = threatened.told_citizen("due_extended_by_post")
    assert "xin lỗi" in told["text_vi"]
    assert "chờ ý kiến Sở" in told["text_vi"]
    assert "by 18/03/2026" in told["text_en"]
    assert str(threatened.shipment(threatened.r1).pickup_on) == "2026-03-16"
    assert [one["kind"] for one in threatened.told_citizen() if one["kind"].startswith("apology")] == []


def test_without_words_of_the_officer_the_draft_itself_is_signed(threatened: Case) -> None:
    sign(threatened, "2026-03-04 09:00")
    assert threatened.due == "2026-03-10 17:00"
    assert "Lý do: cần thêm thời gian" in text_of(threatened)
    assert "Ngày hẹn trả mới: 17:00 10/03/2026" in text_of(threatened)


def test_the_same_signature_again_changes_nothing(threatened: Case) -> None:
    first = sign(threatened, "2026-03-04 09:00", reason="chờ ý kiến Sở", new_due="2026-03-13")
    told = len(threatened.told_citizen()), len(threatened.facts()), threatened.timeline()
    again = sign(
        threatened, "2026-03-04 09:00", recorded="2026-03-05 09:00", reason="chờ ý kiến Sở", new_due="2026-03-13"
    )
    assert (again.id, again.state) == (first.id, first.state)
    assert (len(threatened.told_citizen()), len(threatened.facts()), threatened.timeline()) == told


@pytest.mark.parametrize("other", [{"reason": "bận"}, {"officer": "Nông Văn Páo"}, {"new_due": "2026-03-16"}])
def test_another_word_under_a_signed_letter_is_refused(threatened: Case, other: dict[str, Any]) -> None:
    said: dict[str, Any] = {"reason": "chờ ý kiến Sở", "new_due": "2026-03-13"}
    sign(threatened, "2026-03-04 09:00", **said)
    with pytest.raises(Problem) as problem:
        sign(threatened, "2026-03-04 09:00", **{**said, **other})
    assert (refused(problem), problem.value.status) == ("apology-signed", 409)
    assert threatened.due == "2026-03-13 17:00"


def test_on_the_due_day_form_04_is_too_late_and_the_law_is_named(threatened: Case) -> None:
    with pytest.raises(Problem) as problem:
        sign(threatened, "2026-03-05 09:00", reason="chờ ý kiến Sở", new_due="2026-03-13")
    assert refused(problem) == "apology-window"
    assert problem.value.extra["contradiction"] == "extension_late"
    assert "118/2025" in problem.value.extra["legal_source"]
    assert (threatened.due, drafted(threatened)[0][2]) == ("2026-03-05 17:00", "draft")
    assert [kind for kind, _, _ in threatened.facts()] == ["start"], "what was refused has left nothing behind"


def test_form_04_that_was_signed_in_time_counts_though_it_is_entered_late(threatened: Case) -> None:
    sign(threatened, "2026-03-04 16:00", recorded="2026-03-06 09:00", reason="chờ ý kiến Sở", new_due="2026-03-13")
    assert threatened.due == "2026-03-13 17:00"
    assert (drafted(threatened)[0][2], missing(threatened)) == ("signed", [])


@pytest.mark.parametrize("day", ["2026-03-08", "2026-03-05"])
def test_a_new_date_that_is_none_is_refused(threatened: Case, day: str) -> None:
    with pytest.raises(Problem) as problem:
        sign(threatened, "2026-03-04 09:00", new_due=day)
    assert refused(problem) == {"2026-03-08": "new-due-date", "2026-03-05": "apology-window"}[day]
    assert letters(threatened)[0].state == "draft"


def test_when_the_onestop_has_extended_itself_there_is_nothing_to_sign(threatened: Case) -> None:
    threatened.happens("extended", "2026-03-04 09:00", reason="chờ ý kiến Sở", new_due="2026-03-10")
    with pytest.raises(Problem) as problem:
        sign(threatened, "2026-03-04 10:00", new_due="2026-03-13")
    assert refused(problem) == "apology-void"
    assert threatened.due == "2026-03-10 17:00"


def test_the_second_date_gets_an_apology_and_no_third(threatened: Case) -> None:
    sign(threatened, "2026-03-04 09:00", new_due="2026-03-10")
    threatened.now("2026-03-11 08:00")
    assert drafted(threatened)[1] == ("result:2026-03-10", "late", "draft")
    with pytest.raises(Problem) as problem:
        sign(threatened, "2026-03-11 09:00", place=1, new_due="2026-03-20")
    assert refused(problem) == "apology-new-date"
    assert "297/2025" in problem.value.extra["legal_source"]
    sign(threatened, "2026-03-11 09:00", place=1, reason="người ký vắng mặt")
    assert threatened.due == "2026-03-10 17:00"


def test_a_signature_of_tomorrow_is_refused(threatened: Case) -> None:
    with pytest.raises(Problem) as problem:
        sign(threatened, "2026-03-04 09:00", signed_at="2026-03-05T09:00:00+07:00")
    assert refused(problem) == "apology-signature"


def test_of_two_officers_who_sign_at_once_one_is_told_that_it_is_signed(threatened: Case) -> None:
    def signed(reason: str) -> str:
        try:
            return sign(threatened, "2026-03-04 09:00", reason=reason, new_due="2026-03-13").state
        except Problem as problem:
            return problem.kind

    threatened.now("2026-03-04 09:00")
    with ThreadPoolExecutor(2) as officers:
        ends = sorted(officers.map(signed, ["chờ ý kiến Sở", "người ký vắng mặt"]))
    assert ends == ["apology-signed", "signed"]
    assert [kind for kind, _, _ in threatened.facts()] == ["start", "extend"]
    assert len(threatened.told_citizen("due_extended_by_post")) == 1


# --- after the due day ---


def test_a_late_result_is_apologised_for_with_a_date_that_moves_no_deadline(late: Case) -> None:
    sign(late, "2026-03-06 09:00", reason="người ký vắng mặt", new_due="2026-03-12")
    (told,) = late.told_citizen("apology_late_dated")
    assert "17:00 12/03/2026" in told["text_vi"]
    assert "người ký vắng mặt" in told["text_en"]
    assert late.due == "2026-03-05 17:00"
    assert str(late.shipment(late.r1).pickup_on) == "2026-03-13"
    assert len(told_signed(late)) == 1
    late.happens("result_ready", "2026-03-11 09:00", result_papers=RESULT)
    assert late.versions()[-1].verdict_current == "overdue"
    assert drafted(late) == [("result:2026-03-05", "late", "signed")]


def test_without_a_date_nothing_is_promised_anew(late: Case) -> None:
    sign(late, "2026-03-06 09:00", reason="người ký vắng mặt")
    assert len(late.told_citizen("apology_late")) == 1
    assert str(late.shipment(late.r1).pickup_on) == "2026-03-06"


@pytest.mark.parametrize("day", ["2026-03-06T08:30:00+07:00", "2026-03-05"])
def test_a_date_that_is_over_is_no_promise(late: Case, day: str) -> None:
    with pytest.raises(Problem) as problem:
        sign(late, "2026-03-06 09:00", new_due=day)
    assert refused(problem) == "apology-new-date"


def test_what_is_signed_stays_when_the_result_turns_out_to_have_been_in_time(late: Case) -> None:
    sign(late, "2026-03-06 09:00")
    late.happens("result_ready", "2026-03-05 10:00", result_papers=RESULT)
    assert drafted(late) == [("result:2026-03-05", "late", "signed")]


def test_when_the_result_turns_out_to_have_been_in_time_nothing_can_be_signed(late: Case) -> None:
    late.happens("result_ready", "2026-03-05 10:00", result_papers=RESULT)
    with pytest.raises(Problem) as problem:
        sign(late, "2026-03-06 09:00")
    assert refused(problem) == "apology-void"
    assert late.told_citizen("apology_late") == []


# --- the post's ---


def test_the_posts_explanation_reaches_the_citizen_and_the_agency(carried_late: Case) -> None:
    sign(carried_late, "2026-03-05 09:00", officer="Lý A Sính", title="Giám đốc bưu cục", reason="đường sạt lở")
    (told,) = carried_late.told_citizen("apology_for_carriage")
    assert "bưu điện xin lỗi" in told["text_vi"]
    assert "đường sạt lở" in told["text_vi"]
    assert "04/03/2026" in told["text_en"]
    assert "Lý A Sính" in told_signed(carried_late)[0]


def test_the_post_sets_no_date_for_the_agency(carried_late: Case) -> None:
    with pytest.raises(Problem) as problem:
        sign(carried_late, "2026-03-05 09:00", new_due="2026-03-10")
    assert refused(problem) == "apology-new-date"


# --- dismissed ---


def test_force_majeure_is_recorded_with_a_name_and_no_letter_is_drafted_again(carried_late: Case) -> None:
    dismiss(carried_late, "2026-03-05 09:00")
    assert drafted(carried_late) == [("transit:-S1", "carried_late", "dismissed")]
    assert missing(carried_late) == []
    assert carried_late.told_citizen("apology_for_carriage") == []


def test_the_same_dismissal_again_changes_nothing_and_another_is_refused(carried_late: Case) -> None:
    dismiss(carried_late, "2026-03-05 09:00")
    told = carried_late.timeline()
    dismiss(carried_late, "2026-03-05 10:00")
    assert carried_late.timeline() == told
    with pytest.raises(Problem) as problem:
        dismiss(carried_late, "2026-03-05 10:00", reason="không rõ")
    assert refused(problem) == "apology-dismissed"


def test_a_signed_letter_cannot_be_dismissed(carried_late: Case) -> None:
    sign(carried_late, "2026-03-05 09:00")
    with pytest.raises(Problem) as problem:
        dismiss(carried_late, "2026-03-05 10:00")
    assert refused(problem) == "apology-signed"


def test_an_apology_that_is_owed_after_all_is_signed_in_spite_of_a_dismissal(carried_late: Case) -> None:
    dismiss(carried_late, "2026-03-05 09:00")
    assert sign(carried_late, "2026-03-05 10:00").state == "signed"


def test_that_no_delay_threatened_does_not_excuse_the_delay(threatened: Case) -> None:
    dismiss(threatened, "2026-03-03 09:00", reason="kịp hạn")
    assert drafted(threatened) == [("result:2026-03-05", "will_be_late", "dismissed")]
    threatened.now("2026-03-06 08:00")
    assert drafted(threatened) == [("result:2026-03-05", "late", "draft")]


def test_a_void_letter_has_nothing_to_dismiss(late: Case) -> None:
    late.happens("result_ready", "2026-03-05 10:00", result_papers=RESULT)
    with pytest.raises(Problem) as problem:
        dismiss(late, "2026-03-06 09:00")
    assert refused(problem) == "apology-void"


def test_a_letter_that_nobody_drafted_is_unknown(case: Case) -> None:
    with case.desk.read() as session, pytest.raises(Problem) as problem:
        get_apology(session, 1_000_000)
    assert (refused(problem), problem.value.status) == ("unknown-apology", 404)


def test_the_letter_keeps_its_words_when_the_dossier_changes(late: Case) -> None:
    sign(late, "2026-03-06 09:00", reason="người ký vắng mặt")
    said = text_of(late)
    late.happens("corrected", "2026-03-06 10:00", voids="nothing", reason="thử")
    late.register(applicant={"name": "Bế Thị Hoa", "phone": "84919393275"})
    assert text_of(late) == said
    assert "Kính gửi: Bế Đức Hiếu" in said
    assert local_text(letters(late)[0].due) == "2026-03-05 17:00"
