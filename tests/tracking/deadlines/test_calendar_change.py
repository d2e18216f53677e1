"""Friday 2 January 2026 became a day off eight days ahead, when receipts with other dates were already printed."""

from dataclasses import replace
from datetime import date, datetime, time
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.clock import VIETNAM
from tests.tracking.deadlines.nonsense import fact_lists
from tests.tracking.deadlines.offices import BEFORE_THE_SWAP, NEW, OFFICE, OLD, Versions
from tests.tracking.deadlines.story import at, extended, fact, recalendared, result, start
from tracking.deadlines import (
    Basis,
    ClockFact,
    Contradiction,
    DueTime,
    FactKind,
    Happening,
    Ledger,
    Term,
    Unit,
    fold,
    load_rules,
    moved,
    re_evaluate,
)

LAW = load_rules()
TWO_DAYS = Term(2, Unit.WORKING_DAYS)
THREE_DAYS = Term(3, Unit.WORKING_DAYS)
FIVE_DAYS = Term(5, Unit.WORKING_DAYS)
TOLD = "2025-12-26 09:00"

units = st.sampled_from(Unit)
due_times = st.sampled_from(DueTime)
cutoffs = st.sampled_from([None, time(15)])


def ledger_of(*facts: ClockFact, term: Term = FIVE_DAYS) -> Ledger:
    return fold(facts, term, Versions(usual=OFFICE), LAW)


def under_the_old(kind: FactKind, when: str, new_due: date | None = None) -> ClockFact:
    return fact(kind, when, calendar=OLD, new_due=new_due, reason="chờ ý kiến Sở")


def test_a_new_calendar_alone_moves_nothing() -> None:
    ledger = ledger_of(under_the_old(FactKind.START, "2025-12-31 15:30"), term=TWO_DAYS)
    assert ledger.current_due == at("2026-01-05 17:00")
    assert ledger.lines[0].calendar_version == OLD


def test_a_confirmed_change_moves_the_date_and_names_both_calendars() -> None:
    started = under_the_old(FactKind.START, "2025-12-31 15:30")
    ledger = ledger_of(started, recalendared("2026-01-02 09:00", NEW), term=TWO_DAYS)
    assert [(line.happening, line.due_after, line.calendar_version) for line in ledger.lines] == [
        (Happening.STARTED, at("2026-01-05 17:00"), OLD),
        (Happening.RECALENDARED, at("2026-01-06 17:00"), NEW),
    ]
    assert ledger.original_due == at("2026-01-05 17:00")


def test_a_printed_date_is_never_shortened_by_a_make_up_day() -> None:
    started = under_the_old(FactKind.START, "2026-01-07 09:00")
    ledger = ledger_of(started, recalendared("2026-01-08 09:00", NEW), term=THREE_DAYS)
    assert ledger.lines[1].happening is Happening.CALENDAR_NOTED
    assert ledger.current_due == at("2026-01-12 17:00")
    assert ledger.basis is not None
    assert re_evaluate(ledger.basis, OFFICE) == at("2026-01-10 17:00")


@pytest.mark.parametrize(
    ("promised", "kept"),
    [(date(2026, 1, 2), "2026-01-05 17:00"), (date(2026, 1, 5), "2026-01-05 17:00")],
)
def test_a_promised_date_moves_only_from_a_day_that_is_now_off(promised: date, kept: str) -> None:
    started = under_the_old(FactKind.START, "2025-12-23 09:00")
    promise = under_the_old(FactKind.EXTEND, "2025-12-25 09:00", promised)
    ledger = ledger_of(started, promise, recalendared(TOLD, NEW))
    assert ledger.current_due == at(kept)


def test_a_pause_is_not_moved_and_its_rest_counts_by_the_new_calendar() -> None:
    story = [
        under_the_old(FactKind.START, "2025-12-29 08:15"),
        under_the_old(FactKind.SUSPEND, "2025-12-30 09:00"),
        recalendared("2025-12-30 15:00", NEW),
    ]
    assert ledger_of(*story).current_due is None
    resumed_as = {
        version: ledger_of(*story, fact(FactKind.RESUME, "2025-12-31 10:00", calendar=version)).current_due
        for version in (OLD, NEW)
    }
    assert resumed_as == {OLD: at("2026-01-07 17:00"), NEW: at("2026-01-08 17:00")}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ([recalendared(TOLD, NEW)], Contradiction.NOT_STARTED),
        ([start("2025-12-22 09:00"), result("2025-12-24 09:00"), recalendared(TOLD, NEW)], Contradiction.AFTER_STOP),
        ([start("2025-12-22 09:00"), recalendared(TOLD, "")], Contradiction.CALENDAR_CHANGE_INCOMPLETE),
        ([start("2025-12-22 09:00"), recalendared(TOLD, NEW, " ")], Contradiction.CALENDAR_CHANGE_INCOMPLETE),
    ],
)
def test_a_change_that_does_not_fit_stays_visible_and_moves_nothing(
    facts: list[ClockFact], expected: Contradiction
) -> None:
    ledger = ledger_of(*facts)
    assert [line.contradiction for line in ledger.contradictions] == [expected]
    assert ledger.lines[-1].due_before == ledger.lines[-1].due_after


def test_a_change_confirmed_by_mistake_is_corrected() -> None:
    started = under_the_old(FactKind.START, "2025-12-31 15:30")
    change = recalendared("2026-01-02 09:00", NEW)
    undone = fact(FactKind.CORRECT, "2026-01-02 10:00", voids=change.id, calendar=NEW)
    assert ledger_of(started, change, undone, term=TWO_DAYS).current_due == at("2026-01-05 17:00")


def test_after_a_change_the_date_can_still_be_extended_once() -> None:
    started = under_the_old(FactKind.START, "2025-12-31 15:30")
    change = recalendared("2026-01-02 09:00", NEW)
    ledger = ledger_of(started, change, extended("2026-01-05 09:00", date(2026, 1, 9)), term=TWO_DAYS)
    assert ledger.current_due == at("2026-01-09 17:00")


@given(fact_lists, units, due_times, cutoffs, st.randoms())
def test_any_order_and_duplication_gives_the_same_ledger_under_several_calendars(
    facts: list[ClockFact], unit: Unit, due_time: DueTime, cutoff: time | None, chance: Random
) -> None:
    shuffled = facts * 2
    chance.shuffle(shuffled)
    calendars, term = Versions(usual=OFFICE), Term(7, unit)
    expected = fold(facts, term, calendars, LAW, due_time, cutoff)
    assert fold(shuffled, term, calendars, LAW, due_time, cutoff) == expected


@given(fact_lists, units, due_times)
def test_no_change_of_the_calendar_ever_shortens_a_date(facts: list[ClockFact], unit: Unit, due_time: DueTime) -> None:
    for line in fold(facts, Term(7, unit), Versions(usual=BEFORE_THE_SWAP), LAW, due_time).lines:
        if line.happening is Happening.RECALENDARED:
            assert line.due_before is not None
            assert line.due_after is not None
            assert line.due_after > line.due_before
        if line.happening is Happening.CALENDAR_NOTED:
            assert line.due_after == line.due_before


@given(fact_lists, units, due_times, cutoffs)
def test_the_basis_gives_the_date_in_force_again(
    facts: list[ClockFact], unit: Unit, due_time: DueTime, cutoff: time | None
) -> None:
    ledger = fold(facts, Term(7, unit), OFFICE, LAW, due_time, cutoff)
    assert (ledger.basis is None) == (ledger.current_due is None)
    if ledger.basis is not None:
        assert re_evaluate(ledger.basis, OFFICE, due_time, cutoff) == ledger.current_due


instants = st.builds(datetime.combine, st.dates(date(2025, 12, 15), date(2026, 1, 8)), st.times(), st.just(VIETNAM))


@given(instants, st.integers(1, 15), units, due_times, cutoffs)
def test_what_the_basis_foretells_is_what_a_recorded_change_does(
    began: datetime, amount: int, unit: Unit, due_time: DueTime, cutoff: time | None
) -> None:
    term, calendars = Term(amount, unit), Versions(usual=BEFORE_THE_SWAP)
    started = replace(start("2025-12-15 09:00"), at=began)
    before = fold([started], term, calendars, LAW, due_time, cutoff)
    change = fact(FactKind.RECALENDAR, "2026-01-09 17:00", calendar=NEW, reason="Công văn 12729/VPCP-KGVX")
    after = fold([started, change], term, calendars, LAW, due_time, cutoff)
    assert before.current_due is not None
    assert before.basis == after.basis == Basis(started.at, term)
    assert after.current_due == moved(before.current_due, Basis(started.at, term), OFFICE, due_time, cutoff)


def test_a_second_change_starts_from_what_was_counted_and_not_from_what_was_kept() -> None:
    # The kept Monday 12 January stands for Saturday 10 January: the way back to the old calendar changes nothing.
    started = under_the_old(FactKind.START, "2026-01-07 09:00")
    there, back = recalendared("2026-01-08 09:00", NEW), recalendared("2026-01-09 09:00", OLD)
    assert ledger_of(started, there, back, term=THREE_DAYS).current_due == at("2026-01-12 17:00")
