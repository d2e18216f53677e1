"""The walk through iGate's changes, as a pure game: whatever happens between two pages, nothing is missed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dispatch.onestop.igate.settings import IgateSettings
from dispatch.onestop.igate.walk import Position, begun, read_position, stepped
from tests.support.desk import MONDAY
from tests.support.igate import OPTIONS

SETTINGS = IgateSettings.model_validate(OPTIONS)
SIZE = 3


class Listing:
    """Dossiers by their last change, as iGate lists them."""

    def __init__(self, number: int) -> None:
        self.clock = MONDAY
        self.changed = {code: MONDAY - timedelta(minutes=code) for code in range(number)}

    def change(self, code: int) -> None:
        self.clock += timedelta(minutes=1)
        if code in self.changed:
            self.changed[code] = self.clock

    def remove(self, code: int) -> None:
        self.changed.pop(code, None)

    def page(self, number: int) -> tuple[list[tuple[int, datetime]], bool]:
        newest_first = sorted(self.changed.items(), key=lambda one: one[1], reverse=True)
        return newest_first[number * SIZE : (number + 1) * SIZE], (number + 1) * SIZE >= len(newest_first)


def look(listing: Listing, position: Position, between: list[tuple[str, int]]) -> tuple[Position, set[Any]]:
    seen: set[Any] = set()
    while True:
        walk = begun(position, SETTINGS)
        shown, last = listing.page(walk.page)
        seen |= set(shown)
        position = stepped(position, walk, [at for _, at in shown], listing.clock, last=last)
        if position.walk is None:
            return position, seen
        if between:
            kind, code = between.pop(0)
            listing.change(code) if kind == "change" else listing.remove(code)


@given(
    number=st.integers(0, 20),
    between=st.lists(st.tuples(st.sampled_from(("change", "remove")), st.integers(0, 19)), max_size=6),
)
def test_every_last_version_has_been_seen_after_the_next_looks(number: int, between: list[tuple[str, int]]) -> None:
    listing = Listing(number)
    position, seen = look(listing, Position(), between)
    between.clear()
    for _ in range(2):
        position, more = look(listing, position, between)
        seen |= more
    assert set(listing.changed.items()) <= seen


def test_a_quiet_system_is_asked_for_one_page() -> None:
    listing = Listing(20)
    listing.changed = {code: MONDAY - timedelta(hours=2 * code) for code in range(20)}
    position, _ = look(listing, Position(), [])
    walk = begun(position, SETTINGS)
    shown, last = listing.page(walk.page)
    assert stepped(position, walk, [at for _, at in shown], listing.clock, last=last).walk is None


def test_after_a_day_of_changes_a_look_reaches_back_a_week() -> None:
    listing = Listing(3)
    position, _ = look(listing, Position(), [])
    assert begun(position, SETTINGS).until == listing.clock - timedelta(hours=1)
    listing.clock += timedelta(days=1)
    listing.change(0)
    position, _ = look(listing, position, [])
    assert begun(position, SETTINGS).deep
    assert begun(position, SETTINGS).until == listing.clock - timedelta(days=7)


def test_a_change_dated_in_the_future_hides_nothing() -> None:
    position = stepped(Position(), begun(Position(), SETTINGS), [MONDAY + timedelta(days=400)], MONDAY, last=True)
    assert position.mark == MONDAY


def test_an_installation_that_does_not_sort_is_read_to_its_last_page() -> None:
    position = Position(mark=MONDAY, swept=MONDAY)
    unsorted: list[datetime | None] = [MONDAY - timedelta(days=9), MONDAY, None, MONDAY - timedelta(days=8)]
    assert stepped(position, begun(position, SETTINGS), unsorted, MONDAY, last=False).walk is not None


@given(written=st.text() | st.none())
def test_a_position_that_cannot_be_read_is_the_beginning(written: str | None) -> None:
    assert isinstance(read_position(written), Position)


@given(st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)))  # noqa: DTZ001 - the zone is added
def test_a_position_survives_being_written(at: datetime) -> None:
    position = Position(mark=at.replace(tzinfo=MONDAY.tzinfo), walk=begun(Position(), SETTINGS))
    assert read_position(position.model_dump_json(exclude_none=True)) == position
