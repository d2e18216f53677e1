"""What VNPost's answers to orders and cancellations mean. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from carriers.contract import Change, ChangeOutcome
from carriers.exchange import Answer, says_it_failed, words_of
from carriers.outcomes import Duplicate, OutcomeUnknown, Rejected
from carriers.vnpost_ngsp.dialects import Dialect

CREATED = 100
ALREADY_EXISTS = 101  # inferred: systems in the field go on as if the order had been created
CANCELLED = 110


def status_of(body: Any) -> int | None:
    """Return ``Status``, which arrives as a number or as text, or None."""
    value = body.get("Status") if isinstance(body, dict) else None
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
        return int(value.strip()[:9])
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def check_order(answer: Answer, dialect: Dialect) -> None:
    """Return when the order was created.

    Raises:
        Duplicate: VNPost holds the order already.
        Rejected: VNPost says no.
        OutcomeUnknown: the answer does not tell.
    """
    status = status_of(answer.body)
    if status == ALREADY_EXISTS:
        raise Duplicate("VNPost holds this order already.", code="101", operator_words=words_of(answer.body))
    if status == CREATED or not dialect.judged_by_status:
        return
    raise _not_accepted(status, answer.body)


def read_cancellation(answer: Answer, dialect: Dialect, known: Mapping[int, ChangeOutcome]) -> Change:
    """Return what became of a cancellation; ``known`` are meanings of ``Status`` that a deployment has learnt.

    Raises:
        OutcomeUnknown: the answer does not tell.
    """
    status, words = status_of(answer.body), words_of(answer.body)
    if status == CANCELLED or not dialect.judged_by_status:
        return Change(ChangeOutcome.ACCEPTED, words)
    if status is not None and status in known:
        return Change(known[status], words)
    problem = _not_accepted(status, answer.body)
    if isinstance(problem, Rejected):
        return Change(ChangeOutcome.REFUSED, words or f"Status {status}")
    raise problem


def _not_accepted(status: int | None, body: Any) -> Rejected | OutcomeUnknown:
    words = words_of(body)
    # An adapter that could not hear VNPost's own answer reports a made-up 5xx in the body.
    if status is None or 500 <= status < 600 or says_it_failed(words):
        return OutcomeUnknown(
            "The adapter's answer does not say whether VNPost took the request. It is looked up before anything is "
            "sent again.",
            code=f"status_{status}" if status is not None else "status_missing",
            operator_words=words,
        )
    return Rejected(
        f"VNPost refused the request: {words or 'no reason given'} (Status {status}).",
        code=str(status),
        operator_words=words,
    )
