"""What meets a process at its boundaries: death, a lost database, an operator's trouble, another worker at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx

from carriers.simulation import Fault, FaultRule
from worker.simulation.asgi import exchange
from worker.simulation.chance import Chance
from worker.simulation.clock import VirtualClock
from worker.simulation.faults import FaultKind, Faults
from worker.simulation.limits import Limits
from worker.simulation.processes import Process
from worker.simulation.stations import Station

_NUMBER = re.compile(r"H14\.\d+-\d{6}-\d{4}(-[SR]\d+)?")
_BURST = timedelta(minutes=4)
_DIALECT = {
    FaultKind.THROTTLED: Fault.THROTTLED,
    FaultKind.EXPIRED_TOKEN: Fault.EXPIRED_TOKEN,
    FaultKind.MALFORMED_ANSWER: Fault.MALFORMED,
}
"""Trouble that each operator has its own words for: its simulator makes it."""


@dataclass
class Boundaries:
    """The surroundings of every process (:class:`worker.simulation.processes.Surroundings`).

    Attributes:
        meanwhile: lets others work while a process is in the middle of something.
        oversleep: seconds after which every lease of now is over.
        rings: lanes whose doorbell rang and was heard.
    """

    clock: VirtualClock
    chance: Chance
    faults: Faults
    stations: Mapping[str, Station]
    limits: Limits
    timeout: float
    oversleep: float
    meanwhile: Callable[[Process], None] = lambda _process: None
    rings: dict[str, None] = field(default_factory=dict)
    calls: int = 0

    def ring(self, lane: str) -> None:
        """A doorbell rings, and may be lost with the broker."""
        if not self.faults.strikes(FaultKind.RING_LOST, lane, self.clock.now()):
            self.rings[lane] = None

    # --- commits ---

    def before_commit(self, process: Process) -> None:
        """The process may die, or its database be lost, with nothing done."""
        where = (process.name, process.job, self.clock.now())
        if self.faults.strikes(FaultKind.KILLED_BEFORE_COMMIT, *where):
            process.kill()
        if self.faults.strikes(FaultKind.COMMIT_FAILS, *where):
            raise _lost_database(process)

    def after_commit(self, process: Process) -> None:
        """The process may die, or its database be lost, with everything done and nobody told."""
        where = (process.name, process.job, self.clock.now())
        if self.faults.strikes(FaultKind.KILLED_AFTER_COMMIT, *where):
            process.kill()
        if self.faults.strikes(FaultKind.COMMIT_UNANSWERED, *where):
            raise _lost_database(process)
        if self.faults.strikes(FaultKind.OTHER_WORKER, *where, "commit"):
            self.meanwhile(process)

    # --- calls ---

    def call(self, process: Process, request: httpx.Request) -> httpx.Response:
        """Carry a call to whom it is for, through whatever is in the way."""
        station = self.stations[request.url.host]
        where = (station.name, request.url.path.rpartition("/")[2][:40], _subject(request))
        self.calls += 1
        self.limits.before(process, station)
        self._takes_a_while(*where)
        self._hit(process, "before", *where)
        try:
            response = self._operator(station, request, where) if station.operator else self._onestop(station, request)
        except httpx.TransportError:
            self.limits.after(process, station, failed=True)
            raise
        self.limits.after(process, station, failed=response.status_code >= 500, pause=_asked_pause(response))
        self._hit(process, "after", *where)
        return response

    def _takes_a_while(self, *where: object) -> None:
        self.clock.pass_by(self.chance.between(0.02, 0.6, "latency", self.calls, *where))

    def _hit(self, process: Process, side: str, *where: object) -> None:
        if self.faults.strikes(FaultKind.KILLED_IN_CALL, side, *where):
            process.kill()
        if self.faults.strikes(FaultKind.OTHER_WORKER, side, *where):
            self.meanwhile(process)
        if self.faults.strikes(FaultKind.OVERSLEPT, side, *where):
            self.clock.pass_by(self.oversleep)
            self.meanwhile(process)

    def _operator(self, station: Station, request: httpx.Request, where: tuple[object, ...]) -> httpx.Response:
        self._fail_before(station, request, where)
        if station.is_failing(self.clock.now()) or self.faults.strikes(FaultKind.ERROR_BEFORE, *where):
            return httpx.Response(500, text="Internal Server Error", request=request)
        response = self._spoken_to(station, request, where)
        if self.faults.strikes(FaultKind.TIMEOUT_AFTER, *where):
            self._time_out(request)
        if self.faults.strikes(FaultKind.ERROR_AFTER, *where):
            return httpx.Response(500, text="Internal Server Error", request=request)
        return response

    def _fail_before(self, station: Station, request: httpx.Request, where: tuple[object, ...]) -> None:
        if station.is_away(self.clock.now()) or self.faults.strikes(FaultKind.UNREACHABLE, *where):
            raise httpx.ConnectError("connection refused", request=request)
        if self.faults.strikes(FaultKind.TIMEOUT_BEFORE, *where):
            self._time_out(request)
        if self.faults.strikes(FaultKind.ERROR_BURST, *where):
            station.failing_until = self.clock.now() + _BURST

    def _spoken_to(self, station: Station, request: httpx.Request, where: tuple[object, ...]) -> httpx.Response:
        assert station.operator is not None  # noqa: S101 - only operators are spoken to here
        struck = [fault for kind, fault in _DIALECT.items() if self.faults.strikes(kind, *where)]
        station.operator.faults.replace([FaultRule(fault=fault, times=1, seconds=1500) for fault in struck])
        try:
            response = exchange(station.app, request)
        finally:
            station.operator.faults.replace([])
        station.heard(request, response)
        return response

    def _onestop(self, station: Station, request: httpx.Request) -> httpx.Response:
        where = (request.headers.get("webhook-id", ""),)
        if station.is_away(self.clock.now()):
            raise httpx.ConnectError("connection refused", request=request)
        if self.faults.strikes(FaultKind.ONESTOP_ERROR, *where):
            return httpx.Response(503, request=request)
        response = exchange(station.app, request)
        station.heard(request, response)
        if self.faults.strikes(FaultKind.ONESTOP_SLOW, *where):
            self.clock.pass_by(self.timeout * 0.9)
        if self.faults.strikes(FaultKind.ONESTOP_SILENT, *where):
            self._time_out(request)
        return response

    def _time_out(self, request: httpx.Request) -> None:
        self.clock.pass_by(self.timeout)
        raise httpx.ReadTimeout("timed out", request=request)


def _lost_database(process: Process) -> Exception:
    driver: Any = process.runtime.context.database.engine.dialect.loaded_dbapi
    lost: Exception = driver.OperationalError("server closed the connection unexpectedly")
    return lost


def _subject(request: httpx.Request) -> str:
    """Return the order or dossier that a call is about, by its address or its body."""
    said = f"{request.url}{request.content.decode('utf-8', 'replace')}"
    found = _NUMBER.search(said)
    return found[0] if found else ""


def _asked_pause(response: httpx.Response) -> float:
    text = response.headers.get("retry-after", "")
    return float(text) if response.status_code == 429 and text.isdecimal() else 0.0
