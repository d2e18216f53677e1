"""How each account is asked about its items: about how many at once, at what tempo, within what budget, in what way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from carriers.capabilities import CanAskForWebhooks, CanTrackItems, ReceivesWebhooks
from carriers.contract import FeedItem, OrderRef
from carriers.outcomes import Rejected
from dispatch.context import Context
from tracking import inbox
from tracking.apply import CARRIER_SOURCE, TRACKING
from tracking.poll_accounts import Budget
from tracking.poll_plan import Tempo


@dataclass(frozen=True)
class Questions:
    """One account's questions; ``ask`` puts one about so many items and returns how many documents were new."""

    account: str
    items_at_once: int
    tempo: Tempo
    budget: Budget | None
    ask: Callable[[list[OrderRef]], int]


def all_questions(context: Context) -> list[Questions]:
    """Return the questions of every account that can be asked about items, or for them."""
    found = (_questions(context, account.id) for account in context.accounts.carrier_accounts)
    return [one for one in found if one is not None]


def _questions(context: Context, account: str) -> Questions | None:
    carrier, settings = context.carriers.get(account), context.settings
    budget = Budget.of(carrier.status().calls_a_minute, settings.sweep_seconds)
    silence = timedelta(hours=settings.silence_hours)
    if isinstance(carrier, CanTrackItems):
        track = carrier.track
        trusted = silence if isinstance(carrier, ReceivesWebhooks) else None
        tempo = Tempo.of_items(timedelta(minutes=settings.item_poll_minutes), trusted)
        return Questions(
            account, carrier.items_at_once, tempo, budget, lambda orders: _keep(context, account, track(orders))
        )
    if isinstance(carrier, CanAskForWebhooks):
        resend = carrier.resend_journey
        return Questions(account, 1, Tempo.of_silence(silence), budget, lambda orders: _have_resent(resend, orders))
    return None


def _keep(context: Context, account: str, items: tuple[FeedItem, ...]) -> int:
    if not items:
        return 0
    with context.database.write() as session:
        return inbox.keep_items(session, f"{CARRIER_SOURCE}{account}", TRACKING, items, context.clock.now())


def _have_resent(resend: Callable[[OrderRef], None], orders: list[OrderRef]) -> int:
    for order in orders:
        try:
            resend(order)
        except Rejected:
            continue  # it knows no such item, or not yet: its silence goes on and is asked about again
    return 0
