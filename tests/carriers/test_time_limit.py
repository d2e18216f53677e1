"""An operator that answers a little at a time gets no more time than one that is silent."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from carriers.call_log import CallRecord
from carriers.exchange import Call
from carriers.outcomes import OutcomeUnknown, Retryable
from carriers.plugin import Runtime
from carriers.time_limit import TimedTransport, at_most
from carriers.transport import NoCredentials, Transport
from carriers.transport_settings import TransportSettings
from tests.support import ngsp
from tests.support.certificates import CertificateAuthority

Answering = Callable[[socket.socket, int], None]
"""Answers a request on its connection; the number says the how manieth one it is there, from 1."""

_LIMIT = 0.5
_FAR_TOO_LONG = 3.0
_YES = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


def trickle(start: bytes, piece: bytes, connection: socket.socket) -> None:
    """Send ``start``, and then ``piece`` again and again for as long as somebody listens."""
    connection.sendall(start)
    for _ in range(round(2 * _FAR_TOO_LONG / 0.05)):
        time.sleep(0.05)
        connection.sendall(piece)


def header_by_header(connection: socket.socket, _number: int) -> None:
    trickle(b"HTTP/1.1 200 OK\r\n", b"X-Wait: a little\r\n", connection)


def announcement_by_announcement(connection: socket.socket, _number: int) -> None:
    trickle(b"", b"HTTP/1.1 102 Processing\r\n\r\n", connection)


def byte_by_byte(connection: socket.socket, _number: int) -> None:
    trickle(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b" ", connection)


def well_the_first_time(connection: socket.socket, number: int) -> None:
    if number == 1:
        connection.sendall(_YES)
    else:
        header_by_header(connection, number)


class Operator:
    """Listens, and answers what is asked on each connection, one request after another."""

    def __init__(self, answering: Answering, tls: ssl.SSLContext | None) -> None:
        self.connections = 0
        self._answering, self._tls = answering, tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        scheme = "https" if tls else "http"
        self.url = f"{scheme}://127.0.0.1:{self._listener.getsockname()[1]}/order"
        threading.Thread(target=self._listen, daemon=True).start()

    def close(self) -> None:
        """Let no more connections in."""
        self._listener.close()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        # Whoever has run out of patience hangs up.
        with suppress(OSError), self._secured(connection) as line:
            number = 0
            while _heard(line):
                number += 1
                self._answering(line, number)

    def _secured(self, connection: socket.socket) -> socket.socket:
        return self._tls.wrap_socket(connection, server_side=True) if self._tls else connection


def _heard(line: socket.socket) -> bool:
    """Read a request whose body is ``{}``; tells whether there was one."""
    heard = b""
    while not heard.endswith(b"\r\n\r\n{}"):
        if not (more := line.recv(65536)):
            return False
        heard += more
    return True


@contextmanager
def answering(how: Answering, tls: ssl.SSLContext | None = None) -> Iterator[Operator]:
    operator = Operator(how, tls)
    yield operator
    operator.close()


@contextmanager
def connected(timeout: float = _LIMIT, ca_file: Path | None = None) -> Iterator[Transport]:
    records: list[CallRecord] = []
    settings = TransportSettings(ca_file=ca_file)
    transport = Transport(ngsp.account({}), settings, Runtime(records.append, timeout, patient=False), frozenset())
    yield transport
    transport.close()


def book(transport: Transport, operator: Operator) -> None:
    call = Call("POST", operator.url, json={})
    transport.write(call, NoCredentials(), operation="book", order_number="H14-1")


@contextmanager
def no_longer_than_the_limit() -> Iterator[None]:
    started = time.monotonic()
    yield
    assert time.monotonic() - started < _FAR_TOO_LONG


@pytest.mark.parametrize("how", [header_by_header, announcement_by_announcement, byte_by_byte])
def test_a_booking_whose_answer_trickles_is_unknown_when_its_time_is_over(how: Answering) -> None:
    with (
        answering(how) as operator,
        connected() as transport,
        no_longer_than_the_limit(),
        pytest.raises(OutcomeUnknown, match=r"took too long|timed out"),
    ):
        book(transport, operator)


def test_a_question_whose_answer_trickles_costs_no_more_than_its_time() -> None:
    with answering(header_by_header) as operator, connected() as transport:
        call = Call("POST", operator.url, json={})
        with no_longer_than_the_limit(), pytest.raises(Retryable):
            transport.read(call, NoCredentials(), operation="feed")


def test_on_a_kept_connection_each_call_has_its_own_time() -> None:
    with answering(well_the_first_time) as operator, connected() as transport:
        book(transport, operator)
        time.sleep(_LIMIT)  # what the first call left over is gone, and the second one begins anew
        with no_longer_than_the_limit(), pytest.raises(OutcomeUnknown):
            book(transport, operator)
        assert operator.connections == 1


def test_a_kept_connection_is_good_after_the_time_of_an_earlier_call() -> None:
    with answering(lambda line, _number: line.sendall(_YES)) as operator, connected() as transport:
        for _ in range(3):
            book(transport, operator)
            time.sleep(_LIMIT * 1.1)
        assert operator.connections == 1


def test_an_encrypted_answer_that_trickles_ends_as_well(tmp_path: Path) -> None:
    authority = CertificateAuthority(tmp_path)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(authority.issue("operator"))
    with answering(well_the_first_time, tls) as operator, connected(ca_file=authority.file) as transport:
        book(transport, operator)
        with no_longer_than_the_limit(), pytest.raises(OutcomeUnknown):
            book(transport, operator)
        assert operator.connections == 1


def test_an_operator_that_nobody_vouches_for_is_told_nothing(tmp_path: Path) -> None:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(CertificateAuthority(tmp_path).issue("operator"))
    with (
        answering(lambda line, _number: line.sendall(_YES), tls) as operator,
        connected() as transport,
        pytest.raises(Retryable, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        book(transport, operator)


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client(transport=TimedTransport(ssl.create_default_context()), timeout=None) as client:
        yield client


def test_one_threads_limit_is_not_anothers(client: httpx.Client) -> None:
    """Nor does it outlive the call it was set for."""
    answered: list[int] = []
    with answering(lambda line, _number: line.sendall(_YES)) as operator:
        with at_most(0.0), pytest.raises(httpx.ConnectTimeout):
            client.post(operator.url, json={})
        with at_most(0.0):
            thread = threading.Thread(target=lambda: answered.append(client.post(operator.url, json={}).status_code))
            thread.start()
            thread.join()
        assert client.post(operator.url, json={}).status_code == 200
    assert answered == [200]


def test_calls_one_after_another_share_a_line(client: httpx.Client) -> None:
    with answering(lambda line, _number: line.sendall(_YES)) as operator:
        for _ in range(5):
            client.post(operator.url, json={})
        assert operator.connections == 1


def test_calls_at_once_have_a_line_each_and_keep_them(client: httpx.Client) -> None:
    meeting = threading.Barrier(8)

    def together(line: socket.socket, _number: int) -> None:
        meeting.wait(_FAR_TOO_LONG)
        line.sendall(_YES)

    def call(_number: int) -> int:
        return client.post(operator.url, json={}).status_code

    with answering(together) as operator, ThreadPoolExecutor(8) as callers:
        assert set(callers.map(call, range(8))) == {200}
        assert set(callers.map(call, range(8))) == {200}, "and again, over the same lines"
        assert operator.connections == 8


def test_an_answer_that_is_not_read_to_its_end_gives_its_line_back(client: httpx.Client) -> None:
    with answering(well_the_first_time) as operator:
        with client.stream("POST", operator.url, json={}) as answer:
            assert answer.status_code == 200
        assert client.post(operator.url, json={}, timeout=_FAR_TOO_LONG).status_code == 200
        assert operator.connections == 2, "what was left unread is not read by the next call"


def test_time_that_is_over_is_over_before_anything_is_sent(client: httpx.Client) -> None:
    heard: list[int] = []

    def note(line: socket.socket, number: int) -> None:
        heard.append(number)
        line.sendall(_YES)

    with answering(note) as operator:
        client.post(operator.url, json={})
        with at_most(0.0), pytest.raises(httpx.WriteTimeout, match="took too long"):
            client.post(operator.url, json={})
    assert heard == [1]
