"""The story of a dossier's due date, told by facts that come in any order."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.calendars import OfficeCalendar
from tests.tracking.deadlines.nonsense import fact_lists
from tests.tracking.deadlines.offices import OFFICE
from tests.tracking.deadlines.story import asked, at, complete, extended, fact, result, start
from tracking.deadlines import (
    Caution,
    ClockFact,
    ClockState,
    Contradiction,
    DueTime,
    FactKind,
    Happening,
    Ledger,
    NaiveTimeError,
    RuleId,
    Term,
    Unit,
    Verdict,
    WorkingTime,
    fold,
    load_rules,
)

LAW = load_rules()
TEN_DAYS = Term(10, Unit.WORKING_DAYS)
FIVE_DAYS = Term(5, Unit.WORKING_DAYS)


def ledger_of(*facts: ClockFact, term: Term = TEN_DAYS, due_time: DueTime = DueTime.END_OF_DAY) -> Ledger:
    return fold(facts, term, OFFICE, LAW, due_time)


def contradictions(ledger: Ledger) -> list[Contradiction | None]:
    return [line.contradiction for line in ledger.contradictions]


WHOLE_LIFE = [
    start("2026-02-10 08:15"),
    asked("2026-02-12 10:00"),
    complete("2026-02-25 14:00"),
    fact(FactKind.SUSPEND, "2026-02-27 09:00"),
    fact(FactKind.RESUME, "2026-03-03 09:00"),
    extended("2026-03-09 15:00", date(2026, 3, 20)),
    fact(FactKind.STOP, "2026-03-16 09:00", id="hasty result"),
    fact(FactKind.CORRECT, "2026-03-16 11:00", voids="hasty result"),
    result("2026-03-19 10:00"),
]


def test_a_whole_life_is_told_line_by_line() -> None:
    ledger = ledger_of(*WHOLE_LIFE)
    assert [(line.happening, line.due_after) for line in ledger.lines] == [
        (Happening.STARTED, at("2026-03-03 17:00")),
        (Happening.SUSPENDED, None),
        (Happening.RESTARTED, at("2026-03-11 17:00")),
        (Happening.SUSPENDED, None),
        (Happening.RESUMED, at("2026-03-13 17:00")),
        (Happening.EXTENDED, at("2026-03-20 17:00")),
        (Happening.VOIDED, at("2026-03-20 17:00")),
        (Happening.CORRECTED, at("2026-03-20 17:00")),
        (Happening.STOPPED, at("2026-03-20 17:00")),
    ]
    assert ledger.state is ClockState.STOPPED
    assert (ledger.started_at, ledger.stopped_at) == (at("2026-02-10 08:15"), at("2026-03-19 10:00"))
    assert (ledger.verdict_original, ledger.verdict_current) == (Verdict.OVERDUE, Verdict.EARLY)
    assert not ledger.contradictions


@given(st.data())
def test_any_order_and_any_duplication_gives_the_same_ledger(data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(WHOLE_LIFE))
    repeated = data.draw(st.lists(st.sampled_from(WHOLE_LIFE), max_size=8))
    assert ledger_of(*repeated, *shuffled) == ledger_of(*WHOLE_LIFE)


@given(fact_lists, st.sampled_from(Unit), st.sampled_from(DueTime), st.randoms())
def test_even_nonsense_folds_to_one_ledger_whatever_its_order(
    facts: list[ClockFact], unit: Unit, due_time: DueTime, chance: Random
) -> None:
    shuffled = facts * 2
    chance.shuffle(shuffled)
    ledger = ledger_of(*facts, term=Term(7, unit), due_time=due_time)
    assert ledger_of(*shuffled, term=Term(7, unit), due_time=due_time) == ledger
    assert {line.fact.id for line in ledger.lines} == {fact.id for fact in facts}


@given(fact_lists, st.sampled_from(Unit))
def test_a_line_that_was_not_applied_never_moves_the_date(facts: list[ClockFact], unit: Unit) -> None:
    for line in ledger_of(*facts, term=Term(7, unit)).lines:
        if line.happening in (Happening.REFUSED, Happening.VOIDED, Happening.CORRECTED):
            assert line.due_before == line.due_after
        if line.happening is Happening.REFUSED:
            assert line.contradiction


@given(fact_lists)
def test_there_is_a_date_exactly_while_the_clock_runs_or_has_stopped(facts: list[ClockFact]) -> None:
    for line in ledger_of(*facts).lines:
        assert (line.due_after is not None) == (line.state in (ClockState.RUNNING, ClockState.STOPPED))


def test_no_facts_make_an_empty_ledger() -> None:
    ledger = ledger_of()
    assert (ledger.lines, ledger.state, ledger.current_due) == ((), ClockState.NOT_STARTED, None)
    assert ledger.verdict_current is None


def test_whoever_withdraws_before_anything_has_begun_contradicts_nobody_and_nothing_begins() -> None:
    withdrawn = fact(FactKind.STOP, "2026-03-02 09:00", rule=RuleId.STOP_WITHDRAWN)
    ledger = ledger_of(withdrawn, start("2026-03-03 08:15"))
    assert (ledger.state, ledger.current_due, ledger.verdict_current) == (ClockState.STOPPED, None, None)
    assert contradictions(ledger) == [Contradiction.AFTER_STOP], "papers that are taken in all the same need a person"


def test_a_signature_recorded_two_days_late_is_counted_from_when_it_was_given() -> None:
    asked_before_it_was_known = asked("2026-03-04 10:00")
    premature = ledger_of(asked_before_it_was_known)
    assert contradictions(premature) == [Contradiction.NOT_STARTED]
    settled = ledger_of(asked_before_it_was_known, start("2026-03-02 08:15", recorded="2026-03-04 16:00"))
    assert settled.original_due == at("2026-03-16 17:00")
    assert settled.state is ClockState.SUSPENDED
    assert not settled.contradictions


def test_a_signature_recorded_late_moves_a_date_that_was_already_told() -> None:
    told = ledger_of(start("2026-03-04 08:00", id="scan at the desk"), term=FIVE_DAYS)
    signed = start("2026-03-02 15:40", id="signature", recorded="2026-03-04 16:00")
    struck = fact(FactKind.CORRECT, "2026-03-04 16:00", voids="scan at the desk")
    settled = ledger_of(start("2026-03-04 08:00", id="scan at the desk"), signed, struck, term=FIVE_DAYS)
    assert (told.current_due, settled.current_due) == (at("2026-03-11 17:00"), at("2026-03-09 17:00"))
    assert settled.started_at == at("2026-03-02 15:40")
    assert [line.happening for line in settled.lines] == [Happening.STARTED, Happening.VOIDED, Happening.CORRECTED]


def test_papers_lost_on_their_way_freeze_the_clock_until_they_are_found() -> None:
    lost = fact(FactKind.SUSPEND, "2026-03-04 10:00", rule=RuleId.PAUSE_LOST)
    found = fact(FactKind.RESUME, "2026-03-10 09:00", rule=RuleId.PAUSE_LOST)
    frozen = ledger_of(start("2026-03-02 08:15"), lost)
    assert (frozen.state, frozen.current_due) == (ClockState.SUSPENDED, None)
    assert frozen.standstill is not None
    assert "Điều 14" in (frozen.standstill.legal_source or "")
    on_its_way_again = ledger_of(start("2026-03-02 08:15"), lost, found)
    assert on_its_way_again.current_due == at("2026-03-20 17:00")
    assert on_its_way_again.standstill is None


@pytest.mark.parametrize("paused", ["2026-03-06 18:30", "2026-03-07 10:00", "2026-03-09 07:00"])
def test_a_pause_before_the_term_began_to_count_leaves_all_of_it(paused: str) -> None:
    """Accepted on Friday evening, so it counts from Monday: what stands still until then takes nothing away or adds."""
    resumed = fact(FactKind.RESUME, "2026-03-11 09:00")
    ledger = ledger_of(start("2026-03-06 18:00"), fact(FactKind.SUSPEND, paused), resumed)
    assert ledger.current_due == OFFICE.due(at("2026-03-11 09:00"), TEN_DAYS)


def lost(when: str) -> ClockFact:
    return fact(FactKind.SUSPEND, when, rule=RuleId.PAUSE_LOST)


def found(when: str) -> ClockFact:
    return fact(FactKind.RESUME, when, rule=RuleId.PAUSE_LOST)


@pytest.mark.parametrize(
    "others",
    [
        [],
        [start("2026-03-05 08:15")],
        [start("2026-03-02 08:15"), asked("2026-03-03 09:00")],
        [start("2026-03-02 08:15"), result("2026-03-03 09:00")],
    ],
)
def test_papers_lost_and_found_move_no_clock_that_is_not_running(others: list[ClockFact]) -> None:
    ledger = ledger_of(*others, lost("2026-03-04 10:00"), found("2026-03-04 15:00"))
    plain = ledger_of(*others)
    assert (ledger.state, ledger.current_due, ledger.contradictions) == (plain.state, plain.current_due, ())
    assert [line.happening for line in ledger.lines].count(Happening.NOTED) == 2


def test_the_ledger_knows_what_the_watch_asks_for() -> None:
    extended_once = ledger_of(*WHOLE_LIFE)
    assert (extended_once.extensions, extended_once.accepted_on) == (1, date(2026, 2, 25))


def test_a_wrong_handover_is_struck_out_and_the_right_one_starts_the_clock() -> None:
    wrong = start("2026-03-02 08:15", id="wrong line")
    right = start("2026-03-03 08:15", id="right line")
    ledger = ledger_of(wrong, right, fact(FactKind.CORRECT, "2026-03-04 08:00", voids="wrong line"))
    assert ledger.started_at == at("2026-03-03 08:15")
    assert ledger.lines[0].voided_by == "correct 2026-03-04 08:00"
    assert not ledger.contradictions


def test_a_correction_can_itself_be_corrected() -> None:
    handover = start("2026-03-02 08:15", id="handover")
    mistake = fact(FactKind.CORRECT, "2026-03-03 08:00", id="mistake", voids="handover")
    regret = fact(FactKind.CORRECT, "2026-03-04 08:00", id="regret", voids="mistake")
    assert ledger_of(handover, mistake).current_due is None
    assert ledger_of(handover, mistake, regret).current_due == at("2026-03-16 17:00")


def test_a_correction_of_nothing_waits_visibly_for_its_record() -> None:
    correction = fact(FactKind.CORRECT, "2026-03-04 08:00", voids="handover")
    lonely = ledger_of(correction)
    assert contradictions(lonely) == [Contradiction.NOTHING_TO_CORRECT]
    assert lonely.lines[0].happening is Happening.REFUSED
    assert not ledger_of(correction, start("2026-03-02 08:15", id="handover")).contradictions


def test_two_corrections_of_one_another_do_not_go_round_in_circles() -> None:
    one = fact(FactKind.CORRECT, "2026-03-03 08:00", id="one", voids="other")
    other = fact(FactKind.CORRECT, "2026-03-04 08:00", id="other", voids="one")
    ledger = ledger_of(one, other)
    assert [line.happening for line in ledger.lines] == [Happening.VOIDED, Happening.CORRECTED]
    own = fact(FactKind.CORRECT, "2026-03-03 08:00", id="own", voids="own")
    assert contradictions(ledger_of(own)) == [Contradiction.CORRECTS_LATER_RECORD]


def test_a_fact_that_comes_again_under_a_newer_calendar_is_still_the_same_fact() -> None:
    once = start("2026-03-02 08:15", id="h")
    again = replace(once, recorded_at=once.recorded_at + timedelta(hours=3), calendar_version="newer")
    assert ledger_of(again, once) == ledger_of(once)


def test_an_id_used_for_two_things_is_shown_and_the_earliest_holds() -> None:
    ledger = ledger_of(start("2026-03-03 08:15", id="h"), start("2026-03-02 08:15", id="h"))
    assert ledger.started_at == at("2026-03-02 08:15")
    assert contradictions(ledger) == [Contradiction.ID_REUSED]


def test_the_same_fact_recorded_twice_is_no_contradiction() -> None:
    once = start("2026-03-02 08:15", id="h")
    again = replace(once, recorded_at=once.recorded_at + timedelta(hours=3))
    assert ledger_of(again, once) == ledger_of(once)


@pytest.mark.parametrize(
    ("facts", "expected", "due"),
    [
        ([result("2026-03-04 09:00")], Contradiction.NOT_STARTED, None),
        ([complete("2026-03-04 09:00")], Contradiction.NOT_STARTED, None),
        ([fact(FactKind.RESUME, "2026-03-04 09:00")], Contradiction.NOT_STARTED, None),
        ([start("2026-03-02 08:15"), start("2026-03-04 08:15")], Contradiction.ALREADY_STARTED, "2026-03-16 17:00"),
        (
            [start("2026-03-02 08:15"), fact(FactKind.RESUME, "2026-03-04 09:00")],
            Contradiction.NOT_SUSPENDED,
            "2026-03-16 17:00",
        ),
        (
            [start("2026-03-02 08:15"), asked("2026-03-03 09:00"), asked("2026-03-04 09:00")],
            Contradiction.ALREADY_SUSPENDED,
            None,
        ),
        (
            [start("2026-03-02 08:15"), asked("2026-03-03 09:00"), extended("2026-03-04 09:00", date(2026, 3, 30))],
            Contradiction.EXTENSION_WHILE_SUSPENDED,
            None,
        ),
        (
            [start("2026-03-02 08:15"), extended("2026-03-04 09:00", None)],
            Contradiction.EXTENSION_INCOMPLETE,
            "2026-03-16 17:00",
        ),
        (
            [start("2026-03-02 08:15"), extended("2026-03-04 09:00", date(2026, 3, 30), reason=" ")],
            Contradiction.EXTENSION_INCOMPLETE,
            "2026-03-16 17:00",
        ),
        (
            [start("2026-03-02 08:15"), extended("2026-03-04 09:00", date(2026, 3, 16))],
            Contradiction.EXTENSION_NOT_LATER,
            "2026-03-16 17:00",
        ),
        (
            [start("2026-03-02 08:15"), extended("2026-03-16 08:00", date(2026, 3, 30))],
            Contradiction.EXTENSION_LATE,
            "2026-03-16 17:00",
        ),
        (
            [start("2026-03-02 08:15"), result("2026-03-10 09:00"), result("2026-03-11 09:00")],
            Contradiction.ALREADY_STOPPED,
            "2026-03-16 17:00",
        ),
        (
            [start("2026-03-02 08:15"), result("2026-03-10 09:00"), complete("2026-03-11 09:00")],
            Contradiction.AFTER_STOP,
            "2026-03-16 17:00",
        ),
        (
            [start("2026-03-02 08:15", rule="start.imagined")],
            Contradiction.RULE_NOT_IN_FORCE,
            None,
        ),
        (
            [start("2025-03-03 08:15"), fact(FactKind.STOP, "2025-03-04 09:00", rule=RuleId.STOP_WITHDRAWN)],
            Contradiction.RULE_NOT_IN_FORCE,
            "2025-03-17 17:00",
        ),
    ],
)
def test_a_fact_that_does_not_fit_stays_visible_and_moves_nothing(
    facts: list[ClockFact], expected: Contradiction, due: str | None
) -> None:
    ledger = ledger_of(*facts)
    assert contradictions(ledger) == [expected]
    assert ledger.current_due == (at(due) if due else None)


def test_an_extension_in_the_weekend_before_the_due_day_is_lawful_but_noted() -> None:
    # Due Mon 23 February, the first day after Tet: Sunday is a day before, but the last working day was the 13th.
    started = start("2026-02-06 09:00")
    in_time = ledger_of(started, extended("2026-02-13 16:00", date(2026, 2, 27)), term=Term(6, Unit.WORKING_DAYS))
    tight = ledger_of(started, extended("2026-02-22 09:00", date(2026, 2, 27)), term=Term(6, Unit.WORKING_DAYS))
    assert in_time.original_due == at("2026-02-23 17:00")
    assert (in_time.lines[1].caution, tight.lines[1].caution) == (None, Caution.EXTENSION_NOTICE_TIGHT)
    assert in_time.current_due == tight.current_due == at("2026-02-27 17:00")


@pytest.mark.parametrize(
    ("promised", "kept"),
    [
        (date(2026, 3, 20), "2026-03-20 17:00"),
        (date(2026, 3, 21), "2026-03-23 17:00"),
        (at("2026-03-20 10:00"), "2026-03-20 10:00"),
        (at("2026-03-20 12:00"), "2026-03-20 13:30"),
    ],
)
def test_a_promised_date_is_kept_in_office_hours(promised: date | datetime, kept: str) -> None:
    assert ledger_of(start("2026-03-02 08:15"), extended("2026-03-10 09:00", promised)).current_due == at(kept)


def test_a_supplement_asked_for_after_the_window_is_noted_and_still_waits() -> None:
    in_window = ledger_of(start("2026-03-02 08:15"), asked("2026-03-05 16:00"))
    too_late = ledger_of(start("2026-03-02 08:15"), asked("2026-03-06 08:00"))
    assert (in_window.lines[1].caution, too_late.lines[1].caution) == (None, Caution.SUPPLEMENT_REQUESTED_LATE)
    assert too_late.state is ClockState.SUSPENDED


def test_after_a_supplement_the_window_for_another_request_counts_from_its_completion() -> None:
    first_round = [start("2026-03-02 08:15"), asked("2026-03-04 10:00"), complete("2026-03-10 09:00")]
    assert ledger_of(*first_round, asked("2026-03-13 16:00")).lines[3].caution is None
    assert ledger_of(*first_round, asked("2026-03-16 08:00")).lines[3].caution is Caution.SUPPLEMENT_REQUESTED_LATE


def test_work_that_resumes_on_a_saturday_resumes_on_monday() -> None:
    paused = [start("2026-03-02 08:15"), fact(FactKind.SUSPEND, "2026-03-13 10:00")]
    on_saturday = ledger_of(*paused, fact(FactKind.RESUME, "2026-03-14 10:00"))
    assert on_saturday.current_due == at("2026-03-17 17:00")
    assert on_saturday.lines[2].effective == at("2026-03-16 07:30")


def test_of_two_facts_at_one_instant_the_start_comes_first() -> None:
    signed, requested = start("2026-03-02 08:15", id="z"), replace(asked("2026-03-02 08:15"), id="a")
    ledger = ledger_of(requested, signed)
    assert ledger.state is ClockState.SUSPENDED
    assert not ledger.contradictions


def test_a_result_during_a_pause_is_judged_as_if_the_clock_had_stood_still() -> None:
    ledger = ledger_of(start("2026-03-02 08:15"), asked("2026-03-04 10:00"), result("2026-03-27 09:00"))
    assert contradictions(ledger) == [Contradiction.STOPPED_WHILE_SUSPENDED]
    assert ledger.state is ClockState.STOPPED
    assert (ledger.verdict_original, ledger.verdict_current) == (Verdict.OVERDUE, Verdict.EARLY)


def test_a_pause_does_not_make_a_late_dossier_punctual() -> None:
    ledger = ledger_of(
        start("2026-03-02 08:15"),
        fact(FactKind.SUSPEND, "2026-03-11 09:00"),
        fact(FactKind.RESUME, "2026-03-16 09:00"),
        result("2026-03-16 16:00"),
        term=FIVE_DAYS,
    )
    assert ledger.original_due == at("2026-03-09 17:00")
    assert ledger.verdict_current is Verdict.OVERDUE


@pytest.mark.parametrize(
    ("term", "due_time", "suspended", "due"),
    [
        (Term(10, Unit.WORKING_HOURS), DueTime.END_OF_DAY, "2026-03-03 09:15", "2026-03-11 09:45"),
        (Term(10, Unit.HALF_DAYS), DueTime.END_OF_DAY, "2026-03-03 09:15", "2026-03-17 11:30"),
        (Term(10, Unit.CALENDAR_DAYS), DueTime.END_OF_DAY, "2026-03-05 09:00", "2026-03-18 17:00"),
        (Term(10, Unit.WORKING_DAYS), DueTime.SAME_CLOCK, "2026-03-03 09:15", "2026-03-24 08:15"),
        (Term(1, Unit.SAME_DAY), DueTime.END_OF_DAY, "2026-03-02 09:00", "2026-03-11 17:00"),
    ],
)
def test_a_pause_keeps_what_was_left_in_the_terms_own_unit(
    term: Term, due_time: DueTime, suspended: str, due: str
) -> None:
    ledger = ledger_of(
        start("2026-03-02 08:15"),
        fact(FactKind.SUSPEND, suspended),
        fact(FactKind.RESUME, "2026-03-11 08:15"),
        term=term,
        due_time=due_time,
    )
    assert ledger.current_due == at(due)


@pytest.mark.parametrize(
    ("finished", "verdict"),
    [
        ("2026-03-13 18:00", Verdict.EARLY),
        ("2026-03-16 07:00", Verdict.ON_TIME),
        ("2026-03-16 23:59", Verdict.ON_TIME),
        ("2026-03-17 00:01", Verdict.OVERDUE),
    ],
)
def test_the_verdict_compares_the_days(finished: str, verdict: Verdict) -> None:
    ledger = ledger_of(start("2026-03-02 08:15"), result(finished))
    assert (ledger.verdict_original, ledger.verdict_current) == (verdict, verdict)


def test_each_line_quotes_the_law_in_force_on_the_day_of_its_event() -> None:
    under_the_old_decree = ledger_of(start("2025-06-20 08:15"), complete("2025-06-30 09:00"))
    under_the_new_one = ledger_of(start("2025-06-20 08:15"), complete("2025-07-01 09:00"))
    assert under_the_old_decree.lines[1].legal_source == "Nghị định 61/2018/NĐ-CP, Điều 19(4)"
    assert "118/2025" in (under_the_new_one.lines[1].legal_source or "")
    assert under_the_new_one.lines[1].calendar_version == OFFICE.calendar.version


def test_a_term_beyond_the_calendar_is_a_contradiction_and_not_a_date() -> None:
    ledger = ledger_of(start("2027-12-28 08:15"), result("2027-12-30 08:15"))
    assert contradictions(ledger) == [Contradiction.CALENDAR_MISSING, Contradiction.NOT_STARTED]
    assert (ledger.current_due, ledger.original_due) == (None, None)


def test_a_date_that_its_own_calendar_could_not_give_follows_from_the_one_in_force() -> None:
    short = WorkingTime(OfficeCalendar("caobang", OFFICE.calendar.years[:-1]))
    began = fact(FactKind.START, "2026-12-30 08:15", calendar=short.calendar.version)

    class Kept:
        def of(self, version: str) -> WorkingTime:
            return short if version == short.calendar.version else OFFICE

    ledger = fold([began], Term(10, Unit.WORKING_DAYS), Kept(), LAW)
    assert ledger.current_due == OFFICE.due(at("2026-12-30 08:15"), Term(10, Unit.WORKING_DAYS))
    assert ledger.lines[0].calendar_version == OFFICE.calendar.version


def test_a_fact_without_a_time_zone_is_refused() -> None:
    naive = datetime(2026, 3, 2, 8, 15)  # noqa: DTZ001 - the mistake under test
    with pytest.raises(NaiveTimeError):
        replace(start("2026-03-02 08:15"), at=naive)
    with pytest.raises(NaiveTimeError):
        extended("2026-03-02 08:15", naive)
