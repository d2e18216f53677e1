"""Webhooks of the operators: verify, refuse replays, take apart, keep once, answer in the sender's own words.

What is verified and how the answer reads is each operator's own (:mod:`carriers.webhooks`). Whatever was kept is
answered as taken only after the commit; what could not be kept is answered so that it comes again. Many are committed
together by :mod:`tracking.intake_writer`; :func:`take` does all of it for one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

import structlog
from sqlalchemy.exc import DataError, DBAPIError, SQLAlchemyError, StatementError
from sqlalchemy.orm import Session

from carriers.capabilities import ReceivesWebhooks
from carriers.webhooks import Verdict, WebhookDocument, WebhookReply, WebhookRequest
from config.errors import ConfigurationError
from config.tracing import trace_of
from dispatch.context import Context
from dispatch.problems import Problem
from tracking import inbox, refusals
from tracking.apply import CARRIER_SOURCE, LANE, TRACKING
from tracking.hints import HINT
from tracking.inbox_rows import Incoming
from tracking.intake_batches import commit_apart
from tracking.refusals import Counts, Refused

UNKEEPABLE = "the database cannot hold what is in it"

_MOST_HINTS = 100
"""Of one delivery. Nobody vouches for a hint, so whoever has one genuine delivery could fill the disk with them."""

Transaction = Callable[[], AbstractContextManager[Session]]
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery that was verified and taken apart, and is to be kept; ``size`` in bytes.

    ``request_id`` is the sender's own name for its request, where it has one.
    """

    incoming: tuple[Incoming, ...]
    size: int
    request_id: str = ""

    @property
    def rows(self) -> int:
        """How many rows it makes."""
        return len(self.incoming)


@dataclass(slots=True)
class Outcome:
    """What became of deliveries that were committed together.

    Attributes:
        verdicts: one for each, in order.
        new: how many documents were not known before.
        trouble: what went wrong last; empty when all were kept.
    """

    verdicts: list[Verdict] = field(default_factory=list)
    new: int = 0
    trouble: str = ""


def receiver_of(context: Context, carrier: str, account: str) -> ReceivesWebhooks:
    """Return who reads and answers the webhooks of an account.

    Raises:
        Problem: there is no such account, or its operator sends no webhooks.
    """
    try:
        found = context.carriers.get(account)
    except ConfigurationError:
        found = None
    if found is None or found.name != carrier or not isinstance(found, ReceivesWebhooks):
        raise Problem(
            "unknown-webhook",
            "No such webhook",
            f"There is no account '{account}' at '{carrier}' that receives webhooks.",
            "Register the address /webhooks/<operator>/<account> with the names of `postal carriers`.",
            next_step_vi="Đăng ký đúng địa chỉ nhận tin theo tên đơn vị và tài khoản đã cấu hình.",
            status=404,
        )
    return found


def take(context: Context, carrier: str, account: str, request: WebhookRequest) -> WebhookReply:
    """Take one delivery in a transaction of its own and return the answer to it.

    Raises:
        Problem: there is no such account, or its operator sends no webhooks.
    """
    receiver = receiver_of(context, carrier, account)
    reading = receiver.read_webhook(request)
    verdict, reason = reading.verdict, reading.reason
    if verdict is Verdict.TAKEN:
        outcome = keep(context.database.write, [delivery_of(account, reading.documents, request)])
        (verdict,), reason = outcome.verdicts, UNKEEPABLE
        if outcome.new:
            context.ring(LANE)
    if is_refusal(verdict):
        write_down(context, refusal(account, verdict, reason, request))
    return receiver.answer_webhook(request, verdict)


def delivery_of(
    account: str, documents: Sequence[WebhookDocument], request: WebhookRequest, request_id: str = ""
) -> Delivery:
    """Return what is to be kept of a proven delivery: the operator's word, and no more hints than anybody reads."""
    source, incoming = f"{CARRIER_SOURCE}{account}", []
    for document in _within_bounds(account, documents):
        kind, body = TRACKING if document.confirmed else HINT, inbox.as_text(document.raw)
        incoming.append(Incoming(source, f"webhook:{document.id}", kind, body, request.received_at))
    return Delivery(tuple(incoming), sum(len(one.body) for one in incoming), request_id)


def _within_bounds(account: str, documents: Sequence[WebhookDocument]) -> Sequence[WebhookDocument]:
    """Return all documents that are the operator's word, and the first of the hints; asking finds what is left out."""
    hints = [document for document in documents if not document.confirmed]
    if len(hints) <= _MOST_HINTS:
        return documents
    log.warning("webhook_hints_left_out", account=account, left_out=len(hints) - _MOST_HINTS)
    return [document for document in documents if document.confirmed] + hints[:_MOST_HINTS]


def keep(write: Transaction, deliveries: Sequence[Delivery]) -> Outcome:
    """Commit deliveries in one transaction of ``write``, and never raise.

    One that the database cannot hold is refused alone. When the database is busy, full, read-only or away, nothing
    was kept, so all have to come again.
    """
    outcome = Outcome()

    def commit(batch: Sequence[Delivery]) -> None:
        try:
            outcome.new += _committed(write, batch)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            # The server was away since the last batch. Should this one have been kept, it is known by now.
            outcome.new += _committed(write, batch)

    errors = commit_apart(deliveries, commit, _is_to_blame)
    outcome.verdicts = [_verdict(error) for error in errors]
    for error in {id(error): error for error in errors if error is not None}.values():
        outcome.trouble = _told(error)
        log.warning("webhook_not_kept", reason=outcome.trouble, deliveries=sum(one is error for one in errors))
        if not isinstance(error, SQLAlchemyError | ValueError):
            log.error("webhook_not_kept_by_a_bug", exc_info=error)
    return outcome


def _committed(write: Transaction, batch: Sequence[Delivery]) -> int:
    incoming = [one for delivery in batch for one in delivery.incoming]
    with write() as session:
        new = inbox.keep_many(session, incoming)
    _tell(new, batch)
    return new


def _tell(new: int, batch: Sequence[Delivery]) -> None:
    """Log under which ids what was kept can be followed, and which requests that had names of their own brought it."""
    traces = [[trace_of(one.source, one.key) for one in delivery.incoming] for delivery in batch]
    named = {delivery.request_id: own for delivery, own in zip(batch, traces, strict=True) if delivery.request_id}
    log.info("deliveries_kept", new=new, traces=[one for own in traces for one in own], requests=named)


def _verdict(error: Exception | None) -> Verdict:
    if error is None:
        return Verdict.TAKEN
    return Verdict.MALFORMED if _is_to_blame(error) else Verdict.BUSY


def _is_to_blame(error: Exception) -> bool:
    """Whether it is the content that cannot be kept: too long for its column, a letter that the database has not."""
    if isinstance(error, DBAPIError):
        return isinstance(error, DataError)
    return isinstance(error, StatementError | ValueError)


def _told(error: Exception) -> str:
    return type(getattr(error, "orig", None) or error).__name__


def is_refusal(verdict: Verdict) -> bool:
    """Whether a delivery of this verdict is counted instead of kept."""
    return verdict not in (Verdict.TAKEN, Verdict.BUSY)


def refusal(account: str, verdict: Verdict, reason: str, request: WebhookRequest) -> Counts:
    """Return a refusal as it is counted."""
    now = request.received_at
    return {(account, verdict): Refused(1, now, now, reason, request.sender)}


def write_down(context: Context, counts: Counts) -> bool:
    """Write refusals down as far as that is possible now; tells whether it was. No answer hangs on it."""
    try:
        with context.database.write() as session:
            refusals.write_down(session, counts)
    except SQLAlchemyError as error:
        log.warning("webhook_refusals_not_counted", reason=_told(error))
        return False
    return True
