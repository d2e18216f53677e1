"""What one-stop systems told, on its way out of the inbox: a dossier's line at a time, in the order in which it came.

Whoever holds the oldest delivery of a line has the line; other workers look for another one and wait for nobody.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, Text, event, func, or_, select, type_coerce, update
from sqlalchemy.orm import Session

from config.batch import among
from config.database import Base
from dispatch.dossiers import Dossier
from tracking.deliveries import Claimed
from tracking.inbox import UNDONE, InboxDelivery, InboxState

STATEMENT = "statement"
"""Kind of a delivery that holds one statement, in the form of :mod:`tracking.onestop_inbox`."""
IMPORTED = "imported"
"""Kind of a delivery that holds what was read from a system's own books; its connector understands it."""

UNTIL_A_PERSON_SAYS = datetime(9999, 1, 1, tzinfo=UTC)
"""When a refused delivery is tried again by itself: an order that is refused today could do harm in a month."""

_KINDS = (STATEMENT, IMPORTED)
_LONGEST = 100
_TABLE = Base.metadata.tables[InboxDelivery.__tablename__]
_C = _TABLE.c


@dataclass(frozen=True, slots=True)
class Line:
    """Deliveries of one system about one dossier, oldest first; no other worker looks at them meanwhile."""

    source: str
    code: str | None
    deliveries: tuple[Claimed, ...]


def anything_due(session: Session, now: datetime) -> bool:
    """Whether anything may be applied now; a look that takes no lock."""
    due = select(_C.id).where(UNDONE, _C.kind.in_(_KINDS), _C.try_at <= now).limit(1)
    return session.execute(due).first() is not None


def claim(session: Session, now: datetime) -> Line | None:
    """Claim the line that has waited longest; None where others hold all there is."""
    other = _TABLE.alias("earlier")
    head = select(func.min(other.c.id)).where(
        UNDONE,
        other.c.kind.in_(_KINDS),
        other.c.source == _C.source,
        other.c.subject == _C.subject,
        other.c.try_at <= now,
    )
    first = or_(_C.subject.is_(None), _C.id == head.scalar_subquery())
    heads = _due(now).where(first).order_by(_C.try_at, _C.id).limit(1).with_for_update(skip_locked=True)
    found = session.execute(heads).first()
    if found is None:
        return None
    *columns, code = found
    oldest = Claimed(*columns)
    if code is None:
        return Line(oldest.source, None, (oldest,))
    line = _due(now).where(_C.source == oldest.source, _C.subject == code).order_by(_C.id).limit(_LONGEST)
    rows = session.execute(line.with_for_update()).all()
    return Line(oldest.source, code, tuple(Claimed(*row[:-1]) for row in rows))


def has_woken(session: Session, line: Line, delivery: Claimed, now: datetime) -> bool:
    """Whether something older in the line has become due by what a delivery did; then that goes first."""
    older = (_C.source == line.source, _C.subject == line.code, _C.id < delivery.id)
    return session.execute(_due(now).with_only_columns(_C.id).where(*older).limit(1)).first() is not None


def _due(now: datetime) -> Select[Any]:
    columns = (_C.id, _C.source, _C.key, _C.kind, type_coerce(_C.body, Text), _C.received_at, _C.attempts, _C.subject)
    return select(*columns).where(UNDONE, _C.kind.in_(_KINDS), _C.try_at <= now)


def older_imports(session: Session, source: str, code: str, delivery: int) -> Collection[int]:
    """Return what was read of a dossier before a ``delivery`` and is parked; one version brings all there is to say."""
    ours = (_C.kind == IMPORTED, _C.source == source, _C.subject == code, _C.id < delivery)
    return session.scalars(select(_C.id).where(UNDONE, _C.state == InboxState.PARKED, *ours)).all()


def put_aside(session: Session, delivery: int) -> None:
    """Try this one no more until a person says so, however old it is."""
    values = {"state": InboxState.PARKED, "try_at": UNTIL_A_PERSON_SAYS}
    statement = update(InboxDelivery).where(InboxDelivery.id == delivery).values(**values)
    session.execute(statement, execution_options={"synchronize_session": False})


def let_rest(session: Session, deliveries: Collection[int], now: datetime) -> None:
    """Be done with parked deliveries which something newer has overtaken, or which a person has settled."""
    _change(session, deliveries, state=InboxState.APPLIED, applied_at=now, reason=None)


def try_again(session: Session, deliveries: Collection[int]) -> None:
    """Let parked deliveries be due since they came in."""
    _change(session, deliveries, try_at=InboxDelivery.received_at)


def _change(session: Session, deliveries: Collection[int], **values: Any) -> None:
    if deliveries:
        parked = (InboxDelivery.state == InboxState.PARKED, among(session, InboxDelivery.id, set(deliveries)))
        statement = update(InboxDelivery).where(UNDONE, *parked).values(**values)
        session.execute(statement, execution_options={"synchronize_session": False})


@event.listens_for(Session, "after_flush")
def _wake_what_awaits_it(session: Session, _flush: object) -> None:
    """A dossier is registered, wherever it comes from: what was told of it too early is looked at again at once."""
    codes = {row.code for row in session.new if isinstance(row, Dossier)}
    if not codes:
        return
    early = (
        InboxDelivery.state == InboxState.PARKED,
        InboxDelivery.kind.in_(_KINDS),
        InboxDelivery.try_at < UNTIL_A_PERSON_SAYS,
        among(session, InboxDelivery.subject, codes),
    )
    # Whoever holds one of them is looking at it just now; we wait for nobody.
    ids = session.scalars(select(InboxDelivery.id).where(UNDONE, *early).with_for_update(skip_locked=True)).all()
    try_again(session, ids)
