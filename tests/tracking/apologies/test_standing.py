"""How letters stand after what happened to them, and what brings them in line with what is owed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.parties import Party
from tests.tracking.deadlines.story import at
from tracking.apologies.decision import Failing, Owed
from tracking.apologies.promises import Parcel, PromisedDate, Promises
from tracking.apologies.standing import Doing, Draft, Standing, State, Void, Why, next_steps, state_after
from tracking.deadlines import RuleId
from tracking.deadlines.promises import Zone

SOON = Owed(
    promise="result:2026-03-05",
    failing=Failing.WILL_BE_LATE,
    debtor=Party.AGENCY,
    rule=RuleId.APOLOGY_BEFORE_DUE,
    legal_source="Nghị định 61/2018/NĐ-CP, Điều 19(9)",
    promised_on=date(2026, 3, 5),
    sign_by=date(2026, 3, 4),
    due=at("2026-03-05 17:00"),
)
LATE = replace(SOON, failing=Failing.LATE, rule=RuleId.APOLOGY_AFTER_DUE, sign_by=date(2026, 3, 6))
PARCEL = replace(SOON, promise="transit:S1", failing=Failing.CARRIED_LATE, order_number="S1", due=None)

NOTHING = Promises()


def test_what_is_signed_stays_signed() -> None:
    assert state_after([Doing.DRAFTED, Doing.SIGNED, Doing.VOIDED, Doing.DRAFTED]) is State.SIGNED


def test_a_letter_begins_with_its_draft() -> None:
    with pytest.raises(ValueError, match="draft"):
        state_after([])


@pytest.mark.parametrize(
    ("state", "drafted", "owed", "drafted_again"),
    [
        (State.DRAFT, SOON, SOON, False),
        (State.DRAFT, SOON, LATE, True),
        (State.VOID, LATE, LATE, True),
        (State.SIGNED, SOON, LATE, False),
        (State.DISMISSED, LATE, LATE, False),
        (State.DISMISSED, SOON, SOON, False),
        (State.DISMISSED, SOON, LATE, True),
    ],
)
def test_a_letter_is_drafted_again_only_where_it_says_something_new(
    state: State, drafted: Owed, owed: Owed, drafted_again: bool
) -> None:
    steps = next_steps([owed], {owed.promise: Standing(state, drafted)}, NOTHING)
    assert steps == ((Draft(owed),) if drafted_again else ())


@pytest.mark.parametrize("state", [State.SIGNED, State.DISMISSED, State.VOID])
def test_only_a_draft_can_become_void(state: State) -> None:
    assert next_steps([], {LATE.promise: Standing(state, LATE)}, NOTHING) == ()


@pytest.mark.parametrize(
    ("draft", "promises", "why"),
    [
        (
            SOON,
            Promises((PromisedDate(at("2026-03-05 17:00"), date(2026, 3, 2), at("2026-03-05 10:00"), True),)),
            Why.KEPT,
        ),
        (
            SOON,
            Promises((PromisedDate(at("2026-03-05 17:00"), date(2026, 3, 2), at("2026-03-03 10:00")),)),
            Why.CHANGED,
        ),
        (PARCEL, Promises(parcels=(Parcel("S1", Zone.SAME_AREA, date(2026, 3, 5), True),)), Why.KEPT),
        (PARCEL, NOTHING, Why.CHANGED),
    ],
)
def test_a_draft_that_is_owed_no_longer_says_why(draft: Owed, promises: Promises, why: Why) -> None:
    assert next_steps([], {draft.promise: Standing(State.DRAFT, draft)}, promises) == (Void(draft.promise, why),)


LETTERS = st.sampled_from([SOON, LATE, PARCEL])
KNOWN = st.lists(st.tuples(st.sampled_from(State), LETTERS), max_size=2)


@given(st.lists(LETTERS, max_size=2, unique_by=lambda one: one.promise), KNOWN)
def test_once_in_line_nothing_is_left_to_do(owed: list[Owed], known: list[tuple[State, Owed]]) -> None:
    standings = {letter.promise: Standing(state, letter) for state, letter in known}
    for step in next_steps(owed, standings, NOTHING):
        if isinstance(step, Draft):
            standings[step.owed.promise] = Standing(State.DRAFT, step.owed)
        else:
            standings[step.promise] = replace(standings[step.promise], state=State.VOID)
    assert next_steps(owed, standings, NOTHING) == ()
    assert all(one.promise in standings for one in owed)
