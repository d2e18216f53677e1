"""The agency: late, early, interrupted, or told to stop."""

from __future__ import annotations

from tests.simulation.stories.scene import AT_THE_AGENCY, FEE, RESULT_AT_THE_AGENCY, Scene


def test_an_agency_that_will_be_late_apologises_once_and_the_pickup_follows(scene: Scene) -> None:
    scene.case.order("both")
    scene.case.arrives()
    scene.case.signed(scene.case.s1, "2026-03-02 15:30")
    scene.case.happens("extended", "2026-03-04 09:00", reason="cần xác minh", new_due="2026-03-10")
    scene.case.happens("extended", "2026-03-09 09:00", reason="vẫn cần xác minh", new_due="2026-03-13")
    scene.ends(
        shipments={"S1": "delivered", "R1": "requested"},
        papers=AT_THE_AGENCY,
        clock=("running", "2026-03-10 17:00"),  # the second extension is recorded and moves nothing
        told=["papers_at_agency", "due_extended_by_post"],
        tasks=["clock-contradiction", "due-soon"],
        owes=[FEE],
    )
    assert f"{scene.case.shipment(scene.case.r1).pickup_on}" == "2026-03-11"


def test_a_result_that_is_early_is_told_and_fetched_earlier(scene: Scene) -> None:
    scene.case.order("both")
    scene.case.arrives()
    scene.case.signed(scene.case.s1, "2026-03-02 15:30")
    scene.case.finished("2026-03-03 10:00")
    scene.case.desk.work()
    scene.ends(
        shipments={"S1": "delivered", "R1": "booked"},
        papers=AT_THE_AGENCY | RESULT_AT_THE_AGENCY,
        clock=("stopped", "2026-03-05 17:00"),
        told=["papers_at_agency", "result_by_post"],
        tasks=[],
        owes=[FEE],
    )
    assert f"{scene.case.shipment(scene.case.r1).pickup_on}" == "2026-03-04", "the working day after the result"


def test_a_withdrawal_before_the_decision_stops_the_pickup(scene: Scene) -> None:
    scene.case.order("both")
    scene.case.desk.work()
    scene.case.happens("withdrawn", "2026-03-02 10:00")
    scene.case.desk.work()
    scene.ends(
        shipments={"S1": "cancelled", "R1": "cancelled"},
        papers={"Tờ khai": "citizen", "Giấy tờ tùy thân": "citizen"},
        clock=("stopped", None),
        told=["withdrawn"],
        tasks=[],
    )
