from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.papers import InvalidPapers, Paper, check_papers, describe_papers

FORM = Paper("Tờ khai", 1, 0)
CARD = Paper("Giấy tờ tùy thân", 0, 1)


def test_a_list_of_papers_keeps_its_order_and_gets_composed_names() -> None:
    written = [Paper(normalize("NFD", "Tờ  khai "), 1, 0), CARD]
    assert check_papers(written) == (FORM, CARD)


def test_the_slip_lists_originals_and_copies_with_two_digits() -> None:
    text = describe_papers([FORM, CARD, Paper("Giấy chứng nhận", 2, 12)])
    assert text == ("Tờ khai (01 bản chính); Giấy tờ tùy thân (01 bản sao); Giấy chứng nhận (02 bản chính, 12 bản sao)")


def test_a_dossier_without_papers_is_refused() -> None:
    with pytest.raises(InvalidPapers, match="empty") as refused:
        check_papers([])
    assert "number of originals and copies" in refused.value.next_step
    assert refused.value.next_step_vi


@pytest.mark.parametrize(("originals", "copies"), [(0, 0), (-1, 2), (2, -1), (100, 0), (0, 100)])
def test_a_line_that_cannot_be_counted_is_refused_by_its_number(originals: int, copies: int) -> None:
    with pytest.raises(InvalidPapers, match="Line 2") as refused:
        check_papers([FORM, Paper("Đơn", originals, copies)])
    assert refused.value.field == "papers[2]"


@pytest.mark.parametrize("name", ["", "  ", "\u200b", "a\x00", "x" * 301])
def test_a_paper_needs_a_printable_name(name: str) -> None:
    with pytest.raises(InvalidPapers) as refused:
        check_papers([Paper(name, 1, 0)])
    assert refused.value.field == "papers[1]"


def test_the_same_paper_twice_is_refused_because_it_may_be_one_paper() -> None:
    with pytest.raises(InvalidPapers, match="Line 3 names the same paper as line 1"):
        check_papers([FORM, CARD, Paper(normalize("NFD", "TỜ KHAI"), 0, 1)])


def test_a_list_holds_at_most_a_hundred_lines() -> None:
    lines = [Paper(f"Giấy {number}", 1, 0) for number in range(101)]
    assert len(check_papers(lines[:100])) == 100
    with pytest.raises(InvalidPapers, match="more than 100"):
        check_papers(lines)


counts = st.integers(min_value=-2, max_value=101)


@given(st.lists(st.builds(Paper, st.text(max_size=20), counts, counts), max_size=8))
def test_a_list_that_is_taken_can_be_counted_and_is_not_changed_by_checking_it_again(papers: list[Paper]) -> None:
    try:
        checked = check_papers(papers)
    except InvalidPapers:
        return
    assert check_papers(checked) == checked
    assert [(p.originals, p.copies) for p in checked] == [(p.originals, p.copies) for p in papers]
    assert all(p.originals >= 0 and p.copies >= 0 and p.originals + p.copies >= 1 for p in checked)
    assert describe_papers(checked).count(" bản ") >= len(checked)
