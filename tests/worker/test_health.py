from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event, text

from tests.support.desk import TestDesk, opened_desk
from worker import health, job_runs
from worker.checks import Check, State
from worker.health import Health, Readiness
from worker.probe import Probe
from worker.tasks import JOBS


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestDesk]:
    """One desk for all tests here; what one does to it, it undoes."""
    with opened_desk(tmp_path_factory.mktemp("desk")) as desk:
        yield desk


@pytest.fixture
def desk(shared: TestDesk) -> TestDesk:
    """A desk all of whose jobs ran a moment ago."""
    for job in JOBS:
        job_runs.note(shared.context.database, job.name)
    return shared


def look(desk: TestDesk) -> Readiness:
    return Health(desk.context).readiness()


def checks(desk: TestDesk) -> dict[str, Check]:
    return {check.name: check for check in look(desk).checks}


def down(desk: TestDesk) -> list[str]:
    return [check.name for check in look(desk).checks if check.state is State.DOWN]


@contextmanager
def refusing_to_write(desk: TestDesk) -> Iterator[None]:
    """Root may write to any file, so the database itself is told to refuse."""
    engine = desk.context.database.engine

    def refuse(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA query_only=ON")

    engine.dispose()
    event.listen(engine, "connect", refuse)
    yield
    event.remove(engine, "connect", refuse)
    engine.dispose()


def test_a_desk_all_of_whose_jobs_ran_a_moment_ago_is_well(desk: TestDesk) -> None:
    seen = look(desk)
    assert {check.name for check in seen.checks} == {
        *("database", "schema", "worker", "beat", "jobs", "lag", "disk", "writing"),
    }
    assert (seen.state, seen.worker_seen_at is not None) == (State.OK, True)


def test_a_desk_without_a_worker_takes_deliveries_and_says_that_nobody_works_on_them(tmp_path: Path) -> None:
    with opened_desk(tmp_path) as fresh:
        state = look(fresh)
        assert (state.ready, state.state, state.worker_seen_at) == (True, State.DEGRADED, None)
        assert "postal worker" in checks(fresh)["worker"].next_step


def test_a_jump_of_domain_time_does_not_make_a_worker_look_dead(desk: TestDesk) -> None:
    desk.clock.forward(days=30)
    assert checks(desk)["worker"].state is State.OK


def test_work_counts_as_backlog_when_it_is_due_and_as_late_a_while_after(desk: TestDesk) -> None:
    desk.work()
    desk.register()
    desk.order("receive")
    desk.work()
    assert look(desk).backlog == {"booking": 0, "inbox": 0, "outbox": 0, "polling": 0}
    desk.clock.forward(minutes=24)
    assert look(desk).backlog["polling"] == 1
    assert checks(desk)["lag"].state is State.OK
    desk.clock.forward(minutes=2)
    assert (checks(desk)["lag"].state, checks(desk)["lag"].detail) == (
        State.DEGRADED,
        "polling: due for 16 min, 1 rows",
    )
    desk.work()
    assert checks(desk)["lag"].state is State.OK


def test_a_schema_of_another_version_takes_nothing(desk: TestDesk) -> None:
    with desk.context.database.engine.begin() as connection:
        (ours,) = connection.exec_driver_sql("SELECT version_num FROM alembic_version").one()
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    assert (down(desk), look(desk).ready) == (["schema"], False)
    assert "postal db upgrade" in checks(desk)["schema"].next_step
    with desk.context.database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = ?", (ours,))


def test_a_database_that_can_only_be_read_takes_nothing(desk: TestDesk) -> None:
    assert look(desk).ready
    with refusing_to_write(desk):
        assert (down(desk), look(desk).ready) == (["writing"], False)
        assert checks(desk)["writing"].detail == "OperationalError"


def test_a_write_that_went_well_is_believed_for_a_while(desk: TestDesk) -> None:
    now = 100.0
    seen = Health(desk.context, lambda: now)
    assert seen.readiness().ready
    with refusing_to_write(desk):
        assert seen.readiness().ready
        now += 11
        assert not seen.readiness().ready


def test_while_another_writes_for_long_deliveries_are_taken_all_the_same(
    desk: TestDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "Probe", lambda look: Probe(look, patience=0.3))
    with desk.context.database.write() as session:
        session.execute(text("SELECT 1"))
        seen = Health(desk.context).readiness()
    check = {one.name: one for one in seen.checks}["writing"]
    assert (seen.ready, check.state, check.detail) == (True, State.DEGRADED, "no answer within 0.3 seconds")


def test_a_database_that_is_gone_takes_nothing_and_its_words_stay_in_the_log(
    desk: TestDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = desk.context.database.engine
    engine.dispose()
    with monkeypatch.context() as away:
        away.setattr(engine.pool, "_creator", lambda *_: sqlite3.connect("/nowhere/postal.db"))
        away.setattr(engine.dialect, "connect", lambda *_, **__: sqlite3.connect("/nowhere/postal.db"))
        seen = look(desk)
    assert [(one.name, one.state, one.detail) for one in seen.checks] == [("database", State.DOWN, "OperationalError")]
    assert (seen.ready, seen.backlog) == (False, {})
