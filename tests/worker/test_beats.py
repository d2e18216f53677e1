from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

from celery import Celery

from worker.beats import Turn, guarded_by


class Ticks:
    """A timer that the test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def holder(answers: list[bool | Exception], asked: list[float]) -> Callable[[float], bool]:
    def hold(seconds: float) -> bool:
        asked.append(seconds)
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return hold


def test_whoever_leads_renews_in_good_time_and_asks_no_more_often_than_that() -> None:
    asked: list[float] = []
    timer = Ticks()
    turn = Turn(holder([True, True], asked), 15, timer)
    assert turn()
    timer.now += 4
    assert turn()
    assert len(asked) == 1
    timer.now += 2
    assert turn()
    assert asked == [15, 15]


def test_whoever_loses_the_lease_or_the_database_stands_by_at_once_and_asks_again() -> None:
    asked: list[float] = []
    timer = Ticks()
    turn = Turn(holder([True, False, OSError("gone"), True], asked), 15, timer)
    assert turn()
    timer.now += 6
    assert [turn(), turn(), turn()] == [False, False, True]


def test_a_beat_that_stands_by_asks_for_nothing_and_one_that_leads_does() -> None:
    sent: list[str] = []

    def scheduler(leads: bool) -> object:
        app = Celery("beats", broker="memory://", set_as_current=False)
        app.conf.update(beat_schedule={"one": {"task": "postal.one", "schedule": timedelta(milliseconds=1)}})
        made = guarded_by(lambda _seconds: leads, 15)(app, max_interval=0.5, lazy=True)
        made.setup_schedule()
        made.apply_async = lambda entry, *_args, **_more: sent.append(entry.task)
        return made

    standing_by, leading = scheduler(False), scheduler(True)
    assert standing_by.tick() == 0.5  # type: ignore[attr-defined]
    assert sent == []
    for _ in range(3):
        leading.tick()  # type: ignore[attr-defined]
        time.sleep(0.01)
    assert "postal.one" in sent
