"""Which list of papers counts: the newest of each source by then, and the portal's before the national one."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from dispatch.checklist_choice import Edition, ListSource, in_force, same_name

DAYS = st.dates(date(2025, 1, 1), date(2027, 1, 1))
EDITIONS = st.lists(st.tuples(st.sampled_from(ListSource), DAYS), max_size=8).map(
    lambda rows: [Edition(place, source, f"v{place}", day, ()) for place, (source, day) in enumerate(rows)]
)


def test_the_portal_wins_over_the_national_list_even_when_it_is_older() -> None:
    portal = Edition(1, ListSource.PORTAL, "p1", date(2026, 1, 1), ())
    national = Edition(2, ListSource.NATIONAL, "n9", date(2026, 2, 1), ())
    assert in_force([portal, national], date(2026, 3, 2)) is portal


def test_the_national_list_counts_until_the_portals_begins() -> None:
    national = Edition(1, ListSource.NATIONAL, "n1", date(2026, 1, 1), ())
    portal = Edition(2, ListSource.PORTAL, "p1", date(2026, 3, 3), ())
    assert in_force([national, portal], date(2026, 3, 2)) is national
    assert in_force([national, portal], date(2026, 3, 3)) is portal


@given(EDITIONS, DAYS)
def test_what_counts_has_begun_and_is_the_newest_of_the_best_source(editions: list[Edition], on: date) -> None:
    chosen = in_force(editions, on)
    begun = [edition for edition in editions if edition.valid_from <= on]
    assert (chosen is None) is (not begun)
    if chosen is not None:
        assert chosen in begun
        assert all(chosen.valid_from >= other.valid_from for other in begun if other.source is chosen.source)
        assert chosen.source is ListSource.PORTAL or all(other.source is ListSource.NATIONAL for other in begun)


@given(EDITIONS, DAYS, st.randoms())
def test_the_order_in_which_editions_became_known_does_not_matter(
    editions: list[Edition], on: date, luck: object
) -> None:
    shuffled = list(editions)
    luck.shuffle(shuffled)  # type: ignore[attr-defined]
    assert in_force(shuffled, on) == in_force(editions, on)


def test_capitals_and_spaces_make_no_other_paper() -> None:
    assert same_name(" TỜ KHAI", "Tờ khai ")
    assert not same_name("Tờ khai", "Giấy khai sinh")
