"""One HTTP request and its answer, told apart by the only question that counts: may the operator have acted?"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from carriers.outcomes import CarrierError, OutcomeUnknown, Rejected, Retryable, Throttled, Unauthorized
from config.clock import wall_now

# Failures before the first byte of the request went out.
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)
# The operator may have acted before it answered with one of these.
_AMBIGUOUS_REFUSALS = frozenset({408, 409})
_LONGEST_PAUSE = 3600.0


@dataclass(frozen=True, slots=True)
class Call:
    """A request without credentials. ``json`` and ``form`` exclude each other."""

    method: str
    url: str
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    json: Any = None
    form: Mapping[str, str] | None = None

    @property
    def named_values(self) -> dict[str, Any]:
        """What it says under names, of which the call log shows some. A form holds credentials or a sealed text."""
        return {**self.params, **(self.json if isinstance(self.json, dict) else {})}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: ``body`` is the decoded JSON, or None when the answer was empty or plain text."""

    status: int
    body: Any
    headers: httpx.Headers


class MalformedAnswerError(Exception):
    """The answer is cut short, too long, or claims to be JSON and is not."""


def decode(response: httpx.Response, content: bytes) -> Answer:
    """Read an answer's body.

    Raises:
        MalformedAnswerError: an answer of success that calls itself JSON, or looks like it, does not parse.
    """
    try:
        body = json.loads(content) if content else None
    except (ValueError, RecursionError) as error:
        looks_like_json = content.lstrip()[:1] in (b"{", b"[")
        if response.is_success and (looks_like_json or "json" in response.headers.get("content-type", "")):
            raise MalformedAnswerError("the answer is not valid JSON") from error
        body = None
    return Answer(response.status_code, body, response.headers)


def not_understood(problem: Exception, *, writes: bool) -> CarrierError:
    """Return the outcome of a call that ended without a usable answer."""
    detail = f"{type(problem).__name__}: {problem}"
    if isinstance(problem, _NOT_SENT):
        return Retryable(
            f"The operator cannot be reached ({detail}). It is tried again by itself; "
            "if this lasts, check the address and the network with 'postal doctor'.",
            code="connect_failed",
        )
    return _lost(detail, writes=writes, code="no_usable_answer")


def refused(answer: Answer, *, writes: bool) -> CarrierError | None:
    """Return the outcome that the HTTP status alone decides, or None when the body decides."""
    code, words = f"http_{answer.status}", words_of(answer.body)
    if answer.status < 300:
        return None
    if answer.status == 429:
        return Throttled(
            "The operator asks us to slow down; this is tried again by itself.",
            code=code,
            operator_words=words,
            retry_after=retry_after(answer.headers),
        )
    if answer.status in (401, 403):
        return Unauthorized(
            "The operator refuses our credentials; correct the account's secrets.", code=code, operator_words=words
        )
    if answer.status >= 500 or answer.status in _AMBIGUOUS_REFUSALS:
        return _lost(f"it answered HTTP {answer.status}", writes=writes, code=code)
    if answer.status < 400:
        return Retryable(
            f"The operator's address has moved (HTTP {answer.status}); correct the address in the account's options.",
            code=code,
        )
    return Rejected(
        f"The operator refused the request: {words or f'HTTP {answer.status}'}.", code=code, operator_words=words
    )


def retry_after(headers: httpx.Headers) -> float | None:
    """Return the pause a ``Retry-After`` header asks for, in seconds (0 to one hour), or None."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text), _LONGEST_PAUSE)
    try:
        # The operator's own clock, where it shows it: ours may differ.
        sent = parsedate_to_datetime(headers["date"]) if "date" in headers else wall_now()
        pause = (parsedate_to_datetime(text) - sent).total_seconds()
    except (ValueError, TypeError):
        return None
    return min(max(pause, 0.0), _LONGEST_PAUSE)


def words_of(body: Any) -> str:
    """Return what an answer says to people, from the usual fields, or nothing."""
    if not isinstance(body, dict):
        return ""
    found = (body.get(name) for name in ("Message", "message", "msg", "error_description", "error"))
    return next((text.strip()[:500] for text in found if isinstance(text, str) and text.strip()), "")


def _lost(detail: str, *, writes: bool, code: str) -> CarrierError:
    if writes:
        return OutcomeUnknown(
            f"The operator may have taken the request or not ({detail}). It is looked up at the operator "
            "before anything is sent again.",
            code=code,
        )
    return Retryable(f"The operator gave no usable answer ({detail}); this is tried again by itself.", code=code)
