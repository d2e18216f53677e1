"""The postman at the citizen's door: what is counted, who may receive, who is not there."""

from __future__ import annotations

from tests.simulation.stories.scene import (
    ALL_WITH_THE_CITIZEN,
    AT_THE_AGENCY,
    FEE,
    RESULT_AT_THE_AGENCY,
    WITH_THE_CITIZEN,
    Scene,
)
from tests.tracking.case import DELIVERED, FAILED, RETURNED, RETURNING

RECEIVER = {"name": "Bế Đức Hiếu", "id_kind": "cccd", "id_last": "9013"}


def slip(when: str, **more: object) -> dict[str, object]:
    at = f"{when.replace(' ', 'T')}:00+07:00"
    signed = {"postman": "Nông Văn Páo", "postman_signed_at": at, "citizen": "Bế Đức Hiếu", "citizen_signed_at": at}
    return {"counted": [{"name": "Tờ khai", "originals": 1}], **signed, **more}


def door(scene: Scene, when: str, **more: object) -> dict[str, object]:
    shown = {"identity": {"paper": "cccd", "last_digits": "9013"}, "relation": "recipient", "signed": True}
    said = {"record_id": f"door {when}", "at": scene.case.now(when).isoformat(), "postman": "Nông Văn Páo"}
    return {**said, "receiver": "Bế Đức Hiếu", **shown, **more}


def test_incomplete_at_pickup_the_citizen_waits_and_the_postman_invents_nothing(scene: Scene) -> None:
    scene.case.order("send")
    scene.case.desk.work()
    scene.case.now("2026-03-02 09:30")
    invented = slip("2026-03-02 09:30", missing=["Giấy khám sức khỏe"], decision="wait")
    scene.refused("POST", "/v1/shipments/{S1}/pickup-record", invented, "invented-paper", "16(5)(b)")
    wait = slip("2026-03-02 09:30", missing=["Giấy tờ tùy thân"], decision="wait")
    scene.ask("POST", "/v1/shipments/{S1}/pickup-record", wait, status=201)
    scene.ends(
        shipments={"S1": "collection_failed"},
        papers=WITH_THE_CITIZEN,
        clock=("not_started", None),
        told=["pickup_waits"],
        tasks=[],
    )


def test_a_result_is_taken_by_whoever_shows_who_he_is(scene: Scene) -> None:
    scene.comes_home()
    scene.ask("POST", "/v1/shipments/{R1}/delivery-record", door(scene, "2026-03-06 09:00"), status=201)
    scene.case.reported(scene.case.r1, DELIVERED, "2026-03-06 09:00")
    scene.ends(
        shipments={"S1": "delivered", "R1": "delivered"},
        papers=ALL_WITH_THE_CITIZEN,
        clock=("stopped", "2026-03-05 17:00"),
        told=["papers_at_agency", "result_by_post", "result_on_the_way", "result_delivered"],
        tasks=[],
        owes=[FEE],
    )


def test_a_proxy_without_paper_gets_nothing_and_it_counts_as_an_attempt(scene: Scene) -> None:
    scene.comes_home()
    proxy = door(scene, "2026-03-06 09:00", relation="authorised", receiver="Bế Văn Nam")
    scene.refused("POST", "/v1/shipments/{R1}/delivery-record", proxy, "no-delivery", "Điều 5(2)(d)")
    scene.ends(
        shipments={"S1": "delivered", "R1": "delivery_failed"},
        papers={**dict.fromkeys(AT_THE_AGENCY, "post:vnpost_ngsp"), "Kết quả": "post:vnpost_ngsp"},
        clock=("stopped", "2026-03-05 17:00"),
        told=["papers_at_agency", "result_by_post", "result_on_the_way", "invitation"],
        tasks=["delivery-refused"],
        owes=[FEE],
    )


def test_a_result_given_to_a_stranger_is_reversed_and_brought_to_the_right_door(scene: Scene) -> None:
    scene.comes_home()
    scene.case.reported(scene.case.r1, DELIVERED, "2026-03-06 09:00")
    at = scene.case.now("2026-03-07 08:30").isoformat()
    wrong = {"reversal_id": "x1", "at": at, "officer": "Hà Thị Mai", "reason": "phát nhầm nhà", "papers_with": "post"}
    scene.ask("POST", "/v1/shipments/{R1}/reversal", wrong, status=201)
    scene.case.reported(scene.case.r1, DELIVERED, "2026-03-09 09:00")
    scene.say(scene.incident, "complaint_filed", "2026-03-09 10:00", what="phát nhầm người")
    scene.say(scene.incident, "complaint_answered", "2026-03-10 10:00", what="bưu điện nhận lỗi")
    proof = {"document": "BB 3", "party_at_fault": "post", "charge_vnd": 30000, "acceptance_proof": "phiếu gửi"}
    scene.say(scene.incident, "finding", "2026-03-10 11:00", **proof)
    scene.say(scene.incident, "compensation_paid", "2026-03-11 09:00", amount_vnd=120000, document="PC 4")
    scene.say(scene.incident, "resolved", "2026-03-11 10:00", resolution="đã phát đúng người và bồi thường")
    scene.say(scene.incident, "closed", "2026-03-11 10:05")
    scene.ends(
        shipments={"S1": "delivered", "R1": "delivered"},
        papers=ALL_WITH_THE_CITIZEN,
        clock=("stopped", "2026-03-05 17:00"),  # the verdict is untouched
        told=[
            *("papers_at_agency", "result_by_post", "result_on_the_way", "result_delivered", "delivery_reversed"),
            *("result_delivered", "compensation_due", "compensation_paid", "incident_closed"),
        ],
        tasks=[],
        owes=[FEE],
    )


def test_a_recipient_who_is_never_there_finds_the_result_at_the_counter(scene: Scene) -> None:
    scene.comes_home()
    case = scene.case
    for when in ("2026-03-06 09:00", "2026-03-10 09:00"):
        case.reported(case.r1, FAILED, when)
    case.reported(case.r1, RETURNING, "2026-03-13 09:00")
    case.reported(case.r1, RETURNED, "2026-03-16 09:00")
    case.signed(case.r1, "2026-03-16 10:00")
    at = case.now("2026-03-18 09:00").isoformat()
    took = {"at": at, "officer": "Hà Thị Mai", "receiver": RECEIVER}
    scene.ask("POST", "/v1/dossiers/{code}/counter-pickup", took)
    scene.ends(
        shipments={"S1": "delivered", "R1": "returned"},
        papers=ALL_WITH_THE_CITIZEN,
        clock=("stopped", "2026-03-05 17:00"),
        told=[
            *("papers_at_agency", "result_by_post", "result_on_the_way", "invitation", "invitation"),
            *("result_going_back", "result_back", "result_collected"),
        ],
        tasks=[],
        owes=[FEE],
    )


def test_a_refused_result_goes_back_uninvited_and_waits(scene: Scene) -> None:
    scene.comes_home()
    case = scene.case
    case.reported(case.r1, RETURNING, "2026-03-06 11:00")
    case.reported(case.r1, RETURNED, "2026-03-09 09:00")
    case.signed(case.r1, "2026-03-09 10:00")
    scene.ends(
        shipments={"S1": "delivered", "R1": "returned"},
        papers=AT_THE_AGENCY | RESULT_AT_THE_AGENCY,
        clock=("stopped", "2026-03-05 17:00"),
        told=["papers_at_agency", "result_by_post", "result_on_the_way", "result_going_back", "result_back"],
        tasks=[],
        owes=[FEE],
    )


def test_a_citizen_who_has_moved_gets_the_result_at_the_new_address_at_his_own_cost(scene: Scene) -> None:
    scene.comes_home()
    case = scene.case
    case.reported(case.r1, FAILED, "2026-03-06 09:00")
    order = case.shipment(case.r1).order_id
    there = {"text": "Tổ 2, Phường Thục Phán, tỉnh Cao Bằng", "era": "new2"}
    somebody = {"address": there, "asked_by": {"who": "other", "name": "Hàng xóm"}}
    scene.refused("POST", f"/v1/orders/{order}/forward", somebody, "not-yours-to-change", "Điều 16")
    scene.ask("POST", f"/v1/orders/{order}/forward", {"address": there, "reason": "đã chuyển nhà"}, status=202)
    case.reported(case.r1, RETURNING, "2026-03-06 15:00")
    case.reported(case.r1, RETURNED, "2026-03-09 09:00")
    case.signed(case.r1, "2026-03-09 10:00")
    assert "Thục Phán" in case.shipment(f"{case.code}-R2").citizen
    scene.ends(
        shipments={"S1": "delivered", "R1": "returned", "R2": "requested"},
        papers=AT_THE_AGENCY | RESULT_AT_THE_AGENCY,
        clock=("stopped", "2026-03-05 17:00"),
        told=[
            *("papers_at_agency", "result_by_post", "result_on_the_way", "invitation", "result_forwarded_later"),
            *("result_going_back", "result_sent_again"),
        ],
        tasks=["postage-unnamed"],
        owes=[FEE],
    )
