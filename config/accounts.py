"""Who we are to others: carrier accounts per agency, one-stop systems, and those who may call us.

All of it is one TOML file (``POSTAL_CONFIG``). An agency's own account wins over the provincial default, which is the
account without an ``agency``.
"""

from __future__ import annotations

import base64
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator

from config.errors import ConfigurationError


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Desk(_Section):
    """Where the postman finds the agency: its side of every waybill. ``province_code`` is the statistics office's."""

    phone: str
    address: str
    province_code: str = Field(pattern=r"^\d{2}$")
    district_code: str | None = None
    email: str | None = None


class CarrierAccount(_Section):
    """One account at one postal operator. ``options`` is checked by that operator's own settings model.

    ``customer_code`` tells whose an event is, so no two accounts at one operator share it. ``legs`` and ``zones`` say
    what the account may carry, where it is not everything.
    """

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")
    carrier: str
    agency: str | None = None
    customer_code: str
    desk: Desk
    legs: tuple[Literal["send", "return"], ...] = ()
    zones: tuple[Literal["same_area", "same_province", "special_cities", "inter_province"], ...] = ()
    options: dict[str, Any] = Field(default_factory=dict)
    secrets: dict[str, SecretStr] = Field(default_factory=dict)


def _signing_secret(secret: SecretStr) -> SecretStr:
    try:
        base64.b64decode(secret.get_secret_value().removeprefix("whsec_"), validate=True)
    except ValueError as error:
        raise ValueError("a signing secret is base64, usually after 'whsec_'") from error
    return secret


Url = Annotated[str, Field(pattern=r"^https?://[^\s/]+")]
SigningSecret = Annotated[SecretStr, AfterValidator(_signing_secret)]


class RoutingPreference(_Section):
    """Which operators an agency prefers, most wanted first; without an ``agency`` it is the province's wish."""

    agency: str | None = None
    prefer: tuple[str, ...]


class OneStopSystem(_Section):
    """A case system that files dossiers with us and is told of every change by signed callback."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")
    source_systems: tuple[str, ...]
    callback_url: Url
    signing_secret: SigningSecret


class MessageGateway(_Section):
    """The agency's own gateway for messages to citizens (SMS brand name, Zalo OA, mail)."""

    url: Url
    signing_secret: SigningSecret


class ApiClient(_Section):
    """Somebody who may call our HTTP interface with a bearer token."""

    name: str
    token: SecretStr = Field(min_length=16)


class Accounts(_Section):
    """The whole configuration file."""

    carrier_accounts: tuple[CarrierAccount, ...] = ()
    routing: tuple[RoutingPreference, ...] = ()
    onestops: tuple[OneStopSystem, ...] = ()
    api_clients: tuple[ApiClient, ...] = ()
    message_gateway: MessageGateway | None = None

    @model_validator(mode="after")
    def _unique(self) -> Accounts:
        for what, names in (
            ("carrier account id", [a.id for a in self.carrier_accounts]),
            ("account for carrier and agency", [f"{a.carrier} {a.agency}" for a in self.carrier_accounts]),
            ("routing preference of agency", [f"{r.agency}" for r in self.routing]),
            ("one-stop id", [o.id for o in self.onestops]),
            ("source system", [s for o in self.onestops for s in o.source_systems]),
        ):
            doubled = sorted({name for name in names if names.count(name) > 1})
            if doubled:
                raise ValueError(f"{what} given twice: {', '.join(doubled)}")
        return self

    @model_validator(mode="after")
    def _events_have_one_owner(self) -> Accounts:
        """Else whoever may speak for one account could move the shipments of another."""
        owners: dict[tuple[str, str], str] = {}
        for account in self.carrier_accounts:
            owner = owners.setdefault((account.carrier, account.customer_code), account.id)
            if owner != account.id:
                raise ValueError(
                    f"accounts {owner} and {account.id} at '{account.carrier}' have the same customer_code: "
                    "give each its own; it tells whose an event is"
                )
        return self

    def carrier_account(self, carrier: str, agency: str) -> CarrierAccount | None:
        """Return the agency's account at ``carrier``, else the provincial default, else None."""
        own = [a for a in self.carrier_accounts if a.carrier == carrier and a.agency == agency]
        default = [a for a in self.carrier_accounts if a.carrier == carrier and a.agency is None]
        return next(iter(own + default), None)

    def preferred_carriers(self, agency: str) -> tuple[str, ...]:
        """Return the operators that the agency prefers, else those that the province does, most wanted first."""
        wishes = {wish.agency: wish.prefer for wish in self.routing}
        return wishes.get(agency, wishes.get(None, ()))

    def carrier_account_by_id(self, account_id: str) -> CarrierAccount:
        """Return the account called ``account_id``.

        Raises:
            ConfigurationError: there is none; shipments still refer to it, so it must be put back.
        """
        for account in self.carrier_accounts:
            if account.id == account_id:
                return account
        raise ConfigurationError(
            f"carrier account '{account_id}' is not in the configuration; put it back while shipments refer to it"
        )

    def onestop_for(self, source_system: str) -> OneStopSystem | None:
        """Return the one-stop system that owns dossiers of ``source_system``, or None."""
        return next((o for o in self.onestops if source_system in o.source_systems), None)


def load_accounts(path: Path | None) -> Accounts:
    """Read the configuration file; no path means no accounts at all.

    Raises:
        ConfigurationError: the file is missing, is not TOML, or breaks a rule; the message names the place.
    """
    if path is None:
        return Accounts()
    try:
        return Accounts.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise ConfigurationError(f"POSTAL_CONFIG: cannot read {path}: {error.strerror}") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"POSTAL_CONFIG: {path} is not valid TOML: {error}") from error
    except ValidationError as error:
        raise ConfigurationError.from_validation(f"POSTAL_CONFIG {path}", error) from error
