"""What processes write down of their connections, what is read back, and when a process that is gone is forgotten."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import delete, select

from carriers.breaker import BreakerState
from carriers.outcomes import CarrierError
from carriers.simulation import Fault, FaultRule, SimulatedOperator
from config.clock import wall_now
from dispatch.connections import ConnectionState, OperatorsNow, note, note_news, states_of
from dispatch.context import Context
from tests.support import ngsp
from tests.support.accounts import change_account
from tests.support.connections import seen_open
from tests.support.desk import ACCOUNT, TestDesk, opened_desk
from tests.support.operators import joined
from tests.support.schema import with_tables

S1 = "H14.10-260302-0001-S1"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestDesk]:
    """One desk for the module; nothing personal is written here, so it may live beside another one's keys."""
    with opened_desk(tmp_path_factory.mktemp("desk")) as desk:
        yield desk


@pytest.fixture
def desk(shared: TestDesk) -> TestDesk:
    """A desk of which nothing is written yet and whose process has opened no account."""
    with shared.context.database.write() as session:
        session.execute(delete(ConnectionState))
    shared.operator.faults.replace([])
    change_account(shared)
    return shared


@pytest.fixture(params=["desk", pytest.param("postgres_desk", marks=pytest.mark.needs_postgres)])
def working(request: pytest.FixtureRequest) -> Context:
    """The context of a process that has opened its account, on SQLite and on PostgreSQL."""
    desk: TestDesk = request.getfixturevalue(request.param)
    desk.context.carriers.get(ACCOUNT)
    return desk.context


@pytest.fixture
def today() -> Iterator[time_machine.Traveller]:
    """The machine's clock in the test's hand."""
    with time_machine.travel(wall_now(), tick=False) as traveller:
        yield traveller


def noted(context: Context) -> None:
    with context.database.write() as session:
        note(session, context)


def read(context: Context, account: str = ACCOUNT) -> list[ConnectionState]:
    with context.database.read() as session:
        return states_of(session, account)


def processes(context: Context) -> list[str]:
    """Return which processes anything is written of, this one as ``here``."""
    with context.database.read() as session:
        found = session.scalars(select(ConnectionState.process).order_by(ConnectionState.process))
        return ["here" if name.endswith(f":{os.getpid()}") else name for name in found]


def another(context: Context, process: str, seen_at: datetime, account: str = ACCOUNT) -> None:
    """Let another process have written down that it leaves the operator alone."""
    seen_open(context, account, process=process, seen_at=seen_at)


def test_an_account_that_is_not_in_use_here_is_not_written_of(desk: TestDesk) -> None:
    noted(desk.context)
    assert processes(desk.context) == []
    desk.context.carriers.get(ACCOUNT)
    noted(desk.context)
    assert processes(desk.context) == ["here"]


def test_a_process_writes_of_itself_once_and_then_over_it(working: Context, today: time_machine.Traveller) -> None:
    noted(working)
    (first,) = read(working)
    assert (first.breaker, first.breaker_enforced) == (BreakerState.CLOSED, True)
    assert (first.paused_seconds, first.under_way, first.seen_at) == (0, 0, wall_now())
    today.shift(timedelta(minutes=1))
    noted(working)
    (second,) = read(working)
    assert (second.process, second.seen_at) == (first.process, first.seen_at + timedelta(minutes=1))


def test_what_other_processes_wrote_stays_as_it_is(desk: TestDesk) -> None:
    desk.context.carriers.get(ACCOUNT)
    another(desk.context, "other:1", wall_now())
    noted(desk.context)
    assert sorted(processes(desk.context)) == ["here", "other:1"]
    (theirs,) = (one for one in read(desk.context) if one.process == "other:1")
    assert (theirs.breaker, theirs.paused_seconds, theirs.under_way) == (BreakerState.OPEN, 7, 3)


def test_an_account_is_answered_with_its_own_connections_in_the_order_of_the_processes(desk: TestDesk) -> None:
    for process in ("b:2", "a:1", "c:3"):
        another(desk.context, process, wall_now())
    another(desk.context, "a:1", wall_now(), account="ems-province")
    assert [one.process for one in read(desk.context)] == ["a:1", "b:2", "c:3"]
    assert [one.process for one in read(desk.context, "ems-province")] == ["a:1"]
    assert read(desk.context, "nobody") == []


def test_a_process_that_is_gone_is_forgotten_ten_minutes_later(working: Context, today: time_machine.Traveller) -> None:
    another(working, "gone:1", wall_now())
    another(working, "gone:1", wall_now(), account="ems-province")
    another(working, "quiet:2", wall_now() + timedelta(seconds=1))
    today.shift(timedelta(minutes=10))
    noted(working)
    assert sorted(set(processes(working))) == ["gone:1", "here", "quiet:2"]
    today.shift(timedelta(seconds=1))
    noted(working)
    assert sorted(processes(working)) == ["here", "quiet:2"]


def test_what_was_seen_long_ago_is_not_told_as_if_it_were_now(working: Context, today: time_machine.Traveller) -> None:
    another(working, "gone:1", wall_now())
    today.shift(timedelta(minutes=11))
    assert read(working) == []


def test_a_process_writes_only_when_there_is_news_or_half_a_minute_has_gone_by(
    working: Context, today: time_machine.Traveller
) -> None:
    note_news(working)
    (first,) = read(working)
    today.shift(timedelta(seconds=20))
    note_news(working)
    assert [row.seen_at for row in read(working)] == [first.seen_at]
    today.shift(timedelta(seconds=20))
    note_news(working)
    assert [row.seen_at for row in read(working)] == [first.seen_at + timedelta(seconds=40)]


def test_threads_of_one_process_that_end_their_work_together_write_of_it_once(working: Context) -> None:
    together = threading.Barrier(8)

    def end_work(_: int) -> None:
        together.wait(10)
        note_news(working)

    for _ in range(5):
        with working.database.write() as session:
            session.execute(delete(ConnectionState))
        with ThreadPoolExecutor(8) as threads:
            list(threads.map(end_work, range(8)))
        assert processes(working) == ["here"]


def test_domain_time_that_runs_ahead_makes_nobody_look_gone(desk: TestDesk) -> None:
    desk.context.carriers.get(ACCOUNT)
    another(desk.context, "other:1", wall_now())
    desk.clock.forward(days=30)
    noted(desk.context)
    assert sorted(processes(desk.context)) == ["here", "other:1"]


def test_a_call_that_has_no_answer_yet_is_counted(desk: TestDesk) -> None:
    change_account(desk, meanwhile=lambda record: noted(desk.context))
    desk.context.carriers.get(ACCOUNT).book(ngsp.order(S1))
    (one,) = read(desk.context)
    assert one.under_way == 1
    noted(desk.context)
    assert [one.under_way for one in read(desk.context)] == [0]


def test_a_pause_is_written_down_in_whole_seconds(desk: TestDesk) -> None:
    desk.operator.faults.replace([FaultRule(fault=Fault.THROTTLED, operation="order", seconds=90)])
    with pytest.raises(CarrierError):
        desk.context.carriers.get(ACCOUNT).book(ngsp.order(S1))
    desk.clock.forward(seconds=29.4)
    noted(desk.context)
    assert [one.paused_seconds for one in read(desk.context)] == [61]


def test_each_account_stands_on_its_own(desk: TestDesk) -> None:
    with joined(desk, "ems", transport={"breaker": {"min_failures": 1}}) as ems:
        ems.faults.replace([FaultRule(fault=Fault.ERROR_BEFORE, operation="order")])
        with pytest.raises(CarrierError):
            desk.context.carriers.get("ems").book(ngsp.order(S1))
        desk.context.carriers.get(ACCOUNT).book(ngsp.order(S1))
        noted(desk.context)
        assert [one.breaker for one in read(desk.context, "ems")] == [BreakerState.OPEN]
        assert [one.breaker for one in read(desk.context)] == [BreakerState.CLOSED]


# --- who is left alone ---


def left_alone(context: Context, account: str = ACCOUNT) -> bool:
    with context.database.read() as session:
        return OperatorsNow(session, context).is_left_alone(account)


def failed_at_ems(desk: TestDesk, ems: SimulatedOperator) -> None:
    ems.faults.replace([FaultRule(fault=Fault.ERROR_BEFORE, operation="order")])
    with pytest.raises(CarrierError):
        desk.context.carriers.get("ems").book(ngsp.order(S1))


def test_an_operator_that_fails_here_is_left_alone(desk: TestDesk) -> None:
    with joined(desk, "ems", transport={"breaker": {"min_failures": 1}}) as ems:
        failed_at_ems(desk, ems)
        assert (left_alone(desk.context, "ems"), left_alone(desk.context)) == (True, False)


def test_a_breaker_that_only_shows_what_it_would_do_leaves_nobody_alone(desk: TestDesk) -> None:
    with joined(desk, "ems", transport={"breaker": {"min_failures": 1, "dry_run": True}}) as ems:
        failed_at_ems(desk, ems)
        assert desk.context.carriers.get("ems").status().breaker is BreakerState.OPEN
        assert not left_alone(desk.context, "ems")
    seen_open(desk.context, ACCOUNT, process="other:1", breaker_enforced=False)
    assert not left_alone(desk.context)


def test_a_process_without_calls_knows_from_the_others_whom_to_leave_alone(
    working: Context, today: time_machine.Traveller
) -> None:
    assert not left_alone(working)
    seen_open(working, ACCOUNT, process="other:1")
    seen_open(working, ACCOUNT, process="other:2", breaker=BreakerState.CLOSED)
    assert left_alone(working)
    today.shift(timedelta(minutes=2, seconds=1))
    assert not left_alone(working)


def test_what_this_process_wrote_of_itself_is_older_than_what_it_sees(desk: TestDesk) -> None:
    seen_open(desk.context, ACCOUNT, process=f"{socket.gethostname()}:{os.getpid()}")
    assert not left_alone(desk.context)


def test_an_account_whose_settings_are_wrong_is_left_alone_and_serves_nobody_less(desk: TestDesk) -> None:
    change_account(desk, options={"variant": "pigeon"})
    assert left_alone(desk.context)
    assert desk.context.serves(ACCOUNT, "04")


def test_only_an_operator_with_a_table_of_provinces_says_where_it_cannot_book(desk: TestDesk) -> None:
    with joined(desk, "ems", provinces={"04": "27"}), desk.read() as session:
        operators = OperatorsNow(session, desk.context)
        assert [operators.serves("ems", province) for province in ("04", "01")] == [True, False]
        assert operators.serves(ACCOUNT, "01")
    with joined(desk, "ems", provinces="gso"):
        assert desk.context.serves("ems", "01")


def test_two_jobs_of_one_process_that_have_news_at_one_moment_do_not_trip_over_each_other(
    postgres_url: str, tmp_path: Path
) -> None:
    with with_tables(postgres_url) as url, opened_desk(tmp_path, url) as desk:
        desk.context.carriers.get(ACCOUNT)
        begin = threading.Barrier(6)

        def job(_number: int) -> None:
            begin.wait()
            note_news(desk.context)

        for _ in range(3):
            with desk.context.database.write() as session:
                session.execute(delete(ConnectionState))
            with ThreadPoolExecutor(6) as jobs:
                list(jobs.map(job, range(6)))
        with desk.read() as session:
            assert len(states_of(session, ACCOUNT)) == 1
