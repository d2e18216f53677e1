"""Time moves as fast as the system keeps up, and never faster."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from config.clock import DrivenClock
from tests.support.servers import serve
from tests.worker.training.scenes import CODE, HOURS, at
from worker.training.book import Act, WorldBook
from worker.training.client import Client
from worker.training.driver import Driver, Pace, SystemGoneError


class System:
    """A system that needs to be asked ``effort`` times after every jump of the clock before it has caught up."""

    def __init__(self, clock: DrivenClock, effort: int) -> None:
        self.clock, self.effort = clock, effort
        self.seen: list[datetime] = []
        self.answers: Callable[[int], Response] = self.count
        self.asked = 0

    def count(self, asked: int) -> Response:
        return JSONResponse({"backlog": {"booking": max(0, self.effort - asked), "outbox": 0}})

    async def readyz(self, _request: Request) -> Response:
        if not self.seen or self.seen[-1] != self.clock.now():
            self.seen.append(self.clock.now())
            self.asked = 0
        self.asked += 1
        return self.answers(self.asked)


class Stage:
    """Stories, performer, clerk and post office in one: acts that have nobody to act on."""

    hours = HOURS
    pausing = False

    def __init__(self, book: WorldBook) -> None:
        self.book = book
        self.performed: list[tuple[str, datetime]] = []

    def perform_due(self, now: datetime) -> int:
        due = self.book.due(now)
        self.performed += [(act.id, now) for act in due]
        self.book.cross_out(due, now)
        return len(due)

    def plan(self, _now: datetime) -> int:
        return 0

    def look(self, _now: datetime) -> int:
        return 0

    def unfinished(self, _now: datetime) -> dict[str, str]:
        return {}

    def remember_sprung(self) -> None:
        pass

    def telling(self) -> bool:
        return False


@pytest.fixture
def clock(tmp_path: Path) -> DrivenClock:
    return DrivenClock(tmp_path / "clock", start=at("2026-02-12 08:00"))


@pytest.fixture
def book(tmp_path: Path) -> Iterator[WorldBook]:
    opened = WorldBook(tmp_path / "world.db")
    opened.plan(
        [Act("late", at("2026-02-12 16:00"), "report", CODE), Act("early", at("2026-02-12 09:00"), "report", CODE)]
    )
    yield opened
    opened.close()


def drive(system: System, stage: Stage, pace: Pace | None = None) -> dict[str, str]:
    app = Starlette(routes=[Route("/readyz", system.readyz)])
    with serve(app) as url, Client(url, "x" * 16) as client:
        parts = (system.clock, client, stage.book, stage, stage, stage, stage)
        return Driver(*parts, pace=pace).run()  # type: ignore[arg-type]


def test_everything_is_done_at_its_time_and_the_run_ends_by_itself(clock: DrivenClock, book: WorldBook) -> None:
    stage = Stage(book)
    assert drive(System(clock, effort=0), stage) == {}
    assert stage.performed == [("early", at("2026-02-12 09:00")), ("late", at("2026-02-12 16:00"))]


def test_time_stands_still_until_the_system_has_caught_up(clock: DrivenClock, book: WorldBook) -> None:
    system = System(clock, effort=4)
    instants: list[tuple[datetime, int]] = []

    def note(asked: int) -> Response:
        instants.append((clock.now(), asked))
        return system.count(asked)

    system.answers = note
    drive(system, Stage(book))
    for instant in {moment for moment, _ in instants}:
        assert max(asked for moment, asked in instants if moment == instant) >= 4


def test_nobody_waits_longer_than_four_hours_or_the_next_opening(clock: DrivenClock, book: WorldBook) -> None:
    book.plan([Act("after Tết", at("2026-02-23 10:00"), "report", CODE)])
    system = System(clock, effort=0)
    drive(system, Stage(book))
    assert at("2026-02-12 13:30") in system.seen
    assert at("2026-02-13 07:30") in system.seen
    assert not [moment for moment in system.seen if at("2026-02-13 17:01") < moment < at("2026-02-23 07:30")]


def test_a_backlog_that_never_ends_is_noted_and_the_run_goes_on(clock: DrivenClock, book: WorldBook) -> None:
    stage = Stage(book)
    drive(System(clock, effort=10**6), stage, Pace(settle=0.05))
    assert [act for act, _ in stage.performed] == ["early", "late"]
    assert "'booking'" in book.notes("stall")[0]


def test_a_system_that_is_away_for_a_moment_is_waited_for(clock: DrivenClock, book: WorldBook) -> None:
    stage, system = Stage(book), System(clock, effort=2)
    system.answers = lambda asked: Response(status_code=503) if asked == 1 else system.count(asked)
    assert drive(system, stage) == {}
    assert book.notes("stall") == []


def test_a_system_that_stays_away_ends_the_run(clock: DrivenClock, book: WorldBook) -> None:
    system = System(clock, effort=0)
    system.answers = lambda asked: Response("broken", status_code=500)
    with pytest.raises(SystemGoneError, match="/readyz: 500"):
        drive(system, Stage(book), Pace(answer=0.2))
