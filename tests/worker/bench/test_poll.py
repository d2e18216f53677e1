"""The bench of the poll planner, on few shipments: what it measures is what the polling lane does."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from sqlalchemy import func, select
from typer.testing import CliRunner

from config.database import Database
from dispatch.shipments import ASKABLE, Shipment
from worker.bench import poll
from worker.bench.poll_shipments import ACCOUNT, NOW
from worker.cli import app

FEW = 6000


@pytest.fixture(scope="module")
def filled() -> Iterator[Database]:
    with poll._filled("", FEW) as database:
        yield database


def test_a_tenth_of_the_shipments_is_due_and_a_round_leaves_them_as_they_were(filled: Database) -> None:
    due = select(func.count()).where(ASKABLE, Shipment.account == ACCOUNT, Shipment.poll_at <= NOW)
    plans = select(Shipment.order_number, Shipment.poll_at, Shipment.asked_at).order_by(Shipment.order_number)
    with filled.read() as session:
        assert session.scalar(due) == pytest.approx(FEW / 10, rel=0.05)
        before = session.execute(plans).all()
    assert poll._timed_claim(filled) > 0
    assert poll._timed_naive(filled) > 0
    with filled.read() as session:
        assert session.execute(plans).all() == before


def test_a_machine_gets_ours_the_naive_way_and_the_ceiling() -> None:
    result = CliRunner().invoke(app, ["bench", "poll", "--n", str(FEW), "--rounds", "1", "--json"])
    assert result.exit_code == 0, result.output
    figures = json.loads(result.stdout)
    assert (figures["name"], figures["n"], figures["rounds"], figures["database"]) == ("poll", FEW, 1, "sqlite")
    assert min(figures["ours"], figures["naive"], figures["ceiling"]) > 0
    assert figures["goals"].keys() == {"ours_over_ceiling <= 1.5"}
