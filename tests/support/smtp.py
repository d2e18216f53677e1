"""A real mail server on the loopback: ESMTP with STARTTLS, TLS from the start, log-in, and refusals as one wishes."""

from __future__ import annotations

import base64
import socket
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import cast

_PATIENCE = 5.0


@dataclass(frozen=True)
class Taken:
    """A letter as it was taken; ``encrypted`` and ``user`` tell how it came."""

    sender: str
    recipient: str
    raw: bytes
    encrypted: bool
    user: str | None

    @property
    def email(self) -> EmailMessage:
        return message_from_bytes(self.raw, policy=policy.default)

    def part(self, kind: str) -> str:
        """Return the ``plain`` or the ``html`` part."""
        body = self.email.get_body((kind,))
        assert body is not None
        return str(body.get_content())


@dataclass
class MailServer:
    """What a server does and has seen.

    Attributes:
        answers: to give instead of its own, one each, by command: ``RCPT``, ``MAIL``, ``DATA`` (to the text), ``EHLO``.
        hang_up_after_text: takes the text and is gone before it says so.
    """

    certificate: Path | None = None
    starttls: bool = True
    implicit_tls: bool = False
    users: dict[str, str] = field(default_factory=dict)
    answers: dict[str, list[str]] = field(default_factory=dict)
    hang_up_after_text: bool = False
    silent: bool = False
    taken: list[Taken] = field(default_factory=list)
    attempts: int = 0
    port: int = 0
    stopping: threading.Event = field(default_factory=threading.Event)

    def context(self) -> ssl.SSLContext:
        assert self.certificate is not None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate)
        return context


class _HungUp(Exception):  # noqa: N818 - what happened, in the words of the line
    pass


class _Conversation(socketserver.BaseRequestHandler):
    """One connection."""

    def handle(self) -> None:
        self._desk = cast(_Listener, self.server).desk
        self._line: socket.socket = self.request
        self._line.settimeout(_PATIENCE)
        self._encrypted, self._sender, self._recipient = False, "", ""
        self._user: str | None = None
        self._desk.attempts += 1
        with suppress(_HungUp, OSError):
            if self._desk.silent:
                self._desk.stopping.wait(_PATIENCE)
                return
            if self._desk.implicit_tls:
                self._encrypt()
            self._file = self._line.makefile("rb")
            self._talk()

    def _talk(self) -> None:
        self._say("220 mail.test ESMTP")
        while line := self._file.readline():
            verb, _, rest = line.decode().strip().partition(" ")
            self._answer(verb.upper(), rest)

    def _answer(self, verb: str, rest: str) -> None:
        prepared = self._desk.answers.get(verb, [])
        if prepared and verb != "DATA":
            self._say(prepared.pop(0))
            return
        {
            "EHLO": self._greet,
            "STARTTLS": self._start_tls,
            "AUTH": self._log_in,
            "MAIL": self._from,
            "RCPT": self._to,
            "DATA": self._text,
            "QUIT": self._quit,
        }.get(verb, self._unknown)(rest)

    def _greet(self, _rest: str) -> None:
        offers = ["mail.test"]
        if self._desk.starttls and not self._encrypted:
            offers.append("STARTTLS")
        if self._desk.users:
            offers.append("AUTH PLAIN")
        for offer in offers[:-1]:
            self._say(f"250-{offer}")
        self._say(f"250 {offers[-1]}")

    def _start_tls(self, _rest: str) -> None:
        self._say("220 go ahead")
        self._encrypt()
        self._file = self._line.makefile("rb")

    def _encrypt(self) -> None:
        self._line = self._desk.context().wrap_socket(self._line, server_side=True)
        self._encrypted = True

    def _log_in(self, rest: str) -> None:
        _, name, password = base64.b64decode(rest.partition(" ")[2]).decode().split("\0")
        if self._desk.users.get(name) != password:
            self._say("535 5.7.8 authentication failed")
            return
        self._user = name
        self._say("235 welcome")

    def _from(self, rest: str) -> None:
        if self._desk.users and self._user is None:
            self._say("530 5.7.0 authentication required")
            return
        self._sender = rest.partition("<")[2].partition(">")[0]
        self._say("250 ok")

    def _to(self, rest: str) -> None:
        self._recipient = rest.partition("<")[2].partition(">")[0]
        self._say("250 ok")

    def _text(self, _rest: str) -> None:
        self._say("354 go on")
        lines = []
        while (line := self._file.readline()) != b".\r\n":
            if not line:
                raise _HungUp
            lines.append(line[1:] if line.startswith(b"..") else line)
        if prepared := self._desk.answers.get("DATA"):
            self._say(prepared.pop(0))
            return
        taken = Taken(self._sender, self._recipient, b"".join(lines), self._encrypted, self._user)
        self._desk.taken.append(taken)
        if self._desk.hang_up_after_text:
            self._line.close()
            raise _HungUp
        self._say("250 queued")

    def _quit(self, _rest: str) -> None:
        self._say("221 bye")
        raise _HungUp

    def _unknown(self, _rest: str) -> None:
        self._say("502 not implemented")

    def _say(self, text: str) -> None:
        self._line.sendall(f"{text}\r\n".encode())

    def finish(self) -> None:
        with suppress(AttributeError, OSError):
            self._file.close()
        with suppress(OSError):
            self._line.close()


class _Listener(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, desk: MailServer) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.desk = desk


@contextmanager
def served_mail(desk: MailServer) -> Iterator[MailServer]:
    """Let a mail server listen; its port is in ``desk.port``."""
    with _Listener(desk) as listener:
        desk.port = listener.server_address[1]
        thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield desk
        finally:
            desk.stopping.set()
            listener.shutdown()
            thread.join(_PATIENCE)
