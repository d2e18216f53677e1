"""The database: its version and schema, its clock, the data key, and room for our connections."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import desc, select, text
from sqlalchemy.orm import Session

from config.clock import wall_now
from config.database import OVERFLOW, POOL_SIZE, Database
from config.settings import Settings
from dispatch.dossiers import Dossier
from dispatch.outbox import OutboxMessage
from tracking.inbox import InboxDelivery
from worker import migrate
from worker.doctor.finding import Finding, TroubleError, look
from worker.runtime import Runtime

_OLDEST_SERVER = 13
_MOST_SKEW = 2.0
_LEAST_FREE = 1024 * 1024 * 1024
_PER_PROCESS = POOL_SIZE + OVERFLOW


def examine(runtime: Runtime) -> Iterator[Finding]:
    """Yield what is found about the database; when it does not answer or its schema is another, that alone."""
    database, settings = runtime.context.database, runtime.context.settings
    schema = look("database", lambda: _schema(database), "Run `postal db upgrade`, or check POSTAL_DATABASE_URL.")
    yield schema
    if not schema.well:
        return
    yield look(
        "data key", lambda: _readable(database), "Put the key that is missing into POSTAL_DATA_KEY, behind a comma."
    )
    if settings.embedded_database:
        yield look("disk", lambda: _room(settings), "See whether POSTAL_HOME exists and can be read.")
        return
    again = "Run `postal doctor` again; if it stays, see the database's log."
    yield look("clock", lambda: _skew(database), again)
    yield look("connections", lambda: _connections(database), again)


def _schema(database: Database) -> str:
    migrate.require_current(database)
    version = ".".join(str(part) for part in _server_version(database))
    if database.engine.dialect.name == "postgresql" and _server_version(database) < (_OLDEST_SERVER,):
        raise TroubleError(f"PostgreSQL {version}", f"Move to PostgreSQL {_OLDEST_SERVER} or newer.")
    return f"{database.engine.dialect.name} {version}, schema is current"


def _server_version(database: Database) -> tuple[int, ...]:
    with database.read() as session:
        session.execute(text("SELECT 1"))
    return tuple(int(part) for part in database.engine.dialect.server_version_info or ())


def _readable(database: Database) -> str:
    """Read the oldest and the newest of what is encrypted: a key that was taken out of the list misses the oldest."""
    with database.read() as session:
        read = sum(len(_ends(session, *what)) for what in _ENCRYPTED)
    return f"{read} samples of personal data can be read" if read else "no personal data is stored yet"


_ENCRYPTED: tuple[tuple[Any, Any], ...] = (
    (Dossier.applicant_name, Dossier.code),
    (OutboxMessage.payload, OutboxMessage.id),
    (InboxDelivery.body, InboxDelivery.id),
)
"""Each with its primary key, both ends of which are found at once; deliveries are numbered by time, codes nearly so."""


def _ends(session: Session, column: Any, by: Any) -> list[str]:
    ends = (session.scalars(select(column).order_by(order).limit(1)).first() for order in (by, desc(by)))
    return [end for end in ends if end is not None]


def _room(settings: Settings) -> str:
    free = shutil.disk_usage(settings.home).free
    detail = f"{free // 2**20} MiB are free in {settings.home}"
    if free < _LEAST_FREE:
        raise TroubleError(detail, "Make room, or move POSTAL_HOME: deliveries are refused once the disk is full.")
    return detail


def _skew(database: Database) -> str:
    before = wall_now()
    with database.read() as session:
        theirs: datetime = session.scalar(text("SELECT clock_timestamp()")) or before
    ours = before + (wall_now() - before) / 2
    seconds = (theirs - ours).total_seconds()
    if abs(seconds) > _MOST_SKEW:
        ahead = "ahead of" if seconds > 0 else "behind"
        raise TroubleError(
            f"the database's clock is {abs(seconds):.1f} s {ahead} this machine's",
            "Let both keep time by the same server (NTP); leases and months are told by their clocks.",
        )
    return f"the database's clock is within {_MOST_SKEW:g} s of this machine's"


def _connections(database: Database) -> str:
    with database.read() as session:
        most = int(session.scalar(text("SHOW max_connections")) or 0)
        kept_back = int(session.scalar(text("SHOW superuser_reserved_connections")) or 0)
        in_use = (
            session.scalar(text("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'")) or 0
        )
    free = most - kept_back - in_use
    detail = (
        f"{in_use} of {most - kept_back} are in use; a web or worker process opens {_PER_PROCESS} at most, "
        f"so there is room for {max(free // _PER_PROCESS, 0)} more"
    )
    if free < _PER_PROCESS:
        raise TroubleError(
            detail, f"Raise max_connections to {_PER_PROCESS} for each process and 20 more, or run fewer processes."
        )
    return detail
