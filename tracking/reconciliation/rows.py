"""The tables: how far each round of comparing has come, and the differences that the last look has left."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from enum import StrEnum

from sqlalchemy import String, and_, delete, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from config.batch import among
from config.database import Base, UtcDateTime
from tracking.reconciliation.differences import Cause, Difference, Kind


class Side(StrEnum):
    """With whom we compare."""

    ONESTOP = "onestop"
    CARRIER = "carrier"


Peer = tuple[Side, str]
"""One system or account: its side, and its id in the configuration."""


class ReconciliationRound(Base):
    """One system or account: the round that is under way, or the last one. A process at a time holds the lease.

    Attributes:
        peer: id of the one-stop system, or of the operator's account.
        next_at: when it is looked at again (domain time).
        lease_until: until when it belongs to whoever compares (real time).
        position: the last subject that was compared; None between two rounds.
        started_at, ended_at: of the round under way or the last one; ``ended_at`` is that of the last whole round.
        compared: how many dossiers or orders that round has compared so far.
        note: what cannot be compared there, in English.
        trouble: why the round does not go on; None where it does.
    """

    __tablename__ = "reconciliation_round"

    side: Mapped[Side] = mapped_column(primary_key=True)
    peer: Mapped[str] = mapped_column(String(40), primary_key=True)
    next_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    position: Mapped[str | None] = mapped_column(String(80))
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    compared: Mapped[int] = mapped_column(default=0)
    note: Mapped[str | None] = mapped_column(String(500))
    trouble: Mapped[str | None] = mapped_column(String(1000))


class ReconciliationDifference(Base):
    """A :class:`~tracking.reconciliation.differences.Difference`; it goes when the next look finds it mended.

    ``since``: when it was first seen; ``seen_at``: when last.
    """

    __tablename__ = "reconciliation_difference"

    side: Mapped[Side] = mapped_column(primary_key=True)
    peer: Mapped[str] = mapped_column(String(40), primary_key=True)
    subject: Mapped[str] = mapped_column(String(80), primary_key=True)
    kind: Mapped[Kind] = mapped_column(primary_key=True)
    cause: Mapped[Cause]
    # A dossier that is missing here has no row to refer to.
    dossier_code: Mapped[str | None] = mapped_column(String(60))
    order_number: Mapped[str | None] = mapped_column(String(80))
    ours: Mapped[str] = mapped_column(String(200))
    theirs: Mapped[str] = mapped_column(String(200))
    detail: Mapped[str] = mapped_column(String(1000))
    mend: Mapped[str] = mapped_column(String(500))
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)


def write_down(
    session: Session, peer: Peer, compared: Collection[str], found: Iterable[Difference], now: datetime
) -> None:
    """Keep what was found of ``compared``; what they differed in before and do no more is forgotten."""
    table = ReconciliationDifference
    about = (table.side == peer[0], table.peer == peer[1], among(session, table.subject, set(compared)))
    known = {(row.subject, row.kind): row for row in session.scalars(select(table).where(*about))}
    for one in found:
        row = known.pop((one.subject, one.kind), None)
        since = row.since if row is not None else now
        session.merge(_row(peer, one, since, now))
    for row in known.values():
        session.delete(row)


def let_stand(session: Session, peer: Peer, unread: Collection[str], now: datetime) -> None:
    """Keep what is known of those of which nothing could be learnt this time."""
    row = ReconciliationDifference
    ours = (row.side == peer[0], row.peer == peer[1], among(session, row.subject, set(unread)))
    session.execute(update(row).where(*ours).values(seen_at=now), execution_options={"synchronize_session": False})


def forget_unseen(session: Session, peer: Peer, since: datetime) -> None:
    """Forget what the whole round since then has not met again: nobody looks at those dossiers and orders any more."""
    row = ReconciliationDifference
    ours = (row.side == peer[0], row.peer == peer[1], row.seen_at < since)
    session.execute(delete(row).where(*ours), execution_options={"synchronize_session": False})


def forget_others(session: Session, peers: Collection[Peer]) -> None:
    """Forget systems and accounts that are configured no more."""
    for table in (ReconciliationRound, ReconciliationDifference):
        kept = [and_(table.side == side, table.peer == peer) for side, peer in peers]
        gone = delete(table).where(~or_(*kept)) if kept else delete(table)
        session.execute(gone, execution_options={"synchronize_session": False})


def differences_of(session: Session, peers: Collection[Peer] | None = None) -> list[ReconciliationDifference]:
    """Return what differs, oldest first; at ``peers`` only, where they are named."""
    row = ReconciliationDifference
    query = select(row).order_by(row.since, row.side, row.peer, row.subject, row.kind)
    if peers is not None:
        query = query.where(or_(*(and_(row.side == side, row.peer == peer) for side, peer in peers)))
    return list(session.scalars(query))


def rounds_of(session: Session) -> list[ReconciliationRound]:
    """Return how every system and account stands."""
    return list(
        session.scalars(select(ReconciliationRound).order_by(ReconciliationRound.side.desc(), ReconciliationRound.peer))
    )


def _row(peer: Peer, one: Difference, since: datetime, now: datetime) -> ReconciliationDifference:
    return ReconciliationDifference(
        side=peer[0],
        peer=peer[1],
        subject=one.subject,
        kind=one.kind,
        cause=one.cause,
        dossier_code=one.dossier,
        order_number=one.order,
        ours=one.ours[:200],
        theirs=one.theirs[:200],
        detail=one.detail[:1000],
        mend=one.mend[:500],
        since=since,
        seen_at=now,
    )
