"""What comes back from MyVNPost: errors hide in HTTP 200, and records come bare, under ``data`` or in lists. Pure."""

from __future__ import annotations

import base64
import unicodedata
from collections.abc import Iterator
from typing import Any

from carriers.contract import Booking, Change, ChangeOutcome, Label, Quote
from carriers.exchange import Answer, refused, retry_after, says_it_failed
from carriers.outcomes import CarrierError, OutcomeUnknown, Rejected, Retryable, Throttled, Unauthorized
from carriers.reading import reference, text

REFUSED = "refused"
"""Our code for a refusal without one: MyVNPost gives most of them in words alone."""

_ACCEPTED, _WAITING = "00", "02"
_NOT_FOUND = ("không tìm thấy", "không tồn tại", "not found")
_ORDER = ("đơn hàng", "vận đơn", "bưu gửi", "order", "item")
_ENVELOPES = ("data", "results")
_CANCELLED = frozenset({"9", "22"})
_DEEPEST = 4


def judge(answer: Answer, *, writes: bool) -> CarrierError | None:
    """Return the outcome that HTTP status and envelope decide, or None when the call has worked."""
    problem = refused(answer, writes=writes)
    words = words_of(answer.body)
    if isinstance(problem, Rejected):
        return _no(problem.code, words or problem.operator_words, writes=writes)
    if problem is not None:
        return problem
    if not isinstance(answer.body, dict):
        return None
    status = answer.body.get("status")
    if isinstance(status, int) and 400 <= status < 600 and "error" in answer.body:
        # The gateway's own error object, which arrives with HTTP 200 as well.
        return _gateway(status, words, answer, writes=writes)
    if answer.body.get("success") is False:
        return _no(REFUSED, words, writes=writes)
    return None


def words_of(body: Any) -> str:
    """Return what an answer says to people, or nothing."""
    first = next((one for one in body if isinstance(one, dict)), None) if isinstance(body, list) else body
    if not isinstance(first, dict):
        return ""
    names = ("errorMessage", "Message", "message", "Note", "note", "description", "error")
    return next((found for name in names if isinstance(first.get(name), str) and (found := text(first[name]))), "")


def says_not_found(error: Rejected) -> bool:
    """Whether a refusal means that MyVNPost has no such order; it has no code for it, and HTTP 404 may be a path."""
    return _names_nothing(error.operator_words)


def records_of(body: Any, depth: int = 0) -> list[dict[str, Any]]:
    """Return the orders in an answer, however they are wrapped."""
    if isinstance(body, list):
        return [record for one in body if depth < _DEEPEST for record in records_of(one, depth + 1)]
    if not isinstance(body, dict):
        return []
    if any(reference(body.get(name)) for name in ("itemCode", "orderHdrID", "originalID")):
        return [body]
    return [record for name in _ENVELOPES if depth < _DEEPEST for record in records_of(body.get(name), depth + 1)]


def id_of(record: dict[str, Any]) -> str | None:
    """Return the id by which changes name an order: ``originalID``, or where there is none ``orderHdrID``."""
    return reference(record.get("originalID")) or reference(record.get("orderHdrID"))


def read_booking(answer: Answer, order_number: str) -> Booking:
    """Return the booking that an answer confirms.

    Raises:
        OutcomeUnknown: it does not tell, or it is about another order.
    """
    record = next(iter(records_of(answer.body)), None)
    theirs = reference(record.get("saleOrderCode")) if record else None
    if record is None or theirs not in (None, order_number):
        raise OutcomeUnknown(
            "MyVNPost's answer does not say whether it took the order. It is looked up before anything is sent again.",
            code="no_record" if record is None else "other_order",
            operator_words=words_of(answer.body),
        )
    return Booking(order_number, reference(record.get("itemCode")), already_existed=False, operator_id=id_of(record))


def booking_among(records: list[dict[str, Any]], order_number: str) -> Booking | None:
    """Return the booking of our order among records; a live one before one that is cancelled."""
    ours = [record for record in records if reference(record.get("saleOrderCode")) == order_number]
    if not ours:
        return None
    record = min(ours, key=lambda one: reference(one.get("status")) in _CANCELLED)
    return Booking(order_number, reference(record.get("itemCode")), already_existed=True, operator_id=id_of(record))


def read_change(body: Any) -> Change:
    """Return what became of a cancellation or correction; the answer may be a list, its names in either case.

    Raises:
        OutcomeUnknown: the answer does not tell.
    """
    first = next(iter(body), None) if isinstance(body, list) else body
    case = {str(name).lower(): value for name, value in first.items()} if isinstance(first, dict) else {}
    kind, words = reference(case.get("type")), words_of(first)
    if kind is None:
        raise OutcomeUnknown(
            "MyVNPost's answer does not say what became of the change; ask again.",
            code="type_missing",
            operator_words=words,
        )
    if kind == _ACCEPTED:
        return Change(ChangeOutcome.ACCEPTED, words)
    if kind == _WAITING:
        number = reference(case.get("caseid"))
        return Change(ChangeOutcome.PENDING, " - ".join(filter(None, (words, f"CaseId {number}" if number else ""))))
    if says_it_failed(words):
        raise _lost(f"type_{kind}", words, writes=True)
    return refusal(words or f"Type {kind}")


def refusal(words: str) -> Change:
    """Return a change that was refused, or that found no order."""
    return Change(ChangeOutcome.NOT_FOUND if _names_nothing(words) else ChangeOutcome.REFUSED, words)


def read_price(body: Any, service_code: str) -> Quote:
    """Return the price of a service from the list of all.

    Raises:
        Retryable: it is not in there.
    """
    rows = body.get("data", body) if isinstance(body, dict) else body
    for row in rows if isinstance(rows, list) else [rows]:
        fee = row.get("totalFee") if isinstance(row, dict) and row.get("serviceCode") == service_code else None
        if isinstance(fee, int | float) and not isinstance(fee, bool) and 0 < fee < 10**9:
            return Quote(round(fee))
    raise Retryable(
        f"MyVNPost's answer holds no price for service '{service_code}'; show the published tariff instead.",
        code="no_price",
    )


def read_label(body: Any) -> Label:
    """Return the document from an answer of base64 texts.

    Raises:
        Retryable: it holds none.
    """
    for one in _texts(body):
        try:
            content = base64.b64decode(one, validate=True)
        except ValueError:
            continue
        if content.startswith(b"%PDF"):
            return Label(content, "application/pdf")
    raise Retryable("MyVNPost has drawn no label yet; it is asked again by itself.", code="no_label")


def _texts(body: Any) -> Iterator[str]:
    content = body.get("data") if isinstance(body, dict) else body
    yield from (one for one in (content if isinstance(content, list) else [content]) if isinstance(one, str))


def _names_nothing(words: str) -> bool:
    folded = unicodedata.normalize("NFC", words).casefold()
    # A contract or a service that is not found says nothing about the order.
    return any(phrase in folded for phrase in _NOT_FOUND) and any(word in folded for word in _ORDER)


def _no(code: str, words: str, *, writes: bool) -> CarrierError:
    """Return what a "no" comes to: a refusal, unless its words blame MyVNPost itself."""
    if says_it_failed(words):
        return _lost(code, words, writes=writes)
    return Rejected(f"MyVNPost refused the request: {words or 'no reason given'}.", code=code, operator_words=words)


def _gateway(status: int, words: str, answer: Answer, *, writes: bool) -> CarrierError:
    code = f"status_{status}"
    if status in (401, 403):
        return Unauthorized(
            "MyVNPost refuses our token; correct the account's secrets.", code=code, operator_words=words
        )
    if status == 429:
        pause = retry_after(answer.headers)
        return Throttled("MyVNPost asks us to slow down.", code=code, operator_words=words, retry_after=pause)
    if status < 500:
        return _no(code, words, writes=writes)
    return _lost(code, words, writes=writes)


def _lost(code: str, words: str, *, writes: bool) -> CarrierError:
    message = f"MyVNPost answered with an error of its own ({words or code})"
    if writes:
        return OutcomeUnknown(
            f"{message} and may have taken the request; it is looked up before anything is sent again.",
            code=code,
            operator_words=words,
        )
    return Retryable(f"{message}; this is tried again by itself.", code=code, operator_words=words)
