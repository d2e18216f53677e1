"""What Viettel Post's answers mean: an envelope ``{status, error, message, data}`` in which errors hide. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from carriers.contract import Booking
from carriers.credentials import usable_token
from carriers.exchange import Answer, refused, says_it_failed, words_of
from carriers.outcomes import CarrierError, OutcomeUnknown, Rejected, Retryable, Throttled, Unauthorized
from carriers.reading import reference

# Words are all there is to go by: the numbers in ``status`` are not published.
_TOKEN_WORDS = ("invalid", "expired", "required", "không hợp lệ", "hết hạn")


def judge(answer: Answer, *, writes: bool) -> CarrierError | None:
    """Return the outcome that an answer comes to, or None when it is the one that was asked for.

    An error comes with HTTP 200 as a rule. The public document lists what it may say: ``Token invalid``, which is said
    before anything is done, ``System error``, after which nobody knows, and refusals.
    """
    return refused(answer, writes=writes) or _hidden(answer.body, writes=writes)


def _hidden(body: Any, *, writes: bool) -> CarrierError | None:
    error, status = _envelope(body)
    if error is None and status is None:
        # Prices come without an envelope; a change without one is not confirmed.
        return _lost("status_missing", "", writes=writes) if writes else None
    if not error and (status is None or 200 <= status < 300):
        return None
    return _failure(status, words_of(body), writes=writes)


def _failure(status: int | None, words: str, *, writes: bool) -> CarrierError:
    code, said = f"status_{status}", words.casefold()
    if status == 429:
        return Throttled(
            "Viettel Post asks us to slow down; this is tried again by itself.", code=code, operator_words=words
        )
    if (status is not None and 500 <= status < 600) or says_it_failed(words):
        return _lost(code, words, writes=writes)
    if status in (401, 403) or ("token" in said and any(sign in said for sign in _TOKEN_WORDS)):
        return Unauthorized(
            f"Viettel Post refuses our token: {words or code}.", code="token_refused", operator_words=words
        )
    return Rejected(f"Viettel Post refused the request: {words or 'no reason given'}.", code=code, operator_words=words)


def read_booking(answer: Answer, order_number: str) -> Booking:
    """Return the booking with the waybill that Viettel Post made.

    Raises:
        OutcomeUnknown: there is none in the answer; if the order exists, its first webhook says so.
    """
    data = answer.body.get("data") if isinstance(answer.body, dict) else None
    waybill = reference(data.get("ORDER_NUMBER")) if isinstance(data, dict) else None
    if waybill is None:
        raise _lost("waybill_missing", words_of(answer.body), writes=True)
    return Booking(order_number, waybill, already_existed=False)


def read_price(body: Any, service: str) -> int | None:
    """Return the price of a service in đồng, or None when it is not offered between these places.

    Raises:
        Retryable: the answer is no list of prices.
    """
    services = body.get("RESULT", body.get("data")) if isinstance(body, dict) else body
    if not isinstance(services, list):
        raise _no_price()
    for offer in services:
        if isinstance(offer, dict) and offer.get("MA_DV_CHINH") == service:
            price = offer.get("GIA_CUOC")
            if isinstance(price, bool) or not isinstance(price, int | float) or not 0 < price < 10**9:
                raise _no_price()
            return round(price)
    return None


def read_print_code(body: Any) -> str:
    """Return the print code of a label.

    Raises:
        Retryable: there is none in the answer.
    """
    code = body.get("message") if isinstance(body, dict) else None
    if isinstance(code, str) and code.isascii() and code.isprintable() and 10 <= len(code) <= 500:
        return code
    raise Retryable("Viettel Post's answer holds no print code; ask for the label again.", code="no_print_code")


def read_token(body: Any) -> str:
    """Return the token of an answer to a login.

    Raises:
        Retryable: there is none in the answer.
    """
    data = body.get("data") if isinstance(body, dict) else None
    return usable_token(data.get("token") if isinstance(data, dict) else None, "Viettel Post")


def count_inventories(body: Any) -> int:
    """Return how many places of collection the account has.

    Raises:
        Retryable: the answer is no list.
    """
    data = body.get("data") if isinstance(body, dict) else body
    if isinstance(data, list):
        return len(data)
    raise Retryable("Viettel Post's answer holds no list of places of collection.", code="no_list")


def said(refusal: CarrierError, words: Iterable[str]) -> str | None:
    """Return the first of ``words`` that a refusal contains, in whatever case."""
    text = refusal.operator_words.casefold()
    return next((word for word in words if word.casefold() in text), None)


def _envelope(body: Any) -> tuple[bool | None, int | None]:
    """Return ``error`` and ``status``, each None where it is missing or nothing like it."""
    if not isinstance(body, dict):
        return None, None
    error, status = body.get("error"), reference(body.get("status"))
    if isinstance(error, str):
        error = {"true": True, "false": False}.get(error.strip().lower())
    number = int(status) if status and status.isascii() and status.isdigit() else None
    return (error if isinstance(error, bool) else None), number


def _lost(code: str, words: str, *, writes: bool) -> CarrierError:
    if writes:
        return OutcomeUnknown(
            "Viettel Post's answer does not say whether it took the request; its own report is waited for before "
            "anything is sent again.",
            code=code,
            operator_words=words,
        )
    return Retryable(
        "Viettel Post gave no usable answer; this is tried again by itself.", code=code, operator_words=words
    )


def _no_price() -> Retryable:
    return Retryable("Viettel Post's answer holds no price; show the published tariff instead.", code="no_price")
