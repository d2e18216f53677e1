"""An office's calendar beside another list of holidays: what differs, on whose word, and what to do. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from config.calendars import CalendarYear, DayOff, MakeUpDay, OfficeCalendar


class Verdict(StrEnum):
    """What a finding means: ours counts by its document, ours has no document, or we do not know the day at all."""

    OURS_BY_DOCUMENT = "ours_by_document"
    NO_DOCUMENT = "no_document"
    UNKNOWN_TO_US = "unknown_to_us"


@dataclass(frozen=True)
class OtherList:
    """Another source: names of the holidays by day, and days of rest that are worked all the same."""

    holidays: Mapping[date, str]
    worked: Collection[date]


@dataclass(frozen=True)
class Finding:
    """One day that somebody should know of; ``document`` is ours, ``theirs`` what the other list says."""

    day: date
    verdict: Verdict
    ours: str
    theirs: str
    document: str
    next_step: str


def check(calendar: OfficeCalendar, other: OtherList) -> list[Finding]:
    """Return each day on which office and other list disagree about work, and each entry of ours without a document.

    Weekly hours are the office's own affair: the other list is asked for holidays and make-up days alone.
    """
    weeks = {year.year: year for year in calendar.years}
    found = (_look_at(calendar, weeks[day.year], other, day) for day in calendar.days())
    return [finding for finding in found if finding is not None]


def all_settled(findings: Collection[Finding]) -> bool:
    """Whether our own documents settle every finding."""
    return all(finding.verdict is Verdict.OURS_BY_DOCUMENT for finding in findings)


def _look_at(calendar: OfficeCalendar, year: CalendarYear, other: OtherList, day: date) -> Finding | None:
    entry = calendar.make_up_day(day) or calendar.day_off(day)
    works = bool(calendar.sessions_on(day))
    works_there = day in other.worked or (bool(year.weekly[day.weekday()]) and day not in other.holidays)
    has_document = entry is not None and bool(entry.document.strip())
    if works == works_there and (entry is None or has_document):
        return None
    verdict = _verdict(entry, has_document)
    return Finding(
        day,
        verdict,
        _told(works, f"{entry.name_vi} / {entry.name_en}" if entry else ""),
        _told(works_there, other.holidays.get(day, "")),
        entry.document if entry else "",
        _next_step(verdict, calendar.office, day.year),
    )


def _verdict(entry: DayOff | MakeUpDay | None, has_document: bool) -> Verdict:
    if entry is None:
        return Verdict.UNKNOWN_TO_US
    return Verdict.OURS_BY_DOCUMENT if has_document else Verdict.NO_DOCUMENT


def _told(works: bool, name: str) -> str:
    return ": ".join(filter(None, ("working day" if works else "day off", name)))


def _next_step(verdict: Verdict, office: str, year: int) -> str:
    match verdict:
        case Verdict.OURS_BY_DOCUMENT:
            return "Nothing: our document counts."
        case Verdict.NO_DOCUMENT:
            return f"Write the number of the official document into {office}/{year}.toml, or remove the day."
        case Verdict.UNKNOWN_TO_US:
            return (
                f"Look into the official schedule of {year}. If the day is there, add it to {office}/{year}.toml with "
                f"its document; if it is not, the library is wrong: tell its makers."
            )
