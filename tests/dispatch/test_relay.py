"""Many receivers and many messages: nobody waits for another one's receiver, and lines keep their order."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select, update

from config.clock import wall_now
from dispatch.context import Context
from dispatch.dossiers import Dossier
from dispatch.news import tell_onestop
from dispatch.onestop.deliveries import Fault
from dispatch.outbox import (
    Delivery,
    OutboxAttempt,
    OutboxDestination,
    OutboxMessage,
    OutboxState,
    drain,
    due_count,
    send_again,
    send_all_again,
)
from dispatch.outbox_lines import STEPS_ASIDE_AFTER, next_for
from tests.dispatch.messages import owe_messages
from tests.support.desk import CODE, TestClock, TestDesk

_TAKEN = Delivery(True, 204, "HTTP 204", 1)
_DEAD = Delivery(False, None, "ConnectError: refused", 1)
_REFUSED = Delivery(False, 422, "HTTP 422", 1)


@pytest.fixture(params=["context", pytest.param("postgres_context", marks=pytest.mark.needs_postgres)])
def desk_of(request: pytest.FixtureRequest) -> Context:
    """A province's desk, on SQLite and on PostgreSQL."""
    context: Context = request.getfixturevalue(request.param)
    return context


def _owe_many(context: Context, count: int, to: str) -> None:
    fields = {"destination": to, "type": "t", "payload": "{}", "state": OutboxState.PENDING, "attempts": 0}
    now = context.clock.now()
    rows = [{"id": f"m{n}", "subject": f"d{n}", "created_at": now, "due_at": now, **fields} for n in range(count)]
    with context.database.write() as session:
        session.execute(insert(OutboxMessage), rows)


def _forward(context: Context, **how: float) -> None:
    assert isinstance(context.clock, TestClock)
    context.clock.forward(**how)


def _due(context: Context) -> int:
    with context.database.read() as session:
        return due_count(session, context.clock.now())


def _attempts(context: Context) -> int:
    with context.database.read() as session:
        return session.scalar(select(func.count()).select_from(OutboxAttempt)) or 0


def _states(context: Context) -> dict[str, OutboxState]:
    with context.database.read() as session:
        return {row.id: row.state for row in session.scalars(select(OutboxMessage))}


def test_a_slow_receiver_holds_up_nobody_else(desk_of: Context) -> None:
    owe_messages(desk_of, *(f"slow-{n}" for n in range(12)), to="onestop:slow")
    owe_messages(desk_of, *(f"quick-{n}" for n in range(30)), to="onestop:quick")
    quick_are_through = threading.Event()
    at_slow: list[int] = []
    lock, under_way = threading.Lock(), Counter[str]()

    def send(message: OutboxMessage) -> Delivery:
        with lock:
            under_way[message.destination] += 1
        if message.destination == "onestop:slow":
            at_slow.append(under_way[message.destination])
            assert quick_are_through.wait(10), "the quick receiver waits for the slow one"
        with lock:
            under_way[message.destination] -= 1
            told.append(message.id)
            if sum(one.startswith("quick") for one in told) == 30:
                quick_are_through.set()
        return _TAKEN

    told: list[str] = []
    assert drain(desk_of, send) == 42
    assert [one.split("-")[0] for one in told[:30]] == ["quick"] * 30
    assert max(at_slow) <= desk_of.settings.notices_at_one_receiver


def test_what_a_receiver_is_told_of_one_dossier_goes_one_by_one_in_the_order_written(desk_of: Context) -> None:
    ids = [f"m{n}" for n in random.Random(5).sample(range(100), 12)]
    owe_messages(desk_of, *ids, about=CODE)
    owe_messages(desk_of, "other", about="another")
    told: list[str] = []
    under_way = 0

    def send(message: OutboxMessage) -> Delivery:
        nonlocal under_way
        if message.subject == CODE:
            under_way += 1
            assert under_way == 1
            time.sleep(0.002)
            under_way -= 1
            told.append(message.id)
        return _TAKEN

    assert drain(desk_of, send) == 13
    assert told == ids


def test_a_refused_message_holds_up_its_line_for_a_few_attempts_and_then_steps_aside(context: Context) -> None:
    owe_messages(context, "old", "new", about=CODE)
    told: list[str] = []

    def send(message: OutboxMessage) -> Delivery:
        told.append(message.id)
        return _REFUSED if message.id == "old" else _TAKEN

    for _ in range(STEPS_ASIDE_AFTER):
        assert "new" not in told
        drain(context, send)
        assert _due(context) == 0, "what stands in line behind another is not due"
        _forward(context, minutes=10)
    assert told == ["old"] * STEPS_ASIDE_AFTER + ["new"]


def test_a_parked_message_holds_up_nobody_and_is_told_when_somebody_says_so(context: Context) -> None:
    owe_messages(context, "old", "new", about=CODE)
    drain(context, lambda message: Delivery(False, 410, "HTTP 410", 1, gone=message.id == "old"), limit=1)
    _forward(context, minutes=5)
    assert drain(context, lambda message: _TAKEN) == 1
    assert _states(context) == {"old": OutboxState.PARKED, "new": OutboxState.SENT}
    with context.database.write() as session:
        assert send_again(session, "old", context.clock.now())
    assert drain(context, lambda message: _TAKEN) == 1
    assert set(_states(context).values()) == {OutboxState.SENT}


def test_a_thousand_messages_to_a_dead_system_cost_a_few_attempts_and_flow_once_it_is_back(desk_of: Context) -> None:
    _owe_many(desk_of, 1000, to="onestop:dead")
    owe_messages(desk_of, *(f"fine-{n}" for n in range(10)), to="onestop:fine")

    def send(message: OutboxMessage) -> Delivery:
        return _DEAD if message.destination == "onestop:dead" else _TAKEN

    drain(desk_of, send)
    assert _due(desk_of) == 0
    for _ in range(30):
        _forward(desk_of, minutes=2)
        drain(desk_of, send)
    assert _attempts(desk_of) <= 10 + desk_of.settings.notices_at_one_receiver + 20
    with desk_of.database.read() as session:
        receiver = session.get_one(OutboxDestination, "onestop:dead")
    assert (receiver.trouble, receiver.paused_until is not None) == (_DEAD.answer, True)
    _forward(desk_of, minutes=15)
    assert _due(desk_of) > 900
    assert drain(desk_of, lambda message: _TAKEN, limit=100) == 100


def test_a_receiver_that_asks_for_a_pause_gets_it_for_all_its_messages(context: Context) -> None:
    owe_messages(context, *(f"m{n}" for n in range(40)))
    drain(context, lambda message: Delivery(False, 429, "HTTP 429", 1, retry_after=900.0))
    tried = _attempts(context)
    assert tried <= context.settings.notices_at_one_receiver
    _forward(context, seconds=899)
    assert (drain(context, lambda message: _TAKEN), _attempts(context)) == (0, tried)
    _forward(context, seconds=2)
    assert drain(context, lambda message: _TAKEN) == 40


def test_whoever_says_send_again_need_not_wait_for_the_end_of_a_pause(context: Context) -> None:
    owe_messages(context, *(f"m{n}" for n in range(8)), to="onestop:dead")
    for _ in range(8):
        drain(context, lambda message: _DEAD)
        _forward(context, seconds=20)
    with context.database.write() as session:
        assert send_all_again(session, context.clock.now(), "onestop:other") == 0
        assert send_all_again(session, context.clock.now(), "onestop:dead") > 0
    assert drain(context, lambda message: _TAKEN) == 8


def test_what_breaks_here_on_one_message_does_not_hold_up_the_others(context: Context) -> None:
    owe_messages(context, "broken", "whole")

    def send(message: OutboxMessage) -> Delivery:
        if message.id == "broken":
            raise ValueError("a secret that nothing can be signed with")
        return _TAKEN

    drain(context, send)
    with context.database.read() as session:
        assert session.get_one(OutboxMessage, "whole").state is OutboxState.SENT
        assert "ValueError" in str(session.get_one(OutboxMessage, "broken").trouble)


def test_two_relays_at_once_send_nothing_twice_while_the_leases_live(desk_of: Context) -> None:
    for name in ("a", "b", "c"):
        for dossier in range(5):
            ids = (f"{name}-{dossier}-{n}" for n in range(4))
            owe_messages(desk_of, *ids, to=f"onestop:{name}", about=f"{dossier}")
    told: list[str] = []
    begin = threading.Barrier(3)

    def send(message: OutboxMessage) -> Delivery:
        time.sleep(random.uniform(0, 0.005))
        told.append(message.id)
        return _TAKEN

    def relay() -> None:
        begin.wait()
        drain(desk_of, send)

    relays = [threading.Thread(target=relay) for _ in range(3)]
    for one in relays:
        one.start()
    for one in relays:
        one.join()
    assert (len(told), len(set(told))) == (60, 60)
    assert all(told.index(f"{one[:-1]}{int(one[-1]) - 1}") < told.index(one) for one in told if one[-1] != "0")


def test_what_was_sent_and_not_noted_is_sent_again_under_the_same_id(context: Context) -> None:
    owe_messages(context, "m1", "m2")
    told: list[str] = []

    def send(message: OutboxMessage) -> Delivery:
        told.append(message.id)
        if message.id == "m1" and told.count("m1") == 1:
            raise SystemExit  # the process ends after the receiver has it and before anything is written down
        return _TAKEN

    with pytest.raises(SystemExit):
        drain(context, send)
    with context.database.write() as session:
        session.execute(update(OutboxMessage).values(lease_until=wall_now() - timedelta(seconds=1)))
    drain(context, send)
    assert told.count("m1") == 2
    assert set(_states(context).values()) == {OutboxState.SENT}


def test_a_failure_that_comes_after_the_lease_says_nothing_of_the_next_attempt(context: Context) -> None:
    owe_messages(context, "m1")

    def send(message: OutboxMessage) -> Delivery:
        with context.database.write() as session:  # the lease ran out, somebody else has it and got through
            session.execute(update(OutboxMessage).values(lease_until=None, state=OutboxState.SENT))
        return _DEAD

    drain(context, send)
    assert _states(context) == {"m1": OutboxState.SENT}


def test_what_is_due_is_found_by_indexes_of_nothing_else(context: Context) -> None:
    query = next_for("onestop:igate", context.clock.now())
    words = query.compile(context.database.engine, compile_kwargs={"literal_binds": True})
    with context.database.engine.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {words}").all()
    steps = " ".join(str(row[3]) for row in plan)
    assert "USING INDEX ix_outbox_message_due (destination=? AND due_at<?)" in steps
    assert "INDEX ix_outbox_message_line (destination=? AND subject=?)" in steps
    assert "SCAN" not in steps


# --- with the one-stop at the other end ----------------------------------------------------------------------------


@pytest.fixture
def dossiers(desk: TestDesk) -> list[str]:
    codes = [f"H14.10-260302-2{n:03}" for n in range(2)]
    for code in codes:
        desk.register(code)
    return codes


def _change_due_date(desk: TestDesk, code: str, revision: int) -> None:
    data = {
        "due": f"2026-04-{revision:02}",
        "revision": revision,
        "state": "running",
        "reason_vi": "",
        "legal_source": "",
    }
    with desk.context.database.write() as session:
        dossier = session.get_one(Dossier, code)
        kind = "dossier.due_date_changed"
        tell_onestop(session, desk.context.accounts, dossier, kind, str(revision), data, desk.clock.now())


@pytest.mark.parametrize("seed", range(3))
def test_whatever_fails_in_between_the_one_stop_is_told_of_each_change_and_ends_with_the_newest(
    desk: TestDesk, dossiers: list[str], seed: int
) -> None:
    chance = random.Random(seed)
    for revision in range(1, 9):
        for code in dossiers:
            _change_due_date(desk, code, revision)
        for _ in range(chance.randrange(3)):
            fault = chance.choice([Fault(kind="error"), Fault(kind="drop")])
            match = chance.choice([*dossiers, "due_date"])
            desk.onestop.deliveries.add_fault(fault.model_copy(update={"match": match, "times": chance.randint(1, 6)}))
        drain(desk.context, desk.messenger.send)
        desk.clock.forward(minutes=chance.choice([0, 1, 30, 600]))
    every = {f"{code}:dossier.due_date_changed:{number}" for code in dossiers for number in range(1, 9)}
    for _ in range(60):
        desk.clock.forward(days=1)
        with desk.context.database.write() as session:
            send_all_again(session, desk.clock.now())
        drain(desk.context, desk.messenger.send)
        told = {one.webhook_id for one in desk.onestop.deliveries.received("callbacks")}
        if told == every:
            break
    assert told == every
    copies = desk.onestop.copies()
    assert {(copies[code].revision, copies[code].due) for code in dossiers} == {(8, "2026-04-08")}
