"""An account's options at VNPost NGSP: which adapter stands between us and VNPost, and what it expects."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from carriers.account_options import read_options, require_secrets
from carriers.contract import ChangeOutcome
from carriers.status_table import StatusVersion
from carriers.transport_settings import SecureUrl, TransportSettings
from carriers.vnpost_ngsp.dialects import DIALECTS, Credential, Dialect, Operation, Variant
from config.accounts import CarrierAccount

_SECRETS: dict[Credential, tuple[str, ...]] = {
    Credential.CONSUMER: ("consumer_key", "consumer_secret"),
    Credential.KEY: ("key_token",),
    Credential.STATIC: ("access_token",),
}


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Addresses(_Section):
    """Addresses: ``adapter`` for adapters with one address for everything, the others for those with one per call.

    Which of the two is needed follows from the variant. ``price`` and ``document`` are services that not every
    province has.
    """

    token: SecureUrl | None = None
    adapter: SecureUrl | None = None
    order: SecureUrl | None = None
    cancel: SecureUrl | None = None
    tracking: SecureUrl | None = None
    price: SecureUrl | None = None
    document: SecureUrl | None = None


class NgspSettings(_Section):
    """The options table of a ``vnpost_ngsp`` account.

    Attributes:
        services: names of the calls at an adapter with one address, where they differ from the usual ones.
        grant_in: whether ``grant_type`` travels in the form body or in the query.
        expires_in_unit: what ``expires_in`` counts (seconds at the gateway, milliseconds in one SDK's words).
        with_item_code: bookings carry a waybill of the pre-allocated pool; else VNPost assigns one.
        event_time_unit: unit of numeric event times; ``auto`` tells milliseconds from seconds by size.
        code_list: which list of provinces and districts this adapter expects, GSO (statistics office) or VNPost.
        code_file: TOML with this deployment's own province and district codes, over the lists that ship with us.
        flag_config: value for ``FlagConfig``, whose meaning is not published; None sends null.
        cancel_outcomes: meaning of ``Status`` in answers to a cancellation, beyond 110.
        confirmed_statuses: VNPost's own status table, once it has been signed off; becomes the current version.
        find_pages: most feed pages that one look-up of an order reads.
    """

    variant: Variant
    urls: Addresses
    services: dict[Operation, str] = Field(default_factory=dict)
    grant_in: Literal["form", "query"] = "form"
    expires_in_unit: Literal["s", "ms"] = "s"
    with_item_code: bool = False
    event_time_unit: Literal["auto", "s", "ms"] = "auto"
    code_list: Literal["gso", "vnpost"] = "gso"
    code_file: Path | None = None
    flag_config: int | None = None
    cancel_outcomes: dict[int, ChangeOutcome] = Field(default_factory=dict)
    confirmed_statuses: StatusVersion | None = None
    find_pages: int = Field(default=50, ge=1)
    transport: TransportSettings = TransportSettings()

    @model_validator(mode="after")
    def _variant_is_complete(self) -> Self:
        needed = ["adapter"] if self.dialect.one_address else ["order", "cancel", "tracking"]
        if self.dialect.credential is not Credential.STATIC:
            needed.append("token")
        if missing := [name for name in needed if getattr(self.urls, name) is None]:
            raise ValueError(f"variant {self.variant} needs urls.{', urls.'.join(missing)}")
        if self.variant is Variant.MTLS and self.transport.client_certificate is None:
            raise ValueError("variant mtls needs transport.client_certificate")
        return self

    @property
    def dialect(self) -> Dialect:
        """How the adapter wants to be spoken to."""
        return DIALECTS[self.variant]

    def url(self, operation: Operation) -> str | None:
        """Return where ``operation`` is sent, or None when this account does not have it."""
        found: str | None = self.urls.adapter if self.dialect.one_address else getattr(self.urls, operation.value)
        return found

    def service(self, operation: Operation) -> str:
        """Return the name of ``operation`` at an adapter with one address."""
        return self.services.get(operation, self.dialect.services[operation])


def load_settings(account: CarrierAccount) -> NgspSettings:
    """Check an account's options and secrets.

    Raises:
        ConfigurationError: something is missing or wrong; the message names the place, never a secret.
    """
    settings = read_options(account, NgspSettings)
    require_secrets(account, _SECRETS[settings.dialect.credential], ", which VNPost gave you")
    return settings
