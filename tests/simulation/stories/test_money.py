"""Fee and postage are two matters, and each ends with nothing owed, or with somebody who sees to it."""

from __future__ import annotations

from functools import partial

from tests.simulation.stories.scene import AT_THE_AGENCY, Scene
from tests.tracking.case import COLLECTED, DELIVERED


def test_a_fee_that_the_postman_collected_is_remitted_in_time_or_seen(scene: Scene) -> None:
    case = scene.case
    case.order("send", fee_by_post=True)
    case.arrives()
    case.signed(case.s1, "2026-03-02 15:30")
    case.now("2026-03-05 09:00")
    ends = partial(
        scene.ends,
        shipments={"S1": "delivered"},
        papers=AT_THE_AGENCY,
        clock=("running", "2026-03-05 17:00"),
        told=["papers_at_agency"],
    )
    ends(tasks=["due-soon", "fee-not-remitted", "supplement-closing"], owes=["fee: post owes agency 25000"])
    lines = [{"order": case.s1, "amount_vnd": 25000}]
    receipt = {"reference": "PT 17", "received_on": "2026-03-05", "amount_vnd": 25000, "officer": "Hà Thị Mai"}
    scene.ask("POST", "/v1/remittances", {"agency": "H14.10", **receipt, "lines": lines}, status=201)
    ends(tasks=["due-soon", "supplement-closing"])


def test_what_was_carried_late_is_paid_back_and_never_more_than_was_paid(scene: Scene) -> None:
    case = scene.case
    scene.postage(30_000)
    case.order("send")
    case.reported(case.s1, COLLECTED, "2026-03-02 09:00")
    case.reported(case.s1, DELIVERED, "2026-03-12 15:00")
    case.signed(case.s1, "2026-03-12 15:30")
    refund = {"ledger": "postage", "debtor": "post", "creditor": "citizen", "order": case.s1}
    paid = {**refund, "at": case.now("2026-03-13 09:00").isoformat(), "told_by": "Hà Thị Mai", "proof": "PC 9"}
    path = "/v1/dossiers/{code}/payments"
    scene.refused("POST", path, {**paid, "payment_id": "a", "amount_vnd": 30_001}, "refund-too-large", "25")
    scene.ask("POST", path, {**paid, "payment_id": "b", "amount_vnd": 30_000}, status=201)
    fee = {"ledger": "fee", "at": paid["at"], "told_by": "Hà Thị Mai", "proof": "biên lai 3", "payment_id": "c"}
    scene.ask("POST", path, {**fee, "amount_vnd": 25_000}, status=201)
    scene.ends(
        shipments={"S1": "delivered"},
        papers=AT_THE_AGENCY,
        clock=("running", "2026-03-17 17:00"),
        told=["papers_at_agency"],
        tasks=["extension-closing", "pass-on"],
    )
