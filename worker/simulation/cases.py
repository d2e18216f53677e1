"""The dossiers of a run, drawn from its seed: who files what, when, by which service and with which operator."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from config.clock import VIETNAM
from dispatch.orders import SAME_DAY
from worker.simulation.chance import Chance
from worker.training.cases import PACKAGED

_STARTS = (
    datetime(2026, 3, 2, tzinfo=VIETNAM),
    datetime(2026, 1, 26, tzinfo=VIETNAM),  # Tết lies ahead
    datetime(2026, 4, 13, tzinfo=VIETNAM),  # so do Hung Kings' Day and the end of April
    datetime(2026, 8, 17, tzinfo=VIETNAM),
    datetime(2026, 11, 30, tzinfo=VIETNAM),  # over the end of the year
)
_SERVICES = ("both", "both", "both", "send", "receive", "receive")
_TERMS = (
    *((2, "working_days"), (3, "working_days"), (5, "working_days"), (7, "working_days"), (10, "working_days")),
    *((8, "working_hours"), (7, "calendar_days"), (15, "calendar_days"), (1, "working_days")),
)
AGENCIES = {"H14.31": "UBND xã Bảo Lạc", "H14.10": "Sở Tư pháp"}
_FILING_DAYS = 18
_SAME_CITIZEN, _SAME_SERVICE, _SAME_DAY = 0.3, 0.7, 0.06


@dataclass(frozen=True)
class Case:
    """One dossier as its citizen files it.

    Attributes:
        elder: the dossier that the same citizen files at the same desk just before it.
    """

    code: str
    service: str
    term: tuple[int, str]
    agency: str
    filed_at: datetime
    registration: dict[str, Any]
    order: dict[str, Any]
    elder: str | None = None

    @property
    def sends(self) -> bool:
        return self.service in ("send", "both")

    @property
    def receives(self) -> bool:
        return self.service in ("receive", "both")


def first_day(chance: Chance) -> datetime:
    """Return the morning on which a run begins."""
    return chance.of("start").choice(_STARTS) + timedelta(hours=7)


def draw_cases(chance: Chance, count: int, operators: list[str]) -> list[Case]:
    """Draw ``count`` dossiers, in order of filing; some citizens file several at once."""
    people = json.loads(PACKAGED.read_text(encoding="utf-8"))
    start = first_day(chance)
    cases: list[Case] = []
    for number in range(1, count + 1):
        case = _case(number, chance.of("case", number), people, start, operators)
        if chance.share("same day", number) < _SAME_DAY:
            case = _within(case, (1, SAME_DAY))
        if cases and chance.share("same citizen", number) < _SAME_CITIZEN:
            same_service = chance.share("same service", number) < _SAME_SERVICE
            case = _filed_together(cases[-1], case, number, case.service if not same_service else cases[-1].service)
        cases.append(case)
    return sorted(cases, key=lambda case: (case.filed_at, case.code))


def _within(case: Case, term: tuple[int, str]) -> Case:
    """Return a dossier with another time limit."""
    procedure = {**case.registration["procedure"], "time_limit": {"amount": term[0], "unit": term[1]}}
    return replace(case, term=term, registration={**case.registration, "procedure": procedure})


def _filed_together(elder: Case, drawn: Case, number: int, service: str) -> Case:
    """Return a dossier with the matter that was drawn for it, and with the citizen, desk and hour of another."""
    code = f"{elder.code.rpartition('-')[0]}-{number:04d}"
    of_the_elder = {name: elder.registration[name] for name in ("source_system", "agency", "applicant", "filed_at")}
    wishes = {"carrier": elder.order["carrier"]} if "carrier" in elder.order else {}
    order = {**drawn.order, "dossier": code, "service": service, "address": elder.order["address"]}
    order = {name: value for name, value in order.items() if name != "carrier"} | wishes
    return replace(
        drawn,
        code=code,
        service=service,
        agency=elder.agency,
        filed_at=elder.filed_at,
        registration={**drawn.registration, **of_the_elder},
        order=order,
        elder=elder.code,
    )


def _case(
    number: int, draw: random.Random, people: list[dict[str, Any]], start: datetime, operators: list[str]
) -> Case:
    person, (agency, agency_name), term = draw.choice(people), draw.choice([*AGENCIES.items()]), draw.choice(_TERMS)
    filed_at = start + timedelta(days=draw.randrange(_FILING_DAYS), minutes=draw.randrange(15, 840))
    code, service = f"{agency}-{filed_at:%y%m%d}-{number:04d}", draw.choice(_SERVICES)
    registration = {
        "source_system": person["source_system"],
        "procedure": {
            **person["procedure"],
            "time_limit": {"amount": term[0], "unit": term[1]},
            "postal_submission": True,
            "postal_return": True,
        },
        "agency": {"code": agency, "name": agency_name},
        "applicant": person["applicant"],
        "papers": person["papers"],
        "fee_vnd": person["fee_vnd"],
        "filed_at": filed_at.isoformat(),
    }
    order = {"dossier": code, "service": service, "address": person["address"], **_wishes(draw, operators)}
    return Case(code, service, term, agency, filed_at, registration, order)


def _wishes(draw: random.Random, operators: list[str]) -> dict[str, Any]:
    return dict(_drawn_wishes(draw, operators))


def _drawn_wishes(draw: random.Random, operators: list[str]) -> Iterator[tuple[str, Any]]:
    if draw.random() < 0.85:
        yield "carrier", draw.choice(operators)
    if draw.random() < 0.4:
        yield "fee_by_post", True
