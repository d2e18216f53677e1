"""A system whose port somebody else holds says so, with what to do, before it has begun anything."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from typer.testing import CliRunner

from config.errors import ConfigurationError
from worker.cli import app
from worker.port import refuse_unusable_address

NAMES = ("POSTAL_HOST", "POSTAL_PORT")


@pytest.fixture
def taken_port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The port that the system is told to use, while another program listens there."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = int(other.getsockname()[1])
        monkeypatch.setenv("POSTAL_PORT", str(port))
        yield port


def test_a_taken_port_is_named_with_what_to_do_about_it(taken_port: int) -> None:
    result = CliRunner().invoke(app, ["up", "--bare"])
    assert result.exit_code == 2, repr(result.exception)
    assert f"port {taken_port} on 127.0.0.1" in result.stderr
    assert "POSTAL_PORT" in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.usefixtures("taken_port")
def test_a_system_without_its_port_begins_nothing(tmp_path: Path) -> None:
    CliRunner().invoke(app, ["up", "--bare"])
    assert not (tmp_path / "home" / "postal.db").exists()


def test_a_system_without_its_port_does_not_claim_to_be_there(taken_port: int) -> None:
    assert CliRunner().invoke(app, ["up", "--bare"]).stdout == ""


def test_the_web_alone_says_the_same(taken_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTAL_DATABASE_URL", "postgresql+psycopg://postal@127.0.0.1:1/postal")
    monkeypatch.setenv("POSTAL_BROKER_URL", "redis://127.0.0.1:1/0")
    monkeypatch.setenv("POSTAL_DATA_KEY", Fernet.generate_key().decode())
    result = CliRunner().invoke(app, ["web"])
    assert (result.exit_code, f"port {taken_port}" in result.stderr) == (2, True), result.stderr


def test_a_free_port_of_an_ipv6_address_can_be_used() -> None:
    refuse_unusable_address("::1", 0, NAMES)


def test_a_host_that_leads_nowhere_is_named() -> None:
    with pytest.raises(ConfigurationError, match=r"POSTAL_HOST 'no\.such\.host\.invalid'"):
        refuse_unusable_address("no.such.host.invalid", 8321, NAMES)
