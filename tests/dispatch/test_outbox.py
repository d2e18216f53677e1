from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from config.clock import wall_now
from dispatch import booking
from dispatch.context import Context
from dispatch.onestop.deliveries import Fault
from dispatch.outbox import (
    BACKOFF,
    Delivery,
    OutboxAttempt,
    OutboxMessage,
    OutboxState,
    drain,
    due_count,
    owe,
    send_again,
)
from tests.dispatch.messages import owe_messages
from tests.support.desk import TestClock, TestDesk

_TAKEN = Delivery(True, 204, "HTTP 204", 12)
_FAILED = Delivery(False, 500, "HTTP 500", 12)


def _message(context: Context, message_id: str = "m1") -> OutboxMessage:
    with context.database.read() as session:
        return session.get_one(OutboxMessage, message_id)


def _sent(context: Context) -> list[str]:
    """Deliver what is due; returns the ids in the order in which they were sent."""
    sent: list[str] = []

    def send(message: OutboxMessage) -> Delivery:
        sent.append(message.id)
        return _TAKEN

    drain(context, send)
    return sent


def _wait_until_due(context: Context) -> timedelta:
    """Let time pass until the message is due again; returns how long that was."""
    clock, due = context.clock, _message(context).due_at
    assert isinstance(clock, TestClock)
    waited = due - clock.now()
    clock.at(due)
    return waited


def test_the_same_id_owed_twice_is_one_message(context: Context) -> None:
    owe_messages(context, "m1", "m1")
    owe_messages(context, "m1")
    assert _sent(context) == ["m1"]


def test_a_decision_that_is_taken_back_owes_nothing(context: Context) -> None:
    with context.database.write() as session:
        owe(session, message_id="m1", destination="d", type="t", subject="s", payload="{}", now=context.clock.now())
        session.rollback()
    assert drain(context, lambda message: _TAKEN) == 0


def test_a_delivered_message_is_done_and_its_attempt_kept(context: Context) -> None:
    owe_messages(context, "m1")
    assert drain(context, lambda message: _TAKEN) == 1
    assert drain(context, lambda message: _TAKEN) == 0
    message = _message(context)
    assert (message.state, message.sent_at, message.trouble) == (OutboxState.SENT, context.clock.now(), None)
    with context.database.read() as session:
        (attempt,) = session.scalars(select(OutboxAttempt))
    assert (attempt.message_id, attempt.status, attempt.duration_ms, attempt.answer) == ("m1", 204, 12, "HTTP 204")


def test_what_was_owed_first_is_sent_first(context: Context) -> None:
    clock = context.clock
    assert isinstance(clock, TestClock)
    for message_id in ("z", "b", "a"):
        owe_messages(context, message_id)
        clock.forward(minutes=1)
    assert _sent(context) == ["z", "b", "a"]


def test_the_waits_grow_along_the_schedule_and_then_the_message_is_parked(context: Context) -> None:
    owe_messages(context, "m1")
    for planned in BACKOFF:
        assert drain(context, lambda message: _FAILED) == 1
        assert drain(context, lambda message: _FAILED) == 0
        assert planned * 0.8 <= _wait_until_due(context) <= planned * 1.2
    drain(context, lambda message: _FAILED)
    message = _message(context)
    assert (message.state, message.attempts, message.trouble) == (OutboxState.PARKED, len(BACKOFF) + 1, "HTTP 500")


@pytest.mark.parametrize(("asked", "waited"), [(900.0, 900.0), (0.0, 4.0)])
def test_a_receiver_may_ask_for_a_longer_pause_but_not_for_none(context: Context, asked: float, waited: float) -> None:
    owe_messages(context, "m1")
    drain(context, lambda message: Delivery(False, 429, "HTTP 429", 1, retry_after=asked))
    assert waited <= _wait_until_due(context).total_seconds() <= max(asked, 6.0)


def test_a_receiver_that_wants_nothing_more_parks_the_message_at_once(context: Context) -> None:
    owe_messages(context, "m1")
    drain(context, lambda message: Delivery(False, 410, "HTTP 410", 1, gone=True))
    assert _message(context).state is OutboxState.PARKED


def test_a_parked_message_is_sent_again_when_somebody_says_so(context: Context) -> None:
    owe_messages(context, "m1")
    drain(context, lambda message: Delivery(False, 410, "HTTP 410", 1, gone=True))
    with context.database.write() as session:
        assert send_again(session, "m1", context.clock.now())
    assert drain(context, lambda message: _TAKEN) == 1
    assert _message(context).state is OutboxState.SENT


@pytest.mark.parametrize("message_id", ["m1", "never-owed"])
def test_only_a_parked_message_can_be_sent_again(context: Context, message_id: str) -> None:
    owe_messages(context, "m1")
    with context.database.write() as session:
        assert not send_again(session, message_id, context.clock.now())


def test_a_message_whose_worker_died_is_sent_again_under_the_same_id_once_the_lease_is_over(context: Context) -> None:
    def die(message: OutboxMessage) -> Delivery:
        raise SystemExit

    owe_messages(context, "m1")
    with pytest.raises(SystemExit):
        drain(context, die)
    assert drain(context, lambda message: _TAKEN) == 0
    with context.database.write() as session:
        assert due_count(session, context.clock.now()) == 1
        session.execute(update(OutboxMessage).values(lease_until=wall_now()))
    assert drain(context, lambda message: _TAKEN) == 1


def test_a_message_lies_encrypted_in_the_database(context: Context) -> None:
    owe_messages(context, "m1", payload='{"to": "Bế Đức Hiếu"}')
    with context.database.engine.connect() as connection:
        (raw,) = connection.execute(text("SELECT payload FROM outbox_message")).one()
    assert "Hiếu" not in raw
    assert "Hiếu" in _message(context).payload


def test_two_workers_never_deliver_the_same_message(context: Context) -> None:
    _delivered_by_many_hands(context)


def test_two_workers_on_postgresql_never_deliver_the_same_message(postgres_context: Context) -> None:
    _delivered_by_many_hands(postgres_context)


def _delivered_by_many_hands(context: Context) -> None:
    ids = [f"m{number:02}" for number in range(20)]
    owe_messages(context, *ids)
    sent: list[str] = []
    at_once = threading.Barrier(4)

    def send(message: OutboxMessage) -> Delivery:
        sent.append(message.id)
        time.sleep(0.005)
        return _TAKEN

    def work() -> None:
        at_once.wait()
        drain(context, send)

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(sent) == ids


# --- with the one-stop at the other end ----------------------------------------------------------------------------


def _deliver(desk: TestDesk) -> None:
    booking.drain(desk.context)
    drain(desk.context, desk.messenger.send)


def test_a_message_whose_answer_was_cut_off_comes_twice_under_one_id_and_is_taken_once(desk: TestDesk) -> None:
    desk.onestop.deliveries.add_fault(Fault(kind="drop", match="postal.order_booked"))
    desk.order("send")
    _deliver(desk)
    desk.clock.forward(minutes=1)
    _deliver(desk)
    (received,) = desk.onestop.deliveries.received("callbacks")
    assert (received.times, received.body["data"]["order_number"]) == (2, "H14.10-260302-0001-S1")


def test_a_one_stop_that_fails_for_a_while_is_told_in_the_end(desk: TestDesk) -> None:
    desk.onestop.deliveries.add_fault(Fault(kind="error", times=3))
    desk.order("send")
    _deliver(desk)
    assert desk.onestop.deliveries.count("callbacks") == 0
    for _ in range(3):
        desk.clock.forward(minutes=10)
        _deliver(desk)
    assert desk.onestop.deliveries.count("callbacks") == 1


def test_a_system_nobody_has_configured_is_owed_its_messages_and_somebody_sees_them(desk: TestDesk) -> None:
    desk.register("H14.10-260302-0009", source_system="unheard-of")
    desk.order("send", dossier="H14.10-260302-0009")
    _deliver(desk)
    with desk.read() as session:
        (message,) = session.scalars(select(OutboxMessage))
    assert message.state is OutboxState.PENDING
    assert message.trouble == "no receiver is configured for 'onestop:unheard-of'"
