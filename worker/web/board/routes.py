"""Puts the board's pages into the web interface."""

from __future__ import annotations

from fastapi import FastAPI

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
    *(incidents, incident_files, remittances, payments),
)


def install(app: FastAPI, runtime: Runtime) -> None:
    """Serve every page of the board; their eyes are one for the whole process."""
    app.state.lookout = Lookout(runtime)
    app.state.counted = figures.Counted(runtime)
    for part in _PAGES:
        app.include_router(part.router)
