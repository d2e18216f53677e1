"""Routes for documents: print them, and see what was printed. Printing is recorded, so it is never a GET."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from config.clock import local
from dispatch.documents.kinds import DocumentKind
from dispatch.documents.register import DocumentPrint, IssuedDocument, issued
from tracking.documents.printing import MOST, print_documents
from worker.web.auth import ClientDep
from worker.web.deps import RuntimeDep

router = APIRouter(prefix="/v1/documents", tags=["documents"])

Subject = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9.:_\-]{0,119}$")]


class PrintForm(BaseModel):
    """What to print, all of one kind.

    A slip, label or undeliverable notice is named by its order number, a handover record or apology by its id, a form
    02 by its number, a manifest by agency and operator (``H14.10:vnpost_ngsp``).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: DocumentKind
    subjects: Annotated[list[Subject], Field(min_length=1, max_length=MOST)]


class PrintAnswer(BaseModel):
    """One print; ``copy_no`` is 0 for the first and counts the reprints after it."""

    copy_no: int
    printed_by: str
    printed_at: datetime

    @classmethod
    def of(cls, row: DocumentPrint) -> PrintAnswer:
        return cls(copy_no=row.copy_no, printed_by=row.printed_by, printed_at=local(row.printed_at))


class DocumentAnswer(BaseModel):
    """One document in the register; ``sha256`` is of what it says."""

    number: str
    kind: str
    subject: str
    agency: str
    validity: str
    sha256: str
    issued_at: datetime
    prints: list[PrintAnswer]

    @classmethod
    def of(cls, row: IssuedDocument, prints: list[DocumentPrint]) -> DocumentAnswer:
        return cls(
            number=row.number,
            kind=row.kind,
            subject=row.subject,
            agency=row.agency_code,
            validity=row.validity,
            sha256=row.digest,
            issued_at=local(row.issued_at),
            prints=[PrintAnswer.of(one) for one in prints],
        )


class DocumentList(BaseModel):
    """The documents of a kind about a subject, oldest first: one for each time that it said something else."""

    documents: list[DocumentAnswer]


@router.post("", response_class=Response, responses={200: {"content": {"application/pdf": {}}}})
def print_them(form: PrintForm, runtime: RuntimeDep, client: ClientDep) -> Response:
    """Print up to 500 documents as one PDF. Each has its number; printed again, it is marked as a copy."""
    printed = print_documents(runtime.context, runtime.office, form.kind, form.subjects, client)
    name = f"{form.kind}.pdf" if len(printed.issues) > 1 else f"{printed.issues[0].number.replace('/', '-')}.pdf"
    headers = {"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "no-store"}
    return Response(printed.pdf, media_type="application/pdf", headers=headers)


@router.get("")
def documents(
    kind: Annotated[DocumentKind, Query()],
    subject: Annotated[Subject, Query()],
    runtime: RuntimeDep,
    _client: ClientDep,
) -> DocumentList:
    """What was printed about a subject: numbers, when, by whom and how often."""
    with runtime.context.database.read() as session:
        return DocumentList(
            documents=[DocumentAnswer.of(row, prints) for row, prints in issued(session, kind, subject)]
        )
