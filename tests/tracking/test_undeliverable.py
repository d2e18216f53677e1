"""How far an undeliverable result has come: the vectors of the law's two invitations, and what always holds."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.calendars import load_calendar
from config.clock import local
from tests.tracking.deadlines.story import at
from tracking.deadlines.promises import HandBack
from tracking.deadlines.rules import load_rules
from tracking.deadlines.working_time import WorkingTime
from tracking.journey import Attempt
from tracking.undeliverable import REFUSED, UNPAID, ReturnFacts, Stage, Standing, judge

OFFICE, LAW = WorkingTime(load_calendar("caobang")), load_rules()
FIRST, SECOND = at("2026-03-03 10:00"), at("2026-03-05 10:00")


def stands(facts: ReturnFacts, today: date, variant: HandBack = HandBack.AFTER_WAIT) -> Standing | None:
    return judge(facts, today, LAW, OFFICE, variant)


def stage(facts: ReturnFacts, today: date) -> Stage | None:
    standing = stands(facts, today)
    return standing.stage if standing else None


def tried(*times: datetime, reason: str | None = None) -> ReturnFacts:
    return ReturnFacts(attempts=tuple(Attempt(time, reason) for time in times))


@pytest.mark.parametrize(
    ("first", "second", "strict", "recommended"),
    [
        ("2026-03-03 10:00", date(2026, 3, 5), date(2026, 3, 5), date(2026, 3, 9)),
        ("2026-02-12 10:00", date(2026, 2, 23), date(2026, 2, 23), date(2026, 2, 25)),
    ],
    ids=["plain", "around_tet"],
)
def test_the_second_invitation_and_the_way_back_wait_their_working_days(
    first: str, second: date, strict: date, recommended: date
) -> None:
    once = stands(tried(at(first)), second)
    assert once is not None
    assert (once.stage, once.second_invitation_from, once.may_go_back_on) == (Stage.INVITED_ONCE, second, None)
    both = tried(at(first), at(f"{second} 10:00"))
    for variant, day in ((HandBack.STRICT_MINIMUM, strict), (HandBack.AFTER_WAIT, recommended)):
        standing = stands(both, second, variant)
        assert standing is not None
        assert standing.may_go_back_on == day


def test_a_result_goes_back_stage_by_stage() -> None:
    both = tried(FIRST, SECOND)
    assert stage(ReturnFacts(), date(2026, 3, 3)) is None
    assert stage(tried(FIRST), date(2026, 3, 3)) is Stage.INVITED_ONCE
    assert stage(both, date(2026, 3, 8)) is Stage.INVITED_TWICE
    assert stage(both, date(2026, 3, 9)) is Stage.MAY_GO_BACK
    back = ReturnFacts(both.attempts, turned_back_at=at("2026-03-09 15:00"))
    assert stage(back, date(2026, 3, 9)) is Stage.GOING_BACK
    there = ReturnFacts(both.attempts, None, at("2026-03-09 15:00"), at("2026-03-10 09:00"))
    assert stage(there, date(2026, 3, 10)) is Stage.HANDED_BACK
    counted = ReturnFacts(both.attempts, counted_at=at("2026-03-10 10:00"))
    assert stage(counted, date(2026, 3, 10)) is Stage.WAITING_AT_COUNTER
    taken = ReturnFacts(both.attempts, counted_at=at("2026-03-10 10:00"), collected_at=at("2026-03-11 10:00"))
    assert stage(taken, date(2026, 3, 11)) is Stage.COLLECTED


def test_an_attempt_too_soon_after_an_invitation_is_no_second_one() -> None:
    standing = stands(tried(FIRST, at("2026-03-04 10:00")), date(2026, 3, 5))
    assert standing is not None
    assert (standing.stage, standing.invitations) == (Stage.INVITED_ONCE, (date(2026, 3, 3),))


def test_what_was_delivered_after_all_is_not_undeliverable() -> None:
    facts = ReturnFacts((Attempt(FIRST),), delivered_at=SECOND)
    assert stands(facts, date(2026, 3, 5)) is None


@pytest.mark.parametrize("reason", [REFUSED, UNPAID])
def test_refused_or_unpaid_is_undeliverable_at_once_and_nobody_is_invited(reason: str) -> None:
    standing = stands(tried(FIRST, reason=reason), date(2026, 3, 3))
    assert standing is not None
    assert (standing.stage, standing.reason, standing.invitations) == (Stage.MAY_GO_BACK, reason, ())
    assert standing.may_go_back_on == date(2026, 3, 3)
    back = ReturnFacts((Attempt(FIRST, reason),), turned_back_at=at("2026-03-03 11:00"))
    going = stands(back, date(2026, 3, 3))
    assert going is not None
    assert (going.stage, going.turned_back_early) == (Stage.GOING_BACK, False)


@pytest.mark.parametrize(
    ("attempts", "asked_back", "early"),
    [
        ((), False, True),
        ((FIRST,), False, True),
        ((FIRST, at("2026-03-04 10:00")), False, True),
        ((FIRST, SECOND), False, False),
        ((FIRST,), True, False),
    ],
    ids=["never_tried", "one_invitation", "a_day_apart", "two_invitations", "asked_back"],
)
def test_an_operator_that_turns_a_parcel_back_too_early_is_found_out(
    attempts: tuple[datetime, ...], asked_back: bool, early: bool
) -> None:
    facts = ReturnFacts(
        tuple(Attempt(time) for time in attempts), turned_back_at=at("2026-03-06 15:00"), asked_back=asked_back
    )
    standing = stands(facts, date(2026, 3, 6))
    assert standing is not None
    assert standing.turned_back_early is early


ATTEMPTS = st.lists(
    st.builds(
        Attempt,
        st.integers(0, 24 * 60).map(lambda hours: at("2026-01-05 00:00") + timedelta(hours=hours)),
        st.sampled_from([None, "receiver_absent", REFUSED, UNPAID]),
    ),
    min_size=1,
    max_size=6,
)


@given(ATTEMPTS, st.integers(0, 200))
def test_invitations_that_count_lie_two_working_days_apart_and_only_two_open_the_way_back(
    attempts: list[Attempt], later: int
) -> None:
    ordered = tuple(sorted(attempts, key=lambda attempt: attempt.at))
    today = local(ordered[-1].at).date() + timedelta(days=later)
    standing = stands(ReturnFacts(ordered), today)
    assert standing is not None
    for earlier, next_one in zip(standing.invitations, standing.invitations[1:], strict=False):
        assert OFFICE.add_working_days(earlier, 2) <= next_one
    at_once = any(attempt.reason in (REFUSED, UNPAID) for attempt in ordered)
    assert (standing.may_go_back_on is not None) == (at_once or len(standing.invitations) >= 2)
    if standing.stage is Stage.MAY_GO_BACK:
        assert standing.may_go_back_on is not None
        assert standing.may_go_back_on <= today


@given(ATTEMPTS, st.data())
def test_a_stage_never_goes_backwards_as_days_pass(attempts: list[Attempt], data: st.DataObject) -> None:
    order = list(Stage)
    ordered = tuple(sorted(attempts, key=lambda attempt: attempt.at))
    day = local(ordered[-1].at).date()
    first, second = sorted(data.draw(st.tuples(st.integers(0, 60), st.integers(0, 60))))
    stages = [stage(ReturnFacts(ordered), day + timedelta(days=days)) for days in (first, second)]
    assert stages[0] is not None
    assert stages[1] is not None
    assert order.index(stages[0]) <= order.index(stages[1])


def test_beyond_the_calendar_no_day_is_guessed() -> None:
    standing = stands(tried(at("2027-12-30 10:00")), date(2027, 12, 31))
    assert standing is not None
    assert standing.stage is Stage.INVITED_ONCE
