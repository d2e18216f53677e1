from __future__ import annotations

import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from config.errors import ConfigurationError
from tests.support.desk import CODE, dossier_body, order_body
from tests.support.town import Town, opened_town, postal, ready, settled, wait_for
from tests.support.web import new_key
from worker import embedded
from worker.embedded import locked_home


def test_a_folder_belongs_to_one_process_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "_LOCK_PATIENCE", 0.1)
    with (
        locked_home(tmp_path / "home"),
        pytest.raises(ConfigurationError, match="POSTAL_HOME"),
        locked_home(tmp_path / "home"),
    ):
        pass
    with locked_home(tmp_path / "home"):
        assert (tmp_path / "home" / "lock").exists()


def test_a_folder_that_is_just_being_left_is_waited_for(tmp_path: Path) -> None:
    held, leave = threading.Event(), threading.Event()

    def stay_a_moment() -> None:
        with locked_home(tmp_path):
            held.set()
            leave.wait()

    with ThreadPoolExecutor(1) as other:
        ending = other.submit(stay_a_moment)
        held.wait()
        threading.Timer(0.1, leave.set).start()
        with locked_home(tmp_path):
            assert ending.result(timeout=1) is None


def place_an_order(town: Town) -> None:
    with town.caller() as caller:
        assert caller.put(f"/v1/dossiers/{CODE}", json=dossier_body()).status_code == 201
        assert caller.post("/v1/orders", json=order_body("send"), headers=new_key()).status_code == 201


def test_one_command_brings_up_everything_and_a_signal_takes_it_down_in_order(tmp_path: Path) -> None:
    with opened_town(tmp_path) as town, postal(town, "up", "--bare") as system:
        wait_for("the system to be ready", lambda: ready(town, system))
        place_an_order(town)
        wait_for("the order to be booked", lambda: settled(town) and town.live_orders() == {f"{CODE}-S1": 1})
        wait_for("the one-stop to be told", lambda: "postal.order_booked" in town.told())
        system.send_signal(signal.SIGTERM)
        assert system.wait(timeout=15) == 0
    assert "Traceback" not in (tmp_path / "up.log").read_text()
