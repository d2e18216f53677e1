from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.desk import TestDesk, opened_desk
from worker.access import audit, checkpoints
from worker.access.actor import SYSTEM
from worker.lanes import Lane
from worker.tasks import DOORBELL, JOBS, Job


def test_every_job_has_a_lane_and_a_name_of_its_own() -> None:
    assert all(isinstance(job.lane, Lane) for job in JOBS)
    assert len({job.name for job in JOBS}) == len(JOBS)


def test_every_lane_has_a_job_that_its_doorbell_wakes() -> None:
    assert set(DOORBELL) == set(Lane)
    assert all(job.lane is lane for lane, job in DOORBELL.items())


def test_a_job_without_a_lane_cannot_be_written_down() -> None:
    with pytest.raises(TypeError, match="lane"):
        Job("postal.stray", run=lambda runtime: 0)  # type: ignore[call-arg]


def test_every_name_tells_the_lane_so_that_a_queued_message_stays_readable() -> None:
    assert all(job.name.startswith(f"postal.{job.lane}.") for job in JOBS)


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.name)
def test_a_job_that_finds_nothing_to_do_does_nothing_twice(desk: TestDesk, job: Job) -> None:
    assert [job.run(desk.runtime) for _ in range(2)] == [0, 0]


def test_the_jobs_alone_take_an_order_to_the_operator_and_the_news_to_the_one_stop(desk: TestDesk) -> None:
    desk.register()
    (number,) = desk.order("send")
    for job in JOBS:
        job.run(desk.runtime)
    assert desk.shipment(number).state == "booked"
    assert [one.type for one in desk.onestop.deliveries.received("callbacks")] == ["postal.order_booked"]


def test_the_jobs_keep_where_the_audit_trail_ends(tmp_path: Path) -> None:
    with opened_desk(tmp_path, audit_checkpoints_dir=tmp_path / "elsewhere") as desk:
        audit.note_now(desk.context.database, SYSTEM, "dossier.read", subject="H14")
        for job in JOBS:
            job.run(desk.runtime)
        assert [one.seq for one in checkpoints.kept(tmp_path / "elsewhere")] == [1]
