from __future__ import annotations

from datetime import timedelta

import time_machine

from config.clock import wall_now
from tests.support.desk import TestDesk
from worker import health


def test_a_desk_whose_worker_never_finished_a_task_is_not_ready(desk: TestDesk) -> None:
    state = health.readiness(desk.context)
    assert (state.ready, state.worker_seen_at) == (False, None)


def test_a_worker_that_was_seen_a_moment_ago_makes_the_desk_ready(desk: TestDesk) -> None:
    health.beat(desk.context)
    assert health.readiness(desk.context).ready


def test_a_worker_that_has_gone_silent_is_noticed(desk: TestDesk) -> None:
    health.beat(desk.context)
    patience = timedelta(seconds=15 + 6 * desk.context.settings.sweep_seconds)
    with time_machine.travel(wall_now() + patience + timedelta(seconds=1)):
        assert not health.readiness(desk.context).ready


def test_a_jump_of_domain_time_does_not_make_a_worker_look_dead(desk: TestDesk) -> None:
    health.beat(desk.context)
    desk.clock.forward(days=30)
    assert health.readiness(desk.context).ready


def test_work_for_later_is_no_backlog(desk: TestDesk) -> None:
    desk.register()
    desk.order("receive")
    desk.work()
    assert health.readiness(desk.context).backlog == {"booking": 0, "inbox": 0, "outbox": 0, "polling": 0}
    desk.clock.forward(minutes=30)
    assert health.readiness(desk.context).backlog["polling"] == 1
