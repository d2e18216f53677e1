"""``postal settle``: a clerk rang the operator up, and says what it said."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from carriers.vnpost_ngsp.simulator import Fault, FaultRule
from config.settings import load_settings
from dispatch import booking
from dispatch.shipments import BookingState, Shipment
from tests.support.town import Town, opened_town
from tests.tracking.case import Case
from tests.worker.commands.test_replays import at_work
from worker.cli import app
from worker.runtime import current_database


@pytest.fixture
def doubtful(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Town, str]]:
    """The answer to an order was lost and the operator cannot be asked; the environment names this system."""
    with opened_town(tmp_path / "town") as town:
        with at_work(town) as desk:
            lost = FaultRule(fault=Fault.TIMEOUT_BEFORE, operation="order", seconds=0, times=1)
            town.operator.faults.replace([lost, FaultRule(fault=Fault.ERROR_BEFORE, operation="tracking")])
            case = Case.opened(desk)
            case.order("send")
            booking.drain(desk.context)
        for name, value in town.plot.environment(town.home).items():
            monkeypatch.setenv(name, value)
        assert stored(case.s1).booking is BookingState.OUTCOME_UNKNOWN
        yield town, case.s1


def said(*words: str) -> Result:
    return CliRunner().invoke(app, ["settle", *words])


def stored(number: str) -> Shipment:
    with current_database(load_settings()).read() as session:
        return session.get_one(Shipment, number)


def test_an_order_that_the_operator_holds_is_followed_under_its_waybill(doubtful: tuple[Town, str]) -> None:
    _, number = doubtful
    result = said(number, "--held", "--waybill", "HC000000099VN")
    assert (result.exit_code, result.stdout.strip()) == (0, f"{number} is 'booked' now.")
    assert (stored(number).booking, stored(number).waybill) == (BookingState.BOOKED, "HC000000099VN")


def test_an_order_that_the_operator_does_not_hold_is_booked_again(doubtful: tuple[Town, str]) -> None:
    _, number = doubtful
    assert said(number, "--not-held").exit_code == 0
    assert stored(number).booking is BookingState.REQUESTED


def test_what_is_in_no_doubt_stays_as_it_is(doubtful: tuple[Town, str]) -> None:
    _, number = doubtful
    assert said(number, "--not-held").exit_code == 0
    again = said(number, "--held")
    assert again.exit_code == 2
    assert stored(number).booking is BookingState.REQUESTED


@pytest.mark.parametrize(
    "words", [(), ("--not-held", "--waybill", "HC1VN"), ("--held", "--waybill", " "), ("--held", "--waybill", "9" * 41)]
)
def test_half_an_answer_settles_nothing(doubtful: tuple[Town, str], words: tuple[str, ...]) -> None:
    _, number = doubtful
    assert said(number, *words).exit_code == 2
    assert stored(number).booking is BookingState.OUTCOME_UNKNOWN


def test_an_unknown_number_is_named(doubtful: tuple[Town, str]) -> None:
    result = said("H14-9-S1", "--held")
    assert result.exit_code == 2
    assert "H14-9-S1" in result.output
