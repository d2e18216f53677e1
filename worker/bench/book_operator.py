"""The operator of the booking bench, as a process of its own: ``python -m worker.bench.book_operator SECONDS``.

It speaks VNPost's wire format, takes its time over every order, and counts how many it is asked for at once. It says on
which port it listens, and ends when its standard input is closed.
"""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import uvicorn
from starlette.types import Receive, Scope, Send

_TOKEN = b'{"access_token":"of-the-bench","token_type":"Bearer","expires_in":3600}'
_CREATED = '{"Status":100,"Message":"Thành công"}'.encode()


class SlowOperator:
    """Answers after ``seconds``; ``most`` is the largest number of orders it has had in hand, ``orders`` how many."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._in_hand = self._most = self._orders = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive()).get("more_body", False):
            pass
        await _answer(send, await self._said(scope["path"]))

    async def _said(self, path: str) -> bytes:
        if path == "/token":
            return _TOKEN
        if path == "/counts":
            counts = {"most": self._most, "orders": self._orders}
            self._most = self._orders = 0
            return json.dumps(counts).encode()
        self._in_hand += 1
        self._orders += 1
        self._most = max(self._most, self._in_hand)
        await asyncio.sleep(self._seconds)
        self._in_hand -= 1
        return _CREATED


async def _answer(send: Send, body: bytes) -> None:
    head = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": head})
    await send({"type": "http.response.body", "body": body})


@contextmanager
def slow_operator(seconds: float) -> Iterator[str]:
    """Run the operator beside us; yields its address."""
    words = [sys.executable, "-m", "worker.bench.book_operator", str(seconds)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        ends, port = process.stdin, process.stdout
        if ends is None or port is None:
            raise RuntimeError("the operator cannot be spoken to")
        try:
            yield f"http://127.0.0.1:{port.readline().strip()}"
        finally:
            ends.close()


def counts(url: str) -> tuple[int, int]:
    """Return the largest number of orders in hand and the number of orders since this was last asked."""
    told = httpx.get(f"{url}/counts", trust_env=False).json()
    return told["most"], told["orders"]


def main() -> None:
    """Serve until standard input is closed."""
    app = SlowOperator(float(sys.argv[1]))
    server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_level="warning", access_log=False))
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listener:
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        print(listener.getsockname()[1], flush=True)
        threading.Thread(target=_stop_at_end_of_input, args=(server,), daemon=True).start()
        server.run([listener])


def _stop_at_end_of_input(server: uvicorn.Server) -> None:
    sys.stdin.read()
    server.should_exit = True


if __name__ == "__main__":
    main()
