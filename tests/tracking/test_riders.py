"""What a parcel of several dossiers has once, and what each dossier in it has of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from dispatch import booking, custody
from dispatch.money.kinds import MoneyKind
from dispatch.parties import Party
from dispatch.problems import Problem
from dispatch.shipment_queries import shipments_of
from tests.support.desk import CARRIER
from tests.tracking.case import AT_THE_DOOR, COLLECTED, DELIVERED, FAILED, Case
from tests.tracking.conftest import ON_SQLITE
from tests.tracking.counting import CARD, FORM, slip
from tests.tracking.homeward import brought_back, failed, money, price_known, sent_again
from tests.tracking.incidents.test_incidents import all_of
from tests.tracking.test_deliveries import recorded, reversed_by
from tests.tracking.test_money import debts
from tests.tracking.test_parcels import sign_both, together
from tests.tracking.test_postage_named_late import IN_HANOI, named
from tracking.citizen_orders import cancel
from tracking.undeliverable import UNPAID

pytestmark = ON_SQLITE

POST = custody.post(CARRIER)


@pytest.fixture
def first(case: Case) -> Case:
    """The dossier whose order the parcel goes by; within the province that costs 30,000 đồng."""
    price_known(case, 30_000)
    return case


@pytest.fixture
def rider(first: Case) -> Case:
    """Another dossier of the same citizen."""
    return Case.opened(first.desk)


def papers_in_one_parcel(first: Case, rider: Case, *more: Case) -> None:
    for one in (first, rider, *more):
        one.order("send")
    together(first.desk, [one.s1 for one in (first, rider, *more)])
    booking.drain(first.desk.context)


def results_in_one_parcel(first: Case, rider: Case) -> None:
    """Both results left the desk on Wednesday, 4 March."""
    for one in (first, rider):
        one.order("receive")
        one.happens("accepted", "2026-03-02 09:00")
    together(first.desk, [first.r1, rider.r1])
    for one in (first, rider):
        one.finished("2026-03-03 09:00")
    booking.drain(first.desk.context)
    sign_both(first.desk, [first.r1, rider.r1], "to_post", "2026-03-04 15:00", first)
    first.reported(first.r1, COLLECTED, "2026-03-04 15:05")


def postage(*cases: Case) -> list[list[tuple[str, str, int]]]:
    """Return, for each dossier, who owes whom how much postage."""
    return [[(debtor, to, vnd) for ledger, debtor, to, vnd in debts(case) if ledger == "postage"] for case in cases]


def cancelled(case: Case, number: str) -> None:
    with case.desk.context.database.write() as session:
        (order,) = [one for one in shipments_of(session, case.code) if one.order_number == number]
        cancel(session, case.desk.context, order.order_id)


# --- postage ---


def test_the_postage_of_results_in_one_parcel_is_owed_once(first: Case, rider: Case) -> None:
    results_in_one_parcel(first, rider)
    assert postage(first, rider) == [[("citizen", "post", 30_000)], []]
    first.reported(first.r1, DELIVERED, "2026-03-05 09:00")
    assert postage(first, rider) == [[], []]


def test_a_late_parcel_is_paid_back_once(first: Case, rider: Case) -> None:
    papers_in_one_parcel(first, rider)
    first.reported(first.s1, COLLECTED, "2026-03-02 09:00")
    first.reported(first.s1, DELIVERED, "2026-03-12 15:00")
    assert [one.shipment(one.s1).transit_kept for one in (first, rider)] == [False, False]
    assert postage(first, rider) == [[("post", "citizen", 30_000)], []]


def test_what_is_not_paid_at_the_door_is_owed_once(first: Case, rider: Case) -> None:
    results_in_one_parcel(first, rider)
    failed(first, UNPAID, "2026-03-05 09:00", first.r1)
    assert [len(one.told_citizen("result_unpaid")) for one in (first, rider)] == [1, 1]
    assert postage(first, rider) == [[("citizen", "post", 30_000)], []]


def test_whoever_takes_the_others_along_when_the_first_is_cancelled_has_the_postage(first: Case, rider: Case) -> None:
    third = Case.opened(first.desk)
    papers_in_one_parcel(first, rider, third)
    cancelled(first, first.s1)
    for _ in range(2):
        booking.drain(first.desk.context)
    rider.reported(rider.s1, COLLECTED, "2026-03-02 10:00")
    rider.reported(rider.s1, DELIVERED, "2026-03-12 15:00")
    assert postage(first, rider, third) == [[], [("post", "citizen", 30_000)], []]


def charged(*cases: Case) -> list[int]:
    """Return what the agency is charged for each second sending."""
    signs = {MoneyKind.DUE: 1, MoneyKind.WAIVED: -1}
    facts = [[fact for fact in money(one, one.r2) if fact.debtor is Party.AGENCY] for one in cases]
    return [sum(signs.get(fact.kind, 0) * fact.amount_vnd for fact in of_one) for of_one in facts]


def go_out_again(
    first: Case, *others: Case, payers: Sequence[str] = ("agency", "agency", "agency"), **more: Any
) -> None:
    """The results came back one by one; on Wednesday, 11 March, all are ordered once more."""
    for one, payer in zip((first, *others), payers, strict=False):
        brought_back(one)
        sent_again(one, "2026-03-11 09:00", payer=payer, **more)


def test_a_second_sending_in_one_parcel_is_owed_once_by_the_party_at_fault(first: Case, rider: Case) -> None:
    go_out_again(first, rider)
    assert charged(first, rider) == [30_000, 30_000]
    together(first.desk, [first.r2, rider.r2])
    assert charged(first, rider) == [30_000, 0]
    booking.drain(first.desk.context)
    first.reported(first.r2, COLLECTED, "2026-03-12 09:00")
    first.reported(first.r2, DELIVERED, "2026-03-13 09:00")
    assert charged(first, rider) == [30_000, 0]
    assert [one.hands("Kết quả")[-1] for one in (first, rider)] == [(custody.CITIZEN, "2026-03-13 09:00")] * 2


def test_whoever_takes_a_second_sending_along_when_the_first_is_cancelled_costs_after_all(
    first: Case, rider: Case
) -> None:
    third = Case.opened(first.desk)
    go_out_again(first, rider, third)
    together(first.desk, [first.r2, rider.r2, third.r2])
    for gone, left in ((first, [0, 30_000, 0]), (rider, [0, 0, 30_000]), (third, [0, 0, 0])):
        cancelled(gone, gone.r2)
        assert charged(first, rider, third) == left


def test_of_a_second_sending_in_one_parcel_one_amount_is_to_be_named(first: Case, rider: Case) -> None:
    go_out_again(first, rider, address=IN_HANOI)
    together(first.desk, [first.r2, rider.r2])
    assert [one.attention_kinds("postage") for one in (first, rider)] == [["postage-unnamed"], []]
    named(rider, rider.r2, "2026-03-11 10:00")
    assert charged(rider) == [0], "an officer had the list before her"
    cancelled(first, first.r2)
    assert [one.attention_kinds("postage") for one in (first, rider)] == [[], []]
    assert charged(first, rider) == [0, 31_000]


def test_an_amount_that_nobody_has_named_is_to_be_named_of_what_goes_alone_after_all(first: Case, rider: Case) -> None:
    go_out_again(first, rider, address=IN_HANOI)
    together(first.desk, [first.r2, rider.r2])
    cancelled(first, first.r2)
    assert [one.attention_kinds("postage") for one in (first, rider)] == [[], ["postage-unnamed"]]


def test_what_different_parties_pay_for_goes_in_parcels_of_their_own(first: Case, rider: Case) -> None:
    go_out_again(first, rider, payers=("agency", "citizen"))
    with pytest.raises(Problem, match="another payer"):
        together(first.desk, [first.r2, rider.r2])


# --- slips ---


def test_a_slip_counts_the_papers_of_its_own_dossier_alone(first: Case, rider: Case) -> None:
    papers_in_one_parcel(first, rider)
    slip(first, "2026-03-02 09:00", FORM, CARD)
    assert set(first.holders().values()) == {POST}
    first.reported(first.s1, AT_THE_DOOR, "2026-03-02 14:00")
    assert rider.hands() == [(POST, "2026-03-02 14:00")], "that is when anybody has said that it was taken"


# --- the wrong door ---


def test_a_parcel_that_was_given_to_a_stranger_is_reversed_with_all_that_lies_in_it(first: Case, rider: Case) -> None:
    results_in_one_parcel(first, rider)
    first.reported(first.r1, DELIVERED, "2026-03-05 09:00")
    reversed_by(first, "2026-03-06 09:00")
    for one in (first, rider):
        shipment = one.shipment(one.r1)
        assert (shipment.state, shipment.delivered_at, shipment.live) == ("out_for_delivery", None, True)
        assert one.holders()["Kết quả"] == custody.STRANGER
        assert len(one.told_citizen("delivery_reversed")) == 1
        assert [told["order_number"] for told in one.told_onestop("postal.delivery_reversed")] == [one.r1]
    assert [len(all_of(one)) for one in (first, rider)] == [1, 0], "it is one happening, with one owner"


def test_after_a_reversal_both_results_are_delivered_together(first: Case, rider: Case) -> None:
    results_in_one_parcel(first, rider)
    first.reported(first.r1, DELIVERED, "2026-03-05 09:00")
    reversed_by(first, "2026-03-06 09:00", papers_with="post")
    first.reported(first.r1, DELIVERED, "2026-03-09 10:00")
    for one in (first, rider):
        assert (one.shipment(one.r1).state, one.shipment(one.r1).live) == ("delivered", False)
        assert one.hands("Kết quả")[-1] == (custody.CITIZEN, "2026-03-09 10:00")
        assert len(one.told_citizen("result_delivered")) == 2


def test_a_parcel_that_is_refused_to_a_stranger_has_failed_for_all_that_lies_in_it(first: Case, rider: Case) -> None:
    results_in_one_parcel(first, rider)
    recorded(first, "2026-03-05 09:00", relation="authorised", receiver="Bế Thị Lan")
    assert [one.shipment(one.r1).state for one in (first, rider)] == ["delivery_failed", "delivery_failed"]
    assert [len(one.told_citizen("invitation")) for one in (first, rider)] == [1, 1]
    first.reported(first.r1, FAILED, "2026-03-09 09:00")
    assert [len(one.shipment(one.r1).failed_attempts) for one in (first, rider)] == [2, 2]
