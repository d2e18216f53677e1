"""What J&T's answers mean: an envelope ``{code, msg, data}`` in which errors hide. Pure."""

from __future__ import annotations

import base64
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from carriers.contract import Booking, Label
from carriers.exchange import Answer, refused, says_it_failed
from carriers.outcomes import CarrierError, OutcomeUnknown, Rejected, Retryable, Unauthorized
from carriers.reading import reference, text

BAD_SIGNATURE = "145003030"
DUPLICATE = "145003204"
NOT_FOUND = "999002000"

_SUCCESS = "1"
_PDF = b"%PDF-"
_PNG = b"\x89PNG"


@dataclass(frozen=True, slots=True)
class Judge:
    """Says what an answer comes to; ``uncertain`` are codes after which nobody knows whether J&T has acted."""

    uncertain: Collection[str] = ()

    def __call__(self, answer: Answer, *, writes: bool) -> CarrierError | None:
        """Return the outcome, or None when the answer is the one that was asked for."""
        return refused(answer, writes=writes) or self._hidden(answer.body, writes=writes)

    def _hidden(self, body: Any, *, writes: bool) -> CarrierError | None:
        code, words = _code(body), words_of(body)
        if code is None:
            return _lost("code_missing", words, writes=writes) if writes else None
        if code == _SUCCESS:
            return None
        # Codes of failures are not published; words are all there is to go by until an account has learnt some.
        if code in self.uncertain or says_it_failed(words):
            return _lost(code, words, writes=writes)
        if code == BAD_SIGNATURE:
            return Unauthorized(
                "J&T refuses our signature; correct api_account and private_key of the account.",
                code=code,
                operator_words=words,
            )
        return Rejected(f"J&T refused the request: {words or code}.", code=code, operator_words=words)


def words_of(body: Any) -> str:
    """Return what an answer says to people, or nothing."""
    return text(body.get("msg")) if isinstance(body, dict) else ""


def read_booking(answer: Answer, order_number: str) -> Booking:
    """Return the booking; an order without a waybill is booked all the same, and J&T's first report tells it."""
    data = _data(answer.body)
    waybill = reference(data.get("billCode")) if isinstance(data, dict) else None
    return Booking(order_number, waybill, already_existed=False)


def read_price(body: Any, field: str) -> int:
    """Return the postage in đồng.

    Raises:
        Retryable: there is none in the answer.
    """
    data = _data(body)
    price = data.get(field) if isinstance(data, dict) else None
    try:
        vnd = 0 if isinstance(price, bool) or not isinstance(price, int | float | str) else round(float(price))
    except (ValueError, OverflowError):
        vnd = 0
    if not 0 < vnd < 10**9:
        raise Retryable(
            f"J&T's answer holds no price under '{field}'; show the published tariff, "
            "and check the account's options.price_field.",
            code="no_price",
        )
    return vnd


def read_label(body: Any, field: str) -> Label:
    """Return the label.

    Raises:
        Retryable: there is none in the answer.
    """
    data = _data(body)
    written = data.get(field) if isinstance(data, dict) else data
    try:
        content = base64.b64decode(written, validate=True) if isinstance(written, str) else b""
    except ValueError:
        content = b""
    if not content:
        raise Retryable(
            f"J&T's answer holds no label under '{field}'; ask again, and check the account's options.label_field.",
            code="no_label",
        )
    return Label(content, _media_type(content))


def read_traces(body: Any) -> list[dict[str, Any]]:
    """Return the items of an answer about scans, be it a list of them or one alone.

    Raises:
        Retryable: the answer is neither.
    """
    data = _data(body)
    if _code(body) != _SUCCESS or not isinstance(data, list | dict | None):
        raise Retryable("J&T's answer holds no scans; it is asked again by itself.", code="no_scans")
    items = data if isinstance(data, list) else [data]
    return [item for item in items if isinstance(item, dict)]


def waybill_of(trace: dict[str, Any]) -> str | None:
    """Return which item an answer about scans is about."""
    return reference(trace.get("billCode"))


def _data(body: Any) -> Any:
    return body.get("data") if isinstance(body, dict) else None


def _code(body: Any) -> str | None:
    return reference(body.get("code")) if isinstance(body, dict) else None


def _media_type(content: bytes) -> str:
    if content.startswith(_PDF):
        return "application/pdf"
    return "image/png" if content.startswith(_PNG) else "application/octet-stream"


def _lost(code: str, words: str, *, writes: bool) -> CarrierError:
    if writes:
        return OutcomeUnknown(
            "J&T's answer does not say whether it took the request. It refuses a second order of the same number, "
            "so a booking is sent again by itself.",
            code=code,
            operator_words=words,
        )
    return Retryable("J&T gave no usable answer; this is tried again by itself.", code=code, operator_words=words)
