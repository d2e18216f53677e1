"""Simulators as real HTTP servers on loopback, in threads of this process: they die with it."""

from __future__ import annotations

import socket
import threading
import time
from types import TracebackType
from typing import Self

import uvicorn
from starlette.types import ASGIApp

HOST = "127.0.0.1"


class PortTakenError(Exception):
    """A port that this run needs is used by somebody else."""


def free_port() -> int:
    """Return a port of loopback that nobody uses now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


class Server:
    """An ASGI application on a fixed port, from entering the context to leaving it."""

    def __init__(self, app: ASGIApp, port: int) -> None:
        config = uvicorn.Config(app, lifespan="off", log_level="critical", access_log=False)
        self._server = uvicorn.Server(config)
        self._port = port
        self._thread = threading.Thread(target=self._serve, name=f"simulator-{port}", daemon=True)
        self._socket = socket.socket()

    def __enter__(self) -> Self:
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # asyncio leaves this out for sockets made elsewhere, and then answers wait 40 ms for an acknowledgement.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self._socket.bind((HOST, self._port))
        except OSError as error:
            self._socket.close()
            raise PortTakenError(f"port {self._port} of {HOST} is in use; end the program that holds it") from error
        self._thread.start()
        while not self._server.started and self._thread.is_alive():
            time.sleep(0.005)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join(timeout=5)
        self._socket.close()

    def _serve(self) -> None:
        self._server.run(sockets=[self._socket])
