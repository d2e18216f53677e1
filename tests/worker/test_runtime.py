from __future__ import annotations

import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import select

from config.errors import ConfigurationError
from config.settings import Settings
from tests.support.desk import opened_desk
from tests.support.schema import with_tables
from worker.job_runs import JobRun
from worker.runtime import LazyRuntime, Runtime, build, open_database
from worker.tasks import JOBS

ACCOUNT = """
[[carrier_accounts]]
id = "vnpost"
carrier = "{carrier}"
customer_code = "C1"
desk = {{ phone = "02063852136", address = "Trung tâm", province_code = "04" }}
options = {{ {options} }}
"""


def quiet(lane: str) -> None:
    """A doorbell for a system without workers."""


def configured(tmp_path: Path, carrier: str, options: str) -> Settings:
    file = tmp_path / "postal.toml"
    file.write_text(ACCOUNT.format(carrier=carrier, options=options), encoding="utf-8")
    return Settings(home=tmp_path / "home", config=file)


def test_the_runtime_is_built_once_however_many_threads_ask_first(tmp_path: Path) -> None:
    built: list[Runtime] = []
    start = threading.Barrier(8)

    def make() -> Runtime:
        built.append(build(Settings(home=tmp_path), quiet))
        return built[-1]

    lazy = LazyRuntime(make)

    def ask(_number: int) -> Runtime:
        start.wait()
        return lazy()

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(ask, range(8)))
    assert len(built) == 1
    assert all(answer is built[0] for answer in answers)
    built[0].context.database.dispose()


def test_wrong_options_of_an_account_stop_the_boot_and_not_the_first_booking(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="vnpost"):
        build(configured(tmp_path, "vnpost_ngsp", 'variant = "carrier_pigeon"'), quiet)


def test_an_operator_that_does_not_exist_stops_the_boot_and_names_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"there are: .*myvnpost, .*vnpost_ngsp"):
        build(configured(tmp_path, "pigeon_post", ""), quiet)


def test_an_office_without_a_calendar_stops_the_boot(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="atlantis"):
        build(Settings(home=tmp_path, calendar_office="atlantis"), quiet)


def test_the_embedded_systems_key_is_made_once_and_is_nobody_elses_to_read(tmp_path: Path) -> None:
    for _ in range(2):
        open_database(Settings(home=tmp_path / "home")).dispose()
    key = tmp_path / "home" / "data.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert len(key.read_text()) == 44


def test_processes_that_start_at_one_moment_on_an_empty_system_all_get_ready(postgres_url: str, tmp_path: Path) -> None:
    with with_tables(postgres_url) as url, opened_desk(tmp_path, url) as desk:
        with desk.context.database.engine.begin() as connection:
            connection.exec_driver_sql("DELETE FROM job_run")
            connection.exec_driver_sql("DELETE FROM feed_cursor")
            connection.exec_driver_sql("DELETE FROM calendar_version")
        begin = threading.Barrier(6)

        def start(_process: int) -> None:
            begin.wait()
            desk.runtime.prepare()

        with ThreadPoolExecutor(6) as processes:
            list(processes.map(start, range(6)))
        with desk.read() as session:
            assert {run.name for run in session.scalars(select(JobRun))} == {job.name for job in JOBS}
