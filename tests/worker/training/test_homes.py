"""The folder of a run: nothing is lost, nothing of others is touched, one process at a time."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from rich.console import Console

from carriers import registry
from carriers.vnpost_ngsp.settings import load_settings as load_ngsp_settings
from config.accounts import load_accounts
from config.clock import DrivenClock
from config.settings import load_settings
from worker.training.book import WorldBook
from worker.training.cases import load_cases
from worker.training.demo import WRONG_INPUT, resume_world, run_demo
from worker.training.homes import HomeInUseError, locked, make_room, unfinished_run
from worker.training.plot import Plot
from worker.training.world import found_world


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "training"


def play(home: Path, dossiers: Path | None = None) -> tuple[int, str]:
    console = Console(record=True, width=200)
    return run_demo(home, dossiers, None, console, resume=False), console.export_text()


def test_a_new_world_has_its_configuration_clock_and_filings(home: Path) -> None:
    plot = found_world(home, None)
    assert Plot.read(home) == plot
    assert DrivenClock(home / "clock").now() == plot.starts_at < load_cases(None)[0].filed_at
    book = WorldBook(home / "world.db")
    assert book.counts() == (0, 24)
    book.close()


def test_the_configuration_is_one_that_the_system_accepts(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plot = found_world(home, None)
    accounts = load_accounts(home / "postal.toml")
    assert {account.carrier for account in accounts.carrier_accounts} == set(registry.names())
    vnpost = [account for account in accounts.carrier_accounts if account.carrier == "vnpost_ngsp"]
    assert {account.agency for account in vnpost} == {None, plot.own_account_agency}
    for account in vnpost:
        assert load_ngsp_settings(account).urls.order == f"http://127.0.0.1:{plot.operator_port}/order/post"
        assert plot.client_of(account.id).customer_code == account.customer_code
    assert {system for onestop in accounts.onestops for system in onestop.source_systems} == {"dvcqg", "igate"}
    for name, value in plot.environment(home).items():
        monkeypatch.setenv(name, value)
    settings = load_settings()
    assert (settings.port, settings.config) == (plot.system_port, home / "postal.toml")


def test_secrets_are_for_their_owner_alone_and_new_in_every_run(home: Path, tmp_path: Path) -> None:
    plot = found_world(home, None)
    for file in ("world.json", "postal.toml"):
        assert (home / file).stat().st_mode & 0o077 == 0
    assert tomllib.loads((home / "postal.toml").read_text())["api_clients"][0]["token"] == plot.api_token
    assert found_world(tmp_path / "other", None).api_token != plot.api_token


def test_an_unfinished_run_is_moved_aside_each_time_to_a_new_place(home: Path) -> None:
    for number in (1, 2):
        found_world(home, None)
        aside = make_room(home)
        assert aside == home.with_name(f"training-unfinished-{number}")
        assert aside is not None
        assert unfinished_run(aside) is not None
        assert not home.exists()


def test_a_finished_run_makes_room(home: Path) -> None:
    found_world(home, None).model_copy(update={"finished": True}).write(home)
    assert unfinished_run(home) is None
    assert make_room(home) is None
    assert not home.exists()


def test_an_empty_folder_and_no_folder_are_room_enough(home: Path) -> None:
    assert make_room(home) is None
    home.mkdir()
    assert make_room(home) is None


def test_a_folder_with_other_things_in_it_is_left_alone(home: Path) -> None:
    home.mkdir()
    (home / "postal.db").write_text("somebody's data")
    code, words = play(home)
    assert code == WRONG_INPUT
    assert "not a demo's run" in words
    assert (home / "postal.db").read_text() == "somebody's data"


def test_a_second_process_is_turned_away(home: Path) -> None:
    found_world(home, None)
    with locked(home):
        with pytest.raises(HomeInUseError, match="another process"), locked(home):
            pass
        code, words = play(home)
    assert (code, "another process plays" in words) == (WRONG_INPUT, True)
    assert unfinished_run(home) is not None


def test_a_malformed_file_plays_nothing_and_leaves_nothing_behind(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "dossiers.json"
    file.write_text("[]")
    code, words = play(home, file)
    assert code == WRONG_INPUT
    assert "[ {...}, {...} ]" in words
    assert not home.exists()


def test_where_there_is_no_run_there_is_nothing_to_go_on_with(home: Path) -> None:
    assert resume_world(home, say=pytest.fail) is False
