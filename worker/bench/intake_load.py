"""An operator that sends deliveries over a few connections as quickly as it is answered, or so many a second.

Run as a module, so that it has a processor's time of its own: a job comes as JSON on standard input, a result goes out
as JSON. Requests are bytes made beforehand, answers are not read beyond their length: it must not be what limits.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import time
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import cast

_END_OF_HEAD = b"\r\n\r\n"
_LENGTH = b"content-length: "


@dataclass(frozen=True)
class Job:
    """What to send and how; ``rate`` (a second) None: every connection sends as soon as it was answered."""

    port: int
    requests: str
    connections: int
    rate: float | None = None


@dataclass
class Result:
    """How long it took, how often each status was answered, and how long each answer took (in seconds, sorted).

    At a rate, the time of an answer counts from when its request was due, so that waiting for a connection counts.
    """

    seconds: float = 0.0
    statuses: dict[str, int] = field(default_factory=dict)
    times: list[float] = field(default_factory=list)


class _Run:
    def __init__(self, requests: list[bytes], rate: float | None) -> None:
        self.requests: Iterator[bytes] = iter(requests)
        self.rate = rate
        self.left = len(requests)
        self.idle: deque[_Connection] = deque()
        self.due: deque[float] = deque()
        self.statuses: Counter[str] = Counter()
        self.times: list[float] = []
        self.over = asyncio.Event()

    def answered(self, connection: _Connection, status: bytes, since: float) -> None:
        now = time.perf_counter()
        self.times.append(now - since)
        self.statuses[status.decode()] += 1
        self.left -= 1
        if not self.left:
            self.over.set()
        elif self.rate is None:
            connection.send(next(self.requests, b""), now)
        elif self.due:
            connection.send(next(self.requests), self.due.popleft())
        else:
            self.idle.append(connection)

    async def pace(self) -> None:
        """Let requests become due evenly, whether or not a connection is free."""
        assert self.rate is not None  # noqa: S101 - only a paced run comes here
        begun, count = time.perf_counter(), self.left
        for number in range(count):
            due = begun + number / self.rate
            if (wait := due - time.perf_counter()) > 0:
                await asyncio.sleep(wait)
            if self.idle:
                self.idle.popleft().send(next(self.requests), due)
            else:
                self.due.append(due)


class _Connection(asyncio.Protocol):
    def __init__(self, run: _Run) -> None:
        self._run = run
        self._received = b""
        self._since = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def send(self, request: bytes, since: float) -> None:
        if request:
            self._since = since
            self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        received = self._received + data
        head = received.find(_END_OF_HEAD)
        if head < 0 or len(received) < head + len(_END_OF_HEAD) + _length(received, head):
            self._received = received
            return
        self._received = b""
        self._run.answered(self, received[9:12], self._since)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._run.left:
            self._run.statuses["connection lost"] += 1
            self._run.over.set()


def _length(received: bytes, head: int) -> int:
    start = received.lower().find(_LENGTH, 0, head) + len(_LENGTH)
    return int(received[start : received.index(b"\r", start)])


async def _send(job: Job, requests: list[bytes]) -> Result:
    run, loop = _Run(requests, job.rate), asyncio.get_running_loop()
    opened = [
        await loop.create_connection(lambda: _Connection(run), "127.0.0.1", job.port) for _ in range(job.connections)
    ]
    connections = [protocol for _, protocol in opened]
    begun = time.perf_counter()
    if job.rate is None:
        for connection in connections:
            connection.send(next(run.requests, b""), time.perf_counter())
    else:
        run.idle.extend(connections)
        await run.pace()
    await run.over.wait()
    seconds = time.perf_counter() - begun
    run.left = 0
    for transport, _ in opened:
        transport.close()
    return Result(seconds, dict(run.statuses), sorted(run.times))


def main() -> None:
    """Do the job on standard input."""
    job = Job(**json.load(sys.stdin))
    requests = [bytes.fromhex(line) for line in Path(job.requests).read_text().splitlines()]
    gc.collect()
    gc.freeze()
    with suppress(ImportError):
        import uvloop

        json.dump(asdict(uvloop.run(_send(job, requests))), sys.stdout)
        return
    json.dump(asdict(asyncio.run(_send(job, requests))), sys.stdout)


if __name__ == "__main__":
    main()
