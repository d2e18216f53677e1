"""Any system that takes signed callbacks: CloudEvents by Standard Webhooks (``docs/callbacks.md`` of its maker)."""

from __future__ import annotations

from config.accounts import OneStopSystem
from config.errors import ConfigurationError
from dispatch.onestop.plugin import Ties
from dispatch.outbox_rows import Delivery, OutboxMessage


class RestOneStop:
    """Tells every message by a callback, and is told everything over our own HTTP interface."""

    def __init__(self, system: OneStopSystem, ties: Ties) -> None:
        if system.callback_url is None or system.signing_secret is None:
            raise ConfigurationError(f"one-stop '{system.id}' needs callback_url and signing_secret")
        self._system, self._post = system, ties.post
        self._url, self._secret = system.callback_url, system.signing_secret.get_secret_value()

    @property
    def system(self) -> OneStopSystem:
        return self._system

    def tell(self, message: OutboxMessage) -> Delivery:
        return self._post.deliver(message, self._url, self._secret)

    def close(self) -> None:
        """The connections are the process's."""
