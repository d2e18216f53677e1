"""Messages that cannot be taken, in a queue of their own: laid aside with the reason, shown, and sent again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kombu.connection import Connection
from kombu.exceptions import OperationalError
from kombu.message import Message

from dispatch.onestop.bus.messages import PoisonError
from dispatch.onestop.bus.settings import BusSettings
from worker.bus.line import Sender, broken, dead_queue_of, declare, open_line

REASON, STEP, STEP_VI, AT = "x-postal-reason", "x-postal-next-step", "x-postal-next-step-vi", "x-postal-at"

_MOST = 1000
_LONGEST = 1000
_TOO_OFTEN = "it was given out again and again and never taken"
_TOO_OFTEN_STEP = "Look into our log for what broke, then `postal bus again`."
_TOO_OFTEN_STEP_VI = "Xem nhật ký để biết lỗi, rồi chạy `postal bus again`."


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One message that was laid aside.

    Attributes:
        id: by which ``postal bus again`` knows it; the same for the same content.
        type, subject, message: of its envelope, as far as that can be read.
        at: when it was laid aside, ISO 8601; empty where the broker did that.
    """

    id: str
    reason: str
    next_step: str
    next_step_vi: str
    at: str
    type: str
    subject: str
    message: str
    bytes: int


def bury(sender: Sender, bus: BusSettings, message: Message, poison: PoisonError, now: datetime) -> None:
    """Lay a message aside, as it came.

    Raises:
        NotTakenError: the broker does not have it; then it must not be acknowledged.
    """
    said = {REASON: poison.reason, STEP: poison.next_step, STEP_VI: poison.next_step_vi, AT: now.isoformat()}
    headers = {name: text[:_LONGEST] for name, text in said.items()}
    content_type = message.content_type or "application/octet-stream"
    sender.send(bus.dead_queue, _raw(message), content_type=content_type, headers=headers)


def dead_letters(bus: BusSettings, patience: float) -> list[DeadLetter]:
    """Return what was laid aside, oldest first; nothing is taken away.

    Raises:
        NotTakenError: the broker does not answer.
    """
    with _open(bus, patience) as messages:
        return [letter for letter, _ in messages]


def send_again(bus: BusSettings, sender: Sender, chosen: Callable[[DeadLetter], bool], patience: float) -> list[str]:
    """Put messages back into the queue from which they came; returns the ids of those that are there.

    Raises:
        NotTakenError: the broker does not answer, or did not take one of them; it stays where it is.
    """
    moved = []
    with _open(bus, patience) as messages:
        for letter, message in messages:
            if chosen(letter):
                sender.send(bus.queue, _raw(message), content_type=message.content_type or "application/octet-stream")
                message.ack()
                moved.append(letter.id)
    return moved


@contextmanager
def _open(bus: BusSettings, patience: float) -> Iterator[list[tuple[DeadLetter, Message]]]:
    """Take what lies in the queue in hand; what is not acknowledged by the end goes back to its place."""
    line = open_line(bus, patience)
    try:
        with line:
            yield _in_hand(bus, line)
    except (*line.connection_errors, *line.channel_errors, OperationalError) as error:
        raise broken(error) from error


def _in_hand(bus: BusSettings, line: Connection) -> list[tuple[DeadLetter, Message]]:
    channel = line.default_channel
    declare(bus, channel)
    queue = dead_queue_of(bus)(channel)
    found: list[tuple[DeadLetter, Message]] = []
    while len(found) < _MOST and (message := queue.get(no_ack=False, accept=None)) is not None:
        found.append((_letter(message), message))
    return found


def _letter(message: Message) -> DeadLetter:
    body, headers = _raw(message), message.headers
    envelope = _envelope(body)
    by_us = REASON in headers
    return DeadLetter(
        id=hashlib.sha256(body).hexdigest()[:12],
        reason=str(headers[REASON]) if by_us else _TOO_OFTEN,
        next_step=str(headers.get(STEP, "")) if by_us else _TOO_OFTEN_STEP,
        next_step_vi=str(headers.get(STEP_VI, "")) if by_us else _TOO_OFTEN_STEP_VI,
        at=str(headers.get(AT, "")),
        type=str(envelope.get("type", ""))[:80],
        subject=str(envelope.get("subject", ""))[:80],
        message=str(envelope.get("id", ""))[:100],
        bytes=len(body),
    )


def _envelope(body: bytes) -> dict[str, Any]:
    try:
        read = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}


def _raw(message: Message) -> bytes:
    body = message.body
    return body if isinstance(body, bytes) else str(body).encode("utf-8", "surrogatepass")
