"""SMS over a gateway's HTTP interface: a JSON object, a bearer token, fields named as the gateway has them."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from typing import Any, Protocol, Self

import httpx

from carriers.exchange import retry_after
from carriers.time_limit import TimedTransport, at_most
from config.citizen_channels import SmsChannel
from dispatch.channels.addresses import without_people
from dispatch.channels.sms_length import measure
from dispatch.contacts import can_receive_sms
from dispatch.outbox_rows import Delivery, OutboxMessage

_OF_THE_MESSAGE = frozenset({400, 409, 413, 422})
"""Answers about this text or number; all others are about us, the gateway or its load."""
_VIETNAM = "+84"


@dataclass(frozen=True, slots=True)
class Sms:
    """What the outbox keeps of an SMS; ``to`` is in E.164, ``segments`` is what it costs."""

    to: str
    text: str
    coding: str
    segments: int

    @classmethod
    def of(cls, to: str, text: str) -> Self:
        """Return a text to a number, measured."""
        length = measure(text)
        return cls(to, text, length.coding.value, length.segments)

    def to_json(self) -> str:
        """Return it as the outbox keeps it."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, kept: str) -> Self:
        """Return what :meth:`to_json` kept."""
        return cls(**json.loads(kept))


class SmsSender(Protocol):
    """The port of SMS gateways: whoever speaks another protocol than HTTP with JSON implements this."""

    def deliver(self, message: OutboxMessage) -> Delivery:
        """Deliver one message (an :class:`Sms` as JSON) and say what came of it."""

    def close(self) -> None:
        """Close the connections."""


class HttpSms:
    """Delivers texts to a gateway. Thread-safe; one per process."""

    def __init__(self, channel: SmsChannel, timeout: float, network: httpx.BaseTransport | None = None) -> None:
        self._channel, self._timeout = channel, timeout
        transport = network or TimedTransport(channel.trust())
        self._client = httpx.Client(transport=transport, timeout=timeout, follow_redirects=False, trust_env=False)

    def deliver(self, message: OutboxMessage) -> Delivery:
        """Deliver one message; a fixed line is not tried, and its reason is kept with the message."""
        sms, started = Sms.from_json(message.payload), time.monotonic()
        if not can_receive_sms(sms.to):
            reason = "the telephone is no mobile and takes no SMS: call, or write to the citizen"
            return Delivery(False, None, reason, 0, gone=True, about_message=True)
        try:
            with at_most(self._timeout):
                response = self._client.post(
                    self._channel.url, json=body(sms, self._channel, message.id), headers=self._headers(message)
                )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return Delivery(False, None, without_people(f"{type(error).__name__}: {error}"), _since(started))
        return judge(response, self._channel, sms, _since(started))

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _headers(self, message: OutboxMessage) -> dict[str, str]:
        cause = {"x-request-id": message.trace} if message.trace else {}
        token = self._channel.token.get_secret_value()
        return {**cause, "authorization": f"Bearer {token}", "idempotency-key": message.id}


def body(sms: Sms, channel: SmsChannel, message_id: str) -> dict[str, Any]:
    """Return the JSON object that a gateway takes."""
    names = channel.fields
    parts = {names.id: message_id, names.sender: channel.sender, names.coding: sms.coding}
    return {
        **channel.more,
        **{name: value for name, value in parts.items() if name is not None},
        names.to: _number(sms.to, channel.number_form),
        names.text: sms.text,
    }


def judge(response: httpx.Response, channel: SmsChannel, sms: Sms, duration_ms: int) -> Delivery:
    """Say what an answer means: taken, refused for good, or to be tried again."""
    status = response.status_code
    if not response.is_success:
        ours = status in _OF_THE_MESSAGE
        pause = retry_after(response.headers)
        return Delivery(False, status, f"HTTP {status}", duration_ms, pause, gone=ours, about_message=ours)
    if channel.answer_field is None:
        return Delivery(True, status, _taken(sms), duration_ms)
    verdict = _verdict(response, channel.answer_field)
    if verdict in channel.taken:
        return Delivery(True, status, _taken(sms), duration_ms)
    answer = without_people(f"HTTP {status}, {channel.answer_field}: {verdict}")
    refused = verdict in channel.refused
    return Delivery(False, status if refused else None, answer, duration_ms, gone=refused, about_message=refused)


def _taken(sms: Sms) -> str:
    return f"taken: {sms.segments} segment{'s' if sms.segments > 1 else ''} of {sms.coding}"


def _verdict(response: httpx.Response, field: str) -> str | None:
    try:
        answer = response.json()
    except ValueError:
        return None
    said = answer.get(field) if isinstance(answer, dict) else None
    return None if said is None else str(said)


def _number(e164: str, form: str) -> str:
    if form == "e164":
        return e164
    return ("84" if form == "84" else "0") + e164.removeprefix(_VIETNAM)


def _since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
