"""Asking one-stop systems what has changed: dossiers go into the inbox as they came, and the position moves with them.

Page by page, each in one transaction with its position: a crash costs one page that is read again, and what came before
is known by its version. What the dossiers say is understood where the inbox is applied.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from config.batch import insert_or_update
from config.clock import wall_now
from dispatch.context import Context
from dispatch.news import ONESTOP
from dispatch.onestop.contract import Changes, Imported, ImportsDossiers, OneStop, OneStopError, SaysHowOften
from dispatch.problems import Problem
from tracking.inbox import as_text, keep_many
from tracking.inbox_rows import Incoming
from tracking.onestop_positions import OnestopPosition
from tracking.poll_plan import backed_off, spread

log = structlog.get_logger()

KIND = "imported"
_PAGES_AT_ONCE = 50
_NEWEST_PAGES = 20
"""Pages of the newest changes in which one dossier is looked for, or one that is missing here."""

_FIRST_REST = timedelta(minutes=1)
_LONGEST_REST = timedelta(hours=2)
_JITTER = 0.2
_LONGEST_KEY = 200


@dataclass
class _Claim:
    """A system that is ours to read until the lease ends, which every page renews."""

    system: str
    lease: datetime


class _TakenOverError(Exception):
    """The lease ran out and somebody else reads on."""


def drain(context: Context, onestops: Sequence[OneStop]) -> int:
    """Read every system that is due, each up to its end; returns how many dossiers were new or had changed."""
    importers = {one.system.id: one for one in onestops if isinstance(one, ImportsDossiers)}
    if not importers:
        return 0
    _prepare(context, importers)
    kept = 0
    while (claim := _claim(context, importers)) is not None:
        kept += _read(context, claim, importers[claim.system])
    if kept:
        context.ring("intake")
    return kept


def take_one(context: Context, onestop: OneStop, code: str) -> bool:
    """Look for a dossier among the newest changes and keep it as it is now; tells whether this version is new.

    Raises:
        Problem: the system shows no dossiers, or not this one.
        OneStopError: it does not answer, or not as it should.
    """
    shown = newest(onestop) if isinstance(onestop, ImportsDossiers) else ()
    found = next((one for one in shown if one.code == code), None)
    if found is None:
        raise _not_shown(onestop, code)
    with context.database.write() as session:
        new = keep_many(session, [_incoming(onestop.system.id, found, context.clock.now())])
    context.ring("intake")
    return new == 1


def newest(onestop: ImportsDossiers) -> Iterator[Imported]:
    """Yield the dossiers that have changed last, whatever has been read of them before; at most some pages."""
    position: str | None = None
    for _ in range(_NEWEST_PAGES):
        page = onestop.changes(position)
        yield from page.dossiers
        if not page.more:
            return
        position = page.position


def _not_shown(onestop: OneStop, code: str) -> Problem:
    return Problem(
        "dossier-not-shown",
        "The system does not show this dossier",
        f"'{onestop.system.id}' shows no dossier {code} among what has changed there lately.",
        "Open it there and save it, which makes it one that has changed, or correct the code; then ask again.",
        next_step_vi="Mở hồ sơ tại hệ thống đó và lưu lại, hoặc kiểm tra mã hồ sơ, rồi thử lại.",
        status=404,
    )


def _prepare(context: Context, importers: Mapping[str, OneStop]) -> None:
    """Give every system its row; one that was configured just now is due at once."""
    with context.database.read() as session:
        missing = importers.keys() - set(session.scalars(select(OnestopPosition.system)))
    if not missing:
        return
    now = context.clock.now()
    with context.database.write() as session:
        for system in sorted(missing):
            unread = insert_or_update(session, OnestopPosition).values(system=system, next_look_at=now, failures=0)
            session.execute(unread.on_conflict_do_nothing())


def _claim(context: Context, importers: Mapping[str, OneStop]) -> _Claim | None:
    if context.closing.is_set():
        return None
    due = _due(context, importers)
    with context.database.read() as session:  # a look without the write lock, which on SQLite is one for all
        if session.scalars(due).first() is None:
            return None
    with context.database.write() as session:
        row = session.scalars(due.with_for_update(skip_locked=True)).first()
        if row is None:
            return None
        row.lease_until = _lease(context)
        return _Claim(row.system, row.lease_until)


def _due(context: Context, importers: Mapping[str, OneStop]) -> Select[OnestopPosition]:
    free = or_(OnestopPosition.lease_until.is_(None), OnestopPosition.lease_until <= wall_now())
    ours = OnestopPosition.system.in_(importers)
    due = OnestopPosition.next_look_at <= context.clock.now()
    return select(OnestopPosition).where(ours, due, free).order_by(OnestopPosition.next_look_at).limit(1)


def _lease(context: Context) -> datetime:
    return wall_now() + timedelta(seconds=context.settings.lease_seconds)


def _read(context: Context, claim: _Claim, onestop: OneStop) -> int:
    kept = 0
    try:
        for new in _pages(context, claim, onestop):
            kept += new
    except _TakenOverError:
        log.warning("onestop_taken_over", system=claim.system)
    except OneStopError as error:
        _failed(context, claim, str(error), error.retry_after)
    except Exception as error:  # what breaks at one system must not keep the others waiting
        log.exception("onestop_import_broke", system=claim.system)
        _failed(context, claim, f"Something here broke ({type(error).__name__}); operations: see the log", None)
    return kept


def _pages(context: Context, claim: _Claim, onestop: OneStop) -> Iterator[int]:
    """Read pages up to the end, at most so many at once; yields how much of each was new."""
    if not isinstance(onestop, ImportsDossiers):
        return
    for read in range(1, _PAGES_AT_ONCE + 1):
        with context.database.read() as session:
            position = session.scalars(
                select(OnestopPosition.position).where(OnestopPosition.system == claim.system)
            ).one()
        page = onestop.changes(position)
        pause = not page.more or read == _PAGES_AT_ONCE or context.closing.is_set()
        yield _keep(context, claim, page, onestop, pause=pause)
        if pause:
            return


def _keep(context: Context, claim: _Claim, page: Changes, onestop: OneStop, *, pause: bool) -> int:
    """Keep a page and move the position with it; returns how much was new."""
    now = context.clock.now()
    with context.database.write() as session:
        row = _ours(session, claim)
        new = keep_many(session, (_incoming(claim.system, one, now) for one in page.dossiers))
        row.position, row.failures, row.failing_since, row.trouble = page.position, 0, None, None
        row.lease_until = None if pause else _lease(context)
        if not page.more:
            row.looked_at, row.next_look_at = now, now + _interval(context, onestop, now)
    log.info("onestop_page_kept", system=claim.system, dossiers=len(page.dossiers), new=new, more=page.more)
    claim.lease = row.lease_until or claim.lease
    return new


def _ours(session: Session, claim: _Claim) -> OnestopPosition:
    row = session.scalars(select(OnestopPosition).where(OnestopPosition.system == claim.system).with_for_update()).one()
    if row.lease_until != claim.lease:
        raise _TakenOverError
    return row


def _incoming(system: str, one: Imported, now: datetime) -> Incoming:
    return Incoming(f"{ONESTOP}{system}", _key(one), KIND, as_text(one.raw), now, _printable(one.code, 80) or None)


def _key(one: Imported) -> str:
    """Return the dossier's code and version, or their digest where no key can be made of them as they are."""
    key = f"{one.code}:{one.version}"
    if _printable(key, _LONGEST_KEY) == key:
        return key
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def _printable(written: str, most: int) -> str:
    return "".join(char for char in written if char.isprintable())[:most]


def _interval(context: Context, onestop: OneStop, now: datetime) -> timedelta:
    """Return the usual wait, shortened by up to a fifth, so that systems asked at one time part company."""
    usual = timedelta(minutes=context.settings.poll_minutes)
    every = onestop.every if isinstance(onestop, SaysHowOften) else usual
    return every * (1 - _JITTER * spread(f"{onestop.system.id}:{now.isoformat()}"))


def _failed(context: Context, claim: _Claim, trouble: str, asked: float | None) -> None:
    """Leave a system alone: as long as it wishes, at least ever longer. What came before the failure is kept."""
    log.warning("onestop_import_failed", system=claim.system, trouble=trouble)
    now = context.clock.now()
    with suppress(_TakenOverError), context.database.write() as session:
        row = _ours(session, claim)
        row.failures, row.failing_since = row.failures + 1, row.failing_since or now
        row.trouble, row.lease_until = trouble[:1000], None
        rest = backed_off(_FIRST_REST, row.failures, _LONGEST_REST, spread(claim.system))
        row.next_look_at = now + max(rest, timedelta(seconds=asked or 0))
