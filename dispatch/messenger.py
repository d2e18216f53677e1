"""The way out: each message of the outbox to whom it is for, a one-stop system or the citizen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import httpx

from config.accounts import Accounts
from config.database import Database
from config.errors import ConfigurationError
from config.settings import Settings
from dispatch.channels.mail import Mail
from dispatch.channels.sms import HttpSms
from dispatch.channels.ways import EMAIL, GATEWAY, SMS, Plan, Way
from dispatch.news import ONESTOP
from dispatch.onestop import registry
from dispatch.onestop.bus.connector import OpenBus
from dispatch.onestop.contract import OneStop
from dispatch.onestop.plugin import Ties
from dispatch.onestop.standing import Standing
from dispatch.outbox_rows import Delivery, OutboxMessage
from dispatch.signed_post import SignedPost

CITIZEN = "citizen"
NO_RECEIVER = "no receiver is configured"


class Spreads(Protocol):
    """Brings what is owed to citizens onto our own ways (:mod:`tracking.telling.spreading`)."""

    def spread(self, message: OutboxMessage) -> Plan:
        """Owe a message by each way that it takes; the same message again owes nothing more."""

    def addressed(self, message: OutboxMessage) -> OutboxMessage | None:
        """Return a message of one way with the address that the citizen has now; None where it comes too late."""


def _nothing_known(_code: str) -> Standing | None:
    return None


class Messenger:
    """Delivers outbox messages. Thread-safe; one per process.

    Args:
        standing: how a dossier stands now, for the systems that are told that.
        database: where connectors remember what they have told, for those that do.
        network: what carries the requests, where it is not the real network; the simulation has its own.
        citizens: brings what is owed to citizens onto our own ways; None where there are none.
        open_bus: opens the way onto a message bus, in processes that have one.

    Raises:
        ConfigurationError: a system's connector is unknown, or its options or secrets are wrong.
    """

    def __init__(
        self,
        accounts: Accounts,
        settings: Settings,
        standing: Callable[[str], Standing | None] = _nothing_known,
        network: httpx.BaseTransport | None = None,
        database: Database | None = None,
        citizens: Spreads | None = None,
        open_bus: OpenBus | None = None,
    ) -> None:
        self._gateway = accounts.message_gateway
        self._citizens = citizens
        self.mail, self.sms = _own_ways(accounts, settings, network)
        self._post = SignedPost(settings.call_timeout, network)
        ties = Ties(settings, self._post, standing, database, network, copies_of=accounts.copies_of, open_bus=open_bus)
        self.onestops: tuple[OneStop, ...] = tuple(registry.build(system, ties) for system in accounts.onestops)

    def send(self, message: OutboxMessage) -> Delivery:
        """Deliver one message and say what came of it; a receiver that is not configured is a failed delivery."""
        if message.destination == CITIZEN:
            return self._to_citizen(message)
        if message.destination in (EMAIL, SMS):
            return self._by_own_way(message)
        if message.destination == GATEWAY:
            return self._by_gateway(message)
        onestop = self._onestop(message.destination.removeprefix(ONESTOP))
        return onestop.tell(message) if onestop else _undeliverable(message)

    def close(self) -> None:
        """Close the connections."""
        for onestop in self.onestops:
            onestop.close()
        self._post.close()
        if self.sms is not None:
            self.sms.close()

    def _to_citizen(self, message: OutboxMessage) -> Delivery:
        plan = self._citizens.spread(message) if self._citizens else None
        if plan is not None and Way.GATEWAY not in plan.taken:
            return _spread_over(plan)
        return self._by_gateway(message)

    def _by_gateway(self, message: OutboxMessage) -> Delivery:
        if self._gateway is None:
            return _undeliverable(message)
        return self._post.deliver(message, self._gateway.url, self._gateway.signing_secret.get_secret_value())

    def _by_own_way(self, message: OutboxMessage) -> Delivery:
        way = self.mail if message.destination == EMAIL else self.sms
        if way is None or self._citizens is None:
            return _undeliverable(message)
        addressed = self._citizens.addressed(message)
        if addressed is None:
            return Delivery(True, None, "not sent any more: what it says has run out", 0)
        return way.deliver(addressed)

    def _onestop(self, wanted: str) -> OneStop | None:
        return next((o for o in self.onestops if wanted == o.system.id or wanted in o.system.source_systems), None)


def _undeliverable(message: OutboxMessage) -> Delivery:
    return Delivery(False, None, f"{NO_RECEIVER} for '{message.destination}'", 0)


def _own_ways(
    accounts: Accounts, settings: Settings, network: httpx.BaseTransport | None
) -> tuple[Mail | None, HttpSms | None]:
    channels = accounts.citizen_channels
    if channels is None:
        return None, None
    if channels.email is not None and channels.email.timeout * 2 >= settings.lease_seconds:
        raise ConfigurationError(
            "citizen_channels.email.timeout must be less than half of POSTAL_LEASE_SECONDS, "
            "or a letter could be taken from a worker that still waits for the mail server"
        )
    mail = Mail(channels.email) if channels.email else None
    return mail, HttpSms(channels.sms, settings.call_timeout, network) if channels.sms else None


def _spread_over(plan: Plan) -> Delivery:
    """Say what became of a message that the gateway does not get; where there is no way, a person has to call."""
    if plan.taken:
        return Delivery(True, None, f"told by {' and '.join(plan.taken)} ({plan.said})", 0)
    if plan.possible:
        return Delivery(True, None, f"not told, as the citizen wishes ({plan.said})", 0)
    reason = f"{NO_RECEIVER} that reaches this citizen: call or write ({plan.said})"
    return Delivery(False, None, reason, 0, gone=True, about_message=True)
