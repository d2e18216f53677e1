"""The list of papers that travels with a dossier: what the postman counts together with the citizen and the agency."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from dispatch.written import Advice, Refusal, tidy

MOST_PAPERS = 100
MOST_OF_ONE = 99
"""A slip prints the number of pieces with two digits."""
_LONGEST_NAME = 300
_REISSUED = "cấp lại"
_ISSUED_AGAIN = re.compile(rf" \({_REISSUED}(?: \d+)?\)$")

_NO_PAPERS = Advice(
    "The list of papers is empty.",
    "List every paper of the dossier, with the number of originals and copies.",
    "Danh mục giấy tờ còn trống.",
    "Vui lòng ghi từng loại giấy tờ, số bản chính và số bản sao.",
)
_TOO_MANY_PAPERS = Advice(
    f"The list has more than {MOST_PAPERS} lines.",
    "Put papers of one kind on one line with their number, or send the dossier in parts.",
    f"Danh mục có hơn {MOST_PAPERS} dòng.",
    "Vui lòng gộp giấy tờ cùng loại vào một dòng kèm số lượng, hoặc gửi thành nhiều lần.",
)


class InvalidPapers(Refusal):
    """The list of papers cannot be counted by two people at a counter."""


@dataclass(frozen=True)
class Paper:
    """One kind of paper: how many originals and how many copies of it (Circular 17/2017/TT-BTTTT Art. 5)."""

    name: str
    originals: int
    copies: int


def check_papers(papers: Iterable[Paper]) -> tuple[Paper, ...]:
    """Return the papers in their order with tidied names: 1 to 100 lines, each with 1 to 99 originals or copies.

    A name that comes twice is refused and not added up: it may be one paper entered twice, and then the agency would
    count one paper fewer than the slip says and send the dossier back (Decision 45/2016/QĐ-TTg Art. 6(2), 7(2)).

    Raises:
        InvalidPapers: the list is empty or too long, or a line has no name, no pieces, or a name used before.
    """
    listed = list(papers)
    if not listed:
        raise InvalidPapers("papers", _NO_PAPERS)
    if len(listed) > MOST_PAPERS:
        raise InvalidPapers("papers", _TOO_MANY_PAPERS)
    checked = tuple(_check(paper, line) for line, paper in enumerate(listed, start=1))
    _refuse_repeated(checked)
    return checked


def describe_papers(papers: Iterable[Paper]) -> str:
    """Return the list as one line of Vietnamese for slips and orders: ``Tờ khai (01 bản chính); …``."""
    return "; ".join(f"{paper.name} ({_pieces(paper)})" for paper in papers)


def _check(paper: Paper, line: int) -> Paper:
    refuse = partial(InvalidPapers, f"papers[{line}]")
    name = tidy(paper.name, _LONGEST_NAME, refuse)
    within = all(0 <= number <= MOST_OF_ONE for number in (paper.originals, paper.copies))
    if not within or not paper.originals + paper.copies:
        raise refuse(_uncountable(line))
    return Paper(name, paper.originals, paper.copies)


def _refuse_repeated(papers: tuple[Paper, ...]) -> None:
    first: dict[str, int] = {}
    for line, paper in enumerate(papers, start=1):
        if (earlier := first.setdefault(paper.name.casefold(), line)) != line:
            raise InvalidPapers(f"papers[{line}]", _repeated(earlier, line))


def _uncountable(line: int) -> Advice:
    return Advice(
        f"Line {line} has no pieces, or a number outside 0 to {MOST_OF_ONE}.",
        "Give the number of originals and copies; at least one of them must be 1 or more.",
        f"Dòng {line} không có bản nào, hoặc số lượng nằm ngoài khoảng 0 đến {MOST_OF_ONE}.",
        "Vui lòng ghi số bản chính và số bản sao, ít nhất một loại từ 1 trở lên.",
    )


def _repeated(earlier: int, line: int) -> Advice:
    return Advice(
        f"Line {line} names the same paper as line {earlier}.",
        "List each paper once, with the total of its originals and copies.",
        f"Dòng {line} trùng tên giấy tờ với dòng {earlier}.",
        "Vui lòng ghi mỗi loại giấy tờ một dòng, với tổng số bản chính và bản sao.",
    )


def _pieces(paper: Paper) -> str:
    kinds = ((paper.originals, "bản chính"), (paper.copies, "bản sao"))
    return ", ".join(f"{number:02} {kind}" for number, kind in kinds if number)


def reissued_name(name: str, times: int) -> str:
    """Return what a paper is called that was issued again, the first time or the ``times``-th."""
    again = f" ({_REISSUED})" if times == 1 else f" ({_REISSUED} {times})"
    return f"{name_on_list(name)[: _LONGEST_NAME - len(again)]}{again}"


def name_on_list(name: str) -> str:
    """Return what the list of papers calls a paper, also where it was issued again."""
    return _ISSUED_AGAIN.sub("", name)
