"""One way of the intake bench as a process of its own: ``python -m worker.bench.intake_server WAY``.

It says on which port it listens, and ends when its standard input is closed. All ways are served alike.
"""

from __future__ import annotations

import os
import socket
import sys
import threading
from collections.abc import Callable, Mapping
from typing import Any

from starlette.types import Receive, Scope, Send

from config.logging import configure_logging
from config.settings import load_settings
from worker.app import Desk
from worker.bench import intake_naive
from worker.web.app import make_web
from worker.web.serving import server_of

_TAKEN = b'{"code":"1","msg":"success","data":null}'
_HEAD = [(b"content-type", b"application/json"), (b"content-length", str(len(_TAKEN)).encode())]


def ours() -> Any:
    """Return the real interface on a real runtime."""
    runtime = Desk(load_settings()).runtime()
    runtime.prepare()
    return make_web(runtime)


def naive() -> Any:
    """Return the naive way on the same database and broker."""
    settings = load_settings()
    return intake_naive.make(settings.url, settings.broker_url, f"{settings.queue_prefix}.naive")


async def ceiling(scope: Scope, receive: Receive, send: Send) -> None:
    """Read the body and answer."""
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body", False):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": _HEAD})
    await send({"type": "http.response.body", "body": _TAKEN})


_WAYS: Mapping[str, Callable[[], Any]] = {"ours": ours, "naive": naive, "ceiling": lambda: ceiling}


def main() -> None:
    """Serve one way until standard input is closed."""
    configure_logging(json=False, level="WARNING")
    server = server_of(_WAYS[sys.argv[1]](), "127.0.0.1", 0)
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listener:
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        print(listener.getsockname()[1], flush=True)
        threading.Thread(target=_stop_with_parent, args=(server,), daemon=True).start()
        server.run([listener])
    os._exit(0)


def _stop_with_parent(server: Any) -> None:
    sys.stdin.read()
    server.should_exit = True


if __name__ == "__main__":
    main()
