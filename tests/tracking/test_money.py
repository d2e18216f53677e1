"""The money of a dossier as its papers travel: what falls due, who has it, and what nobody has paid yet."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from config.accounts import PostageReduction
from dispatch import booking
from dispatch.money.books import Books, books_of
from dispatch.money.facts import money_of
from dispatch.money.fees import fee_changed, left_to_collect
from dispatch.money.forms import PaymentForm
from dispatch.money.kinds import Ledger, MoneyKind
from dispatch.money.payments import take_payment
from dispatch.money.postage import terms_of
from dispatch.parties import Party
from dispatch.problems import Problem
from dispatch.routing import note_price
from dispatch.shipment_queries import get_shipment
from tests.support.desk import ACCOUNT, MONDAY, TestDesk
from tests.tracking.case import AT_THE_DOOR, COLLECTED, DELIVERED, FAILED, Case
from tests.tracking.deadlines.story import at
from tracking.effects import journey_of
from tracking.journey import Journey
from tracking.money import follow_journey, follow_word

POOR = PostageReduction(
    group="poor_household", percent_off=100, legal_source="Agreement 12/2026", valid_from=date(2026, 1, 1)
)


@pytest.fixture(autouse=True)
def _priced(shared_desk: TestDesk) -> Iterator[None]:
    """VNPost charges 30,000 đồng within the province, and carries for poor households for nothing."""
    context = shared_desk.context
    with context.database.write() as session:
        note_price(session, ACCOUNT, ("04", "04"), 30_000, MONDAY)
    accounts = context.accounts.model_copy(update={"postage_reductions": (POOR,)})
    shared_desk.context = dataclasses.replace(context, accounts=accounts)
    yield
    shared_desk.context = context


def books(case: Case) -> Books:
    with case.desk.read() as session:
        return books_of(session, case.code)


def debts(case: Case) -> list[tuple[str, str, str, int]]:
    return [(one.ledger, one.debtor, one.creditor, one.amount_vnd) for one in books(case).standing.debts]


def pays(case: Case, payment_id: str = "BL-17", **more: Any) -> None:
    body = {
        "payment_id": payment_id,
        "ledger": "fee",
        "amount_vnd": 25_000,
        "at": case.desk.clock.now(),
        "told_by": "Hà Thị Mai",
        "proof": "Biên lai 17",
        **more,
    }
    with case.desk.context.database.write() as session:
        take_payment(session, case.dossier(), PaymentForm.model_validate(body), "one-stop", case.desk.clock.now())


def test_a_fee_by_post_is_collected_with_the_papers_and_owed_to_the_agency(case: Case) -> None:
    case.order("send", fee_route="by_post")
    assert books(case).facts == []
    case.reported(case.s1, COLLECTED, "2026-03-02 09:00")
    assert debts(case) == [("fee", "post", "agency", 25_000)]
    assert {(fact.ledger, fact.kind) for fact in books(case).facts} == {
        (Ledger.FEE, MoneyKind.DUE),
        (Ledger.FEE, MoneyKind.COLLECTED),
        (Ledger.POSTAGE, MoneyKind.DUE),
        (Ledger.POSTAGE, MoneyKind.PAID),
    }
    case.reported(case.s1, DELIVERED, "2026-03-02 15:00")
    case.signed(case.s1, "2026-03-02 16:00")
    assert debts(case) == [("fee", "post", "agency", 25_000)], "at the counter the fee does not fall due again"


def test_a_fee_that_is_paid_to_the_agency_itself_is_open_until_somebody_tells(case: Case) -> None:
    case.order("send")
    case.arrives()
    assert debts(case) == []
    case.signed(case.s1, "2026-03-02 16:00")
    assert debts(case) == [("fee", "citizen", "agency", 25_000)]
    pays(case)
    pays(case)
    assert debts(case) == []


def test_a_dossier_at_the_counter_owes_its_fee_from_its_acceptance(case: Case) -> None:
    case.happens("accepted", "2026-03-02 09:00")
    (debt,) = books(case).standing.debts
    assert (debt.debtor, debt.amount_vnd, debt.since) == ("citizen", 25_000, at("2026-03-02 09:00"))


def test_a_fee_that_the_one_stop_corrects_is_due_by_the_difference(case: Case) -> None:
    case.happens("accepted", "2026-03-02 09:00")
    for fee, expected in ((40_000, 40_000), (10_000, 10_000), (10_000, 10_000)):
        case.register(fee_vnd=fee)
        with case.desk.context.database.write() as session:
            fee_changed(session, case.dossier(), case.desk.clock.now())
        assert debts(case) == [("fee", "citizen", "agency", expected)]


def test_what_has_been_paid_is_not_collected_again(case: Case) -> None:
    case.happens("accepted", "2026-03-02 09:00")
    pays(case, amount_vnd=10_000)
    with case.desk.read() as session:
        assert left_to_collect(session, case.dossier()) == 15_000
    case.order("receive", fee_route="by_post")
    assert case.shipment(case.r1).cod_vnd == 15_000


def test_what_is_paid_after_the_order_and_before_its_booking_is_not_collected_besides(case: Case) -> None:
    """The postman was to collect the fee with the result; the citizen has paid at the agency meanwhile."""
    case.order("receive", fee_route="by_post")
    case.happens("accepted", "2026-03-02 09:00")
    assert case.shipment(case.r1).cod_vnd == 25_000
    pays(case)
    assert case.shipment(case.r1).cod_vnd == 0
    case.finished("2026-03-03 09:00")
    case.reported(case.r1, COLLECTED, "2026-03-04 09:00")
    case.reported(case.r1, DELIVERED, "2026-03-05 09:00")
    assert debts(case) == []


def test_what_an_operator_was_told_to_collect_stays_as_it_was_told(case: Case) -> None:
    case.order("send", fee_route="by_post")
    booking.drain(case.desk.context)
    pays(case)
    assert case.shipment(case.s1).cod_vnd == 25_000


def test_what_was_let_off_is_not_collected_and_what_was_never_due_lets_nobody_off(case: Case) -> None:
    case.happens("accepted", "2026-03-02 09:00")
    for fee in (40_000, 30_000):
        case.register(fee_vnd=fee)
        with case.desk.context.database.write() as session:
            fee_changed(session, case.dossier(), case.desk.clock.now())
    pays(case, "hardship", kind="waived", amount_vnd=10_000)
    with case.desk.read() as session:
        assert left_to_collect(session, case.dossier()) == 20_000


def test_a_result_is_paid_for_on_delivery(case: Case) -> None:
    case.order("receive", fee_route="by_post")
    case.happens("accepted", "2026-03-02 09:00")
    case.finished("2026-03-04 15:00")
    case.reported(case.r1, COLLECTED, "2026-03-05 09:00")
    assert ("postage", "citizen", "post", 30_000) in debts(case)
    assert ("fee", "citizen", "agency", 25_000) in debts(case)
    case.reported(case.r1, DELIVERED, "2026-03-06 09:00")
    assert debts(case) == [("fee", "post", "agency", 25_000)]


def test_the_same_report_again_and_late_reports_change_no_money(case: Case) -> None:
    case.order("send", fee_route="by_post")
    case.arrives()
    before = books(case).facts
    case.reported(case.s1, COLLECTED, "2026-03-02 08:40")
    case.reported(case.s1, COLLECTED, "2026-03-02 09:00")
    assert books(case).facts == before


def test_a_poor_household_pays_nothing_and_its_proof_is_on_the_order(case: Case) -> None:
    case.order("send", postage_group="poor_household", postage_group_proof="Sổ hộ nghèo 07/2026")
    case.arrives()
    assert [fact for fact in books(case).facts if fact.ledger is Ledger.POSTAGE] == []
    with case.desk.read() as session:
        terms = terms_of(session, get_shipment(session, case.s1))
    assert terms is not None
    assert (terms.payable_vnd, terms.group_proof) == (0, "Sổ hộ nghèo 07/2026")
    assert "Agreement 12/2026" in terms.legal_source


@pytest.mark.parametrize(
    ("claim", "kind"),
    [
        ({"postage_group": "poor_household"}, "postage-group-proof"),
        ({"postage_group": "friends", "postage_group_proof": "x"}, "postage-group"),
        ({"fee_by_post": True, "fee_route": "other"}, "fee-route"),
    ],
)
def test_what_nobody_can_check_is_refused(case: Case, claim: dict[str, Any], kind: str) -> None:
    with pytest.raises(Problem) as refusal:
        case.order("send", **claim)
    assert refusal.value.kind == kind
    assert refusal.value.next_step_vi


def test_who_is_at_fault_pays_for_another_carriage(case: Case) -> None:
    case.order("send")
    with case.desk.context.database.write() as session:
        get_shipment(session, case.s1).payer = Party.AGENCY
    case.reported(case.s1, COLLECTED, "2026-03-02 09:00")
    assert debts(case) == [("postage", "agency", "post", 30_000)]


def test_a_late_parcel_is_carried_for_nothing(case: Case) -> None:
    case.order("send")
    case.reported(case.s1, COLLECTED, "2026-03-02 09:00")
    case.reported(case.s1, DELIVERED, "2026-03-12 15:00")
    assert debts(case) == [("postage", "post", "citizen", 30_000)]
    assert case.attention_kinds("refund-not-paid") == ["refund-not-paid"]
    with pytest.raises(Problem) as refusal:
        pays(case, "too-much", ledger="postage", debtor="post", creditor="citizen", amount_vnd=30_001, order=case.s1)
    assert (refusal.value.kind, refusal.value.extra["owed_vnd"]) == ("refund-too-large", 30_000)
    pays(case, "refund", ledger="postage", debtor="post", creditor="citizen", amount_vnd=30_000, order=case.s1)
    assert debts(case) == []
    assert case.attention_kinds("refund-not-paid") == []


def test_an_event_heard_of_late_that_proves_punctuality_takes_the_refund_back(case: Case) -> None:
    case.order("receive")
    case.happens("accepted", "2026-03-02 09:00")
    case.finished("2026-03-02 15:00")
    case.reported(case.r1, COLLECTED, "2026-03-03 09:00")
    case.reported(case.r1, DELIVERED, "2026-03-20 15:00")
    assert ("postage", "post", "citizen", 30_000) in debts(case)
    case.reported(case.r1, AT_THE_DOOR, "2026-03-04 08:00")
    case.reported(case.r1, FAILED, "2026-03-04 09:00")
    assert ("postage", "post", "citizen", 30_000) not in debts(case)
    kinds = [fact.kind for fact in books(case).facts if "late-refund" in fact.id]
    assert sorted(kinds) == [MoneyKind.DUE, MoneyKind.WAIVED], "nothing is edited: the refund is answered by a fact"


def test_force_majeure_is_told_with_its_proof(case: Case) -> None:
    case.order("send")
    case.reported(case.s1, COLLECTED, "2026-03-02 09:00")
    case.reported(case.s1, DELIVERED, "2026-03-12 15:00")
    waiver = {"ledger": "postage", "debtor": "post", "creditor": "citizen", "amount_vnd": 30_000, "kind": "waived"}
    with pytest.raises(Problem) as refusal:
        pays(case, "flood", proof=None, order=case.s1, **waiver)
    assert refusal.value.kind == "payment-without-proof"
    pays(case, "flood", proof="Công điện 05/CĐ-UBND về lũ", order=case.s1, **waiver)
    assert debts(case) == []
    case.signed(case.s1, "2026-03-12 16:00")
    assert ("postage", "post", "citizen", 30_000) not in debts(case)


def test_a_fee_that_is_not_remitted_by_the_agreed_day_is_told_with_amount_and_age(case: Case) -> None:
    case.order("send", fee_route="by_post")
    case.reported(case.s1, COLLECTED, "2026-03-02 09:00")
    case.now("2026-03-03 17:00")
    assert case.attention_kinds("fee-not-remitted") == [], "one working day is agreed"
    case.now("2026-03-05 08:00")
    (late,) = [one for one in case.attention() if one.kind == "fee-not-remitted"]
    assert "25.000 đ" in late.what_vi
    assert "2 ngày làm việc" in late.what_vi


def test_an_operator_tells_that_it_has_remitted_and_that_its_postage_is_paid(case: Case) -> None:
    case.order("send", fee_route="by_post")
    case.reported(case.s1, COLLECTED, "2026-03-02 09:00")
    for _ in range(2):
        with case.desk.context.database.write() as session:
            shipment = get_shipment(session, case.s1)
            for reason in ("fee_remitted", "postage_paid", "cancellation_fee_paid", None):
                follow_word(
                    session, shipment, reason, at("2026-03-03 09:00"), "myvnpost: code 21", at("2026-03-03 09:00")
                )
    assert debts(case) == []
    assert len(books(case).facts) == 5


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({"amount_vnd": 26_000}, "payment-id"),
        ({"payment_id": "b", "proof": None}, "payment-without-proof"),
        ({"payment_id": "b", "at": "2030-03-02T09:00:00+07:00"}, "payment-impossible"),
        ({"payment_id": "b", "debtor": "agency"}, "payment-impossible"),
        ({"payment_id": "b", "debtor": "nobody"}, "payment-impossible"),
        ({"payment_id": "b", "order": "H14-999-S1"}, "unknown-order"),
    ],
)
def test_payments_that_cannot_be_are_refused(case: Case, more: dict[str, Any], kind: str) -> None:
    case.happens("accepted", "2026-03-02 09:00")
    pays(case, at="2026-03-02T09:00:00+07:00")
    with pytest.raises(Problem) as refusal:
        pays(case, **{"at": "2026-03-02T09:00:00+07:00", **more})
    assert refusal.value.kind == kind
    assert refusal.value.next_step_vi


def test_following_a_journey_twice_records_nothing_twice(case: Case) -> None:
    case.order("send", fee_route="by_post")
    case.arrives()
    with case.desk.context.database.write() as session:
        shipment, before = get_shipment(session, case.s1), money_of(session, case.code)
        follow_journey(
            session, case.dossier(), shipment, Journey(), journey_of(session, shipment), at("2026-03-02 15:00")
        )
        assert money_of(session, case.code) == before
