"""Real HTTP servers on the loopback, each in a thread of its own."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import uvicorn

_PATIENCE = 10.0
_GLANCE = 0.01
_LONGEST_ANSWER = 1.0


class _Server(uvicorn.Server):
    """uvicorn's own, which looks up ten times a second and rests before it stops: with thousands of tests, minutes."""

    async def main_loop(self) -> None:
        glances = 0
        while not await self.on_tick(glances // 10):
            glances += 1
            await asyncio.sleep(_GLANCE)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        glances = 0
        while (self.server_state.connections or self.server_state.tasks) and glances * _GLANCE < _LONGEST_ANSWER:
            glances += 1
            await asyncio.sleep(_GLANCE)
        for task in self.server_state.tasks:
            task.cancel()
        await self.lifespan.shutdown()


@contextmanager
def serve(app: Any, *, lifespan: Literal["on", "off"] = "off", **tls: Any) -> Iterator[str]:
    """Serve an ASGI application; yields its base URL without a slash at the end.

    With its ``lifespan`` on, it is told when the server stops. ``tls`` are uvicorn's ``ssl_*`` settings; with them the
    URL is https.
    """
    config = uvicorn.Config(app, log_config=None, lifespan=lifespan, **tls)
    server = _Server(config)
    # We bind, so the port is known and taken before the thread starts: nothing to wait for or to guess.
    with socket.create_server(("127.0.0.1", 0)) as listener:
        # asyncio does not do this for sockets made elsewhere, and then every answer waits 40 ms for an acknowledgement.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        try:
            yield f"{'https' if tls else 'http'}://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(_PATIENCE)
    if thread.is_alive():
        raise RuntimeError("a test server did not stop")
