"""What comes back from EMS: its errors hide inside HTTP 200. Pure."""

from __future__ import annotations

from typing import Any

from carriers.contract import Booking, OrderRef
from carriers.exchange import Answer, refused, says_it_failed, words_of
from carriers.outcomes import CarrierError, OutcomeUnknown, Rejected, Retryable, Unauthorized
from carriers.reading import reference

REFUSED = "refused"
"""Our code for a refusal: EMS says "error" and a text, and gives no code of its own."""


def judge(answer: Answer, *, writes: bool) -> CarrierError | None:
    """Return the outcome that HTTP status and ``code`` decide, or None when the call has worked."""
    if (problem := refused(answer, writes=writes)) is not None:
        return problem
    said, words = _said(answer.body), words_of(answer.body)
    if said == "error":
        return _lost("own_failure", words, writes=writes) if says_it_failed(words) else _refusal(words)
    if writes and said != "success":
        return _lost("code_missing", words, writes=writes)
    return None


def read_booking(answer: Answer, order_number: str) -> Booking:
    """Return the booking; an order without a tracking code is booked all the same, and EMS tells the code later."""
    return Booking(order_number, waybill=reference(_data(answer).get("tracking_code")), already_existed=False)


def read_history(answer: Answer, order: OrderRef) -> list[Any]:
    """Return the entries of an item's history.

    Raises:
        Retryable: the answer holds none, or is about another item.
    """
    data = _data(answer)
    history = data.get("__get_status")
    if not isinstance(history, list | None) or not data:
        raise Retryable("EMS's answer holds no history of the item; it is asked again by itself.", code="no_history")
    for name, ours in (("tracking_code", order.waybill), ("order_code", order.order_number)):
        theirs = reference(data.get(name))
        if theirs is not None and ours is not None and theirs.upper() != ours.upper():
            raise Retryable("EMS answered about another item; it is asked again by itself.", code="other_item")
    return history or []


def count_services(answer: Answer) -> int:
    """Return how many services the catalogue lists.

    Raises:
        Retryable: the answer is no catalogue.
    """
    body = answer.body.get("data") if isinstance(answer.body, dict) else answer.body
    if not isinstance(body, list | dict):
        raise Retryable(
            "EMS's list of services answered something else; check options.base_url.", code="no_service_list"
        )
    return len(body)


def _said(body: Any) -> str:
    code = body.get("code") if isinstance(body, dict) else None
    return code.strip().lower() if isinstance(code, str) else ""


def _data(answer: Answer) -> dict[str, Any]:
    data = answer.body.get("data") if isinstance(answer.body, dict) else None
    return data if isinstance(data, dict) else {}


def _lost(code: str, words: str, *, writes: bool) -> CarrierError:
    if writes:
        return OutcomeUnknown(
            "EMS's answer does not say whether it took the request. It is looked into before anything is sent again.",
            code=code,
            operator_words=words,
        )
    return Retryable("EMS gave no usable answer; this is tried again by itself.", code=code, operator_words=words)


def _refusal(words: str) -> CarrierError:
    # EMS gives refusals no codes; its text is the only thing that tells a bad token from a bad order.
    if "token" in words.lower():
        return Unauthorized(
            "EMS refuses our merchant token; correct the account's secrets.", code=REFUSED, operator_words=words
        )
    return Rejected(f"EMS refused the request: {words or 'no reason given'}.", code=REFUSED, operator_words=words)
