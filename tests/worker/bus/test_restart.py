"""RabbitMQ itself ends and comes back while both sides speak: nothing is lost, and nothing takes effect twice."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from kombu.exceptions import OperationalError
from sqlalchemy import select

from dispatch.news import cloud_event
from dispatch.outbox_rows import OutboxMessage
from tests.support.desk import CODE, MONDAY, TestDesk, dossier_body
from tests.support.own_brokers import OwnRabbit
from tests.support.own_servers import own_folder
from tests.support.town import wait_for
from tests.worker.bus.conftest import hearing
from tests.worker.bus.other_side import OtherSide, desk_on_a_bus
from tracking import onestop_inbox
from tracking.inbox import InboxDelivery
from tracking.onestop_statements import StatementRow, Word
from worker.bus.dead import dead_letters

pytestmark = pytest.mark.needs_own_servers

MESSAGES = 75
BOOKED = "postal.order_booked"


@pytest.fixture
def broker() -> Iterator[OwnRabbit]:
    with own_folder("bus") as folder:
        broker = OwnRabbit(folder)
        broker.start()
        try:
            broker.wait_until_it_answers()
            yield broker
        finally:
            broker.stop_for_good()


def kept(desk: TestDesk) -> set[str]:
    with desk.read() as session:
        return set(session.scalars(select(InboxDelivery.key).where(InboxDelivery.kind == "statement")))


def insist(act: Callable[[], bool]) -> None:
    """Do something until it succeeds, as whoever has promised it does."""
    while True:
        try:
            if act():
                return
        except (OSError, OperationalError):
            pass
        time.sleep(0.1)


def they_speak(side: OtherSide, half_way: threading.Event) -> set[str]:
    """Let the other side say what it has to; returns the ids of its messages."""
    for number in range(MESSAGES):
        when = f"2026-03-02T08:{number // 60:02d}:{number % 60:02d}+07:00"
        insist(partial(says, side, dossier_body(fee_vnd=1000 * number), id=f"m-{number}", time=when))
        if number == MESSAGES // 5:
            half_way.set()
    return {f"m-{number}" for number in range(MESSAGES)}


def says(side: OtherSide, body: dict[str, Any], **envelope: str) -> bool:
    """Say something; tells that it is confirmed, or raises."""
    side.says("dossier.registered", body, **envelope)
    return True


def we_speak(desk: TestDesk) -> set[str]:
    """Let us tell what we owe; returns the ids of our messages."""
    told = [news(number) for number in range(MESSAGES)]
    for message in told:
        insist(lambda message=message: desk.messenger.send(message).delivered)  # type: ignore[misc]
    return {message.id for message in told}


def test_a_broker_that_ends_and_comes_back_loses_nothing_and_doubles_nothing(broker: OwnRabbit, tmp_path: Path) -> None:
    side = OtherSide(broker.url)
    side.listens("postal.#")
    half_way = threading.Event()
    with desk_on_a_bus(tmp_path, side) as desk, hearing(desk), ThreadPoolExecutor(2) as both:
        wait_for("our queue to be there", lambda: side.takers() > 0)
        theirs, ours = both.submit(they_speak, side, half_way), both.submit(we_speak, desk)
        assert half_way.wait(60)
        broker.stop()
        broker.start()
        broker.wait_until_it_answers()
        said, told = theirs.result(120), ours.result(120)
        wait_for("everything to be kept", lambda: kept(desk) == {f"statement:igate#{one}" for one in said})
        wait_for("everything to be acknowledged", lambda: side.waiting() == 0)
        onestop_inbox.drain(desk.context, desk.office, desk.messenger.onestops)
        assert dead_letters(side.bus, 5.0) == []
    with desk.read() as session:
        words = list(session.scalars(select(StatementRow.outcome)))
    assert words == [Word.APPLIED] * len(said)
    assert {one["id"] for one in side.heard() if one["source"] == "onestop-postal"} == told


def news(number: int) -> OutboxMessage:
    id_ = f"{CODE}:{BOOKED}:{number}"
    payload = cloud_event(id_, BOOKED, CODE, MONDAY, {"order_number": f"{CODE}-S{number}"})
    return OutboxMessage(id=id_, destination="onestop:igate", type=BOOKED, subject=CODE, payload=payload, trace="t")
