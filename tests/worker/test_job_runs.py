from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import event
from structlog.testing import capture_logs

from config.database import Database
from tests.support.schema import empty_database
from tests.support.ticker import Ticker
from worker.job_runs import JobRun, RunLog, expect, last_runs

JOB = "postal.intake.drain"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(empty_database(tmp_path / "postal.db"), Fernet.generate_key().decode())
    yield opened
    opened.dispose()


def run_of(database: Database, name: str = JOB) -> JobRun:
    with database.read() as session:
        return last_runs(session)[name]


def test_a_job_that_is_expected_and_has_not_run_is_known(database: Database) -> None:
    with database.write() as session:
        expect(session, [JOB])
    first = run_of(database)
    with database.write() as session:
        expect(session, [JOB, "postal.polling.drain"])
    assert (run_of(database).expected_since, run_of(database).ended_at) == (first.expected_since, None)
    assert run_of(database, "postal.polling.drain").ended_at is None


def test_a_run_is_written_down_with_its_length_and_hands_on_what_it_did(database: Database) -> None:
    ticker = Ticker()

    def work() -> int:
        ticker.pass_(1.5)
        return 7

    assert RunLog(ticker).watched(database, JOB, work) == 7
    assert (run_of(database).duration_ms, run_of(database).failure) == (1500, None)


def test_a_run_that_breaks_is_written_down_by_the_name_of_its_error_alone(database: Database) -> None:
    def work() -> int:
        raise LookupError("Bế Đức Hiếu, 0919393275")

    with pytest.raises(LookupError):
        RunLog().watched(database, JOB, work)
    run = run_of(database)
    assert (run.ended_at, run.failure, run.failed_at is not None) == (None, "LookupError", True)


def test_a_lane_that_is_woken_many_times_a_second_writes_once_in_five(database: Database) -> None:
    ticker, written = Ticker(), list[int]()
    event.listen(database.engine, "commit", lambda _connection: written.append(1))
    runs = RunLog(ticker)
    for _ in range(100):
        runs.watched(database, JOB, lambda: 0)
        ticker.pass_(0.1)
    assert len(written) == 2


def test_that_a_run_cannot_be_written_down_does_not_undo_it(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE job_run")
    with capture_logs() as lines:
        assert RunLog().watched(database, JOB, lambda: 7) == 7
    assert [(line["event"], line["job"]) for line in lines] == [("job_run_not_noted", JOB)]
