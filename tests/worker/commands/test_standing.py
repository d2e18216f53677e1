"""``postal carriers``: what each operator can do, whose accounts are there, and how their connections stand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from carriers import registry
from carriers.outcomes import OutcomeUnknown, Throttled
from carriers.simulation import Fault, FaultRule
from carriers.vnpost_ngsp.simulator import Client, NgspOperator, account_options, account_secrets, create_app
from config.clock import wall_now
from config.settings import load_settings
from dispatch import connections
from dispatch.connections import ConnectionState
from tests.support import ngsp
from tests.support.servers import serve
from worker import migrate
from worker.cli import app
from worker.runtime import Runtime, build

ACCOUNT = """
[[carrier_accounts]]
id = "{id}"
carrier = "vnpost_ngsp"
customer_code = "{customer}"
{agency}
desk = {{ phone = "02063852136", address = "Trung tâm", province_code = "04" }}
secrets = {{ {secrets} }}

[carrier_accounts.options]
variant = "ngsp_direct"
urls = {{ {urls} }}
transport = {{ breaker = {{ min_failures = 1, dry_run = {trial} }} }}
"""


CUSTOMERS = {
    "vnpost-province": ngsp.CLIENT,
    "vnpost-agency": Client("C14000124", "key-of-the-agency", "secret-of-the-agency"),
    "vnpost-trial": Client("C14000125", "key-on-trial", "secret-on-trial"),
}


def table(values: dict[str, str]) -> str:
    return ", ".join(f'{name} = "{value}"' for name, value in values.items())


def account(id: str, base_url: str, *, agency: str = "", trial: bool = False) -> str:
    return ACCOUNT.format(
        id=id,
        customer=CUSTOMERS[id].customer_code,
        agency=f'agency = "{agency}"' if agency else "",
        secrets=table(account_secrets(CUSTOMERS[id])),
        urls=table(account_options(base_url)["urls"]),
        trial=str(trial).lower(),
    )


def listed() -> dict[str, dict[str, Any]]:
    """Return what a machine is told, by operator."""
    result = CliRunner().invoke(app, ["carriers", "--json"])
    assert result.exit_code == 0, result.output
    return {one["name"]: one for one in json.loads(result.stdout)}


def standing(id: str) -> list[dict[str, Any]]:
    """Return how the connections of an account at VNPost stand."""
    (found,) = (one for one in listed()["vnpost_ngsp"]["accounts"] if one["id"] == id)
    connections: list[dict[str, Any]] = found["connections"]
    return connections


def page() -> str:
    """Return what people read of accounts: the last column of the table, without the breaks of its lines."""
    result = CliRunner().invoke(app, ["carriers"])
    assert result.exit_code == 0, result.output
    cells = (line.split("│")[-2].strip() for line in result.stdout.splitlines() if line.startswith("│"))
    return " ".join(cells)


@pytest.fixture
def operator() -> Iterator[NgspOperator]:
    with closing(NgspOperator(now=lambda: ngsp.NOW, clients=[*CUSTOMERS.values()])) as operator:
        yield operator


@pytest.fixture
def runtime(operator: NgspOperator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Runtime]:
    """A process at work with three accounts at VNPost: the province's, an agency's, and one whose breaker is on trial.

    Each is left alone after its first failure, or would be.
    """
    with serve(create_app(operator)) as url:
        accounts = (
            account("vnpost-province", url),
            account("vnpost-agency", url, agency="H14.10"),
            account("vnpost-trial", url, agency="H14.11", trial=True),
        )
        (tmp_path / "postal.toml").write_text("\n".join(accounts), encoding="utf-8")
        monkeypatch.setenv("POSTAL_CONFIG", str(tmp_path / "postal.toml"))
        runtime = build(load_settings(), lambda lane: None)
        migrate.upgrade(runtime.context.database)
        yield runtime
        runtime.close()


def book(runtime: Runtime, account: str) -> None:
    runtime.context.carriers.get(account).book(ngsp.order("H14.10-260302-0001-S1"))


# --- operators ---


def test_every_operator_is_listed_with_what_it_can_do() -> None:
    found = listed()
    assert tuple(found) == registry.names()
    assert "webhook" in found["ems"]["capabilities"]
    assert "track_items" in found["ems"]["capabilities"]
    assert "webhook" not in found["vnpost_ngsp"]["capabilities"]
    assert "cancel" not in found["ems"]["capabilities"]


def test_each_has_status_tables_and_the_current_one_is_among_them() -> None:
    tables = {name: (one["current_version"], one["status_versions"]) for name, one in listed().items()}
    assert [name for name, (current, versions) in tables.items() if current not in versions] == []
    assert tables["vnpost_ngsp"] == ("2026-11", ["2026-11"])


def test_without_accounts_no_database_is_asked_for_nor_made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("POSTAL_DATABASE_URL", "postgresql+psycopg://postal@127.0.0.1:1/postal")
    monkeypatch.setenv("POSTAL_DATA_KEY", "a-key-that-nobody-looks-at")
    assert {len(one["accounts"]) for one in listed().values()} == {0}
    assert "none configured" in page()
    assert not (tmp_path / "home").exists()


# --- accounts ---


def test_accounts_are_listed_under_their_operator_and_for_whom_they_are(runtime: Runtime) -> None:
    found = listed()
    assert [(one["id"], one["agency"]) for one in found["vnpost_ngsp"]["accounts"]] == [
        ("vnpost-province", None),
        ("vnpost-agency", "H14.10"),
        ("vnpost-trial", "H14.11"),
    ]
    assert [one["customer_code"] for one in found["vnpost_ngsp"]["accounts"]] == [
        customer.customer_code for customer in CUSTOMERS.values()
    ]
    assert found["ems"]["accounts"] == []


def test_nothing_secret_is_listed(runtime: Runtime) -> None:
    book(runtime, "vnpost-province")
    connections.note_news(runtime.context)
    said = json.dumps(listed()) + CliRunner().invoke(app, ["carriers"]).stdout
    secrets = [secret for customer in CUSTOMERS.values() for secret in account_secrets(customer).values()]
    assert [secret for secret in secrets if secret in said] == []


def test_people_see_for_whom_an_account_is_and_that_nobody_works_with_it(runtime: Runtime) -> None:
    said = page()
    assert "vnpost-province (province): no process has spoken to it lately" in said
    assert "vnpost-agency (H14.10):" in said


# --- connections ---


def test_a_connection_in_order_is_closed_to_nobody(runtime: Runtime) -> None:
    book(runtime, "vnpost-province")
    before = wall_now()
    connections.note_news(runtime.context)
    (one,) = standing("vnpost-province")
    assert one["process"]
    assert (one["breaker"], one["breaker_enforced"]) == ("closed", True)
    assert (one["paused_seconds"], one["under_way"]) == (0, 0)
    assert datetime.fromisoformat(one["seen_at"]) >= before
    assert "vnpost-province (province): breaker closed" in page()


def test_an_operator_that_fails_is_shown_as_left_alone_and_its_other_account_is_not(
    runtime: Runtime, operator: NgspOperator
) -> None:
    operator.faults.replace([FaultRule(fault=Fault.ERROR_BEFORE, operation="order")])
    with pytest.raises(OutcomeUnknown):
        book(runtime, "vnpost-province")
    connections.note_news(runtime.context)
    assert [one["breaker"] for one in standing("vnpost-province")] == ["open"]
    assert [one["breaker"] for one in standing("vnpost-agency")] == ["closed"]
    assert "vnpost-province (province): breaker open" in page()


def test_a_breaker_on_trial_shows_what_it_would_do_and_that_it_does_not(
    runtime: Runtime, operator: NgspOperator
) -> None:
    operator.faults.replace([FaultRule(fault=Fault.ERROR_BEFORE, operation="order")])
    for _ in range(3):
        with pytest.raises(OutcomeUnknown):
            book(runtime, "vnpost-trial")
    connections.note_news(runtime.context)
    assert [(one["breaker"], one["breaker_enforced"]) for one in standing("vnpost-trial")] == [("open", False)]


def test_a_pause_that_the_operator_asked_for_is_shown_with_what_is_left_of_it(
    runtime: Runtime, operator: NgspOperator
) -> None:
    operator.faults.replace([FaultRule(fault=Fault.THROTTLED, operation="order", seconds=300)])
    with pytest.raises(Throttled):
        book(runtime, "vnpost-province")
    connections.note_news(runtime.context)
    (one,) = standing("vnpost-province")
    assert 280 < one["paused_seconds"] <= 300
    assert one["breaker"] == "closed"


def test_each_process_is_listed_and_people_see_every_standing_once(runtime: Runtime) -> None:
    connections.note_news(runtime.context)
    with runtime.context.database.write() as session:
        for process, breaker in (("other:1", "open"), ("other:2", "open")):
            session.add(
                ConnectionState(
                    account="vnpost-province", process=process, breaker=breaker, breaker_enforced=True,
                    paused_seconds=0, under_way=2, seen_at=wall_now(),
                )
            )  # fmt: skip
    assert sorted(one["under_way"] for one in standing("vnpost-province")) == [0, 2, 2]
    assert "vnpost-province (province): breaker closed, breaker open" in page()


def test_a_database_that_is_away_hides_no_operator(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("POSTAL_DATABASE_URL", f"sqlite:///{tmp_path / 'another.db'}")
    result = CliRunner().invoke(app, ["carriers", "--json"])
    assert result.exit_code == 0, result.output
    (account,) = [one for one in json.loads(result.stdout)[-1]["accounts"] if one["id"] == "vnpost-province"]
    assert account["connections"] == []
    assert "postal db upgrade" in result.stderr
