"""Facts of an incident as the tests of the pure parts write them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from config.calendars import load_calendar
from tests.tracking.deadlines.story import at
from tracking.deadlines.rules import load_rules
from tracking.deadlines.working_time import WorkingTime
from tracking.incidents import facts as f
from tracking.incidents.deadlines import Circumstances, Deadlines, deadlines
from tracking.incidents.fold import Incident, Stated, fold

RULES = load_rules()
WORKING_TIME = WorkingTime(load_calendar("caobang"))
NOW = at("2026-06-30 12:00")


def said(type: str, when: str, recorded: str | None = None, **more: Any) -> Stated:
    """Return a fact that was written down when it happened, unless ``recorded`` says when."""
    body = {"fact_id": f"{type} {when}", "at": at(when), "by": "Nông Thị Hoa", "type": type, **more}
    return Stated(f.FACT.validate_python(body), at(recorded or when))


def opened(kind: str = "lost", when: str = "2026-03-02 09:00") -> Stated:
    return said("opened", when, kind=kind, what="mất túi thư", owner="operator:vnpost-province")


def finding(when: str = "2026-03-10 09:00", fault: str = "post", **more: Any) -> Stated:
    return said("finding", when, document="12/KL", party_at_fault=fault, **{"charge_vnd": 30_000, **more})


def slip(when: str = "2026-03-02 10:00") -> Stated:
    return said("evidence", when, sha256="0" * 64, size=9, media_type="image/png", shows="acceptance")


def cost(amount: int = 50_000, when: str = "2026-03-09 09:00", borne_by: str = "citizen", **more: Any) -> Stated:
    return said("cost", when, what="lệ phí cấp lại", amount_vnd=amount, borne_by=borne_by, **more)


def paid(amount: int, when: str = "2026-03-20 09:00", **more: Any) -> Stated:
    return said("compensation_paid", when, amount_vnd=amount, document="PC-1", **more)


def told(*facts: Stated) -> Incident:
    return fold(facts, RULES)


def last_days(incident: Incident, about: Circumstances | None = None) -> Deadlines:
    return deadlines(incident, about or Circumstances(), RULES, WORKING_TIME)


def moment(when: str) -> datetime:
    return at(when)
