"""Citizens, officers and postmen act as law and practice have it."""

from __future__ import annotations

from datetime import datetime
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.onestop.copy import DossierCopy
from tests.worker.training.scenes import CODE, at, case, handover, running, shipment, view
from worker.training import citizen, officer, postman
from worker.training.book import Act
from worker.training.casting import Part
from worker.training.view import View

S1, R1 = f"{CODE}-S1", f"{CODE}-R1"


def decided(shown: View) -> dict[str, Act]:
    acts = chain(citizen.plan(shown), officer.plan(shown), postman.plan(shown))
    return {act.id.removeprefix(f"{CODE}/"): act for act in acts}


def reports(shown: View) -> list[tuple[datetime, str]]:
    acts = [act for act in decided(shown).values() if act.kind == "report"]
    return [(act.due_at, act.payload["state"]) for act in sorted(acts, key=lambda act: act.due_at)]


def test_the_desk_counts_papers_that_have_arrived_at_its_next_round() -> None:
    acts = decided(view(copy=DossierCopy(CODE, shipments=(shipment(S1, "out_for_delivery"),)), now="2026-02-13 08:00"))
    assert acts[f"to_agency:{S1}"].due_at == at("2026-02-13 10:00")


def test_papers_that_arrive_before_tet_in_the_evening_are_counted_after_it() -> None:
    acts = decided(view(copy=DossierCopy(CODE, shipments=(shipment(S1, "delivered"),)), now="2026-02-13 18:00"))
    assert acts[f"to_agency:{S1}"].due_at == at("2026-02-23 10:00")


def test_papers_signed_for_are_not_counted_again() -> None:
    copy = DossierCopy(
        CODE,
        shipments=(shipment(S1, "delivered"),),
        handovers=(handover(S1, "to_agency", "2026-02-13 10:00"),),
    )
    assert f"to_agency:{S1}" not in decided(view(copy=copy))


def test_a_line_with_a_missing_paper_says_which_and_only_on_the_first_journey() -> None:
    copy = DossierCopy(CODE, shipments=(shipment(S1, "delivered"), shipment(f"{CODE}-S2", "delivered")))
    acts = decided(view(Part.REJECTED_LINE, copy=copy))
    assert acts[f"to_agency:{S1}"].payload["missing"] == ["Tờ khai"]
    assert "missing" not in acts[f"to_agency:{CODE}-S2"].payload


def test_rejected_papers_go_home_and_then_the_citizen_orders_again() -> None:
    rejected = handover(S1, "to_agency", "2026-02-13 10:00", accepted=False)
    orders = {S1: at("2026-02-11 13:51")}
    on_the_way = DossierCopy(CODE, shipments=(shipment(S1, "returning"),), handovers=(rejected,))
    shown = view(Part.REJECTED_LINE, copy=on_the_way, orders=orders)
    assert [state for _, state in reports(shown)][-2:] == ["returning", "returned"]
    assert f"order_again:{S1}" not in decided(shown)
    at_home = DossierCopy(CODE, shipments=(shipment(S1, "returned"),), handovers=(rejected,))
    assert f"order_again:{S1}" in decided(view(Part.REJECTED_LINE, copy=at_home, orders=orders))


def test_a_supplement_is_asked_for_within_three_working_days_and_completed_later() -> None:
    acts = decided(view(Part.SUPPLEMENT, copy=running("2026-03-06 17:00")))
    asked, completed = acts["supplement_requested"], acts["supplement_completed"]
    assert at("2026-02-13 10:00") < asked.due_at <= at("2026-02-25 17:00")
    assert completed.due_at > asked.due_at
    assert "result_ready" not in acts


def test_after_the_supplement_the_result_is_worked_on() -> None:
    done = {"supplement_completed": at("2026-02-26 10:00")}
    acts = decided(view(Part.SUPPLEMENT, copy=running("2026-03-12 17:00", 3), done=done, now="2026-02-26 10:00"))
    assert "result_ready" in acts


def test_an_agency_that_needs_longer_apologises_before_the_last_working_day() -> None:
    acts = decided(view(Part.EXTENSION, copy=running("2026-02-25 17:00")))
    extended = acts["extended"]
    assert extended.due_at == at("2026-02-24 09:00")
    assert datetime.fromisoformat(extended.payload["new_due"]) == at("2026-03-02 17:00")
    assert extended.payload["reason"]


def test_papers_filed_at_the_counter_are_accepted_when_the_desk_is_open() -> None:
    shown = view(of=case("receive", filed="2026-02-13 12:17"), done={"file": at("2026-02-13 12:17")})
    assert decided(view(of=shown.case)) == {}
    assert decided(shown)["accepted"].due_at == at("2026-02-13 13:30")


def test_a_result_is_given_to_the_postman_on_the_working_day_after() -> None:
    acts = decided(view(copy=DossierCopy(CODE, shipments=(shipment(R1, "booked"),)), now="2026-02-13 16:00"))
    assert acts[f"to_post:{R1}"].due_at == at("2026-02-23 08:30")


def test_a_plain_parcel_is_collected_carried_and_delivered() -> None:
    copy = DossierCopy(CODE, handovers=(handover(S1, "to_agency", "2026-02-13 10:00"),))
    states = [state for _, state in reports(view(copy=copy, orders={S1: at("2026-02-11 13:51")}))]
    assert states == ["collecting", "in_transit", "out_for_delivery", "delivered"]


def test_nobody_at_home_means_two_invitations_two_working_days_apart_and_then_the_way_back() -> None:
    copy = DossierCopy(CODE, handovers=(handover(R1, "to_post", "2026-02-11 08:30"),))
    told = reports(view(Part.RETURNED_RESULT, copy=copy, orders={R1: at("2026-02-10 16:00")}))
    failed = [moment for moment, state in told if state == "delivery_failed"]
    assert failed == [at("2026-02-12 11:00"), at("2026-02-23 11:00")]
    assert [state for _, state in told][-2:] == ["returning", "returned"]
    assert "delivered" not in {state for _, state in told}


def test_late_reports_say_when_it_happened_and_come_twice() -> None:
    shown = view(Part.TWICE_AND_LATE, orders={S1: at("2026-02-11 13:51")})
    late = [act for act in decided(shown).values() if act.kind == "report" and act.payload["state"] == "in_transit"]
    assert len(late) == 2
    assert {datetime.fromisoformat(act.payload["at"]) for act in late} == {at("2026-02-12 09:30")}
    assert all(act.due_at > at("2026-02-14 00:00") for act in late)


def test_an_unexplained_report_comes_on_top_of_the_others() -> None:
    states = [state for _, state in reports(view(Part.UNKNOWN_CODE, orders={S1: at("2026-02-11 13:51")}))]
    assert states.count(postman.UNEXPLAINED) == 1
    assert "in_transit" in states


@pytest.mark.parametrize("part", list(Part))
@given(minute=st.integers(0, 40 * 24 * 60), due=st.integers(1, 28), luck=st.integers(0, 200))
def test_the_same_view_leads_to_the_same_acts_and_none_lies_in_the_past_of_its_cause(
    part: Part, minute: int, due: int, luck: int
) -> None:
    shown_case = case(code=f"{CODE[:-4]}{luck:04d}")
    now = datetime.fromtimestamp(at("2026-02-09 00:00").timestamp() + 60 * minute).astimezone()
    shown = view(part, of=shown_case, copy=running(f"2026-03-{due:02d} 17:00"), now=f"{now:%Y-%m-%d %H:%M}")
    acts = list(officer.plan(shown))
    assert acts == list(officer.plan(shown))
    assert all(act.due_at > shown.now for act in acts if act.id.endswith("result_ready"))
