"""From subjects to one PDF with numbered documents.

Drawing takes its time, so it is done while no transaction is open: by the numbers that are foreseen, which the register
then confirms. Where somebody else has printed meanwhile, the same documents are drawn once more by the numbers that
were given. Only a crash during that leaves a print in the register that nobody has; the next one is then marked as a
copy, and no number is given twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy.orm import Session

from dispatch.context import Context
from dispatch.documents import parcels, records, register
from dispatch.documents.document import Document, Issue
from dispatch.documents.kinds import DocumentKind
from dispatch.documents.render import render
from dispatch.problems import Problem
from tracking.documents import letters
from tracking.documents.preloading import preloaded
from tracking.office import Office

MOST = 500
"""How many documents may lie in one PDF."""

_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Printed:
    """One PDF, and the documents in it, in its order."""

    pdf: bytes
    issues: tuple[Issue, ...]


def print_documents(context: Context, office: Office, kind: DocumentKind, subjects: Sequence[str], by: str) -> Printed:
    """Print documents of one kind; each print is in the register before they are returned.

    Args:
        subjects: 1 to 500, as :class:`DocumentKind` says; one that is named twice is printed once.
        by: who prints.

    Raises:
        Problem: there is nothing to print about a subject, or there are too many or none.
    """
    wanted = list(dict.fromkeys(subjects))
    if not 0 < len(wanted) <= MOST:
        raise _wrong_size(len(wanted))
    now = context.clock.now()
    with context.database.read() as session:
        documents = _gather(session, context, office, kind, wanted)
        foreseen = register.foresee(session, documents, now)
    pdf = render(kind, foreseen, now)
    with context.database.write() as session:
        issues = register.issue(session, documents, by, now)
    if issues != foreseen:
        pdf = render(kind, issues, now)
    return Printed(pdf, tuple(issues))


def _gather(
    session: Session, context: Context, office: Office, kind: DocumentKind, subjects: Sequence[str]
) -> list[Document]:
    """Gather all, or refuse with what is wrong about each that cannot be printed."""
    gather, found, wrong = _gatherer(session, context, office, kind), [], dict[str, Problem]()
    with preloaded(session, kind, subjects):
        for subject in subjects:
            try:
                found.append(gather(subject))
            except Problem as problem:
                wrong[subject] = problem
    if wrong:
        raise next(iter(wrong.values())) if len(subjects) == 1 else _wrong_subjects(wrong, len(subjects))
    return found


def _gatherer(session: Session, context: Context, office: Office, kind: DocumentKind) -> Callable[[str], Document]:
    accounts = context.accounts
    lookup = accounts.citizen_channels.lookup if accounts.citizen_channels else ""
    promise = partial(letters.promise, office)
    gatherers: dict[DocumentKind, Callable[[str], Document]] = {
        DocumentKind.SLIP: partial(parcels.slip, session, accounts, promise_of=promise, lookup=lookup),
        DocumentKind.LABEL: partial(parcels.label, session, accounts),
        DocumentKind.HANDOVER: partial(records.handover, session),
        DocumentKind.UNDELIVERABLE: partial(letters.undeliverable, session, context, office, lookup=lookup),
        DocumentKind.APOLOGY: partial(letters.apology, session, office),
        DocumentKind.SUPPLEMENT: partial(records.supplement, session),
        DocumentKind.MANIFEST: partial(records.manifest, session, now=context.clock.now()),
    }
    return gatherers[kind]


def _wrong_subjects(wrong: dict[str, Problem], of: int) -> Problem:
    first, shown = next(iter(wrong.values())), list(wrong.items())[:_SHOWN]
    return Problem(
        "documents",
        "Some of it cannot be printed",
        f"{len(wrong)} of {of}: {'; '.join(f'{subject[:120]}: {one.detail}' for subject, one in shown[:3])}",
        f"Leave out the subjects that are named, or mend them: {first.next_step} Nothing was printed or numbered.",
        next_step_vi=f"Bỏ hoặc sửa các mục được nêu: {first.next_step_vi} Chưa in và chưa cấp số văn bản nào.",
        status=first.status,
        subjects=[
            {"subject": subject[:120], "kind": one.kind, "detail": one.detail, "next_step": one.next_step}
            for subject, one in shown
        ],
    )


def _wrong_size(number: int) -> Problem:
    return Problem(
        "documents",
        "Nothing to print, or too much at once",
        f"{number} subjects were named; one PDF holds 1 to {MOST} documents.",
        f"Name at least one subject; print more than {MOST} in several files.",
        next_step_vi=f"Chọn từ 1 đến {MOST} mục cho một lần in; nhiều hơn thì chia thành nhiều lần.",
    )
