"""One id leads through the log from an operator's webhook to the callback that the one-stop gets of it."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import structlog

from carriers.simulation import SimulatedOperator
from carriers.states import ShipmentState
from config.logging import configure_logging
from dispatch.outbox import OutboxMessage
from tests.support.desk import CODE, TestDesk, opened_desk
from tests.support.operators import joined
from tests.support.web import visit

WEBHOOK = "/webhooks/viettelpost/viettelpost"


@pytest.fixture
def town(tmp_path: Path) -> Iterator[tuple[TestDesk, SimulatedOperator]]:
    """A desk that books with an operator whose webhooks are proven."""
    with opened_desk(tmp_path) as desk, joined(desk, "viettelpost") as operator:
        yield desk, operator


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Log as a process does, in lines of JSON; yields where to."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    with (tmp_path / "log").open("w", encoding="utf-8") as stream:
        monkeypatch.setattr(sys, "stderr", stream)
        configure_logging(json=True, level="INFO")
        structlog.configure(cache_logger_on_first_use=False)  # or they would stay with this stream for good
        yield tmp_path / "log"
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_one_id_leads_from_the_webhook_to_the_callback(town: tuple[TestDesk, SimulatedOperator], log: Path) -> None:
    desk, operator = town
    desk.register()
    (number,) = desk.order("send")
    desk.work()
    assert desk.shipment(number).carrier == "viettelpost"
    desk.clock.forward(hours=1)
    operator.report(number, ShipmentState.IN_TRANSIT, desk.clock.now() - timedelta(minutes=5))
    *_, event = operator.books.events_of(operator.default_customer, number)
    delivery = operator.delivery(event, WEBHOOK)
    assert delivery is not None

    with visit(desk) as web:
        answer = web.post(WEBHOOK, content=delivery.body, headers={"X-Request-ID": "asked-by-the-operator"})
        assert answer.status_code == 200
    desk.work()

    lines = log.read_text(encoding="utf-8").splitlines()
    (kept,) = [json.loads(line) for line in lines if "asked-by-the-operator" in line and "traces" in line]
    (trace,) = kept["traces"]
    story = [json.loads(line)["event"] for line in lines if trace in line]
    assert story == ["deliveries_kept", "delivery_applied", "message_tried"]
    (told,) = [json.loads(line) for line in lines if trace in line and "message_tried" in line]
    assert (told["delivered"], told["status"]) == (True, 204)
    assert told["message"].startswith(f"{CODE}:postal.shipment_moved:")
    with desk.read() as session:
        assert session.get_one(OutboxMessage, told["message"]).trace == trace
    assert "Bế Đức Hiếu" not in "".join(lines)
    assert "919393275" not in "".join(lines)
