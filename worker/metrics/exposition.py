"""The exposition text, put together from its parts; a database that is away is itself a figure."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from importlib.metadata import version

import structlog
from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from worker.checks import State
from worker.health import Health
from worker.metrics import operators, work
from worker.metrics.families import Families, Family, gauge
from worker.metrics.requests import Requests
from worker.probe import HangsError, Probe
from worker.runtime import Runtime

_KEPT_FOR = 60.0
_PATIENCE = 8.0
"""Seconds; Prometheus gives up after ten."""

log = structlog.get_logger()


class Figures:
    """The figures of one web process. Thread-safe."""

    def __init__(self, runtime: Runtime, health: Health, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.requests = Requests()
        self._runtime = runtime
        self._health = health
        self._monotonic = monotonic
        self._counting = threading.Lock()
        self._counted: tuple[float, list[Family]] | None = None
        self._rows = Probe(self._from_rows, _PATIENCE)

    def render(self) -> bytes:
        """Return the exposition text."""
        registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        registry.register(_Found([*self._database(), *self._checks()]))
        return generate_latest(registry) + generate_latest(self.requests.registry)

    def _database(self) -> Families:
        try:
            found, up = self._rows(), 1
        except (HangsError, SQLAlchemyError) as error:
            log.warning("figures_without_rows", reason=type(getattr(error, "orig", None) or error).__name__)
            found, up = [], 0
        yield gauge("postal_database_up", "Whether the figures could be read from the database", (), {(): up})
        yield from found

    def _from_rows(self) -> list[Family]:
        context = self._runtime.context
        with context.database.read() as session:
            swift = [*work.swift(session, context), *operators.calls(session), *operators.connections(session)]
        return [*swift, *self._slowly()]

    def _slowly(self) -> list[Family]:
        """Count what takes long once a minute, one scrape at a time."""
        with self._counting:
            if self._counted is None or self._monotonic() - self._counted[0] >= _KEPT_FOR:
                with self._runtime.context.database.read() as session:
                    self._counted = (self._monotonic(), list(work.slow(session, self._runtime)))
            return self._counted[1]

    def _checks(self) -> Families:
        seen = self._health.readiness()
        well = {(check.name,): float(check.state is State.OK) for check in seen.checks}
        yield gauge("postal_ready", "Whether this process can take deliveries", (), {(): float(seen.ready)})
        yield gauge("postal_check_ok", "Whether a check of /readyz finds all well", ("check",), well)
        yield gauge("postal_build_info", "The version that runs", ("version",), {(version("onestop-postal"),): 1})


class _Found(Collector):
    """Families that have been found already."""

    def __init__(self, families: Iterable[Family]) -> None:
        self._families = list(families)

    def collect(self) -> Iterable[Family]:
        return self._families
