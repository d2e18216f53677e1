"""Clock facts and due dates: both only ever grow, and a corrected mistake leaves its trace."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from dispatch.dossiers import get_dossier
from tests.tracking.case import DELIVERED, Case, local_text
from tests.tracking.deadlines.story import extended, fact, start
from tracking.clock_facts import (
    ClockContradiction,
    facts_of,
    latest_version,
    ledger_of,
    recompute,
    record_fact,
)
from tracking.deadlines import ClockFact, FactKind


def record(case: Case, *facts: ClockFact) -> list[bool]:
    """Record facts, each under an id of this dossier, and decide anew after each."""
    desk, new = case.desk, []
    with desk.context.database.write() as session:
        for one in facts:
            mine = replace(one, id=f"{case.code}:{one.id}", voids=one.voids and f"{case.code}:{one.voids}")
            new.append(record_fact(session, case.code, mine))
            dossier = get_dossier(session, case.code)
            recompute(session, desk.office, desk.context.accounts, dossier, mine.id, desk.clock.now())
    return new


def test_a_fact_is_recorded_once(case: Case) -> None:
    began = start("2026-03-02 10:00", id="start")
    assert record(case, began, began) == [True, False]
    assert [version.revision for version in case.versions()] == [1]


def test_facts_come_back_as_they_went_in(case: Case) -> None:
    known = [start("2026-03-02 10:00", id="start"), extended("2026-03-03 10:00", case.now("2026-03-10 17:00"))]
    record(case, *known)
    with case.desk.read() as session:
        stored = sorted(facts_of(session, case.code), key=lambda one: one.at)
    assert [replace(one, id=one.id.removeprefix(f"{case.code}:")) for one in stored] == known


def test_nothing_is_decided_before_there_is_a_fact(case: Case) -> None:
    with case.desk.read() as session:
        assert latest_version(session, case.code) is None
        assert ledger_of(session, case.desk.office, get_dossier(session, case.code)).current_due is None


def test_a_correction_strikes_out_a_wrong_start_and_the_history_stays(case: Case) -> None:
    wrong, right = start("2026-03-02 10:00", id="wrong"), start("2026-03-03 10:00", id="right")
    struck = fact(FactKind.CORRECT, "2026-03-03 11:00", id="correction", voids="wrong", reason="nhầm hồ sơ")
    record(case, wrong, struck, right)
    assert [local_text(version.due) for version in case.versions()] == ["2026-03-05 17:00", None, "2026-03-06 17:00"]
    assert len(case.facts()) == 3


def test_a_contradiction_goes_when_a_later_fact_settles_it(case: Case) -> None:
    record(case, start("2026-03-02 10:00"), fact(FactKind.RESUME, "2026-03-04 10:00"))
    assert contradictions(case) == ["not_suspended"]
    record(case, fact(FactKind.SUSPEND, "2026-03-03 10:00", reason="chờ nộp phí"))
    assert contradictions(case) == []


def contradictions(case: Case) -> list[str]:
    with case.desk.read() as session:
        query = select(ClockContradiction.what).where(ClockContradiction.dossier_code == case.code)
        return list(session.scalars(query))


def test_the_onestop_hears_why_in_both_languages_with_the_source_in_law(case: Case) -> None:
    record(case, start("2026-03-02 10:00"))
    (told,) = case.told_onestop("dossier.due_date_changed")
    assert (told["due"], told["revision"], told["state"]) == ("2026-03-05T17:00:00+07:00", 1, "running")
    assert told["legal_source"] == "Quyết định 45/2016/QĐ-TTg, Điều 7(4)"
    assert told["reason_vi"]
    assert told["reason_en"].isascii()


def test_a_version_names_its_cause_and_the_calendar_it_was_counted_with(case: Case) -> None:
    record(case, start("2026-03-02 10:00", id="start"))
    (version,) = case.versions()
    assert version.cause == f"{case.code}:start"
    assert version.calendar_version == case.desk.office.working_time.calendar.version


@pytest.mark.parametrize(
    ("unit", "amount", "due"),
    [
        ("working_days", 3, "2026-02-24 17:00"),
        ("working_hours", 8, "2026-02-23 10:00"),
        ("calendar_days", 5, "2026-02-23 17:00"),
        ("same_day", 1, "2026-02-12 17:00"),
    ],
)
def test_every_unit_knows_tet(case: Case, unit: str, amount: int, due: str) -> None:
    limit = {"amount": amount, "unit": unit}
    procedure = {"code": "1.1", "name": "Thủ tục", "postal_submission": True, "postal_return": True}
    story = Case.opened(case.desk, procedure={**procedure, "time_limit": limit})
    record(story, start("2026-02-12 14:30" if unit != "working_hours" else "2026-02-13 09:30"))
    assert story.due == due


def test_a_cutoff_of_the_procedure_moves_the_start_to_the_next_morning(case: Case) -> None:
    limit = {"amount": 3, "unit": "working_days"}
    procedure = {"code": "1.1", "name": "Thủ tục", "postal_submission": True, "postal_return": True}
    story = Case.opened(case.desk, procedure={**procedure, "time_limit": limit, "cutoff": "15:00"})
    record(story, start("2026-03-02 15:30"))
    assert story.due == "2026-03-06 17:00"


def test_both_verdicts_fall_with_the_result_against_the_first_date_and_against_the_one_in_force(case: Case) -> None:
    case.happens("accepted", "2026-03-02 10:00")
    case.happens("extended", "2026-03-03 09:00", reason="chờ ý kiến đơn vị khác", new_due="2026-03-10")
    case.happens("result_ready", "2026-03-09 15:00", result_papers=[{"name": "Trích lục", "originals": 1}])
    verdicts = [(version.verdict_original, version.verdict_current) for version in case.versions()]
    assert verdicts == [(None, None), (None, None), ("overdue", "early")]


def test_a_wrong_report_is_struck_out_by_a_correction_and_never_edited(case: Case) -> None:
    case.happens("accepted", "2026-03-02 10:00")
    case.happens("supplement_requested", "2026-03-03 09:00", event_id="wrong-dossier", reason="thiếu giấy xác nhận")
    applied = case.happens("corrected", "2026-03-03 10:00", voids="wrong-dossier", reason="nhầm hồ sơ")
    assert applied.contradiction is None
    assert [local_text(version.due) for version in case.versions()] == ["2026-03-05 17:00", None, "2026-03-05 17:00"]


def test_a_handover_that_was_signed_for_the_wrong_dossier_can_be_struck_out(case: Case) -> None:
    case.order("send")
    case.arrives("2026-03-03 09:00")
    case.signed(case.s1, "2026-03-03 10:00")
    (signed,) = case.told_onestop("postal.papers_handed_over")
    case.happens("corrected", "2026-03-03 11:00", voids=signed["handover"], reason="ký nhầm hồ sơ")
    assert [local_text(version.due) for version in case.versions()] == ["2026-03-06 17:00", None]


def test_a_correction_of_nothing_is_a_contradiction_that_staff_see(case: Case) -> None:
    case.happens("accepted", "2026-03-02 10:00")
    applied = case.happens("corrected", "2026-03-03 10:00", voids="never-happened", reason="nhầm hồ sơ")
    assert applied.contradiction == "nothing_to_correct"


def test_a_handover_recorded_two_days_late_moves_the_start_to_the_signature(case: Case) -> None:
    case.order("send")
    case.reported(case.s1, DELIVERED, "2026-02-12 09:00")
    case.signed(case.s1, "2026-02-12 10:00", recorded="2026-02-13 16:00")
    (version,) = case.versions()
    assert local_text(version.due) == "2026-02-24 17:00"  # three working days after Thursday 12 February, over Tết
