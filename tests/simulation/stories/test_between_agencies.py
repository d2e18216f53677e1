"""Papers that the post carries from one agency to another in linked procedures, when that goes wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from carriers.states import ShipmentState
from config.accounts import AgencyDesk
from dispatch import booking
from tests.simulation.stories.scene import AT_THE_AGENCY, FEE, WITH_THE_POST, Scene
from tests.tracking.case import COLLECTED, DELIVERED, RETURNED, RETURNING
from tests.tracking.homeward import heard
from tests.tracking.test_transfers import TAX, TAX_DESK, sent_on, signed

NEW_PAPERS = {"Tờ khai (cấp lại)": "agency:H14.10", "Giấy tờ tùy thân (cấp lại)": "agency:H14.10"}


@pytest.fixture
def under_way(scene: Scene) -> Iterator[str]:
    """The number of a transfer to the tax office, collected on Monday afternoon; the dossier is due on Thursday."""
    case, desk = scene.case, scene.case.desk
    before = desk.context
    accounts = before.accounts.model_copy(update={"agency_desks": (AgencyDesk(agency=TAX["code"], desk=TAX_DESK),)})
    desk.context = replace(before, accounts=accounts)
    case.happens("accepted", "2026-03-02 09:00")
    number = sent_on(case).order_number
    booking.drain(desk.context)
    signed(case, number, "H14.10", "to_post", "2026-03-02 14:00")
    case.reported(number, COLLECTED, "2026-03-02 14:05")
    yield number
    desk.context = before


def test_what_the_other_agency_rejects_comes_home_and_no_time_is_lost_for_it(scene: Scene, under_way: str) -> None:
    case = scene.case
    case.reported(under_way, DELIVERED, "2026-03-03 09:00")
    reason = "Không thuộc thẩm quyền"
    signed(case, under_way, TAX["code"], "to_agency", "2026-03-03 10:00", accepted=False, reason=reason)
    assert case.attention_kinds("transfer") == ["transfer-rejected"]
    case.reported(under_way, RETURNING, "2026-03-03 11:00")
    case.reported(under_way, RETURNED, "2026-03-04 09:00")
    signed(case, under_way, "H14.10", "to_agency", "2026-03-04 10:00")
    scene.ends(
        shipments={"T1": "returned"},
        papers=AT_THE_AGENCY,
        clock=("running", "2026-03-05 17:00"),
        told=["papers_at_agency"],
        tasks=["due-soon", "extension-closing", "supplement-closing"],
        owes=[FEE],
    )


def test_what_is_lost_between_agencies_stops_the_time_until_it_is_found(scene: Scene, under_way: str) -> None:
    case = scene.case
    heard(case, under_way, ShipmentState.LOST, "2026-03-03 09:00")
    assert scene._clock() == ("suspended", None)
    assert case.attention_kinds("papers-lost") == ["papers-lost"]
    heard(case, under_way, ShipmentState.IN_TRANSIT, "2026-03-05 09:00")
    case.reported(under_way, DELIVERED, "2026-03-05 14:00")
    signed(case, under_way, TAX["code"], "to_agency", "2026-03-05 15:00")
    scene.say(scene.incident, "resolved", "2026-03-05 16:00", resolution="đã tìm thấy, đủ giấy tờ")
    scene.say(scene.incident, "closed", "2026-03-05 16:05")
    scene.ends(
        shipments={"T1": "delivered"},
        papers=dict.fromkeys(WITH_THE_POST, f"agency:{TAX['code']}"),
        clock=("running", "2026-03-09 17:00"),
        told=["papers_at_agency", "papers_lost", "papers_found", "papers_transferred", "incident_closed"],
        tasks=["extension-closing", "supplement-closing"],
        owes=[FEE],
    )


def test_what_is_gone_between_agencies_is_made_again_and_the_work_goes_on_at_home(scene: Scene, under_way: str) -> None:
    case = scene.case
    heard(case, under_way, ShipmentState.LOST, "2026-03-03 09:00")
    case.happens("papers_restored", "2026-03-09 09:00")
    finding = {"document": "BB 9", "party_at_fault": "post", "charge_vnd": 30_000, "acceptance_proof": "biên bản 1"}
    scene.say(scene.incident, "finding", "2026-03-10 09:00", **finding)
    scene.say(scene.incident, "compensation_paid", "2026-03-11 09:00", amount_vnd=120_000, document="PC 11")
    scene.say(scene.incident, "resolved", "2026-03-11 10:00", resolution="đã lập lại và bồi thường")
    scene.say(scene.incident, "closed", "2026-03-11 10:05")
    scene.ends(
        shipments={"T1": "lost"},
        papers=NEW_PAPERS,
        clock=("running", "2026-03-11 17:00"),
        told=[
            *("papers_at_agency", "papers_lost", "due_changed"),
            *("compensation_due", "compensation_paid", "incident_closed"),
        ],
        tasks=["due-soon", "papers-lost"],
        owes=[FEE],
    )
