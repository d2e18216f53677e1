"""What time it is, as something that is passed in and never looked up.

Domain time (due dates, retries, event times) always comes from a :class:`Clock`. Leases, time-outs and rate limits
guard real calls and therefore use :func:`wall_now`: an accelerated clock must not expire a lease while a call is out.
Only the simulation, whose calls take no real time either, puts a clock of its own under both (:func:`wall_time`).
"""

from __future__ import annotations

import mmap
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")

_INSTANT = struct.Struct("=d")


class Clock(Protocol):
    """Source of domain time."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class DrivenClock:
    """A clock kept in a small file that one process advances and any process reads.

    The demo and the simulation move time forward themselves, as quickly as the system keeps up. The file holds one
    double (seconds since the epoch), mapped into memory: reading it costs nothing, and the time survives ``kill -9``.
    """

    def __init__(self, path: Path, *, start: datetime | None = None) -> None:
        if start is not None and not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(_INSTANT.pack(start.timestamp()))
        if not path.exists():
            raise FileNotFoundError(f"clock file {path} does not exist; start the demo, or unset POSTAL_CLOCK_FILE")
        with path.open("r+b") as handle:
            self._memory = mmap.mmap(handle.fileno(), _INSTANT.size)

    def now(self) -> datetime:
        (seconds,) = _INSTANT.unpack_from(self._memory, 0)
        return datetime.fromtimestamp(seconds, UTC)

    def advance_to(self, instant: datetime) -> None:
        """Move forward to ``instant``; a clock never runs backwards, so an earlier instant is ignored."""
        if instant > self.now():
            _INSTANT.pack_into(self._memory, 0, instant.timestamp())


def open_clock(path: Path | None) -> Clock:
    """Return the driven clock at ``path``, or the machine's clock when no path is given."""
    return DrivenClock(path) if path else SystemClock()


_wall: list[Clock] = []
"""The clock that stands for real time, where one does; a stack of at most one."""


def wall_now() -> datetime:
    """Return real time in UTC, for leases and call records only."""
    return _wall[-1].now() if _wall else datetime.now(UTC)


def wall_seconds() -> float:
    """Return real seconds that never go back, for the age of what is good for a while."""
    return _wall[-1].now().timestamp() if _wall else time.monotonic()


@contextmanager
def wall_time(clock: Clock) -> Iterator[None]:
    """Let ``clock``, which never goes back, stand for real time in this process: for the simulation alone."""
    _wall.append(clock)
    try:
        yield
    finally:
        _wall.pop()


def local(instant: datetime) -> datetime:
    """Return ``instant`` in Vietnam's time zone, where all offices and laws live."""
    return instant.astimezone(VIETNAM)
