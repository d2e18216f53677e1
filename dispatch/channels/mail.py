"""E-mail by SMTP: one connection a letter, encrypted and verified, within one limit of time for all of it."""

from __future__ import annotations

import smtplib
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email.errors import MessageError

from config.citizen_channels import EmailChannel
from config.clock import SystemClock
from dispatch.channels.addresses import without_people
from dispatch.channels.letter import Letter, mime
from dispatch.outbox_rows import Delivery, OutboxMessage

_PERMANENT = 500
_NOT_ABOUT_THE_LETTER = frozenset({-1, 421, 454, 530, 535, 538})
"""The line broke, the server is closing, or it wants another log-in or encryption (RFC 5321, 4954, 3207)."""


class MailRefusedError(Exception):
    """A server's word against one letter: ``code`` 5xx for good, 4xx for now (RFC 5321 section 4.2.1)."""

    def __init__(self, code: int, answer: bytes | str) -> None:
        super().__init__(answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer)
        self.code = code


class Mail:
    """Delivers letters to a mail server. Thread-safe: nothing is shared.

    A connection costs a few round trips, and is never half open for the next letter. What is lost after the text was
    sent is sent again, under the same ``Message-ID``.
    """

    def __init__(self, channel: EmailChannel) -> None:
        self._channel = channel
        self._trust = channel.trust()

    def deliver(self, message: OutboxMessage) -> Delivery:
        """Deliver one message of the outbox and say what came of it.

        A refusal of the recipient or the letter for good parks it; anything else is tried again.
        """
        started = time.monotonic()
        letter = Letter.from_json(message.payload)
        try:
            email = mime(letter, self._channel, message.id, SystemClock().now()).as_bytes()
        except (ValueError, IndexError, MessageError) as error:
            answer = f"The letter cannot be written ({type(error).__name__}): correct the e-mail address of the dossier"
            return Delivery(False, None, answer, _since(started), gone=True, about_message=True)
        try:
            self._send(letter.to, email)
        except MailRefusedError as refusal:
            return _refused(refusal, _since(started))
        except smtplib.SMTPDataError as refusal:
            return _refused(MailRefusedError(refusal.smtp_code, refusal.smtp_error), _since(started))
        except (OSError, smtplib.SMTPException) as error:
            return Delivery(False, None, _trouble(error), _since(started))
        return Delivery(True, 250, "taken by the mail server", _since(started))

    def check(self) -> str:
        """Return in one sentence that the server would take letters.

        Raises:
            OSError: it does not answer, its certificate is not trusted, or it does not let us in.
        """
        with self._connected():
            return f"{self._channel.host}:{self._channel.port_in_force} lets us in ({self._channel.security})"

    def _send(self, to: str, email: bytes) -> None:
        sender = self._channel.sender_address
        with self._connected() as (server, in_time):
            code, answer = server.mail(sender)
            if not _is_yes(code):  # about us, and no fault of the citizen's address
                raise smtplib.SMTPSenderRefused(code, answer, sender)
            steps: tuple[Callable[[], tuple[int, bytes]], ...] = (
                lambda: server.rcpt(to),
                lambda: server.data(email),
            )
            for step in steps:
                in_time()
                code, answer = step()
                if not _is_yes(code):
                    raise MailRefusedError(code, answer)

    @contextmanager
    def _connected(self) -> Iterator[tuple[smtplib.SMTP, Callable[[], None]]]:
        """Connect, encrypt and log in; what is handed out with the server keeps the next step within the time."""
        ends_at = time.monotonic() + self._channel.timeout
        server = self._opened()

        def in_time() -> None:
            left = ends_at - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"the mail server took more than {self._channel.timeout:g} s")
            if server.sock is not None:
                server.sock.settimeout(left)

        try:
            self._introduce(server, in_time)
            yield server, in_time
            with suppress(OSError, smtplib.SMTPException):  # what was said is said
                server.quit()
        finally:
            server.close()

    def _opened(self) -> smtplib.SMTP:
        channel = self._channel
        # Its own name is looked up by smtplib otherwise, for as long as a name server likes.
        where = (channel.host, channel.port_in_force, socket.gethostname())
        if channel.security == "tls":
            return smtplib.SMTP_SSL(*where, timeout=channel.timeout, context=self._trust)
        return smtplib.SMTP(*where, timeout=channel.timeout)

    def _introduce(self, server: smtplib.SMTP, in_time: Callable[[], None]) -> None:
        in_time()
        server.ehlo_or_helo_if_needed()
        if self._channel.security == "starttls":
            in_time()
            server.starttls(context=self._trust)
            in_time()
            server.ehlo()
        if self._channel.username is not None and self._channel.password is not None:
            in_time()
            server.login(self._channel.username, self._channel.password.get_secret_value())


def _is_yes(code: int) -> bool:
    return 200 <= code < 300


def _refused(refusal: MailRefusedError, duration_ms: int) -> Delivery:
    answer = without_people(f"{refusal.code} {refusal}")
    if refusal.code in _NOT_ABOUT_THE_LETTER:
        return Delivery(False, None, answer, duration_ms)
    for_good = refusal.code >= _PERMANENT
    return Delivery(False, refusal.code, answer, duration_ms, gone=for_good, about_message=True)


def _trouble(error: Exception) -> str:
    """Say what failed; a log-in that is refused comes with the server's words, never with ours."""
    if isinstance(error, smtplib.SMTPResponseException):
        words = error.smtp_error.decode("utf-8", "replace") if isinstance(error.smtp_error, bytes) else error.smtp_error
        return without_people(f"{type(error).__name__}: {error.smtp_code} {words}")
    return without_people(f"{type(error).__name__}: {error}")


def _since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
