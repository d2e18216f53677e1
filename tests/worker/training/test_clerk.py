"""Where an order is in doubt, the clerk telephones: once a day, and at once after a restart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from tests.support.servers import serve
from tests.worker.training.scenes import HOURS, at
from worker.training.clerk import Clerk
from worker.training.client import Client

THERE, NOT_THERE = "H14.10-260211-0016-S1", "H14.10-260211-0012-R1"


class Telephone:
    """The operators' books, and a system that shows two orders in doubt and one matter that is none."""

    def __init__(self) -> None:
        self.looks = 0
        self.found: dict[str, Any] = {}
        self.refuses = False

    def books(self) -> dict[str, dict[str, Any]]:
        return {"H14.10-260211-0016": {THERE: {"live": 1, "item_codes": ["EM1VN"]}}}

    async def attention(self, _request: Request) -> JSONResponse:
        self.looks += 1
        kinds = {THERE: "booking-parked", NOT_THERE: "booking-outcome-unknown", "H14.10-260211-0001-S1": "transit-late"}
        return JSONResponse({"items": [{"kind": kind, "shipment": number} for number, kind in kinds.items()]})

    async def finding(self, request: Request) -> JSONResponse:
        self.found[request.path_params["number"]] = await request.json()
        return JSONResponse({}, status_code=409 if self.refuses else 200)


@pytest.fixture
def telephone() -> Telephone:
    return Telephone()


@pytest.fixture
def clerk(telephone: Telephone) -> Iterator[Clerk]:
    routes = [
        Route("/v1/attention", telephone.attention),
        Route("/v1/shipments/{number}/finding", telephone.finding, methods=["POST"]),
    ]
    with serve(Starlette(routes=routes)) as url, Client(url, "x" * 16) as client:
        yield Clerk(client, telephone, HOURS)  # type: ignore[arg-type]


def test_what_the_operator_holds_is_followed_and_what_it_does_not_is_booked_again(
    clerk: Clerk, telephone: Telephone
) -> None:
    assert clerk.look(at("2026-02-12 10:00")) == 2
    assert telephone.found == {THERE: {"held": True, "waybill": "EM1VN"}, NOT_THERE: {"held": False}}


def test_the_next_look_is_in_the_morning_of_the_next_working_day(clerk: Clerk, telephone: Telephone) -> None:
    clerk.look(at("2026-02-13 10:00"))
    assert clerk.look(at("2026-02-16 08:00")) == 0
    assert telephone.looks == 1
    clerk.look(HOURS.next_round(at("2026-02-13 10:00"), at("2026-02-13 08:15").time()))
    assert telephone.looks == 2


def test_what_is_settled_meanwhile_is_no_trouble(clerk: Clerk, telephone: Telephone) -> None:
    telephone.refuses = True
    assert clerk.look(at("2026-02-12 10:00")) == 0
