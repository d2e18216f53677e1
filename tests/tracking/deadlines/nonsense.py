"""Facts of all kinds in no sensible order, around the swap of January 2026."""

from datetime import date, timedelta

from hypothesis import strategies as st

from tests.tracking.deadlines.offices import NEW, OLD
from tests.tracking.deadlines.story import USUAL_RULE, at
from tracking.deadlines import ClockFact, FactKind

_BEGIN = at("2025-12-22 08:00")

some_facts = st.builds(
    lambda number, kind, hours, recorded, days, reason, target, version: ClockFact(
        id=f"f{number}",
        kind=kind,
        at=_BEGIN + timedelta(hours=hours),
        rule=USUAL_RULE[kind],
        evidence="seen",
        recorded_at=_BEGIN + timedelta(hours=hours + recorded),
        new_due=date(2025, 12, 22) + timedelta(days=days),
        reason=reason,
        voids=f"f{target}",
        calendar_version=version,
    ),
    st.integers(0, 9),
    st.sampled_from(FactKind),
    st.integers(0, 400),
    st.integers(0, 48),
    st.integers(0, 40),
    st.sampled_from(["", "waiting"]),
    st.integers(0, 9),
    st.sampled_from(["", OLD, NEW]),
)

fact_lists = st.lists(some_facts, max_size=12)
