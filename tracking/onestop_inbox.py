"""What one-stop systems tell, from the inbox to its effect: each statement once, in the order of its dossier's line.

A line is one transaction, so that no two dossiers ever wait for each other, and a statement is a savepoint in it: what
is refused leaves nothing behind and harms no other. What came of each is in :mod:`tracking.onestop_statements`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from config.tracing import following, trace_of
from dispatch.context import Context
from dispatch.onestop.contract import OneStop, Statement
from tracking import inbox, onestop_lines, onestop_statements
from tracking.deliveries import Claimed, Verdict, settle
from tracking.office import Office
from tracking.onestop_lines import IMPORTED, STATEMENT, Line
from tracking.onestop_statements import WAITING, Outcome, Word
from tracking.onestop_taking import SOURCE, take

__all__ = ["IMPORTED", "SOURCE", "STATEMENT", "drain", "keep_statement", "name_of"]

log = structlog.get_logger()


def keep_statement(
    session: Session, system_id: str, statement: Statement, now: datetime, said_at: datetime | None = None
) -> bool:
    """Keep a statement in the caller's transaction; tells whether it is new.

    Args:
        said_at: when the sender said it, by its own clock; an older statement never undoes a newer one.

    Raises:
        ValueError: its key was used before for another statement.
    """
    source, key = name_of(system_id, statement)
    said = {"kind": statement.kind, "key": statement.key, "code": statement.code, "body": statement.body}
    body = json.dumps({**said, "said_at": said_at.isoformat() if said_at else None}, sort_keys=True)
    if inbox.keep(session, source=source, key=key, kind=STATEMENT, body=body, now=now, subject=statement.code):
        return True
    if inbox.kept_body(session, source, key, statement.code) != body:
        raise ValueError(f"the id '{statement.key}' was used before for another message")
    return False


def name_of(system_id: str, statement: Statement) -> tuple[str, str]:
    """Return source and key of a statement in the inbox; no event and no order over HTTP has a key like this."""
    return f"{SOURCE}{system_id}", f"{STATEMENT}:{statement.key}"


def drain(context: Context, office: Office, onestops: Sequence[OneStop]) -> int:
    """Apply what waits, a dossier's line at a time; returns how many deliveries were settled."""
    readers = {f"{SOURCE}{one.system.id}": one for one in onestops}
    done = 0
    while not context.closing.is_set() and _anything_due(context):
        settled = _take_line(context, office, readers)
        if settled == 0:
            break  # other workers have it all
        done += settled
    return done


def _anything_due(context: Context) -> bool:
    """Look without taking the write lock, which on SQLite is one for all."""
    with context.database.read() as session:
        return onestop_lines.anything_due(session, context.clock.now())


def _take_line(context: Context, office: Office, readers: Mapping[str, OneStop]) -> int:
    now = context.clock.now()
    with context.database.write() as session:
        line = onestop_lines.claim(session, now)
        if line is None:
            return 0
        settled = 0
        for delivery in line.deliveries:
            with following(trace_of(delivery.source, delivery.key)):
                outcomes = take(session, context, office, readers.get(line.source), line, delivery)
                _settle(session, line, delivery, outcomes, now)
            settled += 1
            if onestop_lines.has_woken(session, line, delivery, now):
                break  # the rest of the line stands behind it
    return settled


def _settle(session: Session, line: Line, delivery: Claimed, outcomes: Sequence[Outcome], now: datetime) -> None:
    """Mark a delivery with what became of it."""
    waiting = [one for one in outcomes if one.word in WAITING]
    reason = "; ".join(f"{one.title}: {one.detail}" for one in waiting) or None
    settle(session, [Verdict(delivery, reason, awaits=line.code)], now)
    if not waiting:
        _overtake(session, line, delivery, now)
    elif all(one.word is Word.REFUSED for one in waiting):
        onestop_lines.put_aside(session, delivery.id)
    words = [one.word.value for one in outcomes]
    log.info("statements_taken", delivery=delivery.id, source=delivery.source, outcomes=words)


def _overtake(session: Session, line: Line, delivery: Claimed, now: datetime) -> None:
    """Be done with what went wrong with this delivery before, and with older versions of what was imported."""
    done = {delivery.id}
    if delivery.kind == IMPORTED and line.code is not None:
        done |= set(onestop_lines.older_imports(session, line.source, line.code, delivery.id))
    onestop_statements.let_rest(session, done)
    onestop_lines.let_rest(session, done, now)
