"""A limit for a whole exchange: the time-outs of httpx begin anew with every byte, so for what trickles there is none.

``with at_most(seconds)`` sets the limit for the calling thread; what a :class:`TimedTransport` sends and reads inside,
headers and body, on new connections and kept ones, waits for the network no longer than what is left of it.

Looking up a host's name is the system's business and takes as long as its resolver is set to.
"""

from __future__ import annotations

import math
import ssl
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, cast

import httpcore
import httpx

_KEPT_SECONDS = 5.0
"""How long a connection is kept that nobody uses: as long as httpx's own transport does."""

_ends_at: ContextVar[float] = ContextVar("_ends_at", default=math.inf)


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Let all that is sent and read inside take no longer than ``seconds`` together."""
    token = _ends_at.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _ends_at.reset(token)


class TimedTransport(httpx.BaseTransport):
    """Like httpx's own, within :func:`at_most`; past it, it raises ``httpx.TimeoutException`` like any time-out.

    Every call under way has a line of its own. In one pool for all of them each call looks at every connection under
    one lock, twice, which at 64 calls at once costs more than the calls themselves.
    """

    def __init__(self, tls: ssl.SSLContext) -> None:
        self._tls = tls
        self._lines: list[_Line] = []
        self._free: list[_Line] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        line = self._free_line()
        try:
            answer = line.handle_request(request)
        except BaseException:
            self._free.append(line)
            raise
        body = cast(httpx.SyncByteStream, answer.stream)
        answer.stream = _Held(body, lambda: self._free.append(line))
        return answer

    def close(self) -> None:
        for line in self._lines:
            line.close()

    def _free_line(self) -> _Line:
        try:
            return self._free.pop()  # the one used last: its connection is the most likely to be open still
        except IndexError:
            line = _Line(self._tls)
            self._lines.append(line)
            return line


class _Line(httpx.HTTPTransport):
    """One connection, opened again when it was closed or kept for too long."""

    def __init__(self, tls: ssl.SSLContext) -> None:
        super().__init__(verify=tls, trust_env=False)
        self._pool = httpcore.ConnectionPool(
            ssl_context=tls, max_connections=1, keepalive_expiry=_KEPT_SECONDS, network_backend=_TimedBackend()
        )


class _Held(httpx.SyncByteStream):
    """An answer's body, during which its line is taken."""

    def __init__(self, body: httpx.SyncByteStream, let_go: Callable[[], None]) -> None:
        self._body, self._let_go = body, let_go

    def __iter__(self) -> Iterator[bytes]:
        yield from self._body

    def close(self) -> None:
        let_go, self._let_go = self._let_go, _nothing
        try:
            self._body.close()
        finally:
            let_go()


def _nothing() -> None:
    """The line was given back before."""


class _TimedBackend(httpcore.NetworkBackend):
    """The plain network, whose connections know the limit."""

    def __init__(self) -> None:
        self._network = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        left = _left(timeout, httpcore.ConnectTimeout)
        return _TimedStream(self._network.connect_tcp(host, port, left, local_address, socket_options))


class _TimedStream(httpcore.NetworkStream):
    """A connection. One that is kept is used by many threads, one after another, each within its own limit."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = _left(timeout, httpcore.ConnectTimeout)
        return _TimedStream(self._stream.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(timeout: float | None, expired: type[httpcore.TimeoutException]) -> float | None:
    """Return how long one step may take: its own ``timeout``, and no longer than what is left of the whole."""
    left = _ends_at.get() - time.monotonic()
    if left <= 0:
        raise expired("the call took too long")
    if math.isinf(left):
        return timeout
    return left if timeout is None else min(timeout, left)
