"""Rounds of comparing: every night with every system and account, part by part, or now because somebody asks.

Each part is written down with the position after it, so that a round goes on where it was interrupted. Who does not
answer is a line in the report, and the others go on; nothing is mended here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Protocol

import structlog
from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from carriers.outcomes import CarrierError
from config.batch import insert_or_update
from config.clock import VIETNAM, local, wall_now
from config.errors import ConfigurationError
from dispatch.context import Context
from dispatch.onestop.contract import OneStop, OneStopError
from tracking.office import Office
from tracking.reconciliation.onestops import CopyReader
from tracking.reconciliation.operators import OrderReader
from tracking.reconciliation.part import Part
from tracking.reconciliation.rows import (
    Peer,
    ReconciliationRound,
    Side,
    forget_others,
    forget_unseen,
    let_stand,
    write_down,
)

AT = time(2, 0)
"""When the night's rounds begin, on Vietnam's clock: most of the day's messages have been delivered by then."""

MOST = 2_000
"""Dossiers or orders of one run with one system or account; the next run goes on after them."""

_LEASE = timedelta(minutes=15)
"""Longer than any part takes, though every call in it should run into its time limit."""

_REST = timedelta(minutes=30)

log = structlog.get_logger()


class Reader(Protocol):
    """Compares with one system or account, part by part."""

    @property
    def note(self) -> str: ...

    def part(self, position: str | None) -> Part: ...


@dataclass
class _Claim:
    """A round that is ours until the lease ends, which every part renews."""

    peer: Peer
    lease: datetime


class _TakenOverError(Exception):
    """The lease ran out and somebody else goes on."""


def readers(context: Context, office: Office, onestops: Sequence[OneStop]) -> dict[Peer, Reader]:
    """Return everybody with whom we compare."""
    systems: dict[Peer, Reader] = {(Side.ONESTOP, one.system.id): CopyReader(context, office, one) for one in onestops}
    accounts = context.accounts.carrier_accounts
    return systems | {(Side.CARRIER, account.id): OrderReader(context, account.id) for account in accounts}


def drain(context: Context, office: Office, onestops: Sequence[OneStop]) -> int:
    """Go on with every round that is due; returns how many dossiers and orders were compared."""
    peers = readers(context, office, onestops)
    _prepare(context, peers)
    compared = 0
    for peer, reader in peers.items():
        if not context.closing.is_set() and (claim := _claim(context, peer, due=True)) is not None:
            compared += _go_on(context, claim, reader, MOST)
    return compared


def compare_now(
    context: Context, office: Office, onestops: Sequence[OneStop], only: Collection[Peer] | None = None
) -> list[Peer]:
    """Make a whole round with everybody, or with ``only`` these; returns whom another process is at this moment at."""
    peers = readers(context, office, onestops)
    _prepare(context, peers)
    busy: list[Peer] = []
    for peer, reader in peers.items():
        if only is not None and peer not in only:
            continue
        if (claim := _claim(context, peer, due=False)) is None:
            busy.append(peer)
        else:
            _go_on(context, claim, reader, None)
    return busy


def next_night(now: datetime) -> datetime:
    """Return when the next night's rounds begin."""
    begins = datetime.combine(local(now).date(), AT, VIETNAM)
    return begins if begins > now else begins + timedelta(days=1)


def _prepare(context: Context, peers: Iterable[Peer]) -> None:
    """Give everybody a row, due in the next night, and forget those who are configured no more."""
    wanted = set(peers)
    with context.database.read() as session:
        known = {(row.side, row.peer) for row in session.scalars(select(ReconciliationRound))}
    if known == wanted:
        return
    begins = next_night(context.clock.now())
    with context.database.write() as session:
        forget_others(session, wanted)
        for side, peer in sorted(wanted - known):
            new = insert_or_update(session, ReconciliationRound)
            row = {"side": side, "peer": peer, "next_at": begins, "compared": 0}
            session.execute(new.values(**row).on_conflict_do_nothing())


def _claim(context: Context, peer: Peer, *, due: bool) -> _Claim | None:
    """Take a round that nobody holds: the one that is ``due``, or a new one because somebody asks."""
    now = context.clock.now()
    free = or_(ReconciliationRound.lease_until.is_(None), ReconciliationRound.lease_until <= wall_now())
    query = select(ReconciliationRound).where(_is(peer), free)
    query = query.where(ReconciliationRound.next_at <= now) if due else query
    with context.database.read() as session:  # a look without the write lock, which on SQLite is one for all
        if session.scalars(query).first() is None:
            return None
    with context.database.write() as session:
        row = session.scalars(query.with_for_update(skip_locked=True)).first()
        if row is None:
            return None
        if row.position is None or not due:
            row.position, row.started_at, row.compared, row.note = None, now, 0, None
        row.lease_until = wall_now() + _LEASE
        return _Claim(peer, row.lease_until)


def _is(peer: Peer) -> ColumnElement[bool]:
    return and_(ReconciliationRound.side == peer[0], ReconciliationRound.peer == peer[1])


def _go_on(context: Context, claim: _Claim, reader: Reader, most: int | None) -> int:
    """Compare part by part; what breaks with one of them must not keep the others waiting."""
    compared = 0
    try:
        while most is None or compared < most:
            part, note = reader.part(_position(context, claim)), reader.note
            compared += part.compared
            pause = part.position is None or context.closing.is_set() or (most is not None and compared >= most)
            _keep(context, claim, part, note, pause=pause)
            if pause:
                break
    except _TakenOverError:
        log.warning("reconciliation_taken_over", peer=claim.peer)
    except (OneStopError, CarrierError, ConfigurationError) as error:
        _failed(context, claim, str(error), getattr(error, "retry_after", None))
    except Exception as error:
        log.exception("reconciliation_broke", peer=claim.peer)
        _failed(context, claim, f"Something here broke ({type(error).__name__}); operations: see the log", None)
    return compared


def _position(context: Context, claim: _Claim) -> str | None:
    with context.database.read() as session:
        return session.scalars(select(ReconciliationRound.position).where(_is(claim.peer))).one()


def _keep(context: Context, claim: _Claim, part: Part, note: str, *, pause: bool) -> None:
    """Write down what a part has found, and where the next one goes on."""
    now = context.clock.now()
    with context.database.write() as session:
        row = _ours(session, claim)
        write_down(session, claim.peer, part.subjects, part.differences, now)
        let_stand(session, claim.peer, part.unread, now)
        session.flush()
        row.position, row.trouble = part.position, None
        row.note = (part.note or note)[:500] or row.note
        row.compared += part.compared
        row.lease_until = None if pause else wall_now() + _LEASE
        row.next_at = now if part.position is not None else next_night(now)
        if part.position is None:
            row.ended_at = now
            forget_unseen(session, claim.peer, row.started_at or now)
        claim.lease = row.lease_until or claim.lease
    log.info("reconciled", side=claim.peer[0].value, peer=claim.peer[1], compared=part.compared)


def _ours(session: Session, claim: _Claim) -> ReconciliationRound:
    row = session.scalars(select(ReconciliationRound).where(_is(claim.peer)).with_for_update()).one()
    if row.lease_until != claim.lease:
        raise _TakenOverError
    return row


def _failed(context: Context, claim: _Claim, trouble: str, asked: float | None) -> None:
    """Leave it alone for a while; the round goes on from where it stands."""
    log.warning("reconciliation_failed", peer=claim.peer, trouble=trouble)
    now = context.clock.now()
    with suppress(_TakenOverError), context.database.write() as session:
        row = _ours(session, claim)
        row.trouble, row.lease_until = trouble[:1000], None
        row.next_at = now + max(_REST, timedelta(seconds=asked or 0))
