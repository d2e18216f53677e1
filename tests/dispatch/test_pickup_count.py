"""The count at the door: nothing beyond the list may be asked for, and exactly what is missing is named."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dispatch.checklist_choice import Item
from dispatch.papers import Paper
from dispatch.pickup_count import count

LIST = (
    Item("Tờ khai", 1, 0, required=True),
    Item("Giấy khai sinh", 1, 1, required=True),
    Item("Giấy uỷ quyền", 1, 0, required=False),
)
ALL = (Paper("Tờ khai", 1, 0), Paper("Giấy khai sinh", 1, 1))
NAMES = st.sampled_from(["Tờ khai", "tờ khai", "Giấy khai sinh", "Giấy uỷ quyền", "Ảnh thẻ", "Sổ hộ khẩu"])
PAPERS = st.lists(st.builds(Paper, NAMES, st.integers(0, 2), st.integers(0, 2)), max_size=4)


def test_a_full_count_lacks_nothing_and_optional_papers_are_not_asked_for() -> None:
    found = count(LIST, ALL, [])
    assert (found.missing, found.invented, found.unnamed, found.complete) == ((), (), (), ())


def test_a_paper_that_is_not_on_the_list_cannot_be_missing() -> None:
    assert count(LIST, ALL, ["Sổ hộ khẩu"]).invented == ("Sổ hộ khẩu",)


def test_an_original_that_is_there_only_as_a_copy_is_missing() -> None:
    found = count(LIST, [Paper("Tờ khai", 0, 1), ALL[1]], ["tờ khai"])
    assert (found.missing, found.unnamed) == (("Tờ khai",), ())


def test_what_is_missing_must_be_named() -> None:
    assert count(LIST, [ALL[0]], []).unnamed == ("Giấy khai sinh",)


def test_what_is_there_must_not_be_called_missing() -> None:
    assert count(LIST, ALL, ["Tờ khai"]).complete == ("Tờ khai",)


def test_papers_registered_beyond_the_list_may_be_counted_and_never_be_missing() -> None:
    extra = Paper("Ảnh thẻ", 2, 0)
    assert count(LIST, [*ALL, extra], [], also_known=["Ảnh thẻ"]).invented == ()
    assert count(LIST, [*ALL, extra], []).invented == ("Ảnh thẻ",)
    assert count(LIST, ALL, ["Ảnh thẻ"], also_known=["Ảnh thẻ"]).invented == ("Ảnh thẻ",)


@given(PAPERS, st.lists(NAMES, max_size=4))
def test_every_name_of_a_slip_lands_in_its_place_and_missing_ones_are_the_lists_own(
    counted: list[Paper], named: list[str]
) -> None:
    found = count(LIST, counted, named)
    listed = [item.name for item in LIST]
    assert set(found.missing) <= set(listed)
    assert set(found.complete) <= set(found.missing)
    assert not set(found.unnamed) & set(found.missing)
    assert len([name for name in named if name.casefold() in {one.casefold() for one in listed}]) >= len(found.missing)


@given(PAPERS)
def test_naming_exactly_what_is_short_makes_a_slip_that_holds(counted: list[Paper]) -> None:
    short = count(LIST, counted, []).unnamed
    found = count(LIST, counted, short, also_known=[paper.name for paper in counted])
    assert (found.missing, found.unnamed, found.complete, found.invented) == (short, (), (), ())
