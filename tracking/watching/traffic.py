"""Traffic with others that does not get through: deliveries nobody can place, messages nobody takes, silent feeds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import ColumnElement, or_, select

from dispatch.feeds import FeedCursor
from dispatch.onestop.callbacks import NO_RECEIVER
from dispatch.outbox_lines import NOT_TAKEN
from dispatch.outbox_rows import OutboxDestination, OutboxMessage, OutboxState
from tracking.hints import HINT
from tracking.inbox import UNDONE, InboxDelivery, InboxState
from tracking.poll_accounts import PollAccount
from tracking.refusals import WebhookRefusal
from tracking.watching.items import Attention, View, item

_TOO_MANY_TRIES = 3
_HINTS_ARE_SETTLED = timedelta(hours=2)
_RECENT = timedelta(days=1)


def parked_deliveries(view: View) -> Iterator[Attention]:
    """Deliveries that nobody can place or read; hints only when the operator did not show the same after a while."""
    parked = select(InboxDelivery).where(UNDONE, InboxDelivery.state == InboxState.PARKED)
    for delivery in view.session.scalars(parked):
        values = {"source": delivery.source, "delivery": delivery.id, "reason": delivery.reason}
        if delivery.kind != HINT:
            yield item("delivery-parked", str(delivery.id), delivery.received_at, values)
        elif delivery.received_at < view.now - _HINTS_ARE_SETTLED:
            yield item("webhook-unconfirmed", str(delivery.id), delivery.received_at, values)


def refused_webhooks(view: View) -> Iterator[Attention]:
    """Deliveries without the operator's proof, too old, or unreadable, in the last day."""
    recent = select(WebhookRefusal).where(WebhookRefusal.last_at >= view.now - _RECENT)
    for row in view.session.scalars(recent):
        values = {"account": row.account, "verdict": row.verdict.value, "count": row.count, "reason": row.last_reason}
        yield item("webhook-refused", f"{row.account}:{row.verdict}:{row.first_at}", row.first_at, values)


def undelivered_messages(view: View) -> Iterator[Attention]:
    """The dossier is left open on purpose: the one-stop cannot be told that it cannot be told."""
    for message in view.session.scalars(select(OutboxMessage).where(NOT_TAKEN).where(_is_stuck())):
        values = {name: getattr(message, name) for name in ("type", "subject", "destination", "trouble")}
        yield item("message-undelivered", message.id, message.created_at, values)


def _is_stuck() -> ColumnElement[bool]:
    """Whether a message was tried too often; at a receiver that fails whatever the message, once is enough."""
    many, nobody = OutboxMessage.attempts > _TOO_MANY_TRIES, OutboxMessage.trouble.startswith(NO_RECEIVER)
    failing = select(OutboxDestination.destination).where(OutboxDestination.failures > _TOO_MANY_TRIES)
    tried_there = (OutboxMessage.attempts > 0) & OutboxMessage.destination.in_(failing)
    return or_(OutboxMessage.state == OutboxState.PARKED, many, nobody, tried_there)


def silent_feeds(view: View) -> Iterator[Attention]:
    """Operators whose tracking cannot be read, neither their feeds nor what they say of single items."""
    for row in view.session.scalars(select(FeedCursor).where(FeedCursor.failures >= _TOO_MANY_TRIES)):
        since = row.last_polled_at or row.next_poll_at
        yield item("feed-failing", row.account, since, {"account": row.account, "trouble": row.trouble})
    for account in view.session.scalars(select(PollAccount).where(PollAccount.failures >= _TOO_MANY_TRIES)):
        values = {"account": account.account, "trouble": account.trouble}
        yield item("feed-failing", account.account, account.failing_since or view.now, values)
