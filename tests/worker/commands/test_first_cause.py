"""The doctor names the first cause of a trouble: what is wrong at the operator, not what our own caution made of it."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from config.settings import load_settings
from dispatch.calls import CarrierCall
from worker.cli import app
from worker.runtime import open_database

CONFIGURATION = """
[[carrier_accounts]]
id = "vnpost"
carrier = "vnpost_ngsp"
customer_code = "C1"
desk = {{ phone = "02063852136", address = "Trung tâm", province_code = "04" }}
secrets = {{ consumer_key = "k", consumer_secret = "s" }}

[carrier_accounts.options]
variant = "ngsp_direct"
transport = {{ connect_timeout = 1, breaker = {{ min_failures = 1 }} }}
urls = {{ token = "{url}", order = "{url}", cancel = "{url}", tracking = "{url}" }}
"""


@pytest.fixture
def gone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A system with one operator, which nobody can reach and which is left alone after its first failure."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    (tmp_path / "postal.toml").write_text(CONFIGURATION.format(url=url), encoding="utf-8")
    monkeypatch.setenv("POSTAL_CONFIG", str(tmp_path / "postal.toml"))
    monkeypatch.setenv("POSTAL_CALL_TIMEOUT", "1")
    CliRunner().invoke(app, ["db", "upgrade"])


def finding(what: str) -> dict[str, Any]:
    found = json.loads(CliRunner().invoke(app, ["doctor", "--json"]).stdout)
    return next(one for one in found if one["what"] == what)


@pytest.mark.usefixtures("gone")
def test_an_operator_that_cannot_be_reached_is_not_said_to_be_left_alone() -> None:
    account = finding("account vnpost")
    assert account["well"] is False
    assert "cannot be reached" in account["detail"]
    assert "refused" in account["detail"]
    assert "left alone" not in account["detail"]


@pytest.mark.usefixtures("gone")
def test_the_doctors_own_calls_are_not_kept_beside_the_work() -> None:
    finding("account vnpost")
    database = open_database(load_settings())
    with database.read() as session:
        assert session.scalars(select(CarrierCall)).all() == []
    database.dispose()
