"""A result at the counter: reminded as often as the rule says, kept as long, and over once."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.tracking.deadlines.story import at
from tracking.counter_stay import CounterEvent, CounterHappening, fold, keep_until, next_reminder
from tracking.deadlines.rules import Rules, load_rules

LAW, AGENCY = load_rules(), "H14.10"
SINCE = at("2026-03-10 10:00")
MOST = LAW.at("counter.reminders", SINCE.date()).number("most")


def waiting(*reminded: int) -> list[CounterHappening]:
    """Return the facts of a result that came on 10 March, with reminders after so many days."""
    reminders = [CounterHappening(CounterEvent.REMINDED, SINCE + timedelta(days=day)) for day in reminded]
    return [CounterHappening(CounterEvent.WAITING, SINCE), *reminders]


def test_the_citizen_is_reminded_after_a_week_and_then_every_month() -> None:
    first, second = fold(waiting()), fold(waiting(7))
    assert first is not None
    assert second is not None
    assert next_reminder(first, AGENCY, LAW) == SINCE + timedelta(days=7)
    assert next_reminder(second, AGENCY, LAW) == SINCE + timedelta(days=37)
    assert keep_until(first, AGENCY, LAW) == SINCE.date() + timedelta(days=180)


def test_an_agency_may_have_a_rule_of_its_own() -> None:
    common = LAW.at("counter.retention", SINCE.date())
    own = common.model_copy(update={"id": f"counter.retention.{AGENCY}", "values": {"calendar_days": 30}})
    rules = Rules({**LAW.versions, own.id: (own,)})
    stay = fold(waiting())
    assert stay is not None
    assert keep_until(stay, AGENCY, rules) == SINCE.date() + timedelta(days=30)
    assert keep_until(stay, "H14.11", rules) == SINCE.date() + timedelta(days=180)


HAPPENINGS = st.lists(
    st.builds(
        CounterHappening,
        st.sampled_from(list(CounterEvent)),
        st.integers(0, 400).map(lambda days: SINCE + timedelta(days=days)),
    ),
    max_size=10,
)


@given(HAPPENINGS, st.data())
def test_the_order_of_the_facts_does_not_matter(happenings: list[CounterHappening], data: st.DataObject) -> None:
    assert fold(data.draw(st.permutations(happenings))) == fold(happenings)


@given(HAPPENINGS)
def test_nobody_is_reminded_of_what_is_over_or_more_often_than_the_rule_says(
    happenings: list[CounterHappening],
) -> None:
    stay = fold(happenings)
    if stay is None:
        assert all(one.kind is not CounterEvent.WAITING for one in happenings)
        return
    due = next_reminder(stay, AGENCY, LAW)
    if stay.over_at is not None or len(stay.reminded_at) >= MOST:
        assert due is None
    else:
        assert due is not None
        assert due > (stay.reminded_at[-1] if stay.reminded_at else stay.since)
