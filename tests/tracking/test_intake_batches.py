from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from tracking.intake_batches import Bounds, commit_apart, first_batch


@dataclass(frozen=True)
class Parcel:
    rows: int
    size: int


PARCELS = st.lists(st.builds(Parcel, st.integers(1, 40), st.integers(0, 500)), max_size=30)
BOUNDS = st.builds(Bounds, st.integers(1, 60), st.integers(1, 900))


@given(PARCELS, BOUNDS)
def test_a_batch_is_as_much_as_fits_and_never_nothing(waiting: list[Parcel], bounds: Bounds) -> None:
    count = first_batch(waiting, bounds)
    rows = [sum(one.rows for one in waiting[:end]) for end in range(len(waiting) + 1)]
    sizes = [sum(one.size for one in waiting[:end]) for end in range(len(waiting) + 1)]
    assert count <= len(waiting)
    assert (count == 0) == (not waiting)
    assert count <= 1 or bounds.hold(rows[count], sizes[count])
    assert count == len(waiting) or not bounds.hold(rows[count + 1], sizes[count + 1])


@given(st.lists(st.booleans(), min_size=1, max_size=40))
def test_the_guilty_alone_are_refused_and_everybody_else_is_kept_once(guilty: list[bool]) -> None:
    kept: list[int] = []

    def commit(batch: Sequence[int]) -> None:
        if any(guilty[one] for one in batch):
            raise ValueError("a letter that the database has not")
        kept.extend(batch)

    errors = commit_apart(range(len(guilty)), commit, lambda error: isinstance(error, ValueError))
    assert [error is not None for error in errors] == guilty
    assert kept == [one for one, is_guilty in enumerate(guilty) if not is_guilty]


@given(st.integers(1, 64))
def test_one_guilty_costs_few_attempts(count: int) -> None:
    attempts = 0

    def commit(batch: Sequence[int]) -> None:
        nonlocal attempts
        attempts += 1
        if 0 in batch:
            raise ValueError

    commit_apart(range(count), commit, lambda error: True)
    assert attempts <= 1 + 2 * (count - 1).bit_length()


@given(st.integers(1, 20))
def test_what_is_nobodys_fault_is_everybodys_and_is_tried_once(count: int) -> None:
    attempts = 0

    def commit(_batch: Sequence[int]) -> None:
        nonlocal attempts
        attempts += 1
        raise OSError("the disk is full")

    errors = commit_apart(range(count), commit, lambda error: isinstance(error, ValueError))
    assert (len(errors), attempts, {type(error) for error in errors}) == (count, 1, {OSError})
