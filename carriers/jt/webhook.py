"""J&T's webhooks: the same form and the same digest as our own calls, answered in one fixed sentence. Pure.

The digest covers the whole ``bizContent`` and nothing else: what is in it is J&T's word. The ``timestamp`` is not
covered, so it stops only what is sent again as it is; that each scan is kept once, stops the rest.
"""

from __future__ import annotations

import json
from binascii import a2b_qp
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote_to_bytes

from carriers.jt.mapping import documents
from carriers.jt.signing import DIGEST, TIMESTAMP, proves
from carriers.reading import NotAnEventError, event_time
from carriers.webhooks import Verdict, WebhookDocument, WebhookReading, WebhookReply, WebhookRequest

_CLOCK_SKEW = timedelta(minutes=5)
_TAKEN = b'{"code":"1","msg":"success","data":null}'

_REPLIES = {
    Verdict.TAKEN: WebhookReply(200, _TAKEN),
    # Nothing gets better by sending it again, and tracking has it: so J&T may let go of it.
    Verdict.STALE: WebhookReply(200, _TAKEN),
    Verdict.MALFORMED: WebhookReply(400, b'{"code":"0","msg":"not a delivery","data":null}'),
    Verdict.FORGED: WebhookReply(401, b'{"code":"0","msg":"wrong digest","data":null}'),
    Verdict.BUSY: WebhookReply(503, b'{"code":"0","msg":"try again later","data":null}'),
}


class _MalformedError(ValueError):
    """The request is no delivery; the message says why."""


@dataclass(frozen=True, slots=True)
class Gate:
    """Lets in what was signed with ``private_key`` within ``replay_window``."""

    private_key: str
    replay_window: timedelta

    def read(self, request: WebhookRequest) -> WebhookReading:
        """Verify a delivery and take it apart; never raises."""
        try:
            return self._judged(request, _biz_content(request.body))
        except _MalformedError as problem:
            return WebhookReading(Verdict.MALFORMED, reason=str(problem))

    def _judged(self, request: WebhookRequest, content: bytes) -> WebhookReading:
        if not proves(request.headers.get(DIGEST, ""), content, self.private_key):
            return WebhookReading(Verdict.FORGED, reason="the digest is missing or is not that of bizContent")
        age = request.received_at - _sent_at(request)
        if not -_CLOCK_SKEW <= age <= self.replay_window:
            return WebhookReading(Verdict.STALE, reason="the timestamp is too far from now")
        news = documents(_json(content))
        return WebhookReading(Verdict.TAKEN, tuple(WebhookDocument(one.id, one.raw, confirmed=True) for one in news))


def answer(verdict: Verdict) -> WebhookReply:
    """Return what J&T is told, byte for byte."""
    return _REPLIES[verdict]


def _biz_content(body: bytes) -> bytes:
    """Return the one value of ``bizContent`` in a form, as the bytes that were signed."""
    fields = [field.partition(b"=") for field in body.split(b"&")]
    found = [value for name, _, value in fields if name == b"bizContent"]
    if len(found) != 1 or not found[0]:
        raise _MalformedError("the form does not hold bizContent once")
    return unquoted(found[0].replace(b"+", b" "))


def unquoted(content: bytes) -> bytes:
    """Return what ``unquote_to_bytes`` does, which goes from escape to escape in Python: a third of all the reading.

    Quoted-printable is the same with another sign in place of the per cent, and is read at once.
    """
    quoted = content.replace(b"=", b"%3D")
    read = a2b_qp(quoted.replace(b"%", b"="))
    all_are_escapes = len(quoted) - len(read) == 2 * quoted.count(b"%")
    # Before the end of a line the sign means something else there; no form has such an end in it.
    return read if all_are_escapes and b"\n" not in content and b"\r" not in content else unquote_to_bytes(content)


def _sent_at(request: WebhookRequest) -> datetime:
    try:
        return event_time(request.headers.get(TIMESTAMP, ""), TIMESTAMP, "ms")
    except NotAnEventError as problem:
        raise _MalformedError(str(problem)) from problem


def _json(content: bytes) -> Any:
    try:
        return _DECODER.decode(content.decode(json.detect_encoding(content), "surrogatepass"))
    except (ValueError, RecursionError) as error:
        raise _MalformedError("bizContent is not JSON") from error


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(parse_constant=_no_number)
