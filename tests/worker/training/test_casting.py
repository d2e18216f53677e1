"""Parts are dealt by rule, to dossiers that can play them, for any number of dossiers."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from tests.worker.training.scenes import case
from worker.training.cases import Case, load_cases
from worker.training.casting import ROLES, Part, deal

terms = st.tuples(
    st.integers(1, 30), st.sampled_from(["working_days", "working_hours", "calendar_days", "same_day", ""])
)


@st.composite
def some_cases(draw: st.DrawFn) -> list[Case]:
    services = draw(st.lists(st.sampled_from(["send", "receive", "both", "teleport"]), min_size=1, max_size=80))
    days = st.integers(9, 27)
    return [
        case(service, code=f"H14.10-{n:04d}", filed=f"2026-02-{draw(days):02d} 08:00", term=draw(terms))
        for n, service in enumerate(services)
    ]


@given(cases=some_cases())
def test_every_dossier_gets_a_part_that_fits_it_and_always_the_same(cases: list[Case]) -> None:
    dealt = deal(cases, {}, set())
    assert dealt.keys() == {c.code for c in cases}
    assert deal(list(reversed(cases)), {}, set()) == dealt
    fits = {role.part: role.fits for role in ROLES}
    assert all(fits[dealt[c.code]](c) for c in cases if c.service != "teleport")


@given(cases=some_cases())
def test_no_part_is_played_more_often_than_the_size_of_the_file_asks_for(cases: list[Case]) -> None:
    counts = Counter(deal(cases, {}, set()).values())
    special = {part: n for part, n in counts.items() if not part.startswith("plain")}
    assert all(n <= max(1, len(cases) // 24) for n in special.values())


@given(cases=some_cases(), data=st.data())
def test_a_refused_dossier_hands_its_part_to_an_understudy_and_nobody_else_is_disturbed(
    cases: list[Case], data: st.DataObject
) -> None:
    first = deal(cases, {}, set())
    begun = {code: first[code] for code in data.draw(st.sets(st.sampled_from([c.code for c in cases])))}
    refused = data.draw(st.sets(st.sampled_from([c.code for c in cases])))
    dealt = deal(cases, begun, refused)
    assert dealt.keys() == {c.code for c in cases} - refused
    assert all(dealt[code] is part for code, part in begun.items() if code not in refused)


def test_a_part_whose_holder_is_refused_is_played_by_the_next_that_fits() -> None:
    cases = load_cases(None)
    holder = {part: code for code, part in deal(cases, {}, set()).items()}[Part.EXTENSION]
    assert Part.EXTENSION in deal(cases, {}, {holder}).values()


def test_the_sample_plays_every_part() -> None:
    assert set(deal(load_cases(None), {}, set()).values()) == set(Part)


def test_the_supplement_of_the_sample_is_played_over_tet() -> None:
    cases = {c.code: c for c in load_cases(None)}
    (code,) = (code for code, part in deal(list(cases.values()), {}, set()).items() if part is Part.SUPPLEMENT)
    assert cases[code].filed_on.isoformat() <= "2026-02-11"
