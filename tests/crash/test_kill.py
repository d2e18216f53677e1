"""``kill -9`` where it hurts most. Afterwards nothing is lost, nothing is doubled, and nobody had to be asked."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from carriers.vnpost_ngsp.simulator import Fault, FaultRule
from tests.support.desk import CODE, MONDAY, dossier_body, order_body
from tests.support.town import Town, opened_town, postal, ready, settled, wait_for
from tests.support.web import new_key

NUMBER = f"{CODE}-S1"
QUICK = {"POSTAL_CALL_TIMEOUT": "1.5", "POSTAL_LEASE_SECONDS": "3.2", "POSTAL_SWEEP_SECONDS": "0.2"}
EVENTS = 1800


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with opened_town(tmp_path) as town:
        yield town


def kill(process: subprocess.Popen[bytes]) -> None:
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait(timeout=5) == -signal.SIGKILL


def order(town: Town) -> None:
    """Place the order once the first reading of the feed is over, which would otherwise find out for us."""
    wait_for("the first poll to be over", lambda: settled(town))
    with town.caller() as caller:
        assert caller.put(f"/v1/dossiers/{CODE}", json=dossier_body()).status_code == 201
        assert caller.post("/v1/orders", json=order_body("send"), headers=new_key()).status_code == 201


def count(town: Town, statement: str) -> int:
    """Look into the database of the system without its help."""
    with sqlite3.connect(f"file:{town.home / 'postal.db'}?mode=ro", uri=True) as database:
        (number,) = database.execute(statement).fetchone()
    database.close()
    return int(number)


def state(town: Town) -> str:
    with town.caller() as caller:
        return str(caller.get(f"/v1/dossiers/{CODE}").json()["shipments"][0]["state"])


def calls(town: Town, operation: str) -> int:
    return sum(call["operation"] == operation for one in town.operator.orders() for call in one["calls"])


@pytest.mark.parametrize("fault", [Fault.TIMEOUT_AFTER, Fault.TIMEOUT_BEFORE])
def test_killed_inside_the_call_that_books_the_order_is_held_once(town: Town, fault: Fault) -> None:
    """The operator is slow: it has the order already, or has not even read it, and we are gone before it answers."""
    slow = FaultRule(fault=fault, operation="order", times=1, seconds=10)
    # The worst operator there is: it would take the same number twice, so booking again blindly would be seen.
    town.operator.faults.replace([slow, FaultRule(fault=Fault.ACCEPT_DUPLICATES, operation="order")])
    with postal(town, "up", "--bare", **QUICK) as first:
        wait_for("the system to be ready", lambda: ready(town, first))
        order(town)
        wait_for("the call to reach the operator", lambda: calls(town, "order") == 1)
        kill(first)
    with postal(town, "up", "--bare", **QUICK) as second:
        wait_for("the system to be ready again", lambda: ready(town, second))
        wait_for("the lease to run out and the order to be settled", lambda: _booked_as_time_goes_by(town))
        wait_for("the one-stop to be told", lambda: town.told().get("postal.order_booked") == 1)
    assert town.live_orders() == {NUMBER: 1}
    assert sum(one["created"] for one in town.operator.orders()) == 1


def _booked_as_time_goes_by(town: Town) -> bool:
    booked = settled(town) and state(town) == "booked"
    if not booked and settled(town) and town.clock is not None:
        town.clock.advance_to(town.clock.now() + timedelta(minutes=5))
    return booked


def test_killed_while_a_large_feed_is_read_every_event_is_kept_once(town: Town) -> None:
    with postal(town, "up", "--bare", **QUICK) as first:
        wait_for("the system to be ready", lambda: ready(town, first))
        order(town)
        wait_for("the order to be booked", lambda: settled(town) and state(town) == "booked")
        _let_the_postman_be_busy(town)
        wait_for("a page to be kept", lambda: _kept(town) > 0)
        kill(first)
    assert 0 < _kept(town) < EVENTS
    with postal(town, "up", "--bare", **QUICK) as second:
        wait_for("the system to be ready again", lambda: ready(town, second))
        wait_for("the feed to be read to its end", lambda: settled(town) and _kept(town) == EVENTS)
        assert state(town) == "in_transit"
    assert count(town, "SELECT count(DISTINCT key) FROM inbox_delivery WHERE kind = 'tracking'") == EVENTS


def _kept(town: Town) -> int:
    return count(town, "SELECT count(*) FROM inbox_delivery WHERE kind = 'tracking'")


def _let_the_postman_be_busy(town: Town) -> None:
    """Let the feed grow to EVENTS lines, nearly all of items that nobody here ordered, and a poll be due.

    The operator's word that it has the order is in the feed already.
    """
    town.operator.push_event(NUMBER, 2, MONDAY)
    for number in range(EVENTS - 2):
        town.operator.push_event(f"foreign-{number}", 2, MONDAY)
    assert town.clock is not None
    town.clock.advance_to(MONDAY.replace(hour=9))


def test_killed_after_the_order_was_accepted_it_is_booked_all_the_same(town: Town) -> None:
    town.operator.faults.replace([FaultRule(fault=Fault.TIMEOUT_BEFORE, operation="token", seconds=10)])
    with postal(town, "up", "--bare", **QUICK) as first:
        wait_for("the system to be ready", lambda: ready(town, first))
        order(town)
        kill(first)
    assert calls(town, "order") == 0
    town.operator.faults.replace([])
    with postal(town, "up", "--bare", **QUICK) as second:
        wait_for("the system to be ready again", lambda: ready(town, second))
        wait_for("the order to be settled", lambda: _booked_as_time_goes_by(town))
        wait_for("the one-stop to be told", lambda: town.told().get("postal.order_booked") == 1)
    assert town.live_orders() == {NUMBER: 1}
