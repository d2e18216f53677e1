from __future__ import annotations

import os

import pytest
from cryptography.fernet import Fernet
from typer.testing import CliRunner, Result

from tests.support.rooms import own_database
from tests.support.services import Server
from tests.support.town import run
from worker.cli import app


def postal(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


@pytest.mark.parametrize("part", ["web", "worker", "beat"])
def test_separate_processes_refuse_the_embedded_database_and_broker(part: str) -> None:
    result = postal(part)
    assert result.exit_code == 2
    assert "POSTAL_DATABASE_URL" in result.stderr
    assert "postal up" in result.stderr


@pytest.mark.parametrize("part", ["web", "worker"])
def test_a_process_refuses_to_work_on_a_schema_that_is_not_there(postgres_url: str, part: str) -> None:
    settings = {
        "POSTAL_BROKER_URL": "redis://127.0.0.1:1/0",
        "POSTAL_DATA_KEY": Fernet.generate_key().decode(),
    }
    with own_database(Server(postgres_url, named=False)) as url:
        result = run([part], {**os.environ, **settings, "POSTAL_DATABASE_URL": url})
    assert result.returncode == 2
    assert "postal db upgrade" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_database_server_without_a_data_key_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTAL_DATABASE_URL", "postgresql+psycopg://127.0.0.1/postal")
    result = postal("web")
    assert result.exit_code == 2
    assert "postal doctor --new-key" in result.stderr


def test_a_lane_that_does_not_exist_names_those_there_are() -> None:
    result = postal("worker", "--lane", "gardening")
    assert result.exit_code == 2
    assert "housekeeping" in result.stderr


@pytest.mark.parametrize(
    ("name", "value"), [("POSTAL_PORT", "a door"), ("POSTAL_SWEEP_SECONDS", "0"), ("POSTAL_LEASE_SECONDS", "1")]
)
def test_a_wrong_setting_stops_the_boot_and_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    result = postal("up", "--bare")
    assert result.exit_code == 2
    assert name.removeprefix("POSTAL_").lower() in result.stderr.lower()
