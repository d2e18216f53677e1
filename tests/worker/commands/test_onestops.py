"""``postal onestops``: the connectors, and whether the configured systems answer, over real HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from typer.testing import CliRunner, Result

from config.accounts import OneStopSystem
from config.settings import load_settings
from dispatch.onestop import registry
from dispatch.onestop.igate.client import IgateOneStop
from tests.support.igate import Installation, installation, ties
from tests.support.town import wait_for
from tests.worker.commands.test_simulators import read_account, started
from tracking import onestop_importing
from worker.cli import app
from worker.runtime import opened_runtime

CONFIGURATION = """
[[onestops]]
id = "igate-cb"
connector = "igate"
source_systems = ["igate"]

[onestops.options]
api = "{url}"
sso = "{url}"
import_from = 2026-01-01T00:00:00+07:00
postal_submission = "all"
postal_return = ["1.004859"]

[onestops.secrets]
client_id = "desk"
client_secret = "{secret}"

[[onestops]]
id = "province"
source_systems = ["province"]
copies = ["igate"]
callback_url = "{url}/callbacks"
signing_secret = "whsec_Y2NjY2NjY2NjY2NjY2NjY2NjY2NjY2Nj"
"""


@pytest.fixture
def igate(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Installation]:
    """A desk that is configured for a served iGate and for callbacks to the province."""
    with installation(tmp_path / "other") as igate:
        configure(monkeypatch, tmp_path, igate.url, igate.office.client_secret)
        assert run("db", "upgrade").exit_code == 0
        yield igate


def configure(monkeypatch: pytest.MonkeyPatch, folder: Path, url: str, secret: str) -> None:
    file = folder / "postal.toml"
    file.write_text(CONFIGURATION.format(url=url, secret=secret), encoding="utf-8")
    monkeypatch.setenv("POSTAL_CONFIG", str(file))
    monkeypatch.setenv("POSTAL_HOME", str(folder))


def run(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def described(name: str) -> dict[str, Any]:
    found = json.loads(run("onestops", "--json").stdout)
    return next(one for one in found if one["name"] == name)


def test_every_connector_is_listed_with_what_it_can_do_and_cannot(igate: Installation) -> None:
    assert [one["name"] for one in json.loads(run("onestops", "--json").stdout)] == [
        plugin.name for plugin in registry.plugins()
    ]
    ours = described("igate")
    assert ours["capabilities"] == ["import", "copies", "check"]
    assert "no public interface" in ours["note"]
    assert [one["id"] for one in ours["systems"]] == ["igate-cb"]
    assert "VNPT-iGate" in run("onestops").stdout


def test_how_far_a_system_is_imported_is_shown(igate: Installation) -> None:
    igate.file("shown")
    with opened_runtime(load_settings()) as runtime:
        assert onestop_importing.drain(runtime.context, runtime.messenger.onestops) == 1
    (system,) = described("igate")["systems"]
    assert (system["import"]["failures"], system["import"]["trouble"]) == (0, None)
    assert system["import"]["looked_at"] is not None
    assert "imported up to" in run("onestops").stdout.replace("\n", " ")


def test_a_check_asks_whom_it_can_and_says_whom_it_cannot(igate: Installation) -> None:
    result = run("onestops", "check", "--json")
    assert result.exit_code == 0
    assert {one["id"]: one["well"] for one in json.loads(result.stdout)} == {"igate-cb": True, "province": None}


def test_a_check_that_fails_says_what_to_do_and_ends_with_1(
    igate: Installation, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    configure(monkeypatch, tmp_path, igate.url, "another")
    result = run("onestops", "check")
    assert result.exit_code == 1
    assert "correct the secrets" in result.stdout
    assert "another" not in result.stdout


def test_connectors_are_shown_without_any_configuration(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("POSTAL_HOME", str(tmp_path))
    monkeypatch.delenv("POSTAL_CONFIG", raising=False)
    assert described("igate")["systems"] == []


def test_the_simulator_serves_a_system_that_answers_as_it_is_printed(tmp_path: Path) -> None:
    with started("igate") as process:
        read_account(process)
        (way,) = process.printed
        system = OneStopSystem(
            id="try",
            connector=way["connector"],
            source_systems=("try",),
            options=way["options"],
            secrets={name: SecretStr(value) for name, value in way["secrets"].items()},
        )
        wait_for("the simulator answers", lambda: answers(process.url))
        onestop = IgateOneStop(system, ties(tmp_path))
        assert {one.code[:6] for one in onestop.changes(None).dossiers} == {"H14.10"}
        statements = [onestop.understand(one.raw) for one in onestop.changes(None).dossiers]
        assert {one.kind for said in statements for one in said} == {"dossier", "event", "order"}
        onestop.close()


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/_control/dossiers").status_code == 200
    except httpx.TransportError:
        return False
