from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from config.errors import ConfigurationError
from config.settings import load_settings

_POSTGRES = "postgresql+psycopg://postal@db/postal"


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "CONFIG", "DATABASE_URL", "BROKER_URL", "DATA_KEY", "CLOCK_FILE"):
        monkeypatch.delenv(f"POSTAL_{name}", raising=False)


def test_the_embedded_system_needs_nothing_but_a_folder() -> None:
    settings = load_settings(home=Path("/srv/postal"))
    assert (settings.url, settings.embedded_database) == ("sqlite:////srv/postal/postal.db", True)
    assert settings.broker.startswith("memory://")


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTAL_DATABASE_URL", _POSTGRES)
    monkeypatch.setenv("POSTAL_DATA_KEY", Fernet.generate_key().decode())
    monkeypatch.setenv("POSTAL_BROKER_URL", "amqp://queue")
    settings = load_settings()
    assert (settings.url, settings.embedded_database, settings.broker) == (_POSTGRES, False, "amqp://queue")


def test_a_server_database_without_a_key_does_not_boot() -> None:
    with pytest.raises(ConfigurationError, match="POSTAL_DATA_KEY is needed beside POSTAL_DATABASE_URL"):
        load_settings(database_url=_POSTGRES)


def test_a_lease_must_outlast_a_call() -> None:
    with pytest.raises(ConfigurationError, match="more than twice POSTAL_CALL_TIMEOUT"):
        load_settings(call_timeout=45.0, lease_seconds=90.0)
    assert load_settings(call_timeout=44.0, lease_seconds=90.0).lease_seconds == 90.0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "70000"),
        ("SWEEP_SECONDS", "0"),
        ("DUE_TIME", "noon"),
        ("QUEUE_PREFIX", "no spaces"),
        ("LOG_JSON", "perhaps"),
        ("MAX_BODY_BYTES", "-1"),
        ("UNKNOWN_GRACE_MINUTES", "soon"),
    ],
)
def test_a_wrong_value_stops_the_boot_and_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"POSTAL_{name}", value)
    with pytest.raises(ConfigurationError, match=rf"The environment cannot be used:\n  {name.lower()}: "):
        load_settings()


def test_the_report_never_repeats_a_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTAL_PORT", "a-secret-in-the-wrong-place")
    with pytest.raises(ConfigurationError) as error:
        load_settings()
    assert "a-secret" not in str(error.value)


def test_the_key_is_not_shown() -> None:
    key = Fernet.generate_key().decode()
    assert key not in repr(load_settings(data_key=key))
