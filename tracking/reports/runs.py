"""The reports of each month and quarter, made by themselves: each once, tried until it is there, and seen when not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import String, Update, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from config.batch import insert_or_update
from config.clock import wall_now
from config.database import Base, UtcDateTime
from config.errors import ConfigurationError
from dispatch.context import Context
from tracking.office import Office
from tracking.reports.catalogue import LAYOUTS
from tracking.reports.layout import Layout
from tracking.reports.making import XLSX, make
from tracking.reports.periods import Period, last_whole

_SETTLED_AFTER = timedelta(hours=30)
"""So long after its end a period is counted: by 06:00 of its second day the operators' last news are in."""

_LEASE = timedelta(minutes=60)
"""Longer than any report takes; a process that died while making one holds nobody up for longer."""

log = structlog.get_logger()


class ReportRun(Base):
    """One report of one period.

    Attributes:
        made_at: when it was written; then it is left alone, wherever the file goes.
        lease_until: until when (real time) one process is making it.
        failures: how often it could not be made, since ``failing_since`` without a break.
    """

    __tablename__ = "report_run"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    first_day: Mapped[date] = mapped_column(primary_key=True)
    last_day: Mapped[date] = mapped_column(primary_key=True)
    made_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failures: Mapped[int] = mapped_column(default=0)
    failing_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    trouble: Mapped[str | None] = mapped_column(String(1000))

    @property
    def period(self) -> Period:
        return Period(self.first_day, self.last_day)


def make_due(context: Context, office: Office) -> int:
    """Make the reports of the last month and quarter, and those that failed before; returns how many were made."""
    folder = context.settings.reports_dir
    if folder is None:
        return 0
    return sum(_make(context, office, folder, layout, period) for layout, period in _due(context))


def failing(session: Session) -> Iterator[ReportRun]:
    """Yield the reports that could not be made when it was last tried."""
    yield from session.scalars(select(ReportRun).where(ReportRun.made_at.is_(None), ReportRun.failures > 0))


def _due(context: Context) -> list[tuple[Layout, Period]]:
    now = context.clock.now()
    with context.database.read() as session:
        runs = {(run.name, run.period): run for run in session.scalars(select(ReportRun))}
    begun = {key for key, run in runs.items() if run.made_at is None and key[0] in LAYOUTS}
    ended = {(layout.name, last_whole(layout.rhythm, now, _SETTLED_AFTER)) for layout in LAYOUTS.values()}
    wanted = begun | (ended - runs.keys())
    return [(LAYOUTS[name], period) for name, period in sorted(wanted, key=lambda one: (one[1].last, one[0]))]


def _make(context: Context, office: Office, folder: Path, layout: Layout, period: Period) -> bool:
    if context.closing.is_set() or not _claim(context, layout, period):
        return False
    try:
        folder.mkdir(parents=True, exist_ok=True)
        make(context, office, layout, period, folder / f"{layout.name}_{period.name}{XLSX}")
    except (ConfigurationError, OSError) as error:
        _note(context, layout, period, str(error))
        log.warning("report_not_made", report=layout.name, period=period.name, reason=str(error)[:300])
        return False
    except Exception as error:
        _note(context, layout, period, f"{type(error).__name__}: see the log of the worker")
        raise
    _note(context, layout, period, None)
    return True


def _claim(context: Context, layout: Layout, period: Period) -> bool:
    """Take the report for this process; tells whether no other one has it or has made it."""
    now = wall_now()
    free = or_(ReportRun.lease_until.is_(None), ReportRun.lease_until <= now)
    with context.database.write() as session:
        new = insert_or_update(session, ReportRun).values(**_key(layout, period), failures=0)
        session.execute(new.on_conflict_do_nothing())
        taken = _row(layout, period).where(ReportRun.made_at.is_(None), free).values(lease_until=now + _LEASE)
        return bool(session.connection().execute(taken).rowcount)


def _note(context: Context, layout: Layout, period: Period, trouble: str | None) -> None:
    now = context.clock.now()
    with context.database.write() as session:
        run = session.get_one(ReportRun, _key(layout, period))
        run.lease_until, run.trouble = None, trouble and trouble[:1000]
        if trouble is None:
            run.made_at, run.failures, run.failing_since = now, 0, None
        else:
            run.failures, run.failing_since = run.failures + 1, run.failing_since or now


def _row(layout: Layout, period: Period) -> Update:
    return update(ReportRun).filter_by(**_key(layout, period))


def _key(layout: Layout, period: Period) -> dict[str, Any]:
    return {"name": layout.name, "first_day": period.first, "last_day": period.last}
