"""Postage of which nobody knew the amount is named when the story has gone on: what would have followed then follows.

A second sending to Hà Nội, for which the operator has told no price, while it has told one for the province.
"""

from __future__ import annotations

import pytest
from sqlalchemy import select

from dispatch import booking
from dispatch.money.unnamed import UnnamedPostage, name_postage
from tests.tracking.case import COLLECTED, DELIVERED, Case
from tests.tracking.conftest import ON_SQLITE
from tests.tracking.homeward import (
    THERE,
    brought_back,
    collected,
    forwarded,
    money,
    on_its_way,
    price_known,
    sent_again,
)
from tests.tracking.test_money import debts
from tracking.money import follow_word

pytestmark = ON_SQLITE

IN_HANOI = {**THERE, "text": "Số 5, Phường Hoàn Kiếm, thành phố Hà Nội"}


def goes_to_hanoi(case: Case, payer: str = "citizen") -> str:
    """The result came back within the province, and is ordered once more, to Hà Nội."""
    price_known(case, 30_000)
    brought_back(case)
    return sent_again(case, "2026-03-11 09:00", payer=payer, address=IN_HANOI).order_number


def arrives_there(case: Case, number: str, when: str = "2026-03-13 10:00") -> None:
    booking.drain(case.desk.context)
    case.reported(number, COLLECTED, "2026-03-12 08:00")
    case.reported(number, DELIVERED, when)


def named(case: Case, number: str, when: str, vnd: int = 31_000) -> None:
    """An officer names what it costs."""
    case.now(when)
    with case.desk.context.database.write() as session:
        name_postage(session, f"{number}:postage:due", vnd, "Hà Thị Mai", case.desk.clock.now())


def told(case: Case, number: str) -> list[tuple[str, str, int]]:
    """Return what happened to the postage of an order: what, by whom, how much."""
    return sorted((one.kind, one.debtor, one.amount_vnd) for one in money(case, number))


def test_what_the_citizen_paid_at_the_door_is_paid_when_its_amount_is_named(case: Case) -> None:
    number = goes_to_hanoi(case)
    arrives_there(case, number)
    assert told(case, number) == []
    named(case, number, "2026-03-16 09:00")
    assert told(case, number) == [("due", "citizen", 31_000), ("paid", "citizen", 31_000)]


def test_an_agency_at_fault_has_paid_nobody_at_the_door(case: Case) -> None:
    number = goes_to_hanoi(case, payer="agency")
    arrives_there(case, number)
    named(case, number, "2026-03-16 09:00")
    assert ("postage", "agency", "post", 31_000) in debts(case)


def test_what_was_carried_too_late_is_paid_back_when_its_amount_is_named(case: Case) -> None:
    number = goes_to_hanoi(case)
    arrives_there(case, number, "2026-04-10 10:00")
    named(case, number, "2026-04-13 09:00")
    assert ("due", "post", 31_000) in told(case, number)
    named(case, number, "2026-04-13 09:00")
    assert len(told(case, number)) == 3, "due, paid and to be paid back: once each"


def test_nobody_waits_for_the_amount_of_what_nobody_carried(case: Case) -> None:
    goes_to_hanoi(case)
    assert case.attention_kinds("postage") == ["postage-unnamed"]
    collected(case, "2026-03-11 10:00")
    assert case.attention_kinds("postage") == []


@pytest.mark.parametrize("payer", ["citizen", "agency"])
def test_what_nobody_carried_costs_nothing_though_its_amount_is_named_afterwards(case: Case, payer: str) -> None:
    """The officer had the list before her while the citizen took the result at the counter."""
    number = goes_to_hanoi(case, payer)
    collected(case, "2026-03-11 10:00")
    named(case, number, "2026-03-11 11:00")
    assert told(case, number) == [("due", payer, 31_000), ("waived", payer, 31_000)]


def test_the_operators_word_that_postage_is_paid_does_not_name_the_price_of_another_way(case: Case) -> None:
    number = goes_to_hanoi(case)
    with case.desk.context.database.write() as session:
        now = case.desk.clock.now()
        follow_word(session, case.shipment(number), "postage_paid", now, "vnpost_ngsp: paid", now)
    assert told(case, number) == []
    arrives_there(case, number)
    named(case, number, "2026-03-16 09:00")
    assert told(case, number) == [("due", "citizen", 31_000), ("paid", "citizen", 31_000)]


def goes_elsewhere(case: Case, when: str, who: str = "applicant", **address: str) -> None:
    """A result in the postman's hands goes to another address; its operator takes that, and has told no price."""
    forwarded(case, when, lambda _shipment: True, asked_by={"who": who}, address={**IN_HANOI, **address})


def forwarding_named(case: Case, when: str, vnd: int, at: int = 0) -> None:
    case.now(when)
    with case.desk.context.database.write() as session:
        query = select(UnnamedPostage.id).where(UnnamedPostage.order_number == case.r1).order_by(UnnamedPostage.at)
        name_postage(session, session.scalars(query).all()[at], vnd, "Hà Thị Mai", case.desk.clock.now())


def test_a_forwarding_that_is_named_after_the_postage_was_paid_at_the_door_is_paid_too(case: Case) -> None:
    """Both were paid when the result was handed over; only of the second the amount was not known."""
    price_known(case, 30_000)
    on_its_way(case)
    goes_elsewhere(case, "2026-03-03 11:00")
    case.reported(case.r1, DELIVERED, "2026-03-04 09:00")
    forwarding_named(case, "2026-03-05 09:00", 31_000)
    assert [debt for debt in debts(case) if debt[0] == "postage"] == []
    assert told(case, case.r1) == [
        ("due", "citizen", 30_000),
        ("due", "citizen", 31_000),
        ("paid", "citizen", 30_000),
        ("paid", "citizen", 31_000),
    ]


def test_each_forwarding_is_charged_to_whoever_asked_for_it(case: Case) -> None:
    on_its_way(case)
    goes_elsewhere(case, "2026-03-03 11:00", "agency")
    goes_elsewhere(case, "2026-03-03 12:00", text="Số 7, Phường Hoàn Kiếm, thành phố Hà Nội")
    goes_elsewhere(case, "2026-03-03 12:05", text="Số 7, Phường Hoàn Kiếm, thành phố Hà Nội")
    assert case.attention_kinds("postage") == ["postage-unnamed"] * 2, "the same wish again is the same wish"
    for at, vnd in enumerate((31_000, 32_000)):
        forwarding_named(case, "2026-03-03 13:00", vnd, at)
    assert [(who, vnd) for kind, who, vnd in told(case, case.r1) if vnd > 30_000] == [
        ("agency", 31_000),
        ("citizen", 32_000),
    ]
