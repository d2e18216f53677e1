"""What can become of a call to an operator, as exceptions: one ``except`` per outcome, and retrying is never a guess.

The question that decides between them is always the same: may the operator have acted? Only :class:`OutcomeUnknown`
says "perhaps", and only it forbids sending the same booking again before the operator has been asked.
"""

# ruff: noqa: N818 - these name what became of a call, and are read as such in an except clause

from __future__ import annotations


class CarrierError(Exception):
    """A call did not bring what was asked for.

    Attributes:
        code: the operator's code, or ours for the cause (``connect_failed``, ``http_500``), for machines and counters.
        operator_words: what the operator said, verbatim; may be empty, may hold personal data.
    """

    def __init__(self, message: str, *, code: str = "", operator_words: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.operator_words = operator_words


class Retryable(CarrierError):
    """Certainly nothing happened at the operator: the same call may be made again.

    Attributes:
        retry_after: seconds to leave the operator alone first; None when nobody asked for a pause.
    """

    def __init__(
        self, message: str, *, code: str = "", operator_words: str = "", retry_after: float | None = None
    ) -> None:
        super().__init__(message, code=code, operator_words=operator_words)
        self.retry_after = retry_after


class Throttled(Retryable):
    """The operator, or the rate that was agreed with it, asks us to slow down."""


class CircuitOpen(Retryable):
    """The operator has been failing, so we did not even try."""


class Unauthorized(CarrierError):
    """The operator refuses our credentials, also after a fresh token: somebody must correct the account."""


class Rejected(CarrierError):
    """A definite no to this request: sending it again unchanged brings the same answer."""


class Duplicate(CarrierError):
    """The operator already holds this order, which for a booking is a success."""


class OutcomeUnknown(CarrierError):
    """The request was sent and may have taken effect: look it up or ask, never send it again blindly."""
