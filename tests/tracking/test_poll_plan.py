"""When an item is asked about next, as pure arithmetic: whatever is known of it, the plan keeps its word."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carriers.states import ShipmentState
from config.clock import VIETNAM
from tracking.poll_plan import Known, Question, Tempo, asked, backed_off, next_question, promised_on, spread

BOOKED = datetime(2026, 3, 2, 8, 0, tzinfo=VIETNAM)
QUICK, DAY = timedelta(minutes=30), timedelta(days=1)
ASKED_ALONE = Tempo.of_items(QUICK, trusted=None)
CALLS_US = Tempo.of_items(QUICK, trusted=DAY)
ONLY_CALLS_US = Tempo.of_silence(DAY)
ROUNDING = timedelta(microseconds=10)

numbers = st.integers(0, 10**6).map(lambda number: f"H14.10-260302-{number:07}-S1")
spans = st.timedeltas(timedelta(0), timedelta(days=60))
OVER = ("delivered", "returned", "cancelled")
states = st.sampled_from([state.value for state in ShipmentState if state not in OVER])


@st.composite
def items(draw: st.DrawFn) -> Known:
    """Anything that may be known of an item."""
    heard = draw(st.none() | spans)
    question = draw(st.none() | spans)
    return Known(
        order_number=draw(numbers),
        state=draw(states),
        since=BOOKED + draw(spans),
        heard_at=None if heard is None else BOOKED + heard,
        asked_at=None if question is None else BOOKED + question,
        failures=draw(st.integers(0, 40)),
        promised_on=draw(st.none() | st.dates(date(2026, 3, 1), date(2026, 5, 1))),
    )


def following(known: Known, tempo: Tempo) -> Question:
    question = next_question(known, tempo)
    assert question is not None
    return question


@given(items(), st.sampled_from(OVER))
def test_an_item_whose_journey_is_over_is_asked_about_on_a_hint_alone(known: Known, state: str) -> None:
    assert next_question(replace(known, state=state), ASKED_ALONE) is None


def start(known: Known) -> datetime:
    heard = known.heard_at or known.since
    return max(known.asked_at or heard, heard)


@given(items(), st.sampled_from([ASKED_ALONE, CALLS_US, ONLY_CALLS_US]))
def test_the_next_question_is_never_at_once_and_never_given_up(known: Known, tempo: Tempo) -> None:
    longest = tempo.slow * 28 if known.state == "lost" else max(tempo.slow, tempo.trusted or tempo.slow)
    at = following(known, tempo).at
    assert start(known) <= at <= start(known) + longest
    assert following(known, tempo).at == at


@given(items(), spans)
def test_the_longer_the_silence_the_longer_the_wait(known: Known, more: timedelta) -> None:
    heard = known.heard_at or known.since
    shorter = replace(known, heard_at=heard, asked_at=heard + DAY, promised_on=None, failures=0)
    longer = replace(shorter, asked_at=heard + DAY + more)
    waits = [following(one, ASKED_ALONE).at - start(one) for one in (shorter, longer)]
    assert waits[0] <= waits[1] + ROUNDING


@given(numbers, spans)
def test_news_are_heard_of_a_quarter_of_the_silence_late_at_most(number: str, silence: timedelta) -> None:
    known = Known(number, "in_transit", BOOKED, heard_at=BOOKED, asked_at=BOOKED + silence)
    wait = following(known, ASKED_ALONE).at - start(known)
    assert wait <= max(silence / 4, QUICK)


@given(items(), st.sampled_from([ASKED_ALONE, CALLS_US]), st.integers(0, 47), st.integers(0, 59))
def test_while_a_promise_is_close_no_item_waits_long(known: Known, tempo: Tempo, hour: int, minute: int) -> None:
    """From seven in the morning to eight in the evening, on the day of the promise and on the next."""
    day = known.promised_on or date(2026, 3, 4)
    question = datetime.combine(day, datetime.min.time(), VIETNAM) + timedelta(hours=hour, minutes=minute)
    known = replace(known, promised_on=day, failures=0, heard_at=question - DAY, asked_at=question)
    opens = datetime.combine(question.date(), datetime.min.time(), VIETNAM) + timedelta(hours=7)
    planned = following(known, tempo)
    if question < opens:
        assert planned.at <= opens + QUICK
    elif question < opens + timedelta(hours=13):
        assert planned.at <= question + QUICK
        assert planned.urgent or planned.at >= opens + timedelta(hours=13)


def test_where_news_comes_by_itself_an_item_is_asked_about_rarely() -> None:
    told = Known("S1", "in_transit", BOOKED, heard_at=BOOKED + timedelta(hours=5), asked_at=BOOKED)
    assert following(told, CALLS_US).at - start(told) > timedelta(hours=23)
    assert following(told, ASKED_ALONE).at - start(told) <= QUICK
    answered = replace(told, asked_at=BOOKED + timedelta(hours=5) - timedelta(minutes=2))
    assert following(answered, CALLS_US).at - start(answered) <= QUICK, "we had asked, so it did not come by itself"
    promised = replace(told, promised_on=date(2026, 3, 2))
    assert QUICK < following(promised, CALLS_US).at - start(promised) <= QUICK * 4


def test_an_operator_that_only_calls_us_is_asked_after_a_day_of_silence_promise_or_not() -> None:
    known = Known("S1", "in_transit", BOOKED, heard_at=BOOKED, promised_on=date(2026, 3, 2))
    for one in (known, asked(known, BOOKED + DAY), replace(known, failures=3)):
        assert timedelta(hours=23) < following(one, ONLY_CALLS_US).at - start(one) <= DAY


def test_an_item_whose_questions_fail_is_asked_about_ever_less_even_close_to_its_promise() -> None:
    known = Known("S1", "in_transit", BOOKED, heard_at=BOOKED, asked_at=BOOKED, promised_on=date(2026, 3, 2))
    waits = [following(replace(known, failures=count), ASKED_ALONE).at - start(known) for count in range(1, 7)]
    wanted = [timedelta(minutes=minutes) for minutes in (30, 60, 120, 240, 360, 360)]
    for wait, longest in zip(waits, wanted, strict=True):
        assert longest * 0.8 <= wait <= longest


def test_a_lost_item_is_asked_about_once_a_week_in_the_end() -> None:
    known = Known("S1", "lost", BOOKED, heard_at=BOOKED)
    questions = 0
    while start(known) < BOOKED + timedelta(days=365):
        known, questions = asked(known, following(known, ASKED_ALONE).at), questions + 1
    assert 52 < questions < 120


def test_orders_made_in_one_minute_part_company() -> None:
    """At once into six minutes, and with every question further."""
    known = [Known(f"H14.10-260302-{number:05}-S1", "booked", BOOKED) for number in range(6_000)]
    for questions in range(1, 6):
        known = [asked(one, following(one, ASKED_ALONE).at) for one in known]
        minutes = Counter(int((start(one) - BOOKED) / timedelta(minutes=1)) for one in known)
        fair_share = len(known) / (6 * questions)
        assert max(minutes.values()) < 1.5 * fair_share


@given(st.integers(1, 10**6), st.floats(0, 0.999))
def test_whoever_fails_is_left_alone_ever_longer_up_to_a_limit(failures: int, share: float) -> None:
    first, longest = timedelta(minutes=1), timedelta(hours=2)
    wait = backed_off(first, failures, longest, share)
    assert min(first * 2 ** min(failures - 1, 7), longest) * 0.8 - ROUNDING <= wait <= longest


@given(st.text(max_size=40))
def test_a_share_is_the_names_own(name: str) -> None:
    assert 0 <= spread(name) < 1
    assert spread(name) == spread(name)


PICKUP, DUE = date(2026, 3, 3), date(2026, 3, 6)


@pytest.mark.parametrize(
    ("state", "day"),
    [
        ("booked", PICKUP),
        ("collecting", PICKUP),
        ("collection_failed", PICKUP),
        ("in_transit", DUE),
        ("delivery_failed", DUE),
        ("out_for_delivery", date(2026, 3, 5)),
        ("returning", None),
        ("lost", None),
    ],
)
def test_what_is_promised_next_depends_on_where_an_item_stands(state: str, day: date | None) -> None:
    """A postman who set out at 01:30 in Vietnam is under way on that day, which in UTC has not begun."""
    since = datetime(2026, 3, 4, 18, 30, tzinfo=UTC)
    assert promised_on(state, since, PICKUP, DUE) == day
