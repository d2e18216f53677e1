"""Which number and which copy a document gets, by what has been printed before. Pure."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from dispatch.documents.document import Document, Issue, digest_of
from dispatch.documents.kinds import DocumentKind, Validity, document_number, series_of
from dispatch.problems import Problem


@dataclass(frozen=True, slots=True)
class Series:
    """Documents that are counted together: one agency's of one year and kind."""

    agency: str
    year: int
    letters: str


@dataclass(frozen=True, slots=True)
class Printed:
    """A document that has a number; ``kept`` is what a signed one says, ``prints`` how often it was printed."""

    number: str
    kind: DocumentKind
    subject: str
    validity: Validity
    digest: str
    kept: str | None
    prints: int


def series_for(document: Document, year: int) -> Series:
    """Return among which documents one is counted."""
    return Series(document.agency, year, series_of(document.kind, document.validity))


def assign(
    documents: Iterable[Document], printed: Sequence[Printed], last: Mapping[Series, int], year: int
) -> Iterator[Issue]:
    """Yield each document with its number: the one it has, or the next of its series.

    What says the same is the same document. What was signed is printed again as it was first printed, whatever has
    become of the rows that it was gathered from.

    Raises:
        Problem: what is kept of a signed document is not what was printed.
    """
    known = {(one.kind, one.subject, one.digest): one for one in printed}
    signed = {(one.kind, one.subject): one for one in printed if one.validity is Validity.SIGNED}
    given: Counter[Series] = Counter(last)
    for document in documents:
        before = known.get((document.kind, document.subject, document.digest))
        if document.validity is Validity.SIGNED:
            before = signed.get((document.kind, document.subject))
        if before is not None:
            yield Issue(before.number, before.prints, _as_printed(document, before))
            continue
        series = series_for(document, year)
        given[series] += 1
        yield Issue(document_number(given[series], year, series.letters, document.agency), 0, document)


def _as_printed(document: Document, before: Printed) -> Document:
    if before.kept is None:
        return document
    if digest_of(before.kept) != before.digest:
        raise Problem(
            "document-changed",
            "What is kept of a document is not what was printed",
            f"Document {before.number} was kept with another content than the one it was registered by.",
            "Print nothing from it; tell operations, who find the true content in a backup.",
            next_step_vi="Không in lại văn bản này; báo bộ phận vận hành để đối chiếu với bản sao lưu.",
            status=409,
            number=before.number,
        )
    return replace(document, data=json.loads(before.kept))
