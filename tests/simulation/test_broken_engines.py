"""An engine that is broken on purpose is found out: a simulator that finds nothing proves nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from carriers import exchange
from carriers.breaker import CircuitBreaker
from carriers.capabilities import ReceivesWebhooks
from carriers.webhooks import WebhookReply, WebhookRequest
from dispatch import steps
from dispatch.context import Context
from dispatch.money.statements import importing, matching
from dispatch.outbox import OutboxMessage, OutboxState
from dispatch.shipments import BookingState, Shipment
from tracking import intake, journey
from tracking.inbox import InboxDelivery, InboxState
from worker.lanes import Lane
from worker.runtime import Runtime
from worker.simulation import faults
from worker.simulation.faults import FaultKind
from worker.simulation.grounds import Ground
from worker.simulation.jobs import WORK, Work
from worker.simulation.plays import Play
from worker.simulation.run import play


def _broken_promises(ground: Ground, operators: str, *kinds: FaultKind, seeds: Sequence[int] = range(1, 6)) -> set[int]:
    """Play some seeds until one finds something; returns the promises it sees broken."""
    for seed in seeds:
        wanted = Play(seed, 2, kinds, operators=(operators,), impatient=True)
        if broken := {one.promise for one in play(wanted, ground).violations}:
            return broken
    return set()


@pytest.fixture
def _frequent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let faults strike in every seed, and often."""
    monkeypatch.setattr(faults, "_MOODS", (4.0,))


@pytest.mark.usefixtures("_frequent")
def test_an_order_that_is_sent_again_blindly_is_found_out(
    sqlite_ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    def as_if_nothing_had_happened(_why: str) -> Callable[[Session, Shipment, datetime], None]:
        def change(_session: Session, shipment: Shipment, now: datetime) -> None:
            shipment.booking, shipment.next_at = BookingState.REQUESTED, now

        return change

    monkeypatch.setattr(steps, "outcome_unknown", as_if_nothing_had_happened)

    assert 2 in _broken_promises(sqlite_ground, "viettelpost", FaultKind.TIMEOUT_AFTER, seeds=(3,))


def test_a_webhook_that_is_acknowledged_and_not_kept_is_found_out(
    sqlite_ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    def acknowledge(context: Context, _carrier: str, account: str, request: WebhookRequest) -> WebhookReply:
        receiver = context.carriers.get(account)
        assert isinstance(receiver, ReceivesWebhooks)
        return receiver.answer_webhook(request, receiver.read_webhook(request).verdict)

    monkeypatch.setattr(intake, "take", acknowledge)

    assert 3 in _broken_promises(sqlite_ground, "jt")


def test_deliveries_that_are_swallowed_are_found_out(sqlite_ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    def swallow(runtime: Runtime) -> int | None:
        with runtime.context.database.write() as session:
            third = (InboxDelivery.state == InboxState.NEW, InboxDelivery.id % 3 == 0)
            session.execute(update(InboxDelivery).where(*third).values(state=InboxState.APPLIED))
        return WORK_AS_IT_IS[Lane.INTAKE].run(runtime)

    monkeypatch.setitem(WORK, Lane.INTAKE, Work("intake", swallow, WORK[Lane.INTAKE].then))

    assert _broken_promises(sqlite_ground, "vnpost_ngsp") & {1, 3, 4}


@pytest.mark.usefixtures("_frequent")
def test_a_message_that_counts_as_sent_after_one_try_is_found_out(
    sqlite_ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    def try_once(runtime: Runtime) -> int | None:
        done = WORK_AS_IT_IS[Lane.NOTICES].run(runtime)
        with runtime.context.database.write() as session:
            tried = (OutboxMessage.state == OutboxState.PENDING, OutboxMessage.attempts > 0)
            session.execute(update(OutboxMessage).where(*tried).values(state=OutboxState.SENT))
        return done

    monkeypatch.setitem(WORK, Lane.NOTICES, Work("notices", try_once))

    assert 5 in _broken_promises(sqlite_ground, "vnpost_ngsp", FaultKind.ONESTOP_ERROR)


@pytest.mark.usefixtures("_frequent")
def test_a_journey_in_another_order_than_that_of_event_times_is_found_out(
    sqlite_ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Most stories end alike in any order, as the fold spells out its awkward edges: here are two that do not."""
    monkeypatch.setattr(journey, "_order", lambda event: event.key)

    assert _broken_promises(sqlite_ground, "vnpost_ngsp", seeds=(21, 27)) & {1, 4, 6}


@pytest.mark.usefixtures("_frequent")
def test_a_pause_that_is_not_kept_is_found_out(sqlite_ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "retry_after", lambda _headers: 0.0)

    assert 7 in _broken_promises(sqlite_ground, "vnpost_ngsp", FaultKind.THROTTLED)


@pytest.mark.usefixtures("_frequent")
def test_an_operator_that_is_not_left_alone_is_found_out(
    sqlite_ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CircuitBreaker, "permit", lambda _breaker: False)

    assert 7 in _broken_promises(sqlite_ground, "vnpost_ngsp", FaultKind.ERROR_BURST, FaultKind.OPERATOR_DOWN)


WORK_AS_IT_IS = dict(WORK)


def test_errors_of_a_statement_that_nobody_finds_are_found_out(
    sqlite_ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever an operator states is believed."""

    def believe(*about: Any) -> matching.Comparison:
        return matching.Comparison(matching.compare(*about).orders, ())

    wanted = Play(1, 4, (), operators=("myvnpost",))
    sound = play(wanted, sqlite_ground)
    assert (sound.violations, [line for line in sound.story.lines() if "is taken in" in line] != []) == ((), True)
    monkeypatch.setattr(importing, "compare", believe)
    broken = play(wanted, sqlite_ground).violations
    assert {one.promise for one in broken} == {6}
    assert any("is not found" in one.what for one in broken)
