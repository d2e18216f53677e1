"""Who we are to others: carrier accounts per agency, one-stop systems, and those who may call us.

All of it is one TOML file (``POSTAL_CONFIG``). An agency's own account wins over the provincial default, which is the
account without an ``agency``.
"""

from __future__ import annotations

import base64
import tomllib
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator

from config.citizen_channels import CitizenChannels
from config.errors import ConfigurationError
from config.identity import Oidc


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Desk(_Section):
    """Where the postman finds the agency: its side of every waybill. ``province_code`` is the statistics office's."""

    phone: str
    address: str
    province_code: str = Field(pattern=r"^\d{2}$")
    district_code: str | None = None
    email: str | None = None


StatementColumn = Literal["order", "waybill", "collected", "postage", "date", "remitted", "payer", "refund"]


class AgencyDesk(_Section):
    """Where the postman finds an agency to or from which papers go in linked procedures."""

    agency: str
    desk: Desk


class CarrierAccount(_Section):
    """One account at one postal operator. ``options`` is checked by that operator's own settings model.

    ``customer_code`` tells whose an event is, so no two accounts at one operator share it. ``legs`` and ``zones`` say
    what the account may carry, where it is not everything. ``remit_working_days``: by how many working days after
    it was collected the agency's fee has to be there (Decision 45/2016/QĐ-TTg Art. 7(5), 15(2): in full and on time;
    how many is agreed). ``statement_columns`` adds headings to those by which columns of statements are known.
    ``proof_of_delivery`` says whether each result that is delivered needs a record of who received it (Circular
    17/2017/TT-BTTTT Art. 5(2)(d)), as agreed with the operator.
    ``bulk_sealed``: by agreement with the operator the agency may hand over uniform results that it has packed and
    sealed itself (Decision 45/2016/QĐ-TTg Art. 9(4)).
    """

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")
    carrier: str
    agency: str | None = None
    customer_code: str
    desk: Desk
    legs: tuple[Literal["send", "return", "transfer"], ...] = ()
    zones: tuple[Literal["same_area", "same_province", "special_cities", "inter_province"], ...] = ()
    proof_of_delivery: Literal["required", "optional"] = "optional"
    bulk_sealed: bool = False
    options: dict[str, Any] = Field(default_factory=dict)
    secrets: dict[str, SecretStr] = Field(default_factory=dict)
    remit_working_days: int = Field(default=1, ge=0, le=60)
    statement_columns: dict[StatementColumn, tuple[str, ...]] = Field(default_factory=dict)


class PostageReduction(_Section):
    """Who pays less postage, by an agreement or rule that the province has in hand (Circular 22/2017/TT-BTTTT)."""

    group: str = Field(pattern=r"^[a-z][a-z_]{0,39}$")
    percent_off: int = Field(gt=0, le=100)
    legal_source: str = Field(min_length=3, max_length=200)
    valid_from: date
    valid_until: date | None = None


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
    """A case system that is told of every change of its dossiers, in the way of its ``connector``.

    ``source_systems``: whose dossiers are its own. ``copies``: source systems of others, of whose dossiers it keeps a
    copy and is told as well, as the national portal does of the province's. ``callback_url`` and ``signing_secret`` are
    those of the connector ``rest``; ``options`` and ``secrets`` are checked by each other connector's own settings.
    """

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")
    connector: str = Field(default="rest", pattern=r"^[a-z][a-z0-9_]{0,39}$")
    source_systems: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()
    callback_url: Url | None = None
    signing_secret: SigningSecret | None = None
    options: dict[str, Any] = Field(default_factory=dict)
    secrets: dict[str, SecretStr] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _says_how(self) -> OneStopSystem:
        given = [name for name in ("callback_url", "signing_secret") if getattr(self, name) is not None]
        if self.connector == "rest" and len(given) < 2:
            raise ValueError("the connector 'rest' needs callback_url and signing_secret")
        if self.connector != "rest" and given:
            raise ValueError(f"{' and '.join(given)} belong to the connector 'rest'; use options and secrets")
        if not self.source_systems and not self.copies:
            raise ValueError("name the source_systems whose dossiers are its own, or of which it keeps copies")
        if both := sorted(set(self.source_systems) & set(self.copies)):
            raise ValueError(
                f"dossiers of {', '.join(both)} are its own and no copies: name them in source_systems alone"
            )
        return self


class MessageGateway(_Section):
    """The agency's own gateway for messages to citizens (SMS brand name, Zalo OA, mail)."""

    url: Url
    signing_secret: SigningSecret


class Reporting(_Section):
    """What reports say that no row tells.

    ``unit`` is who hands them in, as it is to stand on them. ``public_operators``: whose carriage is the public postal
    service; others count apart (Decision 45/2016/QĐ-TTg Art. 1(3)). The province says so; VNPost is the one we know of.
    """

    unit: str = Field(default="", max_length=200)
    public_operators: tuple[str, ...] = ("vnpost_ngsp", "myvnpost")


class ApiClient(_Section):
    """Somebody who may call our HTTP interface with a bearer token."""

    name: str
    token: SecretStr = Field(min_length=16)


class Accounts(_Section):
    """The whole configuration file."""

    carrier_accounts: tuple[CarrierAccount, ...] = ()
    agency_desks: tuple[AgencyDesk, ...] = ()
    routing: tuple[RoutingPreference, ...] = ()
    onestops: tuple[OneStopSystem, ...] = ()
    api_clients: tuple[ApiClient, ...] = ()
    message_gateway: MessageGateway | None = None
    citizen_channels: CitizenChannels | None = None
    postage_reductions: tuple[PostageReduction, ...] = ()
    reports: Reporting = Reporting()
    oidc: Oidc | None = None

    @model_validator(mode="after")
    def _unique(self) -> Accounts:
        for what, names in (
            ("carrier account id", [a.id for a in self.carrier_accounts]),
            ("account for carrier and agency", [f"{a.carrier} {a.agency}" for a in self.carrier_accounts]),
            ("desk of agency", [d.agency for d in self.agency_desks]),
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

    def desk_of(self, agency: str, carrier: str) -> Desk | None:
        """Return where the postman finds an agency: its own desk, else that of its own account at ``carrier``."""
        own = [d.desk for d in self.agency_desks if d.agency == agency]
        accounts = [a.desk for a in self.carrier_accounts if a.carrier == carrier and a.agency == agency]
        return next(iter(own + accounts), None)

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

    def requires_proof(self, account_id: str) -> bool:
        """Whether deliveries of an account need a record of who received; not where it is no longer configured."""
        return any(one.id == account_id and one.proof_of_delivery == "required" for one in self.carrier_accounts)

    def onestop_for(self, source_system: str) -> OneStopSystem | None:
        """Return the one-stop system that owns dossiers of ``source_system``, or None."""
        return next((o for o in self.onestops if source_system in o.source_systems), None)

    def copies_of(self, source_system: str) -> tuple[OneStopSystem, ...]:
        """Return the systems that keep copies of the dossiers of ``source_system``."""
        return tuple(o for o in self.onestops if source_system in o.copies)


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
