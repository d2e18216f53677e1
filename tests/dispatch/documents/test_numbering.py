"""Numbers without gaps, and the same document the same number."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.documents.document import Document, Issue, digest_of
from dispatch.documents.kinds import DocumentKind, Validity
from dispatch.documents.numbering import Printed, Series, assign
from dispatch.problems import Problem

YEAR = 2026
SAID = st.builds(
    Document,
    kind=st.sampled_from(DocumentKind),
    subject=st.sampled_from(["a", "b", "c"]),
    agency=st.sampled_from(["H14.10", "H14.11"]),
    validity=st.sampled_from(Validity),
    data=st.sampled_from([{"x": 1}, {"x": 2}]),
)


def _of_one_agency(documents: list[Document]) -> list[Document]:
    """Whose a subject is does not change, and one file names it once."""
    known: dict[tuple[DocumentKind, str], str] = {}
    owned = [replace(one, agency=known.setdefault((one.kind, one.subject), one.agency)) for one in documents]
    return list({(one.kind, one.subject): one for one in owned}.values())


class Book:
    """A register in memory: prints come one after another."""

    def __init__(self) -> None:
        self.printed: dict[str, Printed] = {}
        self.last: Counter[Series] = Counter()

    def prints(self, *documents: Document) -> list[Issue]:
        issues = list(assign(documents, list(self.printed.values()), self.last, YEAR))
        for one in issues:
            document = one.document
            if one.copy_no == 0:
                serial, _, tail = one.number.split("/")
                self.last[Series(document.agency, YEAR, tail.removesuffix(f"-{document.agency}"))] = int(serial)
            kept = document.text if document.validity is Validity.SIGNED else None
            self.printed[one.number] = Printed(
                one.number, document.kind, document.subject, document.validity, document.digest, kept, one.copy_no + 1
            )
        return issues


@given(st.lists(st.lists(SAID, min_size=1, max_size=6), max_size=8))
def test_every_series_counts_from_one_without_a_gap(rounds: list[list[Document]]) -> None:
    book = Book()
    for documents in rounds:
        book.prints(*_of_one_agency(documents))
    by_tail: dict[str, list[int]] = {}
    for number in book.printed:
        serial, year, tail = number.split("/")
        assert year == str(YEAR)
        by_tail.setdefault(tail, []).append(int(serial))
    assert all(sorted(serials) == list(range(1, len(serials) + 1)) for serials in by_tail.values())


@given(SAID, st.integers(1, 5))
def test_the_nth_reprint_is_the_nth_copy_of_the_same_number(document: Document, times: int) -> None:
    book = Book()
    issues = [book.prints(document)[0] for _ in range(times + 1)]
    assert [one.copy_no for one in issues] == list(range(times + 1))
    assert len({one.number for one in issues}) == 1


def test_what_says_something_else_is_another_document() -> None:
    book, label = Book(), Document(DocumentKind.LABEL, "a", "H14.10", Validity.PLAIN, {"to": "x"})
    moved = replace(label, data={"to": "y"})
    assert [book.prints(one)[0].number[:6] for one in (label, moved, label)] == ["000001", "000002", "000001"]


def test_a_draft_leaves_no_gap_in_the_numbers_of_what_is_signed() -> None:
    book, draft = Book(), Document(DocumentKind.HANDOVER, "1", "H14.10", Validity.DRAFT, {"signed": ""})
    signed = replace(draft, validity=Validity.SIGNED, data={"signed": "16:00"})
    numbers = [book.prints(one)[0].number for one in (draft, signed)]
    assert numbers == ["000001/2026/DT-BBGN-H14.10", "000001/2026/BBGN-H14.10"]


def test_what_was_signed_is_printed_again_as_it_was_whatever_the_rows_say_now() -> None:
    book, signed = Book(), Document(DocumentKind.HANDOVER, "1", "H14.10", Validity.SIGNED, {"agency": "Sở Tư pháp"})
    book.prints(signed)
    (again,) = book.prints(replace(signed, data={"agency": "Sở Nội vụ"}))
    assert (again.copy_no, again.document.data) == (1, {"agency": "Sở Tư pháp"})


def test_what_was_kept_and_changed_is_not_printed() -> None:
    signed = Document(DocumentKind.HANDOVER, "1", "H14.10", Validity.SIGNED, {"agency": "Sở Tư pháp"})
    forged = json.dumps({"agency": "Sở khác"})
    row = Printed("n", signed.kind, signed.subject, signed.validity, digest_of(signed.text), forged, 1)
    with pytest.raises(Problem) as problem:
        list(assign([signed], [row], {}, YEAR))
    assert problem.value.kind == "document-changed"
    assert problem.value.next_step_vi
