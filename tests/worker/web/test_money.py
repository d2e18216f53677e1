from __future__ import annotations

from typing import Any

import httpx
import pytest

from dispatch.routing import note_price
from tests.support.desk import ACCOUNT, AGENCY, CARRIER, MONDAY, TestDesk, order_body
from tests.tracking.case import COLLECTED, Case


@pytest.fixture
def collected(desk: TestDesk, code: str) -> Case:
    """A dossier whose fee the post has collected with the papers."""
    desk.clock.at(MONDAY)
    with desk.context.database.write() as session:
        note_price(session, ACCOUNT, ("04", "04"), 30_000, MONDAY)
    case = Case(desk, code)
    case.register()
    case.order("send", fee_route="by_post")
    case.reported(case.s1, COLLECTED, "2026-03-02 09:00")
    return case


def receipt(*orders: tuple[str, int], **more: Any) -> dict[str, Any]:
    lines = [{"order": order, "amount_vnd": vnd} for order, vnd in orders]
    body = {
        "agency": AGENCY,
        "reference": f"PT-{orders[0][0]}",
        "received_on": "2026-03-02",
        "amount_vnd": sum(vnd for _, vnd in orders),
        "officer": "Hà Thị Mai",
        "lines": lines,
    }
    return {**body, **more}


def test_the_books_of_a_dossier(web: httpx.Client, collected: Case) -> None:
    books = web.get(f"/v1/dossiers/{collected.code}/money").json()
    assert not books["settled"]
    (debt,) = books["debts"]
    assert (debt["debtor"], debt["creditor"], debt["amount_vnd"]) == ("post", "agency", 25_000)
    assert debt["since"] == "2026-03-02T09:00:00+07:00"
    assert sum(one["balance_vnd"] for one in books["balances"]) == 0
    assert len(books["entries"]) == 2 * len(books["facts"]) == 8
    assert web.get("/v1/dossiers/H14-nobody/money").status_code == 404


def test_the_agency_confirms_what_has_come(web: httpx.Client, collected: Case) -> None:
    part = receipt((collected.s1, 20_000))
    first = web.post("/v1/remittances", json=part)
    assert (first.status_code, first.json()["lines"]) == (
        201,
        [{"order": collected.s1, "amount_vnd": 20_000, "open_vnd": 5_000}],
    )
    again = web.post("/v1/remittances", json=part)
    assert (again.status_code, again.json()) == (200, first.json())
    rest = web.post("/v1/remittances", json=receipt((collected.s1, 5_000), reference=f"rest {collected.code}"))
    assert rest.json()["lines"][0]["open_vnd"] == 0
    assert web.get(f"/v1/dossiers/{collected.code}/money").json()["settled"]


def test_what_comes_beyond_what_was_collected_is_recorded_and_owed_back(web: httpx.Client, collected: Case) -> None:
    answer = web.post("/v1/remittances", json=receipt((collected.s1, 30_000)))
    assert answer.json()["lines"][0]["open_vnd"] == -5_000
    (debt,) = web.get(f"/v1/dossiers/{collected.code}/money").json()["debts"]
    assert (debt["debtor"], debt["creditor"], debt["amount_vnd"]) == ("agency", "post", 5_000)


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"amount_vnd": 24_000}, "remittance-sum"),
        ({"received_on": "2030-01-01"}, "remittance-in-future"),
        ({"agency": "H14.99"}, "remittance-agency"),
        ({"doubled": True}, "remittance-doubled-order"),
        ({"unknown": True}, "unknown-order"),
    ],
)
def test_receipts_that_cannot_be_right_are_refused_with_a_next_step(
    web: httpx.Client, collected: Case, more: dict[str, Any], problem: str
) -> None:
    body = receipt((collected.s1, 25_000))
    if more.pop("doubled", False):
        body = receipt((collected.s1, 10_000), (collected.s1, 15_000))
    elif more.pop("unknown", False):
        body = receipt(("H14-nobody-S1", 25_000))
    answer = web.post("/v1/remittances", json={**body, **more})
    assert answer.json()["type"].endswith(f":{problem}")
    assert answer.json()["next_step_vi"]
    assert web.get(f"/v1/dossiers/{collected.code}/money").json()["debts"][0]["debtor"] == "post"


def test_a_reference_is_used_for_one_receipt(web: httpx.Client, collected: Case) -> None:
    web.post("/v1/remittances", json=receipt((collected.s1, 20_000)))
    other = web.post("/v1/remittances", json=receipt((collected.s1, 21_000)))
    assert (other.status_code, other.json()["type"].rpartition(":")[2]) == (409, "remittance-reference")


def test_a_payment_needs_a_proof_and_counts_once(web: httpx.Client, desk: TestDesk, registered: str) -> None:
    desk.clock.at(MONDAY)
    body = {
        "payment_id": "CK-1",
        "ledger": "fee",
        "amount_vnd": 25_000,
        "at": "2026-03-02T08:00:00+07:00",
        "told_by": "Hà Thị Mai",
    }
    refused = web.post(f"/v1/dossiers/{registered}/payments", json=body)
    assert refused.json()["type"].endswith(":payment-without-proof")
    for _ in range(2):
        taken = web.post(f"/v1/dossiers/{registered}/payments", json={**body, "proof": "Lệnh chuyển tiền 881"})
        assert taken.status_code == 201
    assert len(web.get(f"/v1/dossiers/{registered}/money").json()["facts"]) == 1


def test_the_citizen_sees_postage_reduction_and_fee_before(web: httpx.Client, registered: str) -> None:
    address = order_body()["address"]
    body = {"agency": AGENCY, "service": "both", "address": address, "carrier": CARRIER, "dossier": registered}
    answer = web.post("/v1/quotes", json={**body, "fee_route": "by_post", "postage_group": "poor_household"}).json()
    assert (answer["fee_vnd"], answer["fee_route"]) == (25_000, "by_post")
    assert answer["payable_vnd"] == answer["total_vnd"], "no reduction is agreed, so none is promised"
    assert "báo giá của bưu điện" in answer["tariff"]
    wrong = web.post("/v1/quotes", json={**body, "postage_group": "friends"})
    assert wrong.json()["type"].endswith(":postage-group")
