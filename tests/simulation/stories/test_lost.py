"""Papers that the post loses: everybody is told, the agency's time stands still, and somebody answers for it."""

from __future__ import annotations

from carriers.states import ShipmentState
from tests.simulation.stories.scene import AT_THE_AGENCY, FEE, Scene
from tests.tracking.case import COLLECTED, DELIVERED, happen_unforeseen


def happens(scene: Scene, state: ShipmentState, when: str) -> None:
    with scene.case.desk.context.database.write() as session:
        happen_unforeseen(session, scene.case, state, when)


def test_papers_that_turn_up_again_let_everything_go_on(scene: Scene) -> None:
    case = scene.case
    case.order("send")
    case.reported(case.s1, COLLECTED, "2026-03-02 09:00")
    happens(scene, ShipmentState.LOST, "2026-03-03 09:00")
    assert case.attention_kinds("papers-lost") == ["papers-lost"]
    happens(scene, ShipmentState.IN_TRANSIT, "2026-03-03 15:00")
    case.reported(case.s1, DELIVERED, "2026-03-04 09:00")
    case.signed(case.s1, "2026-03-04 09:30")
    scene.say(scene.incident, "resolved", "2026-03-04 10:00", resolution="đã tìm thấy, đủ giấy tờ")
    scene.say(scene.incident, "closed", "2026-03-04 10:05")
    scene.ends(
        shipments={"S1": "delivered"},
        papers=AT_THE_AGENCY,
        clock=("running", "2026-03-09 17:00"),
        told=["papers_lost", "papers_found", "papers_at_agency", "incident_closed"],
        tasks=[],
        owes=[FEE],
    )


def test_papers_that_are_gone_are_issued_again_at_the_posts_cost(scene: Scene) -> None:
    case = scene.case
    case.order("send")
    case.reported(case.s1, COLLECTED, "2026-03-02 09:00")
    happens(scene, ShipmentState.LOST, "2026-03-03 09:00")
    scene.say(scene.incident, "complaint_filed", "2026-03-04 09:00", what="thất lạc toàn bộ hồ sơ")
    scene.say(scene.incident, "complaint_answered", "2026-03-09 09:00", what="không tìm thấy")
    cost = {"what": "lệ phí cấp lại giấy tờ", "amount_vnd": 50_000, "borne_by": "citizen"}
    scene.say(scene.incident, "cost", "2026-03-09 10:00", **cost)
    finding = {"document": "BB 9", "party_at_fault": "post", "charge_vnd": 30_000, "acceptance_proof": "PG 1"}
    scene.say(scene.incident, "finding", "2026-03-09 11:00", **finding)
    too_early = {"type": "closed", "fact_id": "x", "at": "2026-03-09T11:30:00+07:00", "by": "Hà Thị Mai"}
    case.now("2026-03-09 11:30")
    scene.refused("POST", f"/v1/incidents/{scene.incident}/facts", too_early, "incident-out-of-turn")
    paid = {"amount_vnd": 4 * 30_000 + 50_000, "document": "PC 11"}
    scene.say(scene.incident, "compensation_paid", "2026-03-20 09:00", **paid)
    facts = scene.ask("GET", f"/v1/incidents/{scene.incident}")["facts"]
    (plan,) = (fact["said"]["steps"] for fact in facts if fact["type"] == "reissue_planned")
    for minute, step in enumerate(plan):
        scene.say(scene.incident, "reissue_done", f"2026-03-20 10:{minute:02}", step=step["step"])
    scene.say(scene.incident, "resolved", "2026-03-20 11:00", resolution="đã cấp lại và bồi thường")
    scene.say(scene.incident, "closed", "2026-03-20 11:05")
    scene.ends(
        shipments={"S1": "lost"},
        papers={"Tờ khai (cấp lại)": "citizen", "Giấy tờ tùy thân (cấp lại)": "citizen"},
        clock=("not_started", None),
        told=["papers_lost", "compensation_due", "compensation_paid", "incident_closed"],
        tasks=["papers-lost"],
    )
