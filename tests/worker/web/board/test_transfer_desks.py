"""Linked procedures at the desk of the agency that the post brings another agency's papers to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from config.accounts import AgencyDesk
from dispatch import custody
from dispatch.connections import OperatorsNow
from dispatch.forms import Direction
from dispatch.transfers import TransferForm, place_transfer
from tests.support.board import Colleague
from tests.support.desk import TestDesk
from tests.tracking.test_transfers import HOME, TAX, TAX_DESK
from tests.worker.web.board.conftest import As
from worker.access.roles import Role

INWARD = {"agency": TAX["code"], "direction": Direction.TO_AGENCY.value}


@pytest.fixture
def on_its_way(desk: TestDesk, registered: str) -> Iterator[str]:
    """The number of a transfer that the postman is bringing to the tax office, which has no dossier of its own."""
    before = desk.context
    desks = (AgencyDesk(agency=TAX["code"], desk=TAX_DESK),)
    desk.context = replace(before, accounts=before.accounts.model_copy(update={"agency_desks": desks}))
    desk.tell("accepted", f"{registered}-1", code=registered)
    body = {"dossier": registered, "from_agency": HOME, "to_agency": TAX, "reason": "Liên thông thuế"}
    with desk.context.database.write() as session:
        papers = custody.held_by(session, registered, custody.CITIZEN)
        now = desk.clock.now()
        custody.hand_over(session, papers, custody.agency(HOME["code"]), now, "BBGN-0", now)
        operators = OperatorsNow(session, desk.context)
        form = TransferForm.model_validate(body)
        number = place_transfer(session, desk.context.accounts, form, now, operators)[1].order_number
    desk.work()
    desk.report(number, 2, desk.clock.now())
    desk.poll()
    yield number
    desk.context = before


@pytest.fixture
def receiver(on_its_way: str, colleague: As) -> Colleague:
    """A clerk of the tax office and of nothing else."""
    return colleague(Role.CLERK, TAX["code"])


@pytest.mark.parametrize("by", ["order number", "waybill", "dossier"])
def test_what_the_post_brings_from_another_agency_is_found_by_its_scan_and_signed_for(
    desk: TestDesk, receiver: Colleague, on_its_way: str, registered: str, by: str
) -> None:
    text = {"order number": on_its_way, "waybill": desk.shipment(on_its_way).waybill, "dossier": registered}[by]
    page = receiver.page("/board/handovers", **INWARD)
    assert f'value="{on_its_way}"' in page
    record = receiver.send(page, "/board/handovers/scan", text=text, **INWARD)
    assert f'name="verdict:{on_its_way}"' in record.text
    fields = {f"verdict:{on_its_way}": "accept", "postman": "Lý Văn Hải"}
    done = receiver.send(record.text, f"{record.url.path}/sign", **fields)
    assert "The record is signed." in done.text
    with desk.read() as session:
        assert {one.holder for one in custody.holdings(session, registered)} == {custody.agency(TAX["code"])}


def test_it_is_found_by_the_scanner_of_a_record_that_was_begun_before(receiver: Colleague, on_its_way: str) -> None:
    begun = receiver.send(
        receiver.page("/board/handovers", **INWARD), "/board/handovers/scan", text=on_its_way, **INWARD
    )
    again = receiver.send(begun.text, f"{begun.url.path}/scan", text=on_its_way)
    assert "was on the record already" in again.text


def test_no_page_of_the_receiver_leads_to_a_dossier_that_is_not_theirs(
    receiver: Colleague, colleague: As, on_its_way: str, registered: str
) -> None:
    page = receiver.page("/board/handovers", **INWARD)
    record = receiver.send(page, "/board/handovers/scan", text=on_its_way, **INWARD)
    fields = {f"verdict:{on_its_way}": "accept", "postman": "Lý Văn Hải"}
    done = receiver.send(record.text, f"{record.url.path}/sign", **fields)
    for text in (page, record.text, done.text):
        assert on_its_way in text
        assert f"/board/dossiers/{registered}" not in text
    assert receiver.get(f"/board/dossiers/{registered}").status_code == 404
    printed = receiver.send(done.text, "/board/print", kind="handover", subject=record.url.path.rpartition("/")[2])
    assert printed.headers["content-type"] == "application/pdf"


def test_another_order_of_the_same_dossier_stays_unknown_to_the_receiver(
    desk: TestDesk, receiver: Colleague, on_its_way: str, registered: str
) -> None:
    (other,) = desk.order("receive", dossier=registered)
    page = receiver.page("/board/handovers", **INWARD)
    answer = receiver.send(page, "/board/handovers/scan", text=other, **INWARD)
    assert answer.status_code == 404
    assert "This code is not known here" in answer.text


def test_a_third_agency_finds_nothing(colleague: As, on_its_way: str) -> None:
    stranger = colleague(Role.CLERK, "H14.99")
    assert not re.search(on_its_way, stranger.page("/board/handovers"))
    theirs = {**INWARD, "agency": "H14.99"}
    answer = stranger.send(stranger.page("/board/handovers"), "/board/handovers/scan", text=on_its_way, **theirs)
    assert answer.status_code == 404
