"""Senders that take their time over the head of a request, or never finish it."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest
from starlette.types import Receive, Scope, Send

from worker.web import heads
from worker.web.serving import server_of

_LIMIT = 0.4
_FAR_TOO_LONG = 5.0


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] != "http":
        return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    monkeypatch.setattr(heads, "_SECONDS", _LIMIT)
    server = server_of(echo, "127.0.0.1", 0)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        server.should_exit = True
        thread.join(10)


def hung_up_on(line: socket.socket) -> tuple[bytes, float]:
    """Return the last words of the server, and after how many seconds it was gone."""
    began = time.monotonic()
    line.settimeout(_FAR_TOO_LONG)
    return b"".join(iter(lambda: line.recv(65536), b"")), time.monotonic() - began


def answered(line: socket.socket) -> bool:
    """Ask, and whether the answer came whole; its head and its body may arrive one by one."""
    line.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    line.settimeout(_FAR_TOO_LONG)
    said = b""
    while not said.endswith(b"ok") and (more := line.recv(65536)):
        said += more
    return said.startswith(b"HTTP/1.1 200 ") and said.endswith(b"ok")


@pytest.mark.parametrize("beginning", [b"", b"POST /webhooks/ems HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nHost: x\r\nX-W: "])
def test_a_head_that_does_not_end_is_hung_up_on(port: int, beginning: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.sendall(beginning)
        said, seconds = hung_up_on(line)
    assert said.startswith(b"HTTP/1.1 408 ")
    assert _LIMIT * 0.9 < seconds < _FAR_TOO_LONG


def test_a_head_that_trickles_gets_no_more_time_than_one_that_is_silent(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.sendall(b"GET / HTTP/1.1\r\n")
        stop = threading.Event()

        def trickle() -> None:
            while not stop.wait(0.05):
                try:
                    line.sendall(b"X-Wait: a little\r\n")
                except OSError:
                    return

        threading.Thread(target=trickle, daemon=True).start()
        try:
            _, seconds = hung_up_on(line)
        except ConnectionResetError:
            seconds = 0.0  # it was gone while we were still talking
        finally:
            stop.set()
    assert seconds < _FAR_TOO_LONG


def test_a_second_request_on_a_line_is_held_to_it_too(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as line:
        assert answered(line)
        time.sleep(1.5 * _LIMIT)  # between two requests nobody is in a hurry
        assert answered(line)
        line.sendall(b"GET / HTTP/1.1\r\n")
        said, _ = hung_up_on(line)
    assert said.startswith(b"HTTP/1.1 408 ")
