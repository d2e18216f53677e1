"""Who may receive a result, and what follows when the wrong person did."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from dispatch import custody
from dispatch.dossiers import get_dossier
from dispatch.problems import Problem
from dispatch.recipients import DeliveryRecordForm
from tests.support.desk import CARRIER
from tests.tracking.case import AT_THE_DOOR, COLLECTED, DELIVERED, FAILED, RETURNED, Case, local_text
from tests.tracking.conftest import ON_SQLITE
from tests.tracking.incidents.test_incidents import all_of, only
from tracking.clock_facts import ledger_of
from tracking.deadlines.clock import ClockState
from tracking.delivery_proof import Recorded, records_of, take_record
from tracking.doorstep import is_proven
from tracking.wrong_delivery import ReversalForm, reverse_delivery

pytestmark = ON_SQLITE

POST = custody.post(CARRIER)
CCCD = {"paper": "cccd", "last_digits": "9013"}
LETTER = {"kind": "power_of_attorney", "number": "15/UQ", "dated": "01/03/2026", "signed_by": "Bế Đức Hiếu"}


@pytest.fixture
def on_its_way(case: Case) -> Case:
    """A result that the postman has collected on Friday morning."""
    case.order("receive")
    case.happens("accepted", "2026-03-02 10:00")
    case.finished("2026-03-05 10:00")
    case.reported(case.r1, COLLECTED, "2026-03-06 09:00")
    return case


def recorded(case: Case, when: str = "2026-03-09 09:00", number: str | None = None, **more: Any) -> Recorded:
    body = {
        "record_id": f"record {when}",
        "at": case.now(when),
        "postman": "Lý Văn Hải",
        "receiver": "Bế Đức Hiếu",
        "relation": "recipient",
        "identity": CCCD,
        "signed": True,
    }
    form = DeliveryRecordForm.model_validate({**body, **more})
    with case.desk.context.database.write() as session:
        return take_record(session, case.desk.context, case.desk.office, number or case.r1, form)


def reversed_by(case: Case, when: str = "2026-03-10 09:00", number: str | None = None, **more: Any) -> None:
    body = {"reversal_id": f"reversal {when}", "at": case.now(when), "officer": "Hà Thị Mai", "reason": "trùng tên"}
    form = ReversalForm.model_validate({**body, **more})
    with case.desk.context.database.write() as session:
        reverse_delivery(session, case.desk.context, case.desk.office, number or case.r1, form)


def attempts(case: Case) -> int:
    return len(case.shipment(case.r1).failed_attempts)


# --- who may receive ---


def test_a_recipient_with_an_identity_paper_receives(on_its_way: Case) -> None:
    taken = recorded(on_its_way)
    assert (taken.refusal, taken.contradiction, attempts(on_its_way)) == (None, None, 0)


def test_a_proxy_without_paper_receives_nothing_and_the_attempt_counts_with_its_reason(on_its_way: Case) -> None:
    taken = recorded(on_its_way, relation="authorised", receiver="Bế Thị Lan")
    assert taken.refusal is not None
    assert taken.refusal.extra["lacks"] == ["no-authorisation"]
    assert "Điều 5(2)(d)" in taken.refusal.extra["legal_source"]
    assert (on_its_way.shipment(on_its_way.r1).state, attempts(on_its_way)) == ("delivery_failed", 1)
    assert len(on_its_way.told_citizen("invitation")) == 1
    assert "no-authorisation" in next(i.what_en for i in on_its_way.attention() if i.kind == "delivery-refused")
    assert on_its_way.holders()["Kết quả"] == POST


def test_the_same_record_again_is_the_same_attempt_and_a_signed_one_is_never_changed(on_its_way: Case) -> None:
    first = recorded(on_its_way, relation="authorised")
    again = recorded(on_its_way, relation="authorised")
    assert (first.refusal and first.refusal.kind, again.refusal and again.refusal.kind) == ("no-delivery",) * 2
    assert attempts(on_its_way) == 1
    with pytest.raises(Problem, match="another content"):
        recorded(on_its_way, relation="authorised", authorisation=LETTER)
    assert recorded(on_its_way, "2026-03-11 09:00", relation="authorised", authorisation=LETTER).refusal is None


def test_a_delivery_before_any_pickup_is_a_contradiction_with_the_postmans_name(case: Case) -> None:
    case.order("receive")
    case.happens("accepted", "2026-03-02 10:00")
    case.finished("2026-03-05 10:00")
    assert recorded(case, "2026-03-05 11:00").contradiction == "not-with-post"
    (item,) = [item for item in case.attention() if item.kind == "delivery-contradiction"]
    assert "Lý Văn Hải" in item.next_step_vi
    assert attempts(case) == 0
    case.reported(case.r1, COLLECTED, "2026-03-05 10:30")
    assert "delivery-contradiction" not in case.attention_kinds()


@pytest.fixture
def not_collected(case: Case) -> Case:
    """A result that waits at the desk, by all that has been heard."""
    case.order("receive")
    case.happens("accepted", "2026-03-02 10:00")
    case.finished("2026-03-05 10:00")
    return case


def test_a_record_that_was_here_before_the_collection_proves_the_delivery(not_collected: Case) -> None:
    first = recorded(not_collected, "2026-03-06 11:00")
    not_collected.reported(not_collected.r1, COLLECTED, "2026-03-06 09:00")
    not_collected.reported(not_collected.r1, DELIVERED, "2026-03-06 11:00")
    again = recorded(not_collected, "2026-03-06 11:00")
    assert (first.contradiction, again.contradiction) == ("not-with-post", None)
    assert not_collected.shipment(not_collected.r1).proof_wanted is False
    assert not_collected.attention_kinds("delivery") == []
    with not_collected.desk.read() as session:
        assert is_proven(session, not_collected.r1, collected=True)


def test_an_attempt_that_was_here_before_the_collection_counts_once_that_is_heard_of(not_collected: Case) -> None:
    recorded(not_collected, "2026-03-06 11:00", relation="authorised")
    assert (attempts(not_collected), not_collected.told_citizen("invitation")) == (0, [])
    not_collected.reported(not_collected.r1, COLLECTED, "2026-03-06 09:00")
    assert attempts(not_collected) == 1
    assert len(not_collected.told_citizen("invitation")) == 1
    assert not_collected.attention_kinds("delivery") == ["delivery-refused"]


def test_a_lost_slip_in_such_a_record_becomes_an_incident_when_the_record_counts(not_collected: Case) -> None:
    recorded(not_collected, "2026-03-06 11:00", to_take_back=["Giấy hẹn"], statement="đã làm mất giấy hẹn")
    assert all_of(not_collected) == []
    not_collected.reported(not_collected.r1, COLLECTED, "2026-03-06 09:00")
    assert only(not_collected).incident.kind == "slip_lost"


def test_of_two_records_that_were_here_before_the_collection_the_later_is_at_odds_with_the_first(
    not_collected: Case,
) -> None:
    for when in ("2026-03-06 12:00", "2026-03-06 11:00"):
        recorded(not_collected, when)
    not_collected.reported(not_collected.r1, COLLECTED, "2026-03-06 09:00")
    odd = [item for item in not_collected.attention() if item.kind == "delivery-contradiction"]
    assert [local_text(item.since) for item in odd] == ["2026-03-06 12:00"]
    assert "received-already" in odd[0].what_en
    assert recorded(not_collected, "2026-03-06 12:00").contradiction == "received-already"


def test_what_was_received_is_not_received_again(on_its_way: Case) -> None:
    recorded(on_its_way)
    assert recorded(on_its_way, "2026-03-10 09:00").contradiction == "received-already"
    assert "delivery-contradiction" in on_its_way.attention_kinds()
    with on_its_way.desk.read() as session:
        assert len(records_of(session, on_its_way.r1)) == 2


def test_a_lost_appointment_slip_needs_a_statement_and_is_an_incident_of_the_desk(on_its_way: Case) -> None:
    without = recorded(on_its_way, to_take_back=["Giấy hẹn"])
    assert without.refusal is not None
    assert without.refusal.extra["rule"] == "delivery.take_back"
    assert all_of(on_its_way) == []
    stated = recorded(on_its_way, "2026-03-11 09:00", to_take_back=["Giấy hẹn"], statement="tôi làm mất giấy hẹn")
    assert stated.refusal is None
    one = only(on_its_way)
    assert (one.incident.kind, one.incident.owner) == ("slip_lost", "onestop:H14.10")


def test_papers_for_the_agency_have_no_record_of_delivery(case: Case) -> None:
    case.order("send")
    with pytest.raises(Problem) as problem:
        recorded(case, number=case.s1)
    assert problem.value.kind == "delivery-record"


# --- accounts that require it ---


@pytest.fixture
def demanding(on_its_way: Case) -> Iterator[Case]:
    """The account requires a record for every delivery."""
    desk = on_its_way.desk
    known = desk.context
    (account,) = known.accounts.carrier_accounts
    strict = known.accounts.model_copy(
        update={"carrier_accounts": (account.model_copy(update={"proof_of_delivery": "required"}),)}
    )
    desk.context = replace(known, accounts=strict)
    yield on_its_way
    desk.context = known


def test_a_delivery_that_nobody_proves_is_shown_after_two_working_days_where_proof_is_required(
    demanding: Case,
) -> None:
    demanding.reported(demanding.r1, DELIVERED, "2026-03-09 09:00")
    demanding.now("2026-03-11 16:00")
    assert "delivery-unproven" not in demanding.attention_kinds()
    demanding.now("2026-03-12 08:00")
    assert "delivery-unproven" in demanding.attention_kinds()
    recorded(demanding, "2026-03-12 09:00")
    assert "delivery-unproven" not in demanding.attention_kinds()


def test_a_record_that_comes_before_the_operators_news_proves_it_too(demanding: Case) -> None:
    recorded(demanding, "2026-03-09 09:00")
    demanding.reported(demanding.r1, DELIVERED, "2026-03-09 09:00")
    assert not demanding.shipment(demanding.r1).proof_wanted


def test_elsewhere_nobody_asks_for_proof(on_its_way: Case) -> None:
    on_its_way.reported(on_its_way.r1, DELIVERED, "2026-03-09 09:00")
    on_its_way.now("2026-04-12 08:00")
    assert "delivery-unproven" not in on_its_way.attention_kinds()


# --- the wrong person ---


@pytest.fixture
def wrongly_delivered(on_its_way: Case) -> Case:
    on_its_way.reported(on_its_way.r1, DELIVERED, "2026-03-09 09:00")
    return on_its_way


def test_a_wrong_delivery_is_reversed_and_the_dossier_stays_settled(wrongly_delivered: Case) -> None:
    case = wrongly_delivered
    reversed_by(case)
    shipment = case.shipment(case.r1)
    assert (shipment.state, shipment.delivered_at, shipment.live) == ("out_for_delivery", None, True)
    assert case.holders()["Kết quả"] == custody.STRANGER
    with case.desk.read() as session:
        assert ledger_of(session, case.desk.office, get_dossier(session, case.code)).state is ClockState.STOPPED
    assert len(case.told_citizen("delivery_reversed")) == 1
    assert [told["order_number"] for told in case.told_onestop("postal.delivery_reversed")] == [case.r1]
    assert only(case).incident.kind == "wrong_recipient"
    hands = [holder for holder, _ in case.hands("Kết quả")]
    assert hands == [POST, custody.CITIZEN, custody.STRANGER], "nothing of what happened is deleted"


def test_the_same_reversal_again_changes_nothing(wrongly_delivered: Case) -> None:
    for _ in range(2):
        reversed_by(wrongly_delivered)
    assert len(all_of(wrongly_delivered)) == 1
    with pytest.raises(Problem, match="another content"):
        reversed_by(wrongly_delivered, papers_with="post")


def test_delivered_to_the_right_person_after_all(wrongly_delivered: Case) -> None:
    case = wrongly_delivered
    reversed_by(case)
    case.reported(case.r1, AT_THE_DOOR, "2026-03-11 09:00")
    case.reported(case.r1, DELIVERED, "2026-03-11 10:00")
    assert local_text(case.shipment(case.r1).delivered_at) == "2026-03-11 10:00"
    assert case.holders()["Kết quả"] == custody.CITIZEN
    assert len(case.told_citizen("result_delivered")) == 2
    assert dict(case.copy().results) == {case.r1: "delivered"}
    assert [time for _, time in case.hands("Kết quả")][-3:] == [
        "2026-03-09 09:00",
        "2026-03-10 09:00",
        "2026-03-11 10:00",
    ]


def test_the_onestops_copy_forgets_the_delivery(wrongly_delivered: Case) -> None:
    assert wrongly_delivered.copy().results == ((wrongly_delivered.r1, "delivered"),)
    reversed_by(wrongly_delivered)
    copy = wrongly_delivered.copy()
    shipment = copy.shipment(wrongly_delivered.r1)
    assert (copy.results, shipment and shipment.state) == ((), "out_for_delivery")


def test_papers_that_are_back_with_the_post_are_the_posts(wrongly_delivered: Case) -> None:
    reversed_by(wrongly_delivered, papers_with="post")
    assert wrongly_delivered.holders()["Kết quả"] == POST


def test_a_late_repetition_of_the_wrong_delivery_stays_void(wrongly_delivered: Case) -> None:
    reversed_by(wrongly_delivered)
    wrongly_delivered.reported(wrongly_delivered.r1, DELIVERED, "2026-03-09 09:30")
    assert wrongly_delivered.shipment(wrongly_delivered.r1).delivered_at is None


def test_what_was_not_delivered_or_was_signed_for_cannot_be_reversed(on_its_way: Case) -> None:
    case = on_its_way
    with pytest.raises(Problem, match="Nothing of order"):
        reversed_by(case, "2026-03-09 10:00")
    case.reported(case.r1, DELIVERED, "2026-03-11 09:00")
    with pytest.raises(Problem, match="Nothing of order"):
        reversed_by(case, "2026-03-10 09:00")


def test_papers_that_the_desk_has_signed_for_were_not_delivered_to_a_stranger(case: Case) -> None:
    case.order("send")
    case.arrives()
    case.signed(case.s1, "2026-03-02 16:00")
    with pytest.raises(Problem, match="signed for at the desk"):
        reversed_by(case, number=case.s1)


def test_a_reversed_result_can_still_fail_and_come_back(wrongly_delivered: Case) -> None:
    case = wrongly_delivered
    reversed_by(case, papers_with="post")
    case.reported(case.r1, FAILED, "2026-03-11 09:00")
    case.reported(case.r1, RETURNED, "2026-03-16 09:00")
    shipment = case.shipment(case.r1)
    assert (shipment.state, len(shipment.failed_attempts)) == ("returned", 1)


# --- of two deliveries the older was wrong ---


def test_of_two_deliveries_the_older_is_reversed_and_the_newer_counts(wrongly_delivered: Case) -> None:
    """The postman noticed it himself and brought the result to the right door before anybody had said so."""
    case = wrongly_delivered
    case.reported(case.r1, DELIVERED, "2026-03-11 10:00")
    assert local_text(case.shipment(case.r1).delivered_at) == "2026-03-09 09:00"
    case.now("2026-03-12 09:00")
    reversed_by(case, "2026-03-10 09:00")
    shipment = case.shipment(case.r1)
    assert (shipment.state, local_text(shipment.delivered_at)) == ("delivered", "2026-03-11 10:00")
    assert not shipment.live, "nothing is under way any more"
    assert case.holders()["Kết quả"] == custody.CITIZEN
    assert case.hands("Kết quả")[1:] == [
        (custody.CITIZEN, "2026-03-09 09:00"),
        (custody.STRANGER, "2026-03-10 09:00"),
        (custody.CITIZEN, "2026-03-11 10:00"),
    ]
    assert dict(case.copy().results) == {case.r1: "delivered"}


def test_when_the_newer_was_wrong_too_it_is_reversed_by_a_reversal_of_its_own(wrongly_delivered: Case) -> None:
    case = wrongly_delivered
    case.reported(case.r1, DELIVERED, "2026-03-11 10:00")
    case.now("2026-03-13 09:00")
    reversed_by(case, "2026-03-10 09:00")
    reversed_by(case, "2026-03-12 09:00")
    shipment = case.shipment(case.r1)
    assert (shipment.state, shipment.delivered_at, shipment.live) == ("out_for_delivery", None, True)
    assert case.holders()["Kết quả"] == custody.STRANGER
    assert len(all_of(case)) == 2
