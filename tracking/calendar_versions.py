"""Every calendar that a due date was ever computed by, kept as it was: a new file on disk moves nothing by itself."""

from __future__ import annotations

from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, Session, mapped_column

from config.batch import insert_or_update
from config.calendars import OfficeCalendar
from config.database import Base, Database, UtcDateTime
from config.errors import ConfigurationError
from tracking.deadlines.working_time import WorkingTime

_JSON = TypeAdapter(OfficeCalendar)


class CalendarVersion(Base):
    """One version of an office's calendar, whole.

    Attributes:
        affected: how many open dossiers' due dates would move under it; empty until that was counted.
    """

    __tablename__ = "calendar_version"

    version: Mapped[str] = mapped_column(String(60), primary_key=True)
    office: Mapped[str] = mapped_column(String(60))
    content: Mapped[str] = mapped_column(Text)
    first_used_at: Mapped[datetime] = mapped_column(UtcDateTime)
    affected: Mapped[int | None]
    counted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


def keep_version(session: Session, calendar: OfficeCalendar, now: datetime) -> bool:
    """Keep a calendar that is about to be used; tells whether it is a new one."""
    if session.get(CalendarVersion, calendar.version) is not None:
        return False
    version = insert_or_update(session, CalendarVersion).values(
        version=calendar.version,
        office=calendar.office,
        content=_JSON.dump_json(calendar).decode(),
        first_used_at=now,
    )
    # Processes that start together all find it new; one of them is told so.
    kept = version.on_conflict_do_nothing().returning(CalendarVersion.version)
    return session.scalar(kept) is not None


class KeptCalendars:
    """The office's calendars by version: the one in force, and those kept in the database, each read once."""

    def __init__(self, in_force: WorkingTime, database: Database) -> None:
        self._known = {"": in_force, in_force.calendar.version: in_force}
        self._database = database

    def of(self, version: str) -> WorkingTime:
        """Return the working time of one version; of the one in force where ``version`` is empty.

        Raises:
            ConfigurationError: the version was never kept.
        """
        if version not in self._known:
            self._known[version] = WorkingTime(self._read(version))
        return self._known[version]

    def _read(self, version: str) -> OfficeCalendar:
        with self._database.read() as session:
            row = session.get(CalendarVersion, version)
        if row is None:
            raise ConfigurationError(
                f"due dates refer to the calendar '{version}', which is not in the database: restore it from a backup"
            )
        return _JSON.validate_json(row.content)
