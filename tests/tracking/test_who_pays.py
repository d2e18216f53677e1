"""Who pays when papers that the counter rejected are sent again (Decision 45/2016/QĐ-TTg Art. 12(4))."""

from __future__ import annotations

from typing import Any

import pytest

from dispatch.generations import succeed
from dispatch.order_changes import ask_to_cancel
from dispatch.parties import Party
from dispatch.rejections import FaultForm, name_party
from dispatch.settlements import announce_cancelled
from dispatch.shipment_queries import get_shipment
from tests.tracking.case import COLLECTED, DELIVERED, RETURNED, RETURNING, Case
from tests.tracking.conftest import ON_SQLITE
from tests.tracking.counting import published
from tests.tracking.homeward import money, price_known

pytestmark = ON_SQLITE

NOT_ON_THE_LIST = {"missing_papers": ["Sổ hộ khẩu"]}
"""What the authority's list does not ask for: the agency is at fault."""
UNCLEAR = {"reason": "Thiếu chữ ký"}
"""Of this the facts do not tell whose fault it is."""


@pytest.fixture
def listed(case: Case) -> Case:
    """A dossier whose authority has published what it asks for; VNPost charges 30,000 đồng."""
    price_known(case, 30_000)
    published(case, "Tờ khai", "Giấy tờ tùy thân")
    return case


def rejected(case: Case, **verdict: Any) -> int:
    """The counter rejects the papers on Tuesday, and they are back with the citizen on Wednesday, 4 March."""
    case.order("send")
    case.arrives("2026-03-02 15:00")
    (line,) = case.signed(case.s1, "2026-03-03 10:00", accepted=False, **verdict)
    case.reported(case.s1, RETURNING, "2026-03-03 11:00")
    case.reported(case.s1, RETURNED, "2026-03-04 09:00")
    return line.handover_id


def sent_again(case: Case) -> str:
    (number,) = case.order("send")
    return number


def cancelled(case: Case, number: str) -> None:
    with case.desk.context.database.write() as session:
        shipment, now = get_shipment(session, number), case.desk.clock.now()
        ask_to_cancel([shipment], now)
        announce_cancelled(session, case.desk.context, shipment, now)
        succeed(session, shipment, now)


def named(case: Case, handover_id: int, party: Party) -> None:
    """The officer who signed says whose fault it was."""
    said = FaultForm(order=case.s1, party=party, reason="hướng dẫn sai", officer="Hoàng Thị Lan")
    with case.desk.context.database.write() as session:
        name_party(session, handover_id, said, case.desk.clock.now())


def payer(case: Case, number: str) -> Party:
    return case.shipment(number).payer


def test_the_agency_at_fault_pays_the_second_sending_and_the_citizen_nothing_at_the_door(listed: Case) -> None:
    rejected(listed, **NOT_ON_THE_LIST)
    number = sent_again(listed)
    assert payer(listed, number) is Party.AGENCY
    listed.reported(number, COLLECTED, "2026-03-05 09:00")
    assert [(one.kind, one.debtor) for one in money(listed, number)] == [("due", Party.AGENCY)]


def test_a_second_sending_that_nobody_collected_leaves_the_agency_at_fault(listed: Case) -> None:
    rejected(listed, **NOT_ON_THE_LIST)
    second = sent_again(listed)
    cancelled(listed, second)
    third = sent_again(listed)
    assert (third, payer(listed, third)) == (f"{listed.code}-S3", Party.AGENCY)


def test_once_the_papers_were_accepted_the_citizen_pays_for_what_he_sends_besides(listed: Case) -> None:
    rejected(listed, **NOT_ON_THE_LIST)
    second = sent_again(listed)
    listed.reported(second, COLLECTED, "2026-03-05 09:00")
    listed.reported(second, DELIVERED, "2026-03-06 09:00")
    listed.signed(second, "2026-03-06 10:00")
    assert payer(listed, sent_again(listed)) is Party.CITIZEN


def test_what_an_officer_names_before_it_is_sent_again_counts(listed: Case) -> None:
    handover = rejected(listed, **UNCLEAR)
    named(listed, handover, Party.AGENCY)
    assert payer(listed, sent_again(listed)) is Party.AGENCY


def test_what_an_officer_names_counts_also_for_what_was_ordered_before_she_did(listed: Case) -> None:
    handover = rejected(listed, **UNCLEAR)
    number = sent_again(listed)
    assert payer(listed, number) is Party.CITIZEN, "nothing is guessed"
    named(listed, handover, Party.AGENCY)
    assert payer(listed, number) is Party.AGENCY
    listed.reported(number, COLLECTED, "2026-03-05 09:00")
    assert [(one.kind, one.debtor) for one in money(listed, number)] == [("due", Party.AGENCY)]


def test_what_was_collected_and_paid_for_stays_as_it_was_paid(listed: Case) -> None:
    handover = rejected(listed, **UNCLEAR)
    number = sent_again(listed)
    listed.reported(number, COLLECTED, "2026-03-05 09:00")
    named(listed, handover, Party.AGENCY)
    assert payer(listed, number) is Party.CITIZEN
    assert {one.debtor for one in money(listed, number)} == {Party.CITIZEN}
