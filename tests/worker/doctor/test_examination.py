"""What the doctor finds on PostgreSQL and RabbitMQ: each trouble is made, found, and comes with its next step."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from cryptography.fernet import Fernet
from kombu.connection import Connection
from kombu.messaging import Consumer
from pydantic import SecretStr
from sqlalchemy import text

from config.clock import wall_now
from config.database import Database
from config.settings import Settings
from dispatch.dossiers import put_dossier
from dispatch.forms import DossierForm
from tests.support.desk import CODE, MONDAY, dossier_body
from tests.support.rooms import own_database
from tests.support.services import Server
from worker import job_runs, migrate
from worker.doctor import Finding, database, examine
from worker.embedded import locked_home
from worker.lanes import queues
from worker.tasks import JOBS

KEY = Fernet.generate_key().decode()


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory, postgres_url: str, rabbitmq_url: str) -> Iterator[Settings]:
    """A system of separate processes, none of which has been started yet, with one dossier in it."""
    with own_database(Server(postgres_url, named=False)) as url:
        settings = Settings(
            home=tmp_path_factory.mktemp("home"),
            database_url=url,
            broker_url=rabbitmq_url,
            queue_prefix="doctor",
            data_key=SecretStr(KEY),
        )
        with opened(settings) as stored:
            migrate.upgrade(stored)
            with stored.write() as session:
                put_dossier(session, CODE, DossierForm.model_validate(dossier_body()), MONDAY)
        yield settings


@contextmanager
def opened(settings: Settings) -> Iterator[Database]:
    stored = Database(settings.url, settings.data_key.get_secret_value() or KEY)
    yield stored
    stored.dispose()


def found(settings: Settings, **changed: object) -> dict[str, Finding]:
    return {one.what: one for one in examine(lambda: settings.model_copy(update=changed))}


def trouble(settings: Settings, what: str, **changed: object) -> str:
    """Return what is wrong and what to do about it."""
    one = found(settings, **changed)[what]
    assert not one.well, one
    assert one.next_step
    return f"{one.detail} -> {one.next_step}"


@contextmanager
def runs(settings: Settings) -> Iterator[None]:
    """Every job has run a moment ago, wherever."""
    with opened(settings) as stored:
        for job in JOBS:
            job_runs.note(stored, job.name)
        yield
        with stored.engine.begin() as connection:
            connection.execute(text("DELETE FROM job_run"))


def test_a_system_that_waits_to_be_started_is_well(settings: Settings) -> None:
    all_of_it = found(settings)
    assert [what for what, one in all_of_it.items() if not one.well] == []
    assert "postgresql 1" in all_of_it["database"].detail
    assert "can be read" in all_of_it["data key"].detail
    assert "room for" in all_of_it["connections"].detail
    assert "no job has run yet" in all_of_it["processes"].detail


def test_a_key_that_was_taken_out_of_the_list_is_missed(settings: Settings) -> None:
    other = Fernet.generate_key().decode()
    words = trouble(settings, "data key", data_key=SecretStr(other))
    assert "POSTAL_DATA_KEY" in words
    assert KEY not in words
    assert found(settings, data_key=SecretStr(f"{other},{KEY}"))["data key"].well


def test_clocks_that_differ_are_told_apart(settings: Settings) -> None:
    assert found(settings)["clock"].well
    with time_machine.travel(wall_now() + timedelta(seconds=30)):
        assert "behind this machine's -> Let both keep time" in trouble(settings, "clock")


def test_too_few_connections_for_one_more_process_are_counted(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_PER_PROCESS", 10_000)
    assert "room for 0 more -> Raise max_connections to 10000 for each" in trouble(settings, "connections")


def test_queues_that_are_missing_and_queues_that_nobody_serves_are_named(settings: Settings) -> None:
    with runs(settings), Connection(settings.broker) as connection:
        assert "no queue doctor.booking -> Start `postal worker`" in trouble(settings, "queues")
        bound = [queue(connection.default_channel) for queue in queues("doctor", settings.broker)]
        for queue in bound:
            queue.declare()
        assert "nobody takes from booking, notices" in trouble(settings, "queues")
        with Consumer(connection.default_channel, bound, on_message=lambda message: None):
            well = found(settings)
            assert well["queues"].well
            assert [name for name, one in well.items() if not one.well] == ["months"], "no process has made them"
            assert "postal.housekeeping.months" in well["months"].next_step
        for queue in bound:
            queue.delete()


def test_a_worker_that_stopped_is_noticed(settings: Settings) -> None:
    with runs(settings), time_machine.travel(wall_now() + timedelta(minutes=10)):
        assert "the last job ended 10 min ago" in trouble(settings, "worker")


def test_an_embedded_system_that_is_stopped_is_not_ill_and_one_that_hangs_is(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    with opened(settings.model_copy(update={"data_key": SecretStr("")})) as stored:
        migrate.upgrade(stored)
        job_runs.note(stored, job_runs.HEARTBEAT)
    with time_machine.travel(wall_now() + timedelta(minutes=10)):
        assert "is stopped" in found(settings)["processes"].detail
        with locked_home(tmp_path):
            assert "the last job ended 10 min ago" in trouble(settings, "worker")
