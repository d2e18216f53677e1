"""Results: those that wait for the postman, could not be delivered, were brought back, or wait at the counter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from dispatch.agencies import agencies
from dispatch.dossiers import Dossier
from dispatch.forms import Direction
from dispatch.handovers import expected
from tracking.results_view import Kept, Undelivered, at_the_counter, brought_back, undelivered
from worker.access.actor import Staff
from worker.access.filters import within
from worker.access.roles import Permission, Scope
from worker.web.board.buttons import Button
from worker.web.board.changes import changes, of_stay
from worker.web.board.entry import ShipmentStaff, operators_called, page
from worker.web.deps import RuntimeDep

router = APIRouter(prefix="/board/results", include_in_schema=False)

ON_ONE_PAGE = 50


@router.get("")
def results(
    request: Request,
    staff: ShipmentStaff,
    runtime: RuntimeDep,
    agency: Annotated[str, Query(max_length=60)] = "",
    number: Annotated[int, Query(alias="page", ge=1, le=10_000)] = 1,
) -> HTMLResponse:
    """The results of one agency, or of all that this person looks after."""
    scope = staff.scope(Permission.SEE_SHIPMENTS)
    after = (number - 1) * ON_ONE_PAGE
    with runtime.context.database.read() as session:
        desks = {code: name for code, name in agencies(session).items() if scope.covers(code)}
        chosen = agency if agency in desks else (next(iter(desks)) if len(desks) == 1 else "")
        visible = within(Dossier.agency_code, Scope.of([chosen]) if chosen else scope)
        most = ON_ONE_PAGE + 1
        waiting = expected(session, chosen, Direction.TO_POST, most=most, after=after) if chosen else []
        failed = undelivered(session, runtime.context, runtime.office, visible, most=most, after=after)
        back = brought_back(session, runtime.context, runtime.office, visible, most=most, after=after)
        kept = at_the_counter(session, visible, most=most, after=after)
    return page(
        request,
        staff,
        "results.html",
        here="results",
        desks=desks,
        agency=chosen,
        waiting=waiting[:ON_ONE_PAGE],
        failed=failed[:ON_ONE_PAGE],
        back=back[:ON_ONE_PAGE],
        kept=kept[:ON_ONE_PAGE],
        buttons=_buttons(failed[:ON_ONE_PAGE], kept[:ON_ONE_PAGE], staff),
        called=operators_called(
            [one.shipment.carrier for one in waiting] + [one.shipment.carrier for one in failed + back]
        ),
        number=number,
        more=max(len(waiting), len(failed), len(back), len(kept)) > ON_ONE_PAGE,
    )


def _buttons(failed: Sequence[Undelivered], kept: Sequence[Kept], staff: Staff) -> dict[str, list[Button]]:
    """Return what can be done about each of them, by its order's number."""
    offered: dict[str, list[Button]] = {}
    for one in failed:
        offered |= changes([one.shipment], one.agency, staff)
    for stay in kept:
        code, number = stay.wait.dossier_code, stay.wait.order_number
        offered[number] = of_stay(code, stay.agency, staff, goes_out=stay.goes_out is not None)
    return offered
