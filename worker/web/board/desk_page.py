"""One agency's desk as a page: what to expect, the records that wait for signatures, and what was signed today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from typing import Annotated

from fastapi import Depends, Query, Request
from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session

from config.clock import VIETNAM, local
from dispatch.agencies import agencies
from dispatch.dossiers import preloaded
from dispatch.forms import Direction
from dispatch.handover_drafts import drafts, signed_since
from dispatch.handover_lines import Handover
from dispatch.handovers import expected
from dispatch.papers import Paper, describe_papers
from dispatch.pickup_slips import missing_from_the_start
from dispatch.problems import Problem
from dispatch.scanning import LONGEST
from dispatch.shipments import Shipment
from worker.access.actor import Staff
from worker.access.roles import Permission
from worker.runtime import Runtime
from worker.web.board.at_desk import may_read
from worker.web.board.entry import operators_called, page

_ON_ONE_PAGE = 50
_MOST_RECORDS = 30

Row = tuple[Shipment, list[str], list[str], bool]
"""What is expected: the order, its papers, those that were missing from the start, whether its dossier may be read."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which desk's page; ``find`` ticks one order, such as one from the list of troubles."""

    agency: str
    direction: Direction
    find: str = ""
    number: int = 1


def _asked(
    agency: Annotated[str, Query(max_length=60)] = "",
    direction: Direction = Direction.TO_AGENCY,
    find: Annotated[str, Query(max_length=LONGEST)] = "",
    number: Annotated[int, Query(alias="page", ge=1, le=10_000)] = 1,
) -> Asked:
    return Asked(agency, direction, find, number)


AskedDep = Annotated[Asked, Depends(_asked)]


def desk_page(
    request: Request, staff: Staff, runtime: Runtime, asked: Asked, problem: Problem | None = None
) -> HTMLResponse:
    """Show the desk that is asked for, or the first where ``staff`` sign; above it, what was refused there."""
    context, scope = runtime.context, staff.scope(Permission.SIGN_HANDOVERS)
    with context.database.read() as session:
        desks = {code: name for code, name in agencies(session).items() if scope.covers(code)}
        chosen = asked.agency if asked.agency in desks else next(iter(desks), "")
        rows, more = _expected(session, staff, chosen, asked)
        waiting, signed = _records(session, chosen, context.clock.now())
    return page(
        request,
        staff,
        "handovers.html",
        here="handovers",
        status=problem.status if problem is not None else 200,
        desks=desks,
        agency=chosen,
        direction=asked.direction,
        rows=rows,
        operators=operators_called([*(row[0].carrier for row in rows), *(r.carrier for r, _ in [*waiting, *signed])]),
        find=asked.find,
        number=asked.number,
        more=more,
        drafts=waiting,
        signed=signed,
        problem=problem,
    )


def _expected(session: Session, staff: Staff, agency: str, asked: Asked) -> tuple[list[Row], bool]:
    """Return what is expected at a desk, and whether there is more of it than one page shows."""
    after = (asked.number - 1) * _ON_ONE_PAGE
    lines = expected(session, agency, asked.direction, most=_ON_ONE_PAGE + 1, after=after)
    shown = lines[:_ON_ONE_PAGE]
    with preloaded(session, {line.shipment.dossier_code for line in shown}):
        rows = [
            (
                line.shipment,
                [describe_papers([Paper(p.name, p.originals, p.copies)]) for p in line.papers],
                missing_from_the_start(session, line.shipment),
                may_read(session, staff, line.shipment),
            )
            for line in shown
        ]
    return rows, len(lines) > _ON_ONE_PAGE


def _records(
    session: Session, agency: str, now: datetime
) -> tuple[list[tuple[Handover, int]], list[tuple[Handover, int]]]:
    """Return the records of a desk that wait for signatures, and those signed today; each with its count of lines."""
    here, today = Handover.agency_code == agency, datetime.combine(local(now).date(), time.min, VIETNAM)
    return drafts(session, here, _MOST_RECORDS), signed_since(session, here, today, _MOST_RECORDS)
