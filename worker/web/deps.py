"""What a route is given."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from worker.health import Health
from worker.metrics import Figures
from worker.runtime import Runtime


def _runtime(request: Request) -> Runtime:
    runtime: Runtime = request.app.state.runtime
    return runtime


RuntimeDep = Annotated[Runtime, Depends(_runtime)]


def _health(request: Request) -> Health:
    health: Health = request.app.state.health
    return health


HealthDep = Annotated[Health, Depends(_health)]


def _figures(request: Request) -> Figures:
    figures: Figures = request.app.state.figures
    return figures


FiguresDep = Annotated[Figures, Depends(_figures)]
