"""A system's options and secrets on the message bus."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from config.accounts import OneStopSystem
from config.errors import ConfigurationError

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_PLAIN, _ENCRYPTED = "amqp", "amqps"

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]{1,120}$")]


class BusOptions(BaseModel):
    """The options table of a one-stop with the connector ``bus``.

    Attributes:
        exchange: the topic exchange to which both sides publish.
        queue: ours, in which we hear; what cannot be taken goes to the queue of that name with ``.dead`` behind it.
        prefetch: how many messages the broker gives us before the first of them is written down.
        trusted_network: take ``amqp://`` to another machine; what goes over it names citizens and is not encrypted.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    exchange: Name = "onestop"
    queue: Name = "onestop-postal"
    prefetch: Annotated[int, Field(ge=1, le=1000)] = 50
    trusted_network: bool = False


class BusSettings(BusOptions):
    """The options together with the address of the broker, which holds a password."""

    url: SecretStr

    @property
    def dead_queue(self) -> str:
        """Where messages lie that cannot be taken."""
        return f"{self.queue}.dead"

    @property
    def host(self) -> str:
        """The broker's host, without user and password."""
        return urlsplit(self.url.get_secret_value()).hostname or ""

    @property
    def encrypted(self) -> bool:
        """Whether the line to the broker is encrypted."""
        return urlsplit(self.url.get_secret_value()).scheme == _ENCRYPTED


def load_settings(system: OneStopSystem) -> BusSettings:
    """Check a system's options and secrets.

    Raises:
        ConfigurationError: something is missing or wrong; the message names the place, never the address.
    """
    where = f"One-stop '{system.id}' (bus)"
    url = system.secrets.get("url")
    if url is None:
        raise ConfigurationError(f"{where}: add secrets.url, amqps://user:password@host/virtual-host")
    try:
        options = BusOptions.model_validate(system.options)
    except ValidationError as error:
        raise ConfigurationError.from_validation(f"{where}, options", error) from error
    settings = BusSettings(url=url, **options.model_dump())
    scheme = urlsplit(url.get_secret_value()).scheme
    if scheme not in (_PLAIN, _ENCRYPTED) or not settings.host:
        raise ConfigurationError(
            f"{where}: secrets.url is no address of RabbitMQ; write amqps://user:password@host/vhost"
        )
    if not settings.encrypted and settings.host not in _LOOPBACK and not settings.trusted_network:
        raise ConfigurationError(
            f"{where}: secrets.url is not encrypted; use amqps://, or say options.trusted_network = true"
        )
    return settings
