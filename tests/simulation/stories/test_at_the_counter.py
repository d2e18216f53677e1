"""The agency's counter: what is missing, what differs, what comes damaged."""

from __future__ import annotations

from tests.simulation.stories.scene import AT_THE_AGENCY, FEE, WITH_THE_POST, Scene
from tests.tracking.case import COLLECTED, DELIVERED, RETURNED, RETURNING


def test_incomplete_at_the_counter_the_line_is_rejected_and_the_clock_has_not_started(scene: Scene) -> None:
    case = scene.case
    case.order("send")
    case.arrives()
    case.signed(case.s1, "2026-03-02 15:30", accepted=False, missing_papers=["Giấy tờ tùy thân"])
    case.reported(case.s1, RETURNING, "2026-03-03 09:00")
    scene.ends(
        shipments={"S1": "returning"},
        papers=WITH_THE_POST,
        clock=("not_started", None),
        told=["papers_incomplete"],
        tasks=["fault-unclear"],  # nobody signed a slip: a person names who pays for the way back
    )
    forms = scene.ask("GET", "/v1/dossiers/{code}/supplement-forms")["forms"]
    assert [form["items"] for form in forms] == [["Giấy tờ tùy thân"]]


def test_what_the_citizen_sent_anyway_goes_back_and_again_at_the_citizens_cost(scene: Scene) -> None:
    case, at = scene.case, "2026-03-02T09:00:00+07:00"
    case.order("send")
    case.desk.work()
    case.now("2026-03-02 09:00")
    signed = {"postman": "Nông Văn Páo", "postman_signed_at": at, "citizen": "Bế Đức Hiếu", "citizen_signed_at": at}
    missing = {"missing": ["Giấy tờ tùy thân"], "decision": "send_anyway"}
    slip = {"counted": [{"name": "Tờ khai", "originals": 1}], **missing, **signed}
    scene.ask("POST", "/v1/shipments/{S1}/pickup-record", slip, status=201)
    case.reported(case.s1, DELIVERED, "2026-03-03 09:00")
    case.signed(case.s1, "2026-03-03 09:30", accepted=False, missing_papers=["Giấy tờ tùy thân"])
    case.reported(case.s1, RETURNING, "2026-03-03 10:00")
    case.reported(case.s1, RETURNED, "2026-03-04 10:00")
    case.order("send")
    assert case.shipment(case.s2).payer == "citizen"
    scene.ends(
        shipments={"S1": "returned", "S2": "requested"},
        papers={"Tờ khai": "citizen", "Giấy tờ tùy thân": "citizen"},
        clock=("not_started", None),
        told=["pickup_sent_incomplete", "papers_incomplete_paid_by", "papers_back"],
        tasks=[],
    )


def test_a_count_that_differs_is_signed_by_both_and_settled_by_its_owner(scene: Scene) -> None:
    case = scene.case
    case.order("send")
    case.arrives()
    case.signed(case.s1, "2026-03-02 15:30", discrepancy="thiếu một bản sao so với phiếu")
    scene.say(scene.incident, "found", "2026-03-03 09:00", what="bản sao kẹp trong tờ khai")
    scene.refused("POST", f"/v1/incidents/{scene.incident}/facts", close("2026-03-03 09:30"), "incident-out-of-turn")
    scene.say(scene.incident, "resolved", "2026-03-03 10:00", resolution="đủ giấy tờ")
    scene.say(scene.incident, "closed", "2026-03-03 10:05")
    scene.ends(
        shipments={"S1": "delivered"},
        papers=AT_THE_AGENCY,
        clock=("running", "2026-03-05 17:00"),
        told=["incident_opened", "papers_at_agency", "papers_found", "incident_closed"],
        tasks=["extension-closing", "pass-on"],
        owes=[FEE],
    )


def close(when: str) -> dict[str, str]:
    at = f"{when.replace(' ', 'T')}:00+07:00"
    return {"type": "closed", "fact_id": "too-early", "at": at, "by": "Hà Thị Mai"}


def test_a_torn_package_is_inventoried_wrapped_again_and_only_then_closed(scene: Scene) -> None:
    case = scene.case
    case.order("send")
    case.reported(case.s1, COLLECTED, "2026-03-02 09:00")
    at = case.now("2026-03-02 14:00").isoformat()
    torn = {"report_id": "r1", "dossier": case.code, "order_number": case.s1, "kind": "torn", "at": at}
    scene.ask("POST", "/v1/incidents", {**torn, "what": "rách bì ở góc", "by": "Nông Văn Páo"}, status=201)
    inventory = {"found_inside": ["Tờ khai", "Giấy tờ tùy thân"], "wrapped_again": True, "witness": "Hà Thị Mai"}
    scene.say(scene.incident, "inventory", "2026-03-02 14:30", **inventory)
    case.reported(case.s1, DELIVERED, "2026-03-02 15:00")
    case.signed(case.s1, "2026-03-02 15:30")
    scene.say(scene.incident, "complaint_filed", "2026-03-02 16:00", what="rách bì")
    scene.say(scene.incident, "complaint_answered", "2026-03-03 09:00", what="đã lập biên bản")
    scene.say(scene.incident, "finding", "2026-03-03 09:30", document="BB 5", party_at_fault="nobody")
    scene.say(scene.incident, "resolved", "2026-03-03 10:00", resolution="đủ giấy tờ, đã bọc lại")
    scene.say(scene.incident, "closed", "2026-03-03 10:05")
    scene.ends(
        shipments={"S1": "delivered"},
        papers=AT_THE_AGENCY,
        clock=("running", "2026-03-05 17:00"),
        told=["incident_opened", "papers_at_agency", "incident_closed"],
        tasks=["extension-closing", "pass-on"],
        owes=[FEE],
    )
