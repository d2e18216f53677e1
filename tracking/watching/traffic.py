"""Traffic with others that does not get through: deliveries nobody can place, messages nobody takes, silent feeds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import ColumnElement, or_, select

from dispatch.dossiers import Dossier
from dispatch.feeds import FeedCursor
from dispatch.messenger import NO_RECEIVER
from dispatch.outbox_lines import NOT_TAKEN
from dispatch.outbox_rows import OutboxDestination, OutboxMessage, OutboxState
from tracking.hints import HINT
from tracking.inbox import UNDONE, InboxDelivery, InboxState
from tracking.onestop_lines import IMPORTED, STATEMENT
from tracking.onestop_positions import OnestopPosition
from tracking.onestop_statements import Word, waiting_in
from tracking.poll_accounts import PollAccount
from tracking.refusals import WebhookRefusal
from tracking.watching.items import Attention, View, item

_TOO_MANY_TRIES = 3
_HINTS_ARE_SETTLED = timedelta(hours=2)
_RECENT = timedelta(days=1)


def parked_deliveries(view: View) -> Iterator[Attention]:
    """Deliveries nobody can place, read or follow; hints only when the operator did not show the same after a while."""
    parked = select(InboxDelivery).where(UNDONE, InboxDelivery.state == InboxState.PARKED)
    for delivery in view.session.scalars(parked):
        values = {"source": delivery.source, "delivery": delivery.id, "reason": delivery.reason}
        if delivery.kind in (STATEMENT, IMPORTED):
            yield from _told(view, delivery)
        elif delivery.kind != HINT:
            yield item("delivery-parked", str(delivery.id), delivery.received_at, values)
        elif delivery.received_at < view.now - _HINTS_ARE_SETTLED:
            yield item("webhook-unconfirmed", str(delivery.id), delivery.received_at, values)


def _told(view: View, delivery: InboxDelivery) -> Iterator[Attention]:
    """What a one-stop system told and we could not do; where we know the dossier, the system is told so in turn."""
    for row in waiting_in(view.session, delivery.id):
        kind = "statement-waits" if row.outcome is Word.AWAITS else "statement-refused"
        said = {"source": row.source, "code": row.dossier_code, "said": row.kind, "key": row.key, "number": delivery.id}
        why = {"title": row.title, "detail": row.detail, "step_en": row.next_step, "step_vi": row.next_step_vi}
        known = view.session.get(Dossier, row.dossier_code) is not None
        key = f"{delivery.id}:{row.key}"[:150]
        yield item(kind, key, delivery.received_at, {**said, **why}, row.dossier_code if known else None)


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


def silent_onestops(view: View) -> Iterator[Attention]:
    """One-stop systems whose changes cannot be imported."""
    for row in view.session.scalars(select(OnestopPosition).where(OnestopPosition.failures >= _TOO_MANY_TRIES)):
        values = {"system": row.system, "trouble": row.trouble}
        yield item("onestop-failing", row.system, row.failing_since or view.now, values)
