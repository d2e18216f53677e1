"""Puts the board's pages into the web interface."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse
from fastapi.routing import APIRoute
from starlette.routing import Route

from worker.runtime import Runtime
from worker.web.board import (
    attention,
    bulk,
    counter_pickups,
    dossier,
    figures,
    forwardings,
    handovers,
    incident_files,
    incident_reports,
    incidents,
    letters,
    live,
    operators,
    order_actions,
    other_operators,
    payments,
    printing,
    records,
    remittances,
    results,
    second_sendings,
    settling,
    shipments,
)
from worker.web.board.lookout import Lookout

_PAGES = (
    *(attention, live, shipments, dossier, order_actions, settling, bulk),
    *(second_sendings, counter_pickups, forwardings, other_operators),
    *(handovers, records, results, operators, figures, printing, letters),
    *(incidents, incident_files, incident_reports, remittances, payments),
)


def install(app: FastAPI, runtime: Runtime) -> None:
    """Serve every page of the board; their eyes are one for the whole process."""
    app.state.lookout = Lookout(runtime)
    app.state.counted = figures.Counted(runtime)
    for part in _PAGES:
        app.include_router(part.router)
    # Before the pages: some take any word for a number.
    app.router.routes[:0] = [Route(path, _to_the_form, methods=["GET"]) for path in _only_sent_to()]


def _only_sent_to() -> Iterator[str]:
    """Return the addresses that take forms and show nothing; after a refusal such a one stands above the page."""
    routes = [route for part in _PAGES for route in part.router.routes if isinstance(route, APIRoute)]
    shown = {route.path for route in routes if "GET" in (route.methods or ())}
    yield from {route.path for route in routes} - shown


def _to_the_form(request: Request) -> RedirectResponse:
    """Lead whoever opens such an address anew, in the other language perhaps, to the page one step above it."""
    place = request.url.path.rpartition("/")[0]
    return RedirectResponse(f"{place}?{request.url.query}" if request.url.query else place, 303)
