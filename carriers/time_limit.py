"""A limit for a whole exchange: the time-outs of httpx begin anew with every byte, so for what trickles there is none.

``with at_most(seconds)`` sets the limit for the calling thread; what a :class:`TimedTransport` sends and reads inside,
headers and body, on new connections and kept ones, waits for the network no longer than what is left of it.

Looking up a host's name is the system's business and takes as long as its resolver is set to.
"""

from __future__ import annotations

import math
import ssl
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import httpcore
import httpx

# Those of httpx's own transport, unless more calls are out at once: each then finds a connection that is open.
_CONNECTIONS, _KEPT, _KEPT_SECONDS = 100, 20, 5.0

_ends_at: ContextVar[float] = ContextVar("_ends_at", default=math.inf)


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Let all that is sent and read inside take no longer than ``seconds`` together."""
    token = _ends_at.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _ends_at.reset(token)


class TimedTransport(httpx.HTTPTransport):
    """Like httpx's own, within :func:`at_most`; past it, it raises ``httpx.TimeoutException`` like any time-out."""

    def __init__(self, tls: ssl.SSLContext, at_once: int = _KEPT) -> None:
        super().__init__(verify=tls, trust_env=False)
        self._pool = httpcore.ConnectionPool(
            ssl_context=tls,
            max_connections=max(_CONNECTIONS, at_once),
            max_keepalive_connections=max(_KEPT, at_once),
            keepalive_expiry=_KEPT_SECONDS,
            network_backend=_TimedBackend(),
        )


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
