"""The simulated EMS keeps its books, and its webhooks come again until they are answered rightly."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from carriers.contract import OrderRef, TrackingEvent
from carriers.ems.client import EmsCarrier
from carriers.ems.simulator import EmsOperator
from carriers.outcomes import Rejected
from carriers.simulation import Fault, FaultRule
from carriers.states import ShipmentState
from carriers.webhooks import Verdict, WebhookReply, WebhookRequest
from tests.carriers.ems import merchant
from tests.support import ngsp
from tests.support.servers import serve


@dataclass
class Receiver:
    """Our address for webhooks, small: reads, keeps once by id, and answers, unless ``answers`` says otherwise."""

    carrier: EmsCarrier
    kept: dict[str, Any] = field(default_factory=dict)
    seen: list[Verdict] = field(default_factory=list)
    answers: list[WebhookReply] = field(default_factory=list)
    busy: int = 0

    async def take(self, request: Request) -> Response:
        delivery = WebhookRequest(
            dict(request.headers),
            await request.body(),
            request.path_params["secret"],
            request.client.host if request.client else "",
            ngsp.NOW,
        )
        reading = self.carrier.read_webhook(delivery)
        verdict = Verdict.BUSY if len(self.seen) < self.busy else reading.verdict
        self.seen.append(verdict)
        if verdict is Verdict.TAKEN:
            self.kept |= {document.id: document.raw for document in reading.documents if document.id not in self.kept}
        reply = self.answers.pop(0) if self.answers else self.carrier.answer_webhook(delivery, verdict)
        return Response(reply.body, reply.status, media_type=reply.media_type)

    def events(self) -> list[TrackingEvent]:
        """Return what was kept, in the order in which it came."""
        results = self.carrier.normalise(list(self.kept.values()))
        return [result for result in results if isinstance(result, TrackingEvent)]


@contextmanager
def _registered(operator: EmsOperator, **how: Any) -> Iterator[tuple[merchant.Connection, Receiver]]:
    with merchant.connection(operator) as office:
        receiver = Receiver(office.carrier, **how)
        app = Starlette(routes=[Route("/webhooks/ems/ems-caobang/{secret}", receiver.take, methods=["POST"])])
        with serve(app) as base_url:
            operator.send_webhooks_to(f"{base_url}/webhooks/ems/ems-caobang/{merchant.PATH_SECRET}")
            yield office, receiver
            # Before our address goes away: a sender that still talks to it would only fail.
            assert operator.webhooks is not None
            operator.webhooks.close()


def _settle(operator: EmsOperator) -> None:
    assert operator.webhooks is not None
    assert operator.webhooks.settle()


@pytest.mark.parametrize("interface", ["v1", "v2"])
def test_every_event_is_told_once_in_the_words_of_either_interface(interface: str) -> None:
    with _registered(merchant.new_operator(interface=interface)) as (office, receiver):
        order = OrderRef("H14-1-S1", office.carrier.book(ngsp.order("H14-1-S1")).waybill)
        office.operator.report("H14-1-S1", ShipmentState.OUT_FOR_DELIVERY, ngsp.NOW + timedelta(hours=5))
        _settle(office.operator)
        asked = office.carrier.normalise([item.raw for item in office.carrier.track([order])])
        assert [event.code for event in receiver.events()] == ["1", "11000"]
        assert [event.key for event in receiver.events()] == [getattr(event, "key", None) for event in asked]
        assert ("status_code" if interface == "v1" else "StatusCode") in next(iter(receiver.kept.values()))


def test_a_busy_receiver_is_told_again() -> None:
    with _registered(merchant.new_operator(), busy=2) as (office, receiver):
        office.carrier.book(ngsp.order("H14-1-S1"))
        _settle(office.operator)
        assert receiver.seen == [Verdict.BUSY, Verdict.BUSY, Verdict.TAKEN]
        assert len(receiver.kept) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        b'{"code":"success","transaction":"of another message"}',
        b'{"code":"success"}',
        b'{"code":"error","transaction":"TRANSACTION"}',
        b"OK",
    ],
)
def test_an_answer_without_the_echo_makes_the_message_come_again(wrong: bytes) -> None:
    operator = merchant.new_operator()
    event_id = operator.push_event("H14-1-S1", "4", ngsp.NOW)
    with _registered(operator, answers=[WebhookReply(200, wrong)]) as (office, receiver):
        _settle(office.operator)
        assert (event_id, receiver.seen, len(receiver.kept)) == (1, [Verdict.TAKEN] * 2, 1)
        assert operator.webhooks is not None
        assert operator.webhooks.answers[0][2] == wrong


def test_the_right_words_with_another_status_than_200_do_not_satisfy() -> None:
    operator = merchant.new_operator()
    operator.push_event("H14-1-S1", "4", ngsp.NOW)
    (event,) = operator.books.untold()
    transaction = operator.delivery(event, "http://127.0.0.1/x").headers["ems-transaction"]
    body = f'{{"code":"success","transaction":"{transaction}"}}'.encode()
    assert [operator.satisfied(event, httpx.Response(status, content=body)) for status in (200, 202)] == [True, False]
    operator.close()


def test_messages_may_come_twice_and_in_any_order_and_their_times_tell_the_truth() -> None:
    operator = merchant.new_operator(seed=7)
    for hour in range(12):
        operator.push_event("H14-1-S1", "4", ngsp.NOW + timedelta(hours=hour))
    operator.faults.replace(
        [FaultRule(fault=Fault.OUT_OF_ORDER), FaultRule(fault=Fault.DUPLICATE_EVENTS, operation="webhook")]
    )
    with _registered(operator) as (_, receiver):
        _settle(operator)
        times = [event.event_time for event in receiver.events()]
        assert len(receiver.seen) == 24
        assert sorted(times) == [ngsp.NOW + timedelta(hours=hour) for hour in range(12)]
        assert times != sorted(times)


def test_a_stranger_with_the_same_news_lacks_the_end_of_the_address() -> None:
    operator = merchant.new_operator()
    operator.faults.replace([FaultRule(fault=Fault.FORGED_WEBHOOK, times=1)])
    with _registered(operator) as (office, receiver):
        office.carrier.book(ngsp.order("H14-1-S1"))
        _settle(operator)
        assert receiver.seen == [Verdict.FORGED, Verdict.TAKEN]


def test_the_same_seed_gives_a_message_the_same_number() -> None:
    first, again, other = (merchant.new_operator(seed=seed) for seed in (1, 1, 2))
    numbers = []
    for operator in (first, again, other):
        operator.push_event("H14-1-S1", "4", ngsp.NOW)
        (event,) = operator.books.untold()
        numbers.append(operator.delivery(event, "http://127.0.0.1/x").headers["ems-transaction"])
        operator.close()
    assert numbers[0] == numbers[1] != numbers[2]


def test_the_books_and_the_numbers_of_messages_survive_a_restart(tmp_path: Path) -> None:
    books = tmp_path / "operator.db"
    with merchant.connection(merchant.new_operator(database=books)) as office:
        waybill = office.carrier.book(ngsp.order("H14-1-S1")).waybill
        before = office.operator.delivery(office.operator.books.untold()[0], "http://127.0.0.1/x")
    with merchant.connection(merchant.new_operator(database=books)) as office:
        assert len(office.carrier.track([OrderRef("H14-1-S1", waybill)])) == 1
        assert office.operator.delivery(office.operator.books.untold()[0], "http://127.0.0.1/x") == before


def test_a_number_that_is_booked_twice_makes_two_orders_unless_that_is_switched_off() -> None:
    with merchant.connection(merchant.new_operator()) as office:
        waybills = {office.carrier.book(ngsp.order("H14-1-S1")).waybill for _ in range(2)}
        (books,) = office.operator.orders()
        assert (len(waybills), books["live"], books["create_calls"]) == (2, 2, 2)
    with merchant.connection(merchant.new_operator(refuses_duplicates=True)) as office:
        office.carrier.book(ngsp.order("H14-1-S1"))
        with pytest.raises(Rejected, match="đã tồn tại"):
            office.carrier.book(ngsp.order("H14-1-S1"))


@pytest.mark.parametrize("query", ["", "?merchant_token=", "?merchant_token=wrong"])
def test_a_caller_without_the_token_is_refused_with_http_200(query: str) -> None:
    with merchant.connection(merchant.new_operator()) as office:
        for method, path in (
            ("POST", "/orders/create-v2"),
            ("GET", "/orders/tracking/x"),
            ("GET", "/config/service"),
        ):
            answer = httpx.request(method, f"{office.base_url}/api/v1{path}{query}")
            assert (answer.status_code, answer.json()["code"]) == (200, "error")
        assert office.operator.orders() == []


@pytest.mark.parametrize("body", [b"", b"[", b"[]", b'{"order_code": "H14-1-S1"}'])
def test_an_order_that_is_none_is_refused_with_http_200(body: bytes) -> None:
    with merchant.connection(merchant.new_operator()) as office:
        url = f"{office.base_url}/api/v1/orders/create-v2"
        answer = httpx.post(url, params={"merchant_token": merchant.MERCHANT.token}, content=body)
        assert (answer.status_code, answer.json()["code"]) == (200, "error")


def test_a_weight_that_is_no_number_is_refused() -> None:
    operator = merchant.new_operator()
    fields = dict.fromkeys(("order_code", "product_name", "service", "from_name", "from_phone", "from_province"), "x")
    fields |= dict.fromkeys(("from_address", "to_name", "to_phone", "to_province", "to_address"), "x")
    assert operator.create({**fields, "total_weight": "heavy"})["code"] == "error"
    assert operator.create({**fields, "total_weight": 200})["code"] == "success"
    operator.close()


def test_a_webhook_says_weight_and_postage_of_its_order() -> None:
    with merchant.connection(merchant.new_operator()) as office:
        office.carrier.book(ngsp.order("H14-1-S1", weight_grams=250, cod_vnd=20_000))
        (event,) = office.operator.books.untold()
        body = json.loads(office.operator.delivery(event, "http://127.0.0.1/x").body)
    assert (body["total_weight"], body["money_collect"], body["total_fee"]) == (250, 20_000, 36_000)
    assert body["datetime"] == "02/03/2026 08:30:00"
