"""The parts of the simulation that everything else rests on: chance by name, faults by id, time, and calls."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from carriers.states import ShipmentState as State
from config.clock import wall_now, wall_seconds, wall_time
from worker.simulation.agenda import Agenda
from worker.simulation.asgi import WouldWaitError, exchange
from worker.simulation.chance import Chance
from worker.simulation.clock import VirtualClock
from worker.simulation.faults import FaultKind, Faults, kinds_of
from worker.simulation.history import true_state
from worker.simulation.story import Story

NOON = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)


def _faults(only: frozenset[str] | None = None) -> Faults:
    return Faults(Chance(5), tuple(FaultKind), only, Story(lambda: NOON))


def test_what_is_drawn_under_one_name_moves_nothing_under_another() -> None:
    alone = Chance(5).share("late", "S1")
    chance = Chance(5)
    chance.of("early").random()

    assert chance.share("late", "S1") == alone
    assert chance.share("late", "S2") != alone
    assert Chance(6).share("late", "S1") != alone


def test_a_fault_strikes_again_by_its_id_alone() -> None:
    by_chance = _faults()
    struck = [number for number in range(300) if by_chance.strikes(FaultKind.WEBHOOK_REORDERED, "ems", number)]
    (first, *_) = by_chance.injected

    by_name = _faults(frozenset({first.id}))

    assert [n for n in range(300) if by_name.strikes(FaultKind.WEBHOOK_REORDERED, "ems", n)] == struck[:1]


def test_no_fault_strikes_when_trouble_is_over() -> None:
    faults = _faults()
    faults.end()

    assert not any(faults.strikes(kind, number) for kind in FaultKind for number in range(100))


def test_kinds_of_faults_are_named_one_by_one_or_all_together() -> None:
    assert kinds_of("none") == []
    assert kinds_of("all") == list(FaultKind)
    assert kinds_of("overslept, ring_lost") == [FaultKind.OVERSLEPT, FaultKind.RING_LOST]
    with pytest.raises(ValueError, match="earthquake"):
        kinds_of("earthquake")


def test_a_virtual_clock_stands_for_real_time_as_long_as_it_is_asked_to() -> None:
    clock = VirtualClock(NOON)
    with wall_time(clock):
        before = wall_seconds()
        clock.pass_by(90)

        assert wall_now() == NOON + timedelta(seconds=90)
        assert wall_seconds() - before == 90
    assert wall_now().year >= 2025
    clock.advance_to(NOON)
    assert clock.now() == NOON + timedelta(seconds=90)


def test_acts_are_done_in_the_order_in_which_they_are_due() -> None:
    done: list[str] = []
    agenda = Agenda()
    for minutes, name in ((5, "second"), (1, "first"), (5, "third")):
        agenda.add(NOON + timedelta(minutes=minutes), partial(done.append, name))

    while (act := agenda.take_due(NOON + timedelta(minutes=5))) is not None:
        act()

    assert done == ["first", "second", "third"]
    assert agenda.next_at() is None


async def _echo(request: Request) -> Response:
    await asyncio.sleep(0)
    said = await request.json()
    return JSONResponse({"said": said, "by": request.headers["x-by"]}, 201)


async def _wait(_request: Request) -> Response:
    await asyncio.get_running_loop().create_future()
    return Response()


APP = Starlette(routes=[Route("/echo", _echo, methods=["POST"]), Route("/wait", _wait)])


def test_an_application_is_called_like_a_function() -> None:
    asked = httpx.Request("POST", "https://ems.test/echo?a=1", json={"a": "ă"}, headers={"X-By": "us"})

    answer = exchange(APP, asked)

    assert (answer.status_code, answer.json()) == (201, {"said": {"a": "ă"}, "by": "us"})
    assert exchange(APP, httpx.Request("GET", "https://ems.test/nowhere")).status_code == 404


def test_an_application_that_waits_is_a_mistake() -> None:
    with pytest.raises((WouldWaitError, RuntimeError)):
        exchange(APP, httpx.Request("GET", "https://ems.test/wait"))


@pytest.mark.parametrize(
    ("reported", "live", "expected"),
    [
        ([State.BOOKED], True, State.BOOKED),
        ([State.BOOKED], False, State.CANCELLED),
        ([State.BOOKED, State.IN_TRANSIT], False, State.IN_TRANSIT),
        ([State.IN_TRANSIT, State.COLLECTING, None], True, State.IN_TRANSIT),
        ([State.DELIVERED, State.OUT_FOR_DELIVERY], True, State.DELIVERED),
        ([State.DELIVERED, State.RETURNING, State.RETURNED, State.DELIVERED], True, State.RETURNED),
        ([State.LOST, State.IN_TRANSIT], True, State.IN_TRANSIT),
        ([], True, None),
    ],
)
def test_where_a_parcel_stands_is_worked_out_without_the_engine(
    reported: list[State | None], live: bool, expected: State | None
) -> None:
    reports = [(NOON + timedelta(minutes=minute), state) for minute, state in enumerate(reported)]

    assert true_state(reports, live=live) is expected
