"""What a clock means for a period, whatever facts there are in whatever order."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tracking.deadlines.nonsense import fact_lists
from tests.tracking.deadlines.offices import OFFICE
from tests.tracking.deadlines.story import asked, at, fact, result, start
from tracking.deadlines import ClockFact, FactKind, RuleId, Term, Unit, fold, load_rules
from tracking.reports.lives import Channel, Life, by_channel, channel_of, form_ii_06, punctuality
from tracking.reports.periods import Period

LAW = load_rules()
PUBLIC = frozenset({"vnpost_ngsp"})
RECEIVED = {"received_online", "received_counter_post", "received_untold", "carried_over"}
ENDED = {"settled_early", "settled_on_time", "settled_late", "settled_undated"}
OPEN = {"open_in_time", "open_overdue", "open_undated"}
SPRING = Period(date(2026, 3, 1), date(2026, 3, 31))

days = st.dates(date(2025, 12, 22), date(2026, 1, 6))


def life(facts: list[ClockFact], by: datetime, *, ours: bool = True, online: bool = False) -> Life:
    """Return a dossier of five working days as it is read from the database."""
    known = [one for one in facts if one.at < by or one.kind is FactKind.CORRECT]
    ledger = fold(known, Term(5, Unit.WORKING_DAYS), OFFICE, LAW)
    channel = channel_of(ledger, "vnpost_ngsp", "online" if online else None, PUBLIC)
    return Life("D", ("H14.10", "Sở"), ("1.0", "Thủ tục"), ours, channel, ledger)


def counted(facts: list[ClockFact], period: Period, *, ours: bool = True) -> set[str]:
    return set(form_ii_06(life(facts, period.ends, ours=ours), period, period.ends))


@given(facts=fact_lists, first=days, length=st.integers(0, 20), ours=st.booleans())
def test_a_dossier_counts_once_among_what_was_there_and_once_among_what_came_of_it(
    facts: list[ClockFact], first: date, length: int, ours: bool
) -> None:
    columns = counted(facts, Period(first, first + timedelta(days=length)), ours=ours)
    assert len(columns & RECEIVED) == len(columns & (ENDED | OPEN)) <= 1
    assert columns <= RECEIVED | ENDED | OPEN or columns & (ENDED | OPEN)


@given(facts=fact_lists, first=days, lengths=st.tuples(st.integers(0, 12), st.integers(0, 12)))
def test_what_one_period_leaves_open_the_next_one_carries_over(
    facts: list[ClockFact], first: date, lengths: tuple[int, int]
) -> None:
    before = Period(first, first + timedelta(days=lengths[0]))
    after = Period(before.last + timedelta(days=1), before.last + timedelta(days=1 + lengths[1]))
    assert bool(counted(facts, before) & OPEN) is ("carried_over" in counted(facts, after))


@given(facts=fact_lists, first=days, length=st.integers(0, 20))
def test_reports_agree_with_each_other(facts: list[ClockFact], first: date, length: int) -> None:
    period = Period(first, first + timedelta(days=length))
    one = life(facts, period.ends)
    form, share = set(form_ii_06(one, period, period.ends)), set(punctuality(one, period))
    assert form & ENDED == share & ENDED
    assert bool(form & (RECEIVED - {"carried_over"})) is ("received" in share) is bool(set(by_channel(one, period)))


def test_the_due_day_belongs_to_the_dossier_and_midnight_after_it_does_not() -> None:
    begun = [start("2026-03-24 09:00")]  # due on Tuesday, 31 March
    assert counted(begun, SPRING) == {"received_counter_post", "open_overdue"}
    thirtieth = Period(date(2026, 3, 1), date(2026, 3, 30))
    assert counted(begun, thirtieth) == {"received_counter_post", "open_in_time"}
    assert counted([*begun, result("2026-03-31 23:00")], SPRING) == {"received_counter_post", "settled_on_time"}


def test_a_running_period_is_judged_by_now() -> None:
    one = life([start("2026-03-10 09:00")], at("2026-03-17 10:00"))
    assert "open_in_time" in set(form_ii_06(one, SPRING, at("2026-03-17 10:00")))
    assert "open_overdue" in set(form_ii_06(one, SPRING, at("2026-03-18 00:01")))


@pytest.mark.parametrize(
    ("when", "how"), [("2026-03-06 09:00", "settled_on_time"), ("2026-03-12 09:00", "settled_late")]
)
def test_a_withdrawal_is_on_time_unless_the_day_was_over(when: str, how: str) -> None:
    facts = [start("2026-03-02 09:00"), fact(FactKind.STOP, when, rule=RuleId.STOP_WITHDRAWN)]
    assert counted(facts, SPRING) == {"received_counter_post", how, "of_settled_withdrawn"}


def test_a_dossier_that_waits_for_papers_is_within_time_however_long() -> None:
    facts = [start("2026-03-02 09:00"), asked("2026-03-03 09:00")]
    assert counted(facts, SPRING) == {"received_counter_post", "open_in_time", "of_open_waiting"}


def test_a_correction_made_later_counts_for_the_period_it_is_about() -> None:
    hasty = fact(FactKind.STOP, "2026-03-05 09:00", id="hasty")
    struck = fact(FactKind.CORRECT, "2026-04-02 09:00", voids="hasty")
    assert "settled_early" in counted([start("2026-03-02 09:00"), hasty], SPRING)
    assert counted([start("2026-03-02 09:00"), hasty, struck], SPRING) == {"received_counter_post", "open_overdue"}


@pytest.mark.parametrize(
    ("rule", "operator", "filed", "channel"),
    [
        (RuleId.START_HANDOVER, "vnpost_ngsp", None, Channel.PUBLIC_POST),
        (RuleId.START_HANDOVER, "jt", "counter", Channel.OTHER_POST),
        (RuleId.START_ONLINE, None, "online", Channel.ONLINE),
        (RuleId.START_COUNTER, None, "counter", Channel.COUNTER),
        (RuleId.START_COUNTER, None, "online", Channel.ONLINE),
        (RuleId.START_COUNTER, None, None, Channel.UNTOLD),
    ],
)
def test_the_channel_is_what_started_the_clock(
    rule: RuleId, operator: str | None, filed: str | None, channel: Channel
) -> None:
    ledger = fold([fact(FactKind.START, "2026-03-02 09:00", rule=rule)], Term(5, Unit.WORKING_DAYS), OFFICE, LAW)
    assert channel_of(ledger, operator, filed, PUBLIC) is channel
