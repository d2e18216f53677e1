"""Webhooks of the operators: verify, refuse replays, take apart, keep once, answer in the sender's own words.

What is verified and how the answer reads is each operator's own (:mod:`carriers.webhooks`). Whatever was kept is
answered as taken only after the commit; what could not be kept is answered so that it comes again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy import String
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Mapped, Session, mapped_column

from carriers.capabilities import ReceivesWebhooks
from carriers.webhooks import Verdict, WebhookDocument, WebhookReading, WebhookReply, WebhookRequest
from config.database import Base, UtcDateTime
from config.errors import ConfigurationError
from config.tracing import trace_of
from dispatch.context import Context
from dispatch.problems import Problem
from tracking import inbox
from tracking.apply import CARRIER_SOURCE, TRACKING
from tracking.hints import HINT

_A_DAY = timedelta(days=1)
_MOST_HINTS = 100
"""Of one delivery. Nobody vouches for a hint, so whoever has one genuine delivery could fill the disk with them."""

log = structlog.get_logger()


class WebhookRefusal(Base):
    """How often deliveries to one account were refused for one reason, since they began to be; one row for each.

    What nobody vouches for is counted and not kept: anybody could fill the disk with it.
    """

    __tablename__ = "webhook_refusal"

    account: Mapped[str] = mapped_column(String(40), primary_key=True)
    verdict: Mapped[Verdict] = mapped_column(primary_key=True)
    count: Mapped[int]
    first_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_reason: Mapped[str] = mapped_column(String(300))
    last_sender: Mapped[str] = mapped_column(String(64))


def take(context: Context, carrier: str, account: str, request: WebhookRequest) -> WebhookReply:
    """Take a delivery and return the answer to it.

    Raises:
        Problem: there is no such account, or its operator sends no webhooks.
    """
    receiver = _receiver(context, carrier, account)
    reading = receiver.read_webhook(request)
    if reading.verdict is not Verdict.TAKEN:
        _count_refusal(context, account, reading, request)
        return receiver.answer_webhook(request, reading.verdict)
    try:
        _keep_once(context, account, _within_bounds(account, reading.documents), request.received_at)
    except SQLAlchemyError as error:  # busy, full, or away: nothing was kept, so it has to come again
        log.warning("webhook_not_kept", account=account, reason=type(getattr(error, "orig", error)).__name__)
        return receiver.answer_webhook(request, Verdict.BUSY)
    return receiver.answer_webhook(request, Verdict.TAKEN)


def refuse_too_long(
    context: Context, carrier: str, account: str, request: WebhookRequest, longest: int
) -> WebhookReply:
    """Return the answer to a delivery of which nothing was read, because it is longer than ``longest`` bytes.

    Raises:
        Problem: there is no such account, or its operator sends no webhooks.
    """
    receiver = _receiver(context, carrier, account)
    reading = WebhookReading(Verdict.MALFORMED, reason=f"longer than {longest} bytes")
    _count_refusal(context, account, reading, request)
    return receiver.answer_webhook(request, reading.verdict)


def _receiver(context: Context, carrier: str, account: str) -> ReceivesWebhooks:
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


def _within_bounds(account: str, documents: Sequence[WebhookDocument]) -> list[WebhookDocument]:
    """Return all documents that are the operator's word, and the first of the hints; asking finds what is left out."""
    hints = [document for document in documents if not document.confirmed]
    if len(hints) > _MOST_HINTS:
        log.warning("webhook_hints_left_out", account=account, left_out=len(hints) - _MOST_HINTS)
    return [document for document in documents if document.confirmed] + hints[:_MOST_HINTS]


def _keep_once(context: Context, account: str, documents: Sequence[WebhookDocument], now: datetime) -> None:
    try:
        _keep(context, account, documents, now)
    except IntegrityError:  # the same delivery was kept by another request at this moment: now it is known
        _keep(context, account, documents, now)


def _keep(context: Context, account: str, documents: Sequence[WebhookDocument], now: datetime) -> None:
    source = f"{CARRIER_SOURCE}{account}"
    with context.database.write() as session:
        new = [
            inbox.keep(
                session,
                source=source,
                key=f"webhook:{document.id}",
                kind=TRACKING if document.confirmed else HINT,
                body=document.raw,
                now=now,
            )
            for document in documents
        ]
    log.info("deliveries_kept", source=source, traces=[trace_of(source, f"webhook:{one.id}") for one in documents])
    if any(new):
        context.ring("intake")


def _count_refusal(context: Context, account: str, reading: WebhookReading, request: WebhookRequest) -> None:
    """Count a refusal as far as that is possible now: the answer to it never hangs on the count."""
    log.warning("webhook_refused", account=account, verdict=reading.verdict.value, reason=reading.reason)
    try:
        with context.database.write() as session:
            _count(session, account, reading, request)
    except IntegrityError:
        pass  # another delivery made the row at the same moment, and has counted for both
    except SQLAlchemyError as error:
        log.warning("webhook_refusal_not_counted", account=account, reason=type(error).__name__)


def _count(session: Session, account: str, reading: WebhookReading, request: WebhookRequest) -> None:
    now = request.received_at
    row = session.get(WebhookRefusal, (account, reading.verdict), with_for_update=True)
    if row is None:
        row = WebhookRefusal(account=account, verdict=reading.verdict, count=0, first_at=now)
        session.add(row)
    elif now - row.last_at > _A_DAY:
        row.count, row.first_at = 0, now
    row.count += 1
    row.last_at, row.last_reason, row.last_sender = now, reading.reason[:300], request.sender[:64]
