"""A ``igate`` system's options and secrets."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from carriers.transport_settings import SecureUrl, TransportSettings
from config.accounts import OneStopSystem
from config.errors import ConfigurationError

BY_HAND = "by_hand"


class Meaning(StrEnum):
    """What a status says, by the list of states in national use."""

    FILED = "filed"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    PROCESSING = "processing"
    SUPPLEMENT = "supplement"
    PAYMENT = "payment"
    WITHDRAWN = "withdrawn"
    STOPPED = "stopped"
    FINISHED = "finished"
    RETURNED = "returned"


NATIONAL = {str(number): meaning for number, meaning in enumerate(Meaning, start=1)}
"""The national portal's codes of these states, 1 to 10."""

ENDS = frozenset({Meaning.WITHDRAWN, Meaning.FINISHED, Meaning.RETURNED})
"""With these the agency has done with a dossier that it had accepted."""

Unit = Literal["working_days", "calendar_days"]
Kind = Literal["direct", "send", "receive", "both"]
Listed = Literal["all"] | frozenset[str]
Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9.\-]{0,59}$")]


class IgateSettings(BaseModel):
    """The options table of an ``igate`` system.

    Attributes:
        api: the gateway of the installation, up to the service names (``https://api<province>.vnptigate.vn``).
        sso: its Keycloak, up to ``/auth``; ``realm`` is the same everywhere in public material.
        source_system: the name under which its dossiers are registered here; the first of ``source_systems``.
        import_from: dossiers that have not changed since then are not imported.
        every_minutes: from one look for changes to the next.
        page_size: dossiers of one page.
        overlap_minutes: how far each look reaches back behind the last one.
        sweep_hours, sweep_days: every so often a look reaches back so many days, for what the others cannot see.
        due_dates: how due dates get into iGate, which takes none from us: the id of another one-stop system that keeps
            copies of these dossiers and is told of them, or ``by_hand``.
        due_date_owner: whose due date counts.
        statuses: meaning by status id, or ``national`` where the ids are the national codes; else names decide.
        receiving_kinds: what each receiving kind orders of the post, by id or name.
        timesheets: which days count, by id or name of the timesheet.
        postal_submission, postal_return: the procedures that the authority has published for it, or ``all``
            (Decision 45/2016/QĐ-TTg Art. 1(2), 18(1)); iGate does not tell.
        unlisted_papers: how a dossier's papers are called where iGate lists none; without it such a dossier is refused.
        result_paper: how the one original is called that is handed out when a dossier is finished; iGate lists none.
        fee_field: the amount's name in a line of ``dossierFee``.
        since_fields: where it may stand since when a status holds, first match; lists are entered at their first item.
        address_fields: where the address of the result may stand, first match; else that of the applicant.
        ignored_fields: parts of a dossier that change by themselves and mean nothing; they are not kept.
        officer: who is named as having reported an event.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    api: SecureUrl
    sso: SecureUrl
    realm: str = Field(default="digo", pattern=r"^[A-Za-z0-9_-]+$")
    source_system: Code | None = None
    import_from: AwareDatetime
    every_minutes: float = Field(default=10.0, gt=0)
    page_size: int = Field(default=50, ge=1, le=500)
    overlap_minutes: int = Field(default=60, ge=0)
    sweep_hours: int = Field(default=24, ge=1)
    sweep_days: int = Field(default=7, ge=1)
    due_dates: str = BY_HAND
    due_date_owner: Literal["us", "source"] = "us"
    statuses: Literal["national"] | dict[str, Meaning] = Field(default_factory=dict)
    receiving_kinds: dict[str, Kind] = Field(default_factory=dict)
    timesheets: dict[str, Unit] = Field(default_factory=dict)
    postal_submission: Listed
    postal_return: Listed
    unlisted_papers: str | None = Field(default=None, min_length=1, max_length=300)
    result_paper: str = Field(default="Kết quả giải quyết hồ sơ", min_length=1, max_length=300)
    fee_field: str = "amount"
    since_fields: tuple[str, ...] = ("currentTask.createdDate", "updatedDate")
    address_fields: tuple[str, ...] = ("receivingPlace.fullAddress",)
    ignored_fields: frozenset[str] = frozenset({"dossierMenuTaskRemind"})
    officer: str = Field(default="VNPT-iGate", min_length=1, max_length=300)
    transport: TransportSettings = TransportSettings()

    @property
    def overlap(self) -> timedelta:
        return timedelta(minutes=self.overlap_minutes)

    def means(self, status: str) -> Meaning | None:
        """Return what a status id says by the configuration alone."""
        return (NATIONAL if self.statuses == "national" else self.statuses).get(status)


def load_settings(system: OneStopSystem) -> IgateSettings:
    """Check a system's options and secrets.

    Raises:
        ConfigurationError: something is missing or wrong; the message names the place, never a secret.
    """
    where = f"One-stop '{system.id}' (igate)"
    try:
        settings = IgateSettings.model_validate(system.options)
    except ValidationError as error:
        raise ConfigurationError.from_validation(f"{where}, options", error) from error
    if missing := [name for name in ("client_id", "client_secret") if not secret_of(system, name)]:
        raise ConfigurationError(
            f"{where}: add secrets.{' and secrets.'.join(missing)}, of the client that VNPT has made for this desk"
        )
    if settings.source_system is None and not system.source_systems:
        raise ConfigurationError(f"{where}: name source_systems; its dossiers are registered under the first of them")
    return settings


def secret_of(system: OneStopSystem, name: str) -> str:
    """Return one of the system's secrets without white space around it; empty where it has none."""
    secret = system.secrets.get(name)
    return secret.get_secret_value().strip() if secret else ""
