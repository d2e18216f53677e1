"""Whether an operator's limits are kept, judged from its side of the line (promise 7)."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable
from datetime import datetime, timedelta

from worker.simulation.processes import Process
from worker.simulation.stations import Station

_ROW, _WINDOW, _REST = 5, timedelta(seconds=60), timedelta(seconds=29)
"""After five failures in a row within a minute an operator is left alone for half a minute (and a second's grace)."""

_Line = tuple[str, int, str]


class Limits:
    """Watches the calls of every process to every operator.

    A process keeps pauses and failures in its memory, so both are held against one life of one process.
    """

    def __init__(self, now: Callable[[], datetime], violated: Callable[[int, str], None]) -> None:
        self._now, self._violated = now, violated
        self._paused_until: dict[_Line, datetime] = {}
        self._failures: dict[_Line, deque[datetime]] = defaultdict(lambda: deque(maxlen=_ROW))
        self._successes: dict[_Line, deque[datetime]] = defaultdict(lambda: deque(maxlen=1))
        self.checks = 0

    def before(self, process: Process, station: Station) -> None:
        """A call is about to go out."""
        if station.operator is None:
            return
        line, now = _line(process, station), self._now()
        self.checks += 1
        if (until := self._paused_until.get(line)) is not None and now < until:
            self._violated(7, f"{process.name} calls {station.name} {until - now} before the pause is over")
        failures = self._failures[line]
        in_a_row = len(failures) == _ROW and failures[-1] - failures[0] <= _WINDOW
        mostly = not self._successes[line] or self._successes[line][-1] < now - _WINDOW
        if in_a_row and mostly and now < failures[-1] + _REST:
            self._violated(7, f"{process.name} does not leave {station.name} alone after {_ROW} failures in a row")

    def after(self, process: Process, station: Station, *, failed: bool, pause: float = 0.0) -> None:
        """A call is over."""
        if station.operator is None:
            return
        line, now = _line(process, station), self._now()
        if pause:
            self._paused_until[line] = now + timedelta(seconds=pause)
        if failed:
            self._failures[line].append(now)
        else:
            self._failures[line].clear()
            self._successes[line].append(now)


def _line(process: Process, station: Station) -> _Line:
    return process.name, process.life, station.name
