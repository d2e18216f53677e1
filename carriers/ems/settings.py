"""An account's options and secrets at EMS Vietnam."""

from __future__ import annotations

import logging
from ipaddress import IPv4Network, IPv6Network
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from carriers.account_options import place_of, read_options, require_secrets, secret_of
from carriers.status_table import StatusVersion
from carriers.transport_settings import SecureUrl, TransportSettings
from config.accounts import CarrierAccount
from config.errors import ConfigurationError

_SHORTEST_PATH_SECRET = 16
_LOG = logging.getLogger(__name__)

Network = IPv4Network | IPv6Network
AreaCode = int | str


class EmsSettings(BaseModel):
    """The options table of an ``ems`` account.

    Attributes:
        base_url: where the MerchantSite v1 is, up to ``/api/v1``. Its public pages show plain http, over which the
            merchant token would travel in the clear: ask EMS for the https address.
        api: which interface orders go through; v2's calls are not published in full.
        service: which of the services in ``GET /config/service`` is booked.
        provinces: EMS's code of each province by the statistics office's (``{"04": "27"}``), from
            ``GET /address/province``; what is not listed cannot be booked. ``gso`` where both count alike.
        districts: the same for districts, which are sent only where they are listed.
        order_fields: further fields of an order that this merchant needs (``payment_config``, ``vas``), as EMS told.
        allow_networks: from where webhooks may come.
        trust_webhooks: take webhooks for EMS's own word although nothing signs them; else they are hints.
        confirmed_statuses: EMS's own status table, once it has been signed off; becomes the current version.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    base_url: SecureUrl
    api: Literal["v1"] = "v1"
    service: int | str
    provinces: Literal["gso"] | dict[str, AreaCode]
    districts: dict[str, AreaCode] = Field(default_factory=dict)
    order_fields: dict[str, Any] = Field(default_factory=dict)
    allow_networks: tuple[Network, ...] = ()
    trust_webhooks: bool = False
    confirmed_statuses: StatusVersion | None = None
    transport: TransportSettings = TransportSettings()

    @field_validator("allow_networks")
    @classmethod
    def _not_everybody(cls, networks: tuple[Network, ...]) -> tuple[Network, ...]:
        if any(network.prefixlen == 0 for network in networks):
            raise ValueError("names everybody; give the networks that EMS calls from")
        return networks

    def url(self, path: str) -> str:
        """Return the address of a call; ``path`` begins with a slash."""
        return self.base_url.rstrip("/") + path

    def serves(self, province: str) -> bool:
        """Whether EMS's code of a province is known."""
        return self.provinces == "gso" or province in self.provinces


def load_settings(account: CarrierAccount) -> EmsSettings:
    """Check an account's options and secrets; an account that cannot receive webhooks is logged as such.

    Raises:
        ConfigurationError: something is missing or wrong; the message names the place, never a secret.
    """
    where = place_of(account)
    settings = read_options(account, EmsSettings)
    require_secrets(account, ("merchant_token",), ", which EMS gave you")
    path_secret = secret_of(account, "path_secret")
    if path_secret and len(path_secret) < _SHORTEST_PATH_SECRET:
        raise ConfigurationError(
            f"{where}: secrets.path_secret can be guessed; take {_SHORTEST_PATH_SECRET} characters or more"
        )
    if not receives_webhooks(settings, account):
        _say_that_webhooks_are_refused(where, settings)
    return settings


def receives_webhooks(settings: EmsSettings, account: CarrierAccount) -> bool:
    """Whether a webhook can be accepted at all: EMS signs none, so its way to us has to be known."""
    return bool(settings.allow_networks) or bool(secret_of(account, "path_secret"))


def _say_that_webhooks_are_refused(where: str, settings: EmsSettings) -> None:
    remedy = "add secrets.path_secret (the end of the address registered at EMS) or options.allow_networks"
    if settings.trust_webhooks:
        raise ConfigurationError(f"{where}: options.trust_webhooks would believe anybody; {remedy}")
    _LOG.warning("%s refuses every webhook, so news comes by tracking alone; %s", where, remedy)
