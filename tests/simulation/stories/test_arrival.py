"""Papers on their way in: when they count, and what does not move the clock."""

from __future__ import annotations

from tests.simulation.stories.scene import (
    AT_THE_AGENCY,
    FEE,
    RESULT_AT_THE_AGENCY,
    WITH_THE_CITIZEN,
    WITH_THE_POST,
    Scene,
)
from tests.tracking.case import COLLECTED, DELIVERED


def test_papers_signed_for_after_hours_count_from_the_next_working_day(scene: Scene) -> None:
    scene.case.order("send")
    scene.case.reported(scene.case.s1, COLLECTED, "2026-03-05 09:00")
    scene.case.reported(scene.case.s1, DELIVERED, "2026-03-06 17:20")
    scene.case.signed(scene.case.s1, "2026-03-06 17:30")
    scene.ends(
        shipments={"S1": "delivered"},
        papers=AT_THE_AGENCY,
        clock=("running", "2026-03-12 17:00"),  # Friday evening counts as Monday
        told=["papers_at_agency"],
        tasks=["pass-on"],  # to the unit in charge, next morning
        owes=[FEE],
    )


def test_tet_stands_between_the_pickup_and_the_clock(scene: Scene) -> None:
    scene.case.order("send")
    scene.case.reported(scene.case.s1, COLLECTED, "2026-04-24 16:30")
    scene.case.reported(scene.case.s1, DELIVERED, "2026-04-28 08:00")
    scene.case.signed(scene.case.s1, "2026-04-28 14:20")
    scene.ends(
        shipments={"S1": "delivered"},
        papers=AT_THE_AGENCY,
        clock=("running", "2026-05-05 17:00"),  # 30 April and 1 May are off
        told=["papers_at_agency"],
        tasks=[],
        owes=[FEE],
    )


def test_the_same_event_twice_and_in_the_wrong_order_is_one_journey(scene: Scene) -> None:
    scene.case.order("send")
    scene.case.now("2026-03-03 14:00")
    scene.case.reported(scene.case.s1, DELIVERED, "2026-03-03 10:00")
    scene.case.reported(scene.case.s1, COLLECTED, "2026-03-02 09:00")
    scene.case.reported(scene.case.s1, DELIVERED, "2026-03-03 10:00")
    scene.case.signed(scene.case.s1, "2026-03-03 14:20")
    scene.ends(
        shipments={"S1": "delivered"},
        papers=AT_THE_AGENCY,
        clock=("running", "2026-03-06 17:00"),
        told=["papers_at_agency"],
        tasks=[],
        owes=[FEE],
    )


def test_a_parcel_that_breaks_its_promise_is_late_and_seen(scene: Scene) -> None:
    scene.case.order("send")
    scene.case.reported(scene.case.s1, COLLECTED, "2026-03-02 09:00")
    scene.case.now("2026-03-10 09:00")
    scene.ends(
        shipments={"S1": "in_transit"},
        papers=WITH_THE_POST,
        clock=("not_started", None),
        told=[],
        tasks=["transit-late"],
    )


def test_a_citizen_who_filed_at_the_counter_asks_for_the_post_afterwards(scene: Scene) -> None:
    scene.case.happens("accepted", "2026-03-02 10:00")
    scene.case.order("receive")
    scene.case.finished("2026-03-04 10:00")
    scene.case.desk.work()
    scene.ends(
        shipments={"R1": "booked"},
        papers=AT_THE_AGENCY | RESULT_AT_THE_AGENCY,
        clock=("stopped", "2026-03-05 17:00"),
        told=["papers_at_agency", "result_by_post"],
        tasks=[],
        owes=[FEE],
    )


def test_a_procedure_that_may_not_go_by_post_is_refused_at_once(scene: Scene) -> None:
    procedure = {**scene.registration()["procedure"], "postal_submission": False}
    scene.case.register(procedure=procedure)
    scene.refused("POST", "/v1/orders", scene.order("both"), "service-not-allowed", "Art. 1(2)")
    scene.ends(shipments={}, papers=WITH_THE_CITIZEN, clock=("not_started", None), told=[], tasks=[])


def test_a_ministrys_dossier_is_followed_and_gets_no_date_of_ours(scene: Scene) -> None:
    scene.case.register(due_date_owner="source")
    scene.case.order("send")
    scene.case.arrives()
    scene.case.signed(scene.case.s1, "2026-03-02 15:30")
    scene.ends(
        shipments={"S1": "delivered"},
        papers=AT_THE_AGENCY,
        clock=("not_started", None),
        told=["papers_received"],
        tasks=[],
        owes=[FEE],
    )
