"""How the operators are doing: whether they answer, how old their news is, and whether they keep their promises."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from dispatch.operators_now import accounts_now
from dispatch.outbox_view import receivers
from worker.access.roles import Permission
from worker.lag import lags
from worker.web.board.entry import FigureStaff, operators_called, page
from worker.web.deps import RuntimeDep

router = APIRouter(prefix="/board/operators", include_in_schema=False)


@router.get("")
def operators(request: Request, staff: FigureStaff, runtime: RuntimeDep) -> HTMLResponse:
    """Every account; with the lanes and receivers behind it for those who look after the system."""
    context, system = runtime.context, staff.may(Permission.SEE_OPERATIONS)
    now = context.clock.now()
    with context.database.read() as session:
        accounts = accounts_now(session, context.accounts, now)
        behind = lags(session, context) if system else {}
        waiting = receivers(session, now) if system else []
    return page(
        request,
        staff,
        "operators.html",
        here="operators",
        accounts=accounts,
        called=operators_called(one.carrier for one in accounts),
        lags=behind,
        receivers=waiting,
        system=system,
        now=now,
    )
