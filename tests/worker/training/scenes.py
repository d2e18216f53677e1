"""Dossiers and views for the tests of the training world."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from config.calendars.load import load_calendar
from config.clock import VIETNAM
from dispatch.onestop.copy import CopyOfHandover, CopyOfShipment, DossierCopy
from tracking.deadlines.working_time import WorkingTime
from worker.training.cases import Case
from worker.training.casting import Part
from worker.training.view import Hours, View

CODE = "H14.10-260211-0016"
CALENDAR = load_calendar("caobang")
HOURS = Hours(WorkingTime(CALENDAR))


def at(text: str) -> datetime:
    """Read ``2026-02-11 13:51`` as Vietnam time."""
    return datetime.fromisoformat(text).replace(tzinfo=VIETNAM)


def case(
    service: str = "both",
    *,
    code: str = CODE,
    filed: str = "2026-02-11 13:51",
    term: tuple[int, str] = (10, "working_days"),
    agency: str = "H14.10",
) -> Case:
    """Make a dossier."""
    registration: dict[str, Any] = {
        "source_system": "igate",
        "procedure": {"name": "Đăng ký khai sinh", "time_limit": {"amount": term[0], "unit": term[1]}},
        "agency": {"code": agency, "name": "Sở Tư pháp"},
        "papers": [{"name": "Tờ khai", "originals": 1, "copies": 0}],
    }
    return Case(code, registration, {"dossier": code, "service": service}, at(filed))


def view(
    part: Part = Part.PLAIN_BOTH,
    *,
    of: Case | None = None,
    copy: DossierCopy | None = None,
    done: Mapping[str, datetime] | None = None,
    orders: Mapping[str, datetime] | None = None,
    now: str = "2026-02-13 10:00",
) -> View:
    """Make what the people around a dossier see."""
    shown = of or case()
    return View(
        case=shown,
        part=part,
        copy=copy or DossierCopy(shown.code),
        done=done or {},
        orders=orders or {},
        now=at(now),
        hours=HOURS,
    )


def shipment(number: str, state: str) -> CopyOfShipment:
    """Make the one-stop's copy of a shipment."""
    leg = "send" if "-S" in number[len(CODE) :] else "return"
    return CopyOfShipment(number, leg, state, "2026-02-13T08:00:00+07:00", None, ("", ""))


def handover(number: str, direction: str, signed: str, *, accepted: bool = True) -> CopyOfHandover:
    """Make a signed line of a handover record."""
    return CopyOfHandover("BBGN-1", number, direction, accepted, None, at(signed).isoformat())


def running(due: str, revision: int = 1) -> DossierCopy:
    """Make the copy of a dossier whose clock runs."""
    return DossierCopy(CODE, due=at(due).isoformat(), revision=revision, state="running")
