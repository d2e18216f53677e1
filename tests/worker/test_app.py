from __future__ import annotations

import socket
import time
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from config.settings import Settings
from worker import job_runs, migrate
from worker.app import Desk
from worker.job_runs import HEARTBEAT
from worker.lanes import Lane, queue_name
from worker.tasks import JOBS


def nobody_listens() -> int:
    """Return a port of the loopback that is closed."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def desk_on(broker: str, home: Path) -> Desk:
    return Desk(Settings(home=home, broker_url=broker))


def test_every_job_is_a_task_and_every_task_has_a_queue_that_workers_consume(tmp_path: Path) -> None:
    desk = desk_on("memory://", tmp_path)
    ours = {name for name in desk.app.tasks if name.startswith("postal.")}
    assert ours == {job.name for job in JOBS}
    consumed = set(desk.app.amqp.queues)
    assert consumed == {queue_name("postal", lane) for lane in Lane}
    assert {entry["options"]["queue"] for entry in desk.app.conf.beat_schedule.values()} == consumed


def test_two_systems_in_one_process_do_not_do_each_others_work(tmp_path: Path) -> None:
    first, second = desk_on("memory://", tmp_path / "first"), desk_on("memory://", tmp_path / "second")
    for desk in (first, second):
        migrate.upgrade(desk.runtime().context.database)
        desk.app.tasks["postal.housekeeping.heartbeat"]()
        with desk.runtime().context.database.read() as session:
            assert set(job_runs.last_runs(session)) == {HEARTBEAT}
        desk.runtime().messenger.close()
        desk.runtime().context.database.dispose()


def test_a_task_is_acknowledged_when_it_is_done_and_leaves_no_result(tmp_path: Path) -> None:
    conf = desk_on("memory://", tmp_path).app.conf
    assert (conf.task_acks_late, conf.task_ignore_result, conf.task_create_missing_queues) == (True, True, False)
    assert conf.accept_content == ["json"]


def test_no_database_is_opened_before_the_first_task(tmp_path: Path) -> None:
    desk_on("memory://", tmp_path / "home")
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("scheme", ["amqp://guest:guest@127.0.0.1:{}//", "redis://127.0.0.1:{}/0"])
def test_a_doorbell_that_nobody_hears_is_logged_and_keeps_nobody_waiting(tmp_path: Path, scheme: str) -> None:
    desk = desk_on(scheme.format(nobody_listens()), tmp_path)
    started = time.monotonic()
    with capture_logs() as logs:
        for lane in Lane:
            desk.ring(lane)
    assert [(entry["event"], entry["lane"]) for entry in logs] == [("doorbell_failed", lane) for lane in Lane]
    assert time.monotonic() - started < 2


def test_a_doorbell_puts_one_short_message_into_the_lane(tmp_path: Path) -> None:
    desk = desk_on("memory://", tmp_path)
    desk.ring("booking")
    with desk.app.connection_for_read() as connection:
        message = connection.default_channel.basic_get("postal.booking")
    assert message.headers["task"] == "postal.booking.drain"
    assert (message.headers["eta"], message.payload[0], message.payload[1]) == (None, [], {})


def test_there_is_no_doorbell_for_a_lane_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="gardening"):
        desk_on("memory://", tmp_path).ring("gardening")
