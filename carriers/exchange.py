"""One HTTP request and its answer, told apart by the only question that counts: may the operator have acted?"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from carriers.outcomes import CarrierError, OutcomeUnknown, Rejected, Retryable, Throttled, Unauthorized
from carriers.reading import DEEPEST, nests_deeper
from config.clock import wall_now

# Failures before the first byte of the request went out.
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)
# The operator may have acted before it answered with one of these.
_AMBIGUOUS_REFUSALS = frozenset({408, 409})
_LONGEST_PAUSE = 3600.0
# How operators say, in words alone, that the trouble is theirs and not the request's. Only "System error" is published
# (Viettel Post), the rest is assumed: a word too many costs a look-up, one too few calls an order dead that lives.
_OWN_FAILURES = (
    *("system error", "system exception", "system busy", "system is busy", "internal error", "server error"),
    *("timeout", "timed out", "try again later"),
    *("lỗi hệ thống", "loi he thong", "lỗi máy chủ", "hệ thống bận", "hệ thống đang bận", "hệ thống quá tải"),
    *("hệ thống đang bảo trì", "thử lại sau"),
)


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
    """The answer is cut short, too long, nested too deeply, or claims to be JSON and is not."""


def decode(response: httpx.Response, content: bytes) -> Answer:
    """Read an answer's body.

    Raises:
        MalformedAnswerError: an answer of success that calls itself JSON, or looks like it, does not parse, or is
            nested deeper than anything that reads it later can be trusted with.
    """
    try:
        body = _parsed(content)
    except (ValueError, RecursionError) as error:
        looks_like_json = content.lstrip()[:1] in (b"{", b"[")
        if response.is_success and (looks_like_json or "json" in response.headers.get("content-type", "")):
            raise MalformedAnswerError(f"the answer is not valid JSON: {error}") from error
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
    if answer.status < 400:
        return _moved(answer.status, writes=writes)
    if answer.status >= 500 or answer.status in _AMBIGUOUS_REFUSALS or says_it_failed(words):
        return _lost(f"it answered HTTP {answer.status}", writes=writes, code=code, words=words)
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
    except (ValueError, TypeError, OverflowError):
        # The last is a number that no date can hold.
        return None
    return min(max(pause, 0.0), _LONGEST_PAUSE)


def words_of(body: Any) -> str:
    """Return what an answer says to people, from the usual fields, or nothing."""
    if not isinstance(body, dict):
        return ""
    found = (body.get(name) for name in ("Message", "message", "msg", "error_description", "error"))
    return next((text.strip()[:500] for text in found if isinstance(text, str) and text.strip()), "")


def says_it_failed(words: str) -> bool:
    """Whether an answer blames the operator's own system: then its "no" refuses nothing, and it may have acted.

    For operators that say so in words alone, with a success or a code of refusal around them.
    """
    folded = unicodedata.normalize("NFC", words).casefold()
    return any(sign in folded for sign in _OWN_FAILURES)


def _parsed(content: bytes) -> Any:
    body = json.loads(content) if content else None
    if nests_deeper(body):
        raise ValueError(f"more than {DEEPEST} lists and objects stand inside one another")
    return body


def _moved(status: int, *, writes: bool) -> CarrierError:
    moved = (
        f"The operator says that its address has moved (HTTP {status}); correct the address in the account's options."
    )
    if writes:
        # "See other" is how many interfaces answer a request that they have taken.
        return OutcomeUnknown(
            f"{moved} It may have taken the request all the same; it is looked up before anything is sent again.",
            code=f"http_{status}",
        )
    return Retryable(moved, code=f"http_{status}")


def _lost(detail: str, *, writes: bool, code: str, words: str = "") -> CarrierError:
    if writes:
        return OutcomeUnknown(
            f"The operator may have taken the request or not ({detail}). It is looked up at the operator "
            "before anything is sent again.",
            code=code,
            operator_words=words,
        )
    return Retryable(
        f"The operator gave no usable answer ({detail}); this is tried again by itself.",
        code=code,
        operator_words=words,
    )
