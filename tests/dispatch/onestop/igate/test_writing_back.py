"""What becomes of our news at a system that takes none: nothing is dropped in silence, nothing is tried for ever."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from config.errors import ConfigurationError
from dispatch.onestop.igate.client import IgateOneStop
from dispatch.onestop.igate.simulator.office import written
from dispatch.onestop.standing import Stage, Standing
from dispatch.outbox_rows import Delivery, OutboxMessage
from tests.support.desk import MONDAY
from tests.support.igate import Installation, installation, message, system, ties

DUE = MONDAY + timedelta(days=3)


@pytest.fixture
def igate(tmp_path: Path) -> Iterator[Installation]:
    with installation(tmp_path) as igate:
        yield igate


def due_date(code: str, due: datetime | None = DUE, revision: int = 1) -> OutboxMessage:
    data = {"due": due.isoformat() if due else None, "revision": revision}
    return message(f"due:{revision}", "dossier.due_date_changed", json.dumps({"data": data}), code)


def standing(code: str, revision: int) -> Standing:
    return Standing(
        code=code,
        stage=Stage.ACCEPTED,
        source_system="igate",
        owner="us",
        procedure_code="1.004859",
        procedure_name="Hộ tịch",
        agency_code="H14.10",
        agency_name="Sở Tư pháp",
        applicant_name="Bế Thị Lìn",
        applicant_phone="+84912345678",
        applicant_email=None,
        id_number=None,
        fee_vnd=0,
        filed_at=MONDAY,
        accepted_at=MONDAY,
        due=DUE,
        revision=revision,
        finished_at=None,
        returned_at=None,
        sent_by_post=False,
        returned_by_post=False,
    )


def test_news_of_the_post_changes_nothing_in_igate(igate: Installation) -> None:
    assert igate.onestop.tell(message("moved")) == Delivery(
        True, None, "This has nothing to change in iGate, so nothing was sent.", 0
    )


def test_a_due_date_waits_until_a_clerk_has_typed_it_in(igate: Installation) -> None:
    code = igate.file("by hand")
    igate.office.change(code, appointmentDate=written(DUE - timedelta(days=1)))
    waiting = igate.onestop.tell(due_date(code))
    assert (waiting.delivered, waiting.status, waiting.gone) == (False, 200, False)
    assert waiting.answer.startswith("Nhập ngày hẹn trả 08:00 05/03/2026 vào iGate")
    igate.office.change(code, appointmentDate=written(DUE))
    assert igate.onestop.tell(due_date(code)).delivered


def test_a_dossier_that_igate_does_not_show_is_said_to_be_missing(igate: Installation) -> None:
    delivery = igate.onestop.tell(due_date("H14.10-260302-9999"))
    assert (delivery.delivered, delivery.status) == (False, 404)
    assert "H14.10-260302-9999" in delivery.answer


def test_an_igate_that_does_not_answer_is_asked_again_later(igate: Installation) -> None:
    igate.office.make_trouble("error", "error", "error")
    delivery = igate.onestop.tell(due_date(igate.file("down")))
    assert (delivery.delivered, delivery.gone) == (False, False)
    assert "asked again by itself" in delivery.answer


def test_where_no_clock_runs_there_is_nothing_to_type_in(igate: Installation) -> None:
    assert igate.onestop.tell(due_date("any", None)).delivered


def test_a_due_date_that_a_later_one_has_replaced_is_not_looked_for(igate: Installation, tmp_path: Path) -> None:
    code = igate.file("superseded")
    given = ties(tmp_path, lambda code: standing(code, revision=2))
    onestop = IgateOneStop(system(api=igate.url, sso=igate.url), given)
    assert onestop.tell(due_date(code, DUE - timedelta(days=1), revision=1)).delivered
    assert not onestop.tell(due_date(code, DUE + timedelta(days=1), revision=2)).delivered
    onestop.close()


def test_another_system_that_brings_the_date_is_named_and_nothing_is_asked(tmp_path: Path) -> None:
    onestop = IgateOneStop(system(due_dates="portal"), ties(tmp_path))
    delivery = onestop.tell(due_date("any"))
    assert delivery.delivered
    assert "'portal' is told" in delivery.answer
    onestop.close()


def test_a_system_that_is_not_told_of_these_dossiers_cannot_bring_their_dates(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="'bus' is not told of its dossiers"):
        IgateOneStop(system(due_dates="bus"), ties(tmp_path))
