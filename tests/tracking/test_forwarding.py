"""Who pays when a result goes elsewhere, or is not paid for at the door: who asked, or the party at fault."""

from __future__ import annotations

from typing import Any

import pytest

from dispatch import booking
from dispatch.parties import Party
from dispatch.shipment_queries import get_shipment
from tests.tracking.case import COLLECTED, DELIVERED, FAILED, RETURNED, Case
from tests.tracking.conftest import ON_SQLITE
from tests.tracking.homeward import brought_back, failed, forwarded, money, on_its_way, price_known, sent_again
from tests.tracking.test_money import debts
from tracking.undeliverable import UNPAID

pytestmark = ON_SQLITE

AGENCY_ASKS: dict[str, Any] = {"asked_by": {"who": "agency"}}


@pytest.fixture
def priced(case: Case) -> Case:
    """VNPost charges 30,000 đồng within the province."""
    price_known(case, 30_000)
    return case


def postage(case: Case) -> list[tuple[str, str, int]]:
    """Return who owes whom how much postage."""
    return sorted((debtor, to, vnd) for ledger, debtor, to, vnd in debts(case) if ledger == "postage")


def goes_out_again(case: Case, payer: str) -> str:
    """The result came back, and the postman has it once more at the cost of ``payer``."""
    brought_back(case)
    number = sent_again(case, "2026-03-11 09:00", payer=payer).order_number
    booking.drain(case.desk.context)
    case.reported(number, COLLECTED, "2026-03-12 08:00")
    return number


def test_at_the_door_the_citizen_pays_his_own_postage_and_not_what_the_agency_asked_for(priced: Case) -> None:
    on_its_way(priced)
    forwarded(priced, "2026-03-03 11:00", lambda _shipment: True, **AGENCY_ASKS)
    assert postage(priced) == [("agency", "post", 30_000), ("citizen", "post", 30_000)]
    priced.reported(priced.r1, DELIVERED, "2026-03-04 09:00")
    assert postage(priced) == [("agency", "post", 30_000)]


def test_at_the_door_the_citizen_pays_also_what_he_has_asked_for(priced: Case) -> None:
    on_its_way(priced)
    forwarded(priced, "2026-03-03 11:00", lambda _shipment: True)
    assert postage(priced) == [("citizen", "post", 60_000)]
    priced.reported(priced.r1, DELIVERED, "2026-03-04 09:00")
    assert postage(priced) == []


def test_the_same_address_is_charged_once_whoever_asks_for_it_in_which_words(priced: Case) -> None:
    on_its_way(priced)
    for officer, reason in (("Hà Thị Mai", "chuyển nhà"), ("Nông Thị Xuân", "công dân báo đã chuyển nhà")):
        forwarded(priced, "2026-03-03 11:00", lambda _shipment: True, officer=officer, reason=reason)
    assert postage(priced) == [("citizen", "post", 60_000)]
    with priced.desk.context.database.write() as session:  # the operator was told
        shipment = get_shipment(session, priced.r1)
        assert shipment.new_citizen is not None
        shipment.citizen, shipment.new_citizen = shipment.new_citizen, None
    forwarded(priced, "2026-03-03 12:00", lambda _shipment: True, reason="hỏi lại")
    assert postage(priced) == [("citizen", "post", 60_000)]
    assert priced.shipment(priced.r1).new_citizen is None


def test_what_comes_back_first_goes_on_at_the_cost_of_the_agency_that_asked(priced: Case) -> None:
    on_its_way(priced)
    priced.reported(priced.r1, FAILED, "2026-03-03 10:00")
    forwarded(priced, "2026-03-03 11:00", **AGENCY_ASKS)
    priced.reported(priced.r1, RETURNED, "2026-03-05 09:00")
    priced.signed(priced.r1, "2026-03-06 09:00")
    heir = priced.shipment(f"{priced.code}-R2")
    (due,) = money(priced, heir.order_number)
    assert (heir.payer, due.debtor) == (Party.AGENCY, Party.AGENCY)


def test_a_late_result_is_refunded_to_its_payer_and_no_more_than_he_was_charged(priced: Case) -> None:
    """The agency was at fault for the second sending; that it goes elsewhere is the citizen's own wish."""
    number = goes_out_again(priced, "agency")
    forwarded(priced, "2026-03-12 11:00", lambda _shipment: True)
    priced.reported(number, DELIVERED, "2026-03-25 10:00")
    facts = {one.id.removeprefix(f"{number}:"): one for one in money(priced, number)}
    refund = facts["late-refund:0"]
    (forwarding,) = [fact for id, fact in facts.items() if id.startswith("forwarding:")]
    assert (refund.creditor, refund.amount_vnd) == (Party.AGENCY, 30_000)
    assert forwarding.debtor is Party.CITIZEN


def test_what_is_not_paid_at_the_door_is_owed_by_nobody_where_the_post_is_at_fault(priced: Case) -> None:
    number = goes_out_again(priced, "post")
    failed(priced, UNPAID, "2026-03-12 10:00", number)
    assert money(priced, number) == []
