"""Process settings from the environment (prefix ``POSTAL_``), checked once at boot."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from config.errors import ConfigurationError


class Settings(BaseSettings):
    """Everything that differs between a laptop, a district office and a province.

    Attributes:
        home: folder of the embedded system's own files (database, key, clock).
        config: TOML file with carrier accounts, one-stop systems and API clients (see ``config.accounts``).
        database_url: SQLAlchemy URL; SQLite in ``home`` when empty.
        broker_url: Celery broker; in-memory when empty, which is for the embedded system only.
        queue_prefix: first part of every queue's name, for systems that share a broker.
        data_key: Fernet key for personal data at rest; a comma-separated list rotates (first key writes).
        clock_file: a driven clock (demo, simulation); the machine's clock when empty.
        sweep_seconds: how often every waiting row is looked at when no doorbell rang, in real seconds.
        poll_minutes: how long between two readings of an operator's feed, in domain time.
        item_poll_minutes: shortest time between two questions about one item, at operators that are asked item by item;
            it grows with the item's silence, up to twelve times as long.
        silence_hours: how long a live item may be silent until its operator is asked to tell its journey again, where
            items cannot be asked about.
        unknown_grace_minutes: how long an order with an unknown outcome may stay unseen; then it is cancelled to be
            sure.
        webhook_window_minutes: how long the report of an operator that cannot be asked is waited for after a call whose
            outcome is unknown; then a person asks it.
        failover_minutes: how long an operator that cannot be reached is tried before another one is given the order.
        booking_in_flight: how many calls about orders a worker has under way at once, to all operators together; by
            itself 8 on SQLite and 64 on PostgreSQL. What one operator allows is part of its account.
        notices_in_flight: how many callbacks a worker has under way at once.
        notices_at_one_receiver: how many of them go to one receiver, by all workers together.
        call_log_days: how long records of calls to operators are kept.
        delivery_days: how long raw deliveries are kept once they are done with.
        event_days: how long the events of shipments that have ended are kept.
        message_days: how long outgoing messages are kept once they have been delivered.
        document_days: how long the register keeps a document that nobody prints any more.
        call_timeout: longest wait for an operator's or one-stop's answer, in real seconds.
        max_body_bytes: longest body of a request.
        max_evidence_bytes: longest photo or document that is taken as evidence.
        body_seconds: how long a sender may take for the body of a request.
        intake_queue: how many documents of operators may wait for their commit; who comes then is told to come again.
        intake_patience: how long, in real seconds, a delivery waits for its commit until it is told to come again.
        refusals_a_minute: how many deliveries without proof one sender is answered in full; proven ones always are.
        lease_seconds: how long a claimed row belongs to its worker, in real seconds; must outlast a call.
        behind_minutes: how long a row may be due before `/readyz` calls the system degraded, in domain time.
        reports_dir: folder into which the reports of each month and quarter are written by themselves; none when empty.
        audit_checkpoints_dir: folder with a file to which the end of the audit trail is added every hour; it is in
            the log alone when empty.
        public_url: where browsers reach this system, like ``https://buuchinh.caobang.gov.vn``; by itself host and port.
            With https, session cookies go over https alone.
        session_idle_minutes: after how long without use a browser is logged out, in real time.
        session_hours: after how long it is logged out in any case.
        deadman_url: an address outside that is called every minute while worker and beat live, and raises the alarm
            when it is called no more.
    """

    model_config = SettingsConfigDict(env_prefix="POSTAL_", extra="ignore")

    home: Path = Path("var")
    config: Path | None = None
    database_url: str = ""
    broker_url: str = ""
    queue_prefix: str = Field(default="postal", pattern=r"^[a-z0-9_.-]{1,60}$")
    data_key: SecretStr = SecretStr("")
    clock_file: Path | None = None
    host: str = "127.0.0.1"
    port: int = Field(default=8321, ge=0, le=65535)
    sweep_seconds: float = Field(default=5.0, gt=0)
    poll_minutes: float = Field(default=10.0, gt=0)
    silence_hours: float = Field(default=24.0, gt=0)
    item_poll_minutes: float = Field(default=30.0, gt=0)
    call_timeout: float = Field(default=20.0, gt=0)
    lease_seconds: float = Field(default=90.0, gt=0)
    unknown_grace_minutes: float = Field(default=30.0, ge=0)
    webhook_window_minutes: float = Field(default=240.0, gt=0)
    failover_minutes: float = Field(default=120.0, gt=0)
    booking_in_flight: int | None = Field(default=None, ge=1)
    notices_in_flight: int = Field(default=32, ge=1)
    notices_at_one_receiver: int = Field(default=8, ge=1)
    call_log_days: int = Field(default=90, gt=0)
    delivery_days: int = Field(default=400, gt=0)
    event_days: int = Field(default=1830, gt=0)
    message_days: int = Field(default=400, gt=0)
    document_days: int = Field(default=1830, gt=0)
    behind_minutes: float = Field(default=15.0, gt=0)
    public_url: str = Field(default="", pattern=r"^(https?://[^\s/?#]+)?$")
    session_idle_minutes: float = Field(default=30.0, gt=0)
    session_hours: float = Field(default=10.0, gt=0)
    deadman_url: SecretStr = SecretStr("")
    reports_dir: Path | None = None
    audit_checkpoints_dir: Path | None = None
    max_body_bytes: int = Field(default=512 * 1024, gt=0)
    max_evidence_bytes: int = Field(default=8 * 1024 * 1024, gt=0)
    body_seconds: float = Field(default=10.0, gt=0)
    intake_queue: int = Field(default=5_000, gt=0)
    intake_patience: float = Field(default=10.0, gt=0)
    refusals_a_minute: int = Field(default=120, gt=0)
    calendar_office: str = "caobang"
    calendars: Path | None = None
    due_time: Literal["end-of-day", "same-clock"] = "end-of-day"
    log_json: bool = False
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] = "INFO"

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.lease_seconds <= 2 * self.call_timeout:
            raise ValueError(
                "POSTAL_LEASE_SECONDS must be more than twice POSTAL_CALL_TIMEOUT, "
                "or a row could be taken from a worker that still waits for an answer"
            )
        if self.database_url and not self.embedded_database and not self.data_key.get_secret_value():
            raise ValueError(
                "POSTAL_DATA_KEY is needed beside POSTAL_DATABASE_URL: "
                "make one with `postal doctor --new-key` and keep it with your other secrets"
            )
        return self

    @property
    def embedded_database(self) -> bool:
        """Whether the database is a SQLite file of one process."""
        return self.url.startswith("sqlite")

    @property
    def bookings_at_once(self) -> int:
        """How many calls about orders a worker has under way at once."""
        return self.booking_in_flight or (8 if self.embedded_database else 64)

    @property
    def url(self) -> str:
        """The database URL in force."""
        return self.database_url or f"sqlite:///{self.home / 'postal.db'}"

    @property
    def address(self) -> str:
        """Where browsers reach this system."""
        return self.public_url or f"http://{self.host}:{self.port}"

    @property
    def broker(self) -> str:
        """The broker URL in force."""
        return self.broker_url or "memory://localhost/"


def load_settings(**overrides: object) -> Settings:
    """Read the environment.

    Raises:
        ConfigurationError: a value is wrong; the message names each variable and what it should be.
    """
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        raise ConfigurationError.from_validation("The environment", error) from error
