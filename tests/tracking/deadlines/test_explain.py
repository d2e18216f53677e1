import json
from datetime import date, time

import pytest

from tests.tracking.deadlines.offices import BEFORE_THE_SWAP, NEW, OLD, Versions
from tests.tracking.deadlines.story import asked, at, complete, extended, fact, recalendared, result, start
from tracking.deadlines import (
    Caution,
    Contradiction,
    DueTime,
    ExplanationLine,
    FactKind,
    Happening,
    RuleId,
    Rules,
    Term,
    Unit,
    WorkingTime,
    explain_due,
    explain_ledger,
    fold,
)
from tracking.deadlines.contradictions import CONTRADICTIONS
from tracking.deadlines.wording import CAUTIONS, HAPPENINGS

KEYS = {
    "text_vi", "text_en", "event", "at", "evidence", "rule", "legal_source", "calendar_version", "from", "to",
}  # fmt: skip


def line_of(lines: list[ExplanationLine], **wanted: str) -> ExplanationLine:
    (found,) = [line for line in lines if wanted.items() <= line.items()]
    return found


def test_a_dossier_before_tet_names_the_days_that_were_not_counted_and_their_document(
    office: WorkingTime, law: Rules
) -> None:
    told = explain_due(at("2026-02-13 10:00"), Term(3, Unit.WORKING_DAYS), office, law)
    assert (told["effective"], told["due"]) == ("2026-02-13T10:00:00+07:00", "2026-02-25T17:00:00+07:00")
    tet = line_of(told["explanation"], rule="calendar.day_off")
    assert tet["text_vi"].startswith("Không tính: 16/02–20/02/2026, Tết Nguyên đán Bính Ngọ")
    assert "9859/VPCP-KGVX" in (tet["legal_source"] or "")
    weekends = line_of(told["explanation"], rule="calendar.weekly_rest")
    assert "2026-02-14 to 2026-02-15, 2026-02-21 to 2026-02-22" in weekends["text_en"]


def test_a_make_up_saturday_is_named(office: WorkingTime, law: Rules) -> None:
    told = explain_due(at("2026-08-20 09:00"), Term(3, Unit.WORKING_DAYS), office, law)
    made_up = line_of(told["explanation"], rule="calendar.make_up_day")
    assert "22/08/2026" in made_up["text_vi"]
    assert "9859/VPCP-KGVX" in (made_up["legal_source"] or "")


def test_a_day_off_that_is_not_certain_says_so(office: WorkingTime, law: Rules) -> None:
    told = explain_due(at("2026-11-23 10:00"), Term(1, Unit.WORKING_DAYS), office, law)
    culture_day = line_of(told["explanation"], rule="calendar.day_off")
    assert "check the latest announcement" in culture_day["text_en"]


def test_arrival_after_hours_and_cutoff_are_steps_of_their_own(office: WorkingTime, law: Rules) -> None:
    term = Term(1, Unit.SAME_DAY)
    late = explain_due(at("2026-03-03 15:01"), term, office, law, cutoff=time(15))["explanation"]
    step = line_of(late, event="cutoff")
    assert (step["from"], step["to"]) == ("2026-03-03T15:01:00+07:00", "2026-03-04T07:30:00+07:00")
    evening = explain_due(at("2026-03-03 18:00"), term, office, law, cutoff=time(15))["explanation"]
    assert "outside office hours" in line_of(evening, event="received")["text_en"]
    assert not [line for line in evening if line["event"] == "cutoff"]


@pytest.mark.parametrize("unit", Unit)
@pytest.mark.parametrize("due_time", DueTime)
def test_every_computation_is_ready_for_json_and_says_the_due_date(
    office: WorkingTime, law: Rules, unit: Unit, due_time: DueTime
) -> None:
    event, term = at("2026-03-03 10:00"), Term(4, unit)
    told = explain_due(event, term, office, law, due_time=due_time)
    assert json.loads(json.dumps(told)) == told
    assert all(set(line) == KEYS for line in told["explanation"])
    counted = line_of(told["explanation"], event="counted")
    assert counted["rule"] == f"count.{unit}"
    assert counted["to"] == told["due"] == office.due(event, term, due_time=due_time).isoformat()


def test_calendar_days_count_from_the_day_of_receipt_at_whatever_hour_it_came(office: WorkingTime, law: Rules) -> None:
    evening = explain_due(at("2026-03-02 18:30"), Term(10, Unit.CALENDAR_DAYS), office, law, cutoff=time(15))
    assert evening["due"] == "2026-03-12T17:00:00+07:00"
    received = line_of(evening["explanation"], event="received")
    assert "at whatever hour" in received["text_en"]
    assert "counts from" not in " ".join(line["text_en"] for line in evening["explanation"])
    started, passed_on = explain_ledger(
        fold([start("2026-03-02 18:30")], Term(10, Unit.CALENDAR_DAYS), office, law), office, law
    )
    assert "The clock starts Mon 2026-03-02 18:30" in started["text_en"]
    assert (passed_on["rule"], passed_on["to"]) == ("transfer.cutoff", "2026-03-03T07:30:00+07:00")


def test_calendar_days_pass_over_only_the_days_off_at_the_end(office: WorkingTime, law: Rules) -> None:
    told = explain_due(at("2026-04-16 09:00"), Term(15, Unit.CALENDAR_DAYS), office, law)
    passed_over = [line["text_en"] for line in told["explanation"] if line["event"] == "calendar"]
    assert [text[:38] for text in passed_over] == [
        "Not counted: 2026-05-01, Labour Day (B",
        "Not counted: 2026-05-02 to 2026-05-03,",
    ]


def test_a_supplement_over_tet_is_explained_from_date_to_date(office: WorkingTime, law: Rules) -> None:
    facts = [start("2026-02-10 08:15"), asked("2026-02-12 10:00"), complete("2026-02-13 09:00")]
    lines = explain_ledger(fold(facts, Term(5, Unit.WORKING_DAYS), office, law), office, law)
    events = [line for line in lines if line["event"] != "calendar"]
    assert [(line["event"], line["from"], line["to"]) for line in events] == [
        ("started", None, "2026-02-24T17:00:00+07:00"),
        ("suspended", "2026-02-24T17:00:00+07:00", None),
        ("restarted", None, "2026-02-27T17:00:00+07:00"),
    ]
    assert events[0]["evidence"] == "record of 2026-02-10 08:15"
    assert "Biên bản giao nhận" in events[0]["text_vi"]
    assert "61/2018" in (events[2]["legal_source"] or "")
    assert len([line for line in lines if line["rule"] == "calendar.day_off"]) == 2


def test_an_extension_gives_its_reason_and_a_correction_what_it_corrects(office: WorkingTime, law: Rules) -> None:
    facts = [
        start("2026-03-02 08:15"),
        extended("2026-03-06 09:00", date(2026, 3, 12)),
        fact(FactKind.STOP, "2026-03-10 09:00", id="hasty"),
        fact(FactKind.CORRECT, "2026-03-10 10:00", id="undo", voids="hasty"),
    ]
    lines = explain_ledger(fold(facts, Term(5, Unit.WORKING_DAYS), office, law), office, law)
    assert "Lý do: chờ ý kiến Sở." in line_of(lines, event="extended")["text_vi"]
    assert "struck out by undo" in line_of(lines, event="voided")["text_en"]
    assert "Record hasty is corrected." in line_of(lines, event="corrected")["text_en"]


def test_a_contradiction_tells_the_clerk_what_to_do_next(office: WorkingTime, law: Rules) -> None:
    (line,) = explain_ledger(fold([result("2026-03-02 08:15")], Term(5, Unit.WORKING_DAYS), office, law), office, law)
    assert line["event"] == "refused"
    assert "the due date stays: no date" in line["text_en"]
    assert "record the acceptance (handover record)" in line["text_en"]


def test_a_lawful_but_tight_extension_carries_its_note(office: WorkingTime, law: Rules) -> None:
    facts = [start("2026-02-06 09:00"), extended("2026-02-22 09:00", date(2026, 2, 27))]
    lines = explain_ledger(fold(facts, Term(6, Unit.WORKING_DAYS), office, law), office, law)
    assert "tell the applicant at once" in line_of(lines, event="extended")["text_en"]


def test_a_change_of_the_calendar_is_told_with_its_document_and_the_new_days_off(law: Rules) -> None:
    started = fact(FactKind.START, "2025-12-31 15:30", calendar=OLD)
    calendars = Versions(usual=BEFORE_THE_SWAP)
    ledger = fold([started, recalendared("2026-01-02 09:00", NEW)], Term(2, Unit.WORKING_DAYS), calendars, law)
    lines = explain_ledger(ledger, calendars, law)
    change = line_of(lines, event="recalendared")
    assert (change["from"], change["to"]) == ("2026-01-05T17:00:00+07:00", "2026-01-06T17:00:00+07:00")
    assert change["text_vi"].startswith("Lịch làm việc thay đổi: hạn chuyển từ Thứ Hai 05/01/2026 17:00 sang Thứ Ba")
    assert "Lý do: Công văn 12729/VPCP-KGVX." in change["text_vi"]
    assert "never shortened" in change["text_en"]
    assert (lines[0]["calendar_version"], change["calendar_version"]) == (OLD, NEW)
    off = [line["text_en"] for line in lines if line["rule"] == "calendar.day_off"]
    assert [("2026-01-02" in text) for text in off] == [False, False, True]


def test_a_change_that_leaves_the_date_as_it_is_says_so(law: Rules) -> None:
    started = fact(FactKind.START, "2026-01-07 09:00", calendar=OLD)
    calendars = Versions(usual=BEFORE_THE_SWAP)
    ledger = fold([started, recalendared("2026-01-08 09:00", NEW)], Term(3, Unit.WORKING_DAYS), calendars, law)
    noted = line_of(explain_ledger(ledger, calendars, law), event="calendar_noted")
    assert "the due date stays: Mon 2026-01-12 17:00" in noted["text_en"]
    assert noted["from"] == noted["to"]


def test_lost_papers_are_told_with_their_ground(office: WorkingTime, law: Rules) -> None:
    facts = [start("2026-03-02 08:15"), fact(FactKind.SUSPEND, "2026-03-04 10:00", rule=RuleId.PAUSE_LOST)]
    lines = explain_ledger(fold(facts, Term(5, Unit.WORKING_DAYS), office, law), office, law)
    assert "bị mất hoặc hư hỏng" in line_of(lines, event="suspended")["text_vi"]


def test_the_due_time_is_told_in_the_words_of_its_rule(office: WorkingTime, law: Rules) -> None:
    told = explain_due(at("2026-03-03 10:00"), Term(3, Unit.WORKING_DAYS), office, law, due_time=DueTime.SAME_CLOCK)
    assert "at the clock time at which counting began" in line_of(told["explanation"], event="counted")["text_en"]
    half = explain_due(at("2026-03-03 10:00"), Term(1, Unit.HALF_DAYS), office, law)
    assert line_of(half["explanation"], event="counted")["text_en"].startswith("Time limit 1 half working day: ")


def test_there_are_words_for_everything_that_can_happen() -> None:
    assert (set(HAPPENINGS), set(CAUTIONS), set(CONTRADICTIONS)) == (set(Happening), set(Caution), set(Contradiction))
