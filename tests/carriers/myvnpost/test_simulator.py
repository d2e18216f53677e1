"""The simulated operator keeps its books, says no as the real one does, and really sends its webhooks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from carriers.contract import TrackingEvent
from carriers.myvnpost.client import MyVnPostCarrier
from carriers.simulation import Fault, FaultRule
from carriers.webhooks import Verdict, WebhookReading, WebhookRequest
from config.clock import wall_now
from tests.carriers.myvnpost import Connection, connection, new_operator
from tests.support import ngsp
from tests.support.servers import serve


@pytest.fixture
def office() -> Iterator[Connection]:
    with connection(new_operator()) as connected:
        yield connected


def _call(office: Connection, method: str, path: str, **more: Any) -> httpx.Response:
    login = {"username": "user-of-the-simulator", "password": "password-of-the-simulator", "customerCode": "C14000123"}
    token = httpx.post(f"{office.base_url}/GetAccessToken", json=login).json()["token"]
    return httpx.request(method, f"{office.base_url}/{path}", headers={"token": token}, **more)


def test_the_books_survive_a_restart(tmp_path: Path) -> None:
    books = tmp_path / "operator.db"
    with connection(new_operator(database=books)) as office:
        order = office.booked("H14-1-S1")
    with connection(new_operator(database=books)) as office:
        found = office.carrier.find("H14-1-S1")
        assert found is not None
        assert (found.waybill, found.operator_id) == (order.waybill, order.operator_id)
        assert len(office.carrier.track([order])) == 1


@pytest.mark.parametrize("token", ["", "made-up", "Bearer x"])
def test_a_call_without_a_good_token_is_refused(office: Connection, token: str) -> None:
    answer = httpx.get(f"{office.base_url}/getOrder?type=1&code=x", headers={"token": token})
    assert answer.status_code == 403


def test_a_token_ends() -> None:
    with connection(new_operator(token_seconds=0.0, expired_status=401)) as office:
        assert _call(office, "GET", "getOrder?type=1&code=x").status_code == 401


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"senderDistrictCode": "040"}, "phải truyền VNPOST"),
        ({"receiverDistrictCode": None}, "phải truyền VNPOST"),
        ({"weight": 200}, "Khối lượng không hợp lệ"),
        ({"weight": "nặng"}, "Khối lượng không hợp lệ"),
        ({"serviceCode": ""}, "Thiếu thông tin: serviceCode"),
        ({"saleOrderCode": None}, "Thiếu thông tin: saleOrderCode"),
    ],
)
def test_an_order_that_is_not_as_it_must_be_is_refused_with_http_200(
    office: Connection, change: dict[str, Any], words: str
) -> None:
    body = office.carrier._wire.order(ngsp.order("H14-1-S1")).json
    body["informationOrder"].update(change)
    answer = _call(office, "POST", "CreateOrder", json=body)
    assert answer.status_code == 200
    assert answer.json()["success"] is False
    assert words in answer.json()["errorMessage"]


@pytest.mark.parametrize("change", [{"customerCode": "C99"}, {"orderCreationStatus": 0}, {"type": "NHAN"}])
def test_an_order_of_somebody_else_or_another_kind_is_refused(office: Connection, change: dict[str, Any]) -> None:
    body = {**office.carrier._wire.order(ngsp.order("H14-1-S1")).json, **change}
    assert _call(office, "POST", "CreateOrder", json=body).json()["success"] is False


@pytest.mark.parametrize("body", [b"", b"[", b"7", b'{"informationOrder": 7}', b'{"data": 7}'])
@pytest.mark.parametrize(
    "path", ["CreateOrder", "orderCancel", "orderCorrection", "ServicesCharge", "exportListReport"]
)
def test_nonsense_is_answered(office: Connection, path: str, body: bytes) -> None:
    assert _call(office, "POST", path, content=body).status_code in (200, 400)


@pytest.mark.parametrize("query", ["", "?lastUpdateFrom=2026-03-02&lastUpdateTo=02-03-2026&page=0&size=5"])
def test_a_list_without_its_days_is_refused(office: Connection, query: str) -> None:
    assert _call(office, "GET", f"GetListOrder{query}").status_code == 400


def test_the_list_has_pages_and_days() -> None:
    with connection(new_operator()) as office:
        for number in range(3):
            office.booked(f"H14-{number}-S1")
        office.operator.push_event("H14-0-S1", 6, ngsp.NOW + timedelta(days=2))
        day = "lastUpdateFrom=02-03-2026&lastUpdateTo=02-03-2026"
        first, second = (_call(office, "GET", f"GetListOrder?{day}&size=1&page={page}").json() for page in (0, 1))
        assert [row["saleOrderCode"] for row in first + second] == ["H14-1-S1", "H14-2-S1"]
        assert _call(office, "GET", f"GetListOrder?{day}&size=1&page=2").json() == []


def test_a_correction_needs_the_literal_district(office: Connection) -> None:
    order = office.booked("H14-1-S1")
    body = {"OriginalId": order.operator_id, "Receiver": {"District": "040"}}
    assert _call(office, "POST", "orderCorrection", json=body).json()["type"] == "01"


def test_the_hour_of_an_event_comes_under_both_names(office: Connection) -> None:
    order = office.booked("H14-1-S1")
    office.operator.push_event("H14-1-S1", 6, ngsp.NOW)
    entries = [item.raw["statusHistory"][0] for item in office.carrier.track([order])]
    assert [sorted(entry.keys() & {"createHour", "createdHour"}) for entry in entries] == [
        ["createHour"],
        ["createdHour"],
    ]


# --- webhooks, really sent ---


class Desk:
    """The customer's side: reads each delivery with the connector and answers in its words."""

    def __init__(self) -> None:
        self.carrier: MyVnPostCarrier | None = None
        self.verdicts: list[Verdict] = []
        self.readings: list[WebhookReading] = []
        self.busy = 0

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/hook", self._take, methods=["POST"])])

    async def _take(self, request: Request) -> Response:
        assert self.carrier is not None
        delivery = WebhookRequest(dict(request.headers), await request.body(), "", "192.0.2.1", wall_now())
        reading = self.carrier.read_webhook(delivery)
        verdict = reading.verdict
        if self.busy:
            self.busy, verdict = self.busy - 1, Verdict.BUSY
        self.verdicts.append(verdict)
        self.readings.append(reading)
        reply = self.carrier.answer_webhook(delivery, verdict)
        return Response(reply.body, reply.status, media_type=reply.media_type)

    def told(self) -> list[tuple[str | None, str, bool]]:
        """Return item, code and whether it counts, of all that was taken."""
        assert self.carrier is not None
        return [
            (event.waybill, event.code, document.confirmed)
            for reading, verdict in zip(self.readings, self.verdicts, strict=True)
            if verdict is Verdict.TAKEN
            for document in reading.documents
            for event in self.carrier.normalise(document.raw)
            if isinstance(event, TrackingEvent)
        ]


@pytest.fixture
def desk() -> Desk:
    return Desk()


def _heard(desk: Desk, *faults: FaultRule, webhooks: dict[str, Any] | None = None, **more: Any) -> list[str]:
    """Let two orders be booked and collected, their webhooks arrive at ``desk``; returns the items."""
    operator = new_operator(now=wall_now, **more)
    with connection(operator, webhooks=webhooks or {}) as office, serve(desk.app()) as address:
        desk.carrier = office.carrier
        orders = [office.booked(number) for number in ("H14-1-S1", "H14-2-S1")]
        for order in orders:
            operator.push_event(order.order_number, 6, wall_now())
        operator.faults.replace(faults)
        operator.send_webhooks_to(f"{address}/hook")
        assert operator.webhooks is not None
        assert operator.webhooks.settle()
    return [order.waybill or "" for order in orders]


@pytest.mark.parametrize(("scheme", "read"), [("sign", "verify"), ("encrypt", "decrypt"), ("sign", "either")])
def test_every_event_is_told_once_with_its_proof(desk: Desk, scheme: str, read: str) -> None:
    first, second = _heard(desk, scheme=scheme, webhooks={"signature": read})
    sure = scheme == "sign"
    assert desk.told() == [(first, "1", sure), (second, "1", sure), (first, "6", sure), (second, "6", sure)]


def test_a_delivery_is_repeated_until_it_is_answered_rightly(desk: Desk) -> None:
    desk.busy = 2
    _heard(desk)
    assert desk.verdicts.count(Verdict.BUSY) == 2
    assert desk.verdicts.count(Verdict.TAKEN) == 4


def test_a_batch_is_one_proof_and_many_hints(desk: Desk) -> None:
    first, second = _heard(desk, batch=3)
    sure = [(item, code) for item, code, confirmed in desk.told() if confirmed]
    hints = [(item, code) for item, code, confirmed in desk.told() if not confirmed]
    assert sure == [(first, "1"), (second, "1"), (first, "6"), (second, "6")]
    assert hints[:2] == [(second, "1"), (first, "6")]


def test_a_forger_is_sent_away_and_the_genuine_news_comes_after_him(desk: Desk) -> None:
    _heard(desk, FaultRule(fault=Fault.FORGED_WEBHOOK, operation="webhook", times=1))
    assert desk.verdicts == [Verdict.FORGED] + [Verdict.TAKEN] * 4


def test_news_may_come_twice_or_not_at_all(desk: Desk) -> None:
    _heard(
        desk,
        FaultRule(fault=Fault.DUPLICATE_EVENTS, operation="webhook", order="H14-1", times=1),
        FaultRule(fault=Fault.LOST_WEBHOOK, operation="webhook", order="H14-2"),
    )
    ids = [document.id for reading in desk.readings for document in reading.documents]
    assert (len(ids), len(set(ids))) == (3, 2)


@pytest.mark.parametrize(
    ("status", "body", "satisfied"),
    [
        (200, b'{"success": true}', True),
        (200, b'{"success": false}', False),
        (200, b"OK", False),
        (200, b"[]", False),
        (401, b'{"success": true}', False),
    ],
)
def test_the_operator_wants_its_own_answer(office: Connection, status: int, body: bytes, satisfied: bool) -> None:
    office.booked("H14-1-S1")
    (event,) = office.operator.books.untold()
    assert office.operator.satisfied(event, httpx.Response(status, content=body)) is satisfied


def test_news_about_an_order_that_nobody_made_is_not_told(office: Connection) -> None:
    office.operator.push_event("H14-9-S1", 6, ngsp.NOW)
    (event,) = office.operator.books.untold()
    assert office.operator.delivery(event, "https://desk.example/hook") is None


def test_a_delivery_looks_as_the_samples_do(office: Connection) -> None:
    office.booked("H14-1-S1")
    (event,) = office.operator.books.untold()
    delivery = office.operator.delivery(event, "https://desk.example/hook")
    assert delivery is not None
    samples = json.loads(Path(__file__).with_name("data").joinpath("webhooks.json").read_text(encoding="utf-8"))
    sent = json.loads(delivery.body)
    assert sent.keys() == samples[0].keys()
    assert sent["data"][0].keys() == samples[0]["data"][0].keys()
