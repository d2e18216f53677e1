from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from typer.testing import CliRunner, Result

from tests.support.schema import HEAD
from worker.cli import app

ACCOUNT = """
[[carrier_accounts]]
id = "vnpost"
carrier = "vnpost_ngsp"
customer_code = "C1"
desk = {{ phone = "02063852136", address = "Trung tâm", province_code = "04" }}
options = {{ variant = "ngsp_direct", urls = {{ {urls} }} }}
secrets = {{ consumer_key = "k", consumer_secret = "the-secret-of-the-account" }}
"""


def postal(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def findings() -> tuple[int, dict[str, dict[str, Any]]]:
    result = postal("doctor", "--json")
    assert result.exception is None or isinstance(result.exception, SystemExit), repr(result.exception)
    return result.exit_code, {finding["what"]: finding for finding in json.loads(result.stdout)}


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def test_an_upgrade_says_where_the_schema_came_from_and_twice_is_harmless() -> None:
    assert f"Schema: empty -> {HEAD}" in postal("db", "upgrade").stdout
    assert f"Schema: {HEAD} -> {HEAD}" in postal("db", "upgrade").stdout


def test_the_doctor_finds_a_fresh_system_well_once_its_schema_is_there() -> None:
    postal("db", "upgrade")
    code, found = findings()
    assert code == 0
    assert set(found) == {"configuration", "database", "data key", "disk", "broker", "processes", "calendar"}
    assert all(finding["well"] for finding in found.values())


def test_the_doctor_tells_people_what_to_do_about_a_missing_schema() -> None:
    result = postal("doctor")
    assert result.exit_code == 1
    assert "postal db upgrade" in " ".join(result.stdout.split())


def test_the_doctor_names_a_wrong_setting_and_never_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTAL_DATA_KEY", "a-key-that-is-none")
    code, found = findings()
    assert code == 1
    assert "POSTAL_DATA_KEY" in found["configuration"]["detail"]
    assert "a-key-that-is-none" not in json.dumps(found)


@pytest.mark.parametrize("broker", ["amqp://guest:guest@127.0.0.1:{}//", "redis://127.0.0.1:{}/0"])
def test_the_doctor_notices_a_dead_broker(monkeypatch: pytest.MonkeyPatch, broker: str) -> None:
    postal("db", "upgrade")
    monkeypatch.setenv("POSTAL_BROKER_URL", broker.format(closed_port()))
    code, found = findings()
    assert (code, found["broker"]["well"], found["database"]["well"]) == (1, False, True)
    assert "POSTAL_BROKER_URL" in found["broker"]["next_step"]


def test_the_doctor_notices_a_dead_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTAL_DATABASE_URL", f"postgresql+psycopg://desk:wrong@127.0.0.1:{closed_port()}/postal")
    monkeypatch.setenv("POSTAL_DATA_KEY", Fernet.generate_key().decode())
    code, found = findings()
    assert (code, found["database"]["well"]) == (1, False)
    assert "POSTAL_DATABASE_URL" in found["database"]["next_step"]
    assert "wrong" not in json.dumps(found)


def test_the_doctor_notices_an_operator_that_does_not_answer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    gone = f"http://127.0.0.1:{closed_port()}"
    urls = ", ".join(f'{name} = "{gone}/{name}"' for name in ("token", "order", "cancel", "tracking", "price"))
    (tmp_path / "postal.toml").write_text(ACCOUNT.format(urls=urls), encoding="utf-8")
    monkeypatch.setenv("POSTAL_CONFIG", str(tmp_path / "postal.toml"))
    monkeypatch.setenv("POSTAL_CALL_TIMEOUT", "1")
    postal("db", "upgrade")
    code, found = findings()
    assert (code, found["account vnpost"]["well"]) == (1, False)
    assert found["account vnpost"]["next_step"]
    assert "the-secret-of-the-account" not in json.dumps(found)


def test_commands_on_a_database_that_does_not_answer_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTAL_DATABASE_URL", f"postgresql+psycopg://desk@127.0.0.1:{closed_port()}/postal")
    monkeypatch.setenv("POSTAL_DATA_KEY", Fernet.generate_key().decode())
    for words in (("db", "upgrade"), ("explain", "H14.10-260302-0001")):
        result = postal(*words)
        assert result.exit_code == 2, repr(result.exception)
        assert "POSTAL_DATABASE_URL" in result.stderr


def test_a_new_key_is_one_that_the_system_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTAL_DATA_KEY", postal("doctor", "--new-key").stdout.strip())
    assert postal("db", "upgrade").exit_code == 0
