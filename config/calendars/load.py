"""Read an office's calendar files; every fault is reported with the file and the line."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, time
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from config.calendars.model import (
    CalendarYear,
    Certainty,
    DayOff,
    MakeUpDay,
    OfficeCalendar,
    Reception,
    ReceptionDay,
    Session,
)
from config.errors import ConfigurationError

_PACKAGED = Path(__file__).parent

_Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


def _read_session(text: object) -> Session:
    opens, dash, closes = str(text).partition("-")
    if not dash:
        raise ValueError(f"'{text}' is not a session; write it like '07:30-11:30'")
    session = Session(time.fromisoformat(opens.strip()), time.fromisoformat(closes.strip()))
    if session.opens >= session.closes:
        raise ValueError(f"session '{text}' must close after it opens")
    return session


def _in_order(sessions: tuple[Session, ...]) -> tuple[Session, ...]:
    ordered = tuple(sorted(sessions))
    for earlier, later in pairwise(ordered):
        if later.opens < earlier.closes:
            raise ValueError(f"sessions overlap: one opens at {later.opens:%H:%M} before {earlier.closes:%H:%M}")
    return ordered


_Sessions = Annotated[
    tuple[Annotated[Session, BeforeValidator(_read_session)], ...], Field(min_length=1), AfterValidator(_in_order)
]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _DaysOff(_Section):
    dates: tuple[date, ...] = Field(min_length=1)
    name_vi: str
    name_en: str
    document: str
    announced: date | None = None
    certainty: Certainty


class _DaysWithSessions(_DaysOff):
    sessions: _Sessions


class _Reception(_Section):
    weekly: dict[_Weekday, _Sessions] = Field(default_factory=dict)
    days: tuple[_DaysWithSessions, ...] = ()


class _YearFile(_Section):
    office: str
    year: int
    weekly: dict[_Weekday, _Sessions] = Field(min_length=1)
    days_off: tuple[_DaysOff, ...] = ()
    make_up_days: tuple[_DaysWithSessions, ...] = ()
    reception: _Reception | None = None


def load_calendar(office: str, extra_folder: Path | None = None) -> OfficeCalendar:
    """Return all years of ``office``: the packaged ones, and those in ``extra_folder/<office>``, which win.

    Raises:
        ConfigurationError: no file at all, a gap between the years, or a fault inside a file (named with its line).
    """
    files = _year_files(_PACKAGED / office)
    if extra_folder is not None:
        files |= _year_files(extra_folder / office)
    if not files:
        raise ConfigurationError(
            f"there is no working calendar for office '{office}': put {office}/<year>.toml files into the folder "
            f"that POSTAL_CALENDARS names, or correct POSTAL_CALENDAR_OFFICE"
        )
    for earlier, later in pairwise(sorted(files)):
        if later != earlier + 1:
            raise ConfigurationError(f"calendar of office '{office}' has a gap: add {office}/{earlier + 1}.toml")
    return OfficeCalendar(office, tuple(_load_year(files[year], office, year) for year in sorted(files)))


def _year_files(folder: Path) -> dict[int, Path]:
    return {int(path.stem): path for path in folder.glob("[0-9][0-9][0-9][0-9].toml")}


def _load_year(path: Path, office: str, year: int) -> CalendarYear:
    text = path.read_text(encoding="utf-8")
    try:
        content = _YearFile.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"calendar {path} is not valid TOML: {error}") from error
    except ValidationError as error:
        fault = error.errors()[0]
        place = ".".join(str(part) for part in fault["loc"])
        raise _fault(path, _line_of_key(text, fault["loc"]), f"{place}: {fault['msg']}") from error
    if (content.office, content.year) != (office, year):
        message = f"says office '{content.office}', year {content.year}, but its place says '{office}', {year}"
        raise _fault(path, _line_of_key(text, ("year",)), message)
    _check_days(path, text, content)
    return _to_year(content)


def _check_days(path: Path, text: str, content: _YearFile) -> None:
    seen: set[date] = set()
    for day in _all_dates(content):
        if day.year != content.year:
            raise _fault(
                path, _line_of_date(text, day), f"{day} does not belong to {content.year}; move it to its year"
            )
        if day in seen:
            raise _fault(path, _line_of_date(text, day, nth=1), f"{day} is given twice; keep one of the two entries")
        seen.add(day)
    weekly = _weekly(content.weekly)
    for day in (day for entry in content.make_up_days for day in entry.dates):
        if weekly[day.weekday()]:
            message = f"make-up day {day} is already a working day; remove it, or correct its date"
            raise _fault(path, _line_of_date(text, day), message)


def _all_dates(content: _YearFile) -> Iterator[date]:
    reception = content.reception.days if content.reception else ()
    for entry in (*content.days_off, *content.make_up_days, *reception):
        yield from entry.dates


def _to_year(content: _YearFile) -> CalendarYear:
    return CalendarYear(
        content.year,
        _weekly(content.weekly),
        tuple(DayOff(day, *_provenance(entry)) for entry in content.days_off for day in entry.dates),
        tuple(
            MakeUpDay(day, *_provenance(entry), entry.sessions) for entry in content.make_up_days for day in entry.dates
        ),
        _to_reception(content.reception) if content.reception else None,
    )


def _to_reception(section: _Reception) -> Reception:
    return Reception(
        tuple(section.weekly.get(name) for name in get_args(_Weekday)),
        tuple(ReceptionDay(day, *_provenance(entry), entry.sessions) for entry in section.days for day in entry.dates),
    )


def _provenance(entry: _DaysOff) -> tuple[str, str, str, date | None, Certainty]:
    return entry.name_vi, entry.name_en, entry.document, entry.announced, entry.certainty


def _weekly(weekly: Mapping[_Weekday, tuple[Session, ...]]) -> tuple[tuple[Session, ...], ...]:
    return tuple(weekly.get(name, ()) for name in get_args(_Weekday))


def _fault(path: Path, line: int, message: str) -> ConfigurationError:
    return ConfigurationError(f"calendar {path}, line {line}: {message}")


def _line_of_date(text: str, day: date, nth: int = 0) -> int:
    # A comment or the date of an announcement may name the same day; neither is ever at fault here.
    lines = enumerate(text.splitlines(), start=1)
    places = [
        n for n, line in lines if not line.startswith(("#", "announced")) for _ in range(line.count(day.isoformat()))
    ]
    return places[nth]


def _line_of_key(text: str, location: tuple[int | str, ...]) -> int:
    lines = text.splitlines()
    entry = next((place for place, part in enumerate(location) if isinstance(part, int)), None)
    if entry is not None:
        array = ".".join(str(part) for part in location[:entry])
        headers = [n for n, line in enumerate(lines, start=1) if line.strip() == f"[[{array}]]"]
        if headers:
            return headers[int(location[entry])]
    keys = [part for part in location if isinstance(part, str)]
    tables = (f"[{'.'.join(keys[:size])}]" for size in range(len(keys), 0, -1))
    table = next((n for name in tables for n, line in enumerate(lines, start=1) if line.strip() == name), 1)
    below = list(enumerate(lines[table - 1 :], start=table))
    return next((n for key in reversed(keys) for n, line in below if line.startswith(key)), table)
