"""The register of printed documents: which number, for what, printed when, by whom and how often."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint, func, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from config.batch import among, insert_or_update, write_rows
from config.clock import local
from config.database import Base, EncryptedText, UtcDateTime
from dispatch.documents.document import Document, Issue
from dispatch.documents.kinds import DocumentKind, Validity
from dispatch.documents.numbering import Printed, Series, assign, series_for


class DocumentSeries(Base):
    """The last number of a series. Whoever gives numbers holds its row: none is given twice, and none is left out."""

    __tablename__ = "document_series"

    agency_code: Mapped[str] = mapped_column(String(60), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    letters: Mapped[str] = mapped_column(String(20), primary_key=True)
    last: Mapped[int]


class IssuedDocument(Base):
    """One document under its number. It never changes: what says something else is another document.

    Attributes:
        digest: SHA-256 of what it says.
        content: what a signed document says, to be printed again word for word; it names people. Of others nothing is
            kept.
    """

    __tablename__ = "issued_document"
    __table_args__ = (UniqueConstraint("kind", "subject", "digest"),)

    number: Mapped[str] = mapped_column(String(100), primary_key=True)
    kind: Mapped[DocumentKind]
    subject: Mapped[str] = mapped_column(String(120))
    agency_code: Mapped[str] = mapped_column(String(60))
    validity: Mapped[Validity]
    digest: Mapped[str] = mapped_column(String(64))
    content: Mapped[str | None] = mapped_column(EncryptedText)
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class DocumentPrint(Base):
    """One print of a document: the first, or a reprint."""

    __tablename__ = "document_print"

    number: Mapped[str] = mapped_column(ForeignKey("issued_document.number"), primary_key=True)
    copy_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    printed_by: Mapped[str] = mapped_column(String(300))
    printed_at: Mapped[datetime] = mapped_column(UtcDateTime)


def foresee(session: Session, documents: Sequence[Document], now: datetime) -> list[Issue]:
    """Return what :func:`issue` would, if nobody prints anything meanwhile; nothing is written."""
    year = local(now).year
    query = select(DocumentSeries).where(among(session, DocumentSeries.agency_code, {d.agency for d in documents}))
    last = {Series(row.agency_code, row.year, row.letters): row.last for row in session.scalars(query)}
    return list(assign(documents, _printed(session, documents), last, year))


def issue(session: Session, documents: Sequence[Document], by: str, now: datetime) -> list[Issue]:
    """Give each document its number and record the print. The transaction that does it is what makes it true.

    Raises:
        Problem: what is kept of a signed document is not what was printed.
    """
    year = local(now).year
    rows = _held(session, documents, year)
    last = {series: row.last for series, row in rows.items()}
    issues = list(assign(documents, _printed(session, documents), last, year))
    fresh = [one for one in issues if one.copy_no == 0]
    for one in fresh:
        rows[series_for(one.document, year)].last += 1
    session.flush()
    if fresh:
        write_rows(session, insert(IssuedDocument), [_row(one, now) for one in fresh])
    prints = [{"number": one.number, "copy_no": one.copy_no, "printed_by": by, "printed_at": now} for one in issues]
    write_rows(session, insert(DocumentPrint), prints)
    return issues


def issued(session: Session, kind: DocumentKind, subject: str) -> list[tuple[IssuedDocument, list[DocumentPrint]]]:
    """Return every document of a kind about a subject with its prints, oldest first."""
    query = select(IssuedDocument).where(IssuedDocument.kind == kind, IssuedDocument.subject == subject)
    rows = session.scalars(query.order_by(IssuedDocument.issued_at, IssuedDocument.number)).all()
    prints = select(DocumentPrint).where(among(session, DocumentPrint.number, [row.number for row in rows]))
    found = session.scalars(prints.order_by(DocumentPrint.copy_no)).all()
    return [(row, [one for one in found if one.number == row.number]) for row in rows]


def _held(session: Session, documents: Sequence[Document], year: int) -> dict[Series, DocumentSeries]:
    """Lock the series of all documents, in one order as everybody does."""
    wanted = sorted({series_for(one, year) for one in documents}, key=lambda one: (one.agency, one.letters))
    held = {}
    for series in wanted:
        key = {"agency_code": series.agency, "year": series.year, "letters": series.letters}
        session.execute(insert_or_update(session, DocumentSeries).on_conflict_do_nothing(), [{**key, "last": 0}])
        row = session.get_one(DocumentSeries, tuple(key.values()), with_for_update=True, populate_existing=True)
        held[series] = row
    return held


def _printed(session: Session, documents: Sequence[Document]) -> list[Printed]:
    kinds, subjects = {one.kind for one in documents}, {one.subject for one in documents}
    of_these = (IssuedDocument.kind.in_(kinds), among(session, IssuedDocument.subject, subjects))
    prints = select(func.count()).where(DocumentPrint.number == IssuedDocument.number).scalar_subquery()
    return [
        Printed(row.number, row.kind, row.subject, row.validity, row.digest, row.content, times)
        for row, times in session.execute(select(IssuedDocument, prints).where(*of_these))
    ]


def _row(one: Issue, now: datetime) -> dict[str, object]:
    document = one.document
    return {
        "number": one.number,
        "kind": document.kind,
        "subject": document.subject,
        "agency_code": document.agency,
        "validity": document.validity,
        "digest": document.digest,
        "content": document.text if document.validity is Validity.SIGNED else None,
        "issued_at": now,
    }
