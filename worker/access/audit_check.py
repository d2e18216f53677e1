"""Whether the audit trail is as it was written: every entry against the chain and against checkpoints kept outside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from dispatch.problems import Problem
from worker.access.audit import HASHED, LATEST, AuditEntry, seal
from worker.access.chain import Broken, Checkpoint, Link, first_broken, genuine

_CHUNK = 1000
_UNREADABLE = (LookupError, TypeError, ValueError, OverflowError, DBAPIError)
"""How a field ends of which somebody has made something that is no time, no word of ours, no JSON, or no text."""


def verify(session: Session, kept: Sequence[Checkpoint] = ()) -> tuple[Broken | None, Checkpoint | None]:
    """Walk the whole trail; returns where it first breaks, and the checkpoint of its end as it stands now.

    Raises:
        Problem: one of ``kept`` is no checkpoint of this system's.
    """
    for one in kept:
        if not genuine(one, seal):
            raise _not_ours(one)
    broken, last = first_broken(_links(session), seal, kept)
    return broken, Checkpoint(last.seq, last.hash, last.seal) if last else None


def end(session: Session) -> Checkpoint | None:
    """Return the checkpoint of the trail's last entry, which is not looked at any further."""
    row = session.execute(select(AuditEntry.seq, AuditEntry.hash, AuditEntry.seal).order_by(LATEST).limit(1)).first()
    return Checkpoint(row.seq, row.hash, row.seal) if row else None


def _links(session: Session) -> Iterator[Link]:
    after = -(2**62)  # an entry with a number below the first is found, too
    while numbers := list(
        session.scalars(select(AuditEntry.seq).where(AuditEntry.seq > after).order_by(AuditEntry.seq).limit(_CHUNK))
    ):
        yield from _links_of(session, numbers)
        after = numbers[-1]
        session.expunge_all()


def _links_of(session: Session, numbers: list[int]) -> list[Link]:
    """Return entries that follow each other; one whose fields cannot even be read says nothing, and so is broken."""
    query = select(AuditEntry).where(AuditEntry.seq.between(numbers[0], numbers[-1])).order_by(AuditEntry.seq)
    try:
        return [_link(row) for row in session.scalars(query)]
    except _UNREADABLE:
        if len(numbers) == 1:
            return [Link(numbers[0], {}, "", "")]
        return [link for number in numbers for link in _links_of(session, [number])]


def _link(row: AuditEntry) -> Link:
    fields = {name: getattr(row, name) for name in HASHED}
    return Link(row.seq, {"seq": row.seq, **fields}, row.hash, row.seal)


def _not_ours(kept: Checkpoint) -> Problem:
    return Problem(
        "checkpoint",
        "The checkpoint is not ours",
        f"The seal of {kept.where or 'the checkpoint'} was not made with the data key of this system.",
        "Use a line as `postal audit verify` printed it here, and the same POSTAL_DATA_KEY.",
    )
