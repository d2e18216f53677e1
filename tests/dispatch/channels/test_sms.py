"""Texts go to a gateway over real HTTP, to mobiles alone; what it answers decides what becomes of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from config.citizen_channels import SmsChannel, SmsFields
from dispatch.channels.simulator import SmsGatewaySimulator
from dispatch.channels.sms import HttpSms, Sms, body, judge
from dispatch.outbox_rows import Delivery, OutboxMessage
from tests.support.servers import serve

TOKEN = "a-token-nobody-may-see"
SMS = Sms.of("+84912345678", "HS H14-1: đã có kết quả. Tra cứu: tracuu.example.vn")
ID = "H14-1:citizen.result_ready:once@sms"


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[SmsGatewaySimulator, str]]:
    gateway = SmsGatewaySimulator(TOKEN)
    with serve(gateway.app) as url:
        yield gateway, f"{url}/sms"


@pytest.fixture
def gateway(served: tuple[SmsGatewaySimulator, str]) -> SmsGatewaySimulator:
    served[0].taken, served[0].answers, served[0].came = {}, [], 0
    return served[0]


def channel(url: str, **more: Any) -> SmsChannel:
    return SmsChannel(url=url, sender="CAOBANG", **{"token": SecretStr(TOKEN), **more})


def send(channel: SmsChannel, sms: Sms = SMS, timeout: float = 2.0) -> Delivery:
    sender = HttpSms(channel, timeout)
    try:
        return sender.deliver(OutboxMessage(id=ID, payload=sms.to_json()))
    finally:
        sender.close()


def test_a_text_arrives_with_its_marks_and_is_counted(served: Any, gateway: SmsGatewaySimulator) -> None:
    delivery = send(channel(served[1]))
    assert (delivery.delivered, delivery.answer) == (True, "taken: 1 segment of UCS-2")
    (taken,) = gateway.taken.values()
    assert (taken.id, taken.to, taken.text, taken.sender) == (ID, SMS.to, SMS.text, "CAOBANG")
    assert taken.segments == SMS.segments


def test_the_same_text_again_is_taken_once(served: Any, gateway: SmsGatewaySimulator) -> None:
    assert all(send(channel(served[1])).delivered for _ in range(2))
    assert (gateway.came, len(gateway.taken)) == (2, 1)


def test_a_fixed_line_is_not_tried_and_the_reason_is_shown(served: Any, gateway: SmsGatewaySimulator) -> None:
    delivery = send(channel(served[1]), Sms.of("+842063852136", "x"))
    assert (delivery.gone, delivery.about_message, gateway.came) == (True, True, 0)
    assert delivery.answer.startswith("the telephone is no mobile and takes no SMS")


@pytest.mark.parametrize(
    ("status", "gone", "about_message"),
    [(400, True, True), (422, True, True), *((status, False, False) for status in (302, 401, 404, 429, 500, 503))],
)
def test_what_the_gateway_says_decides(
    served: Any, gateway: SmsGatewaySimulator, status: int, gone: bool, about_message: bool
) -> None:
    gateway.answers = [status]
    delivery = send(channel(served[1]))
    assert (delivery.delivered, delivery.gone, delivery.about_message) == (False, gone, about_message)
    assert (delivery.status, delivery.answer) == (status, f"HTTP {status}")


def test_a_wrong_token_is_our_fault_and_not_the_texts(served: Any, gateway: SmsGatewaySimulator) -> None:
    delivery = send(channel(served[1], token=SecretStr("another-token")))
    assert (delivery.status, delivery.gone, gateway.taken) == (401, False, {})


def test_nobody_at_the_address_is_a_failed_delivery(gateway: SmsGatewaySimulator) -> None:
    with serve(gateway.app) as url:
        pass
    delivery = send(channel(f"{url}/sms"))
    assert (delivery.delivered, delivery.gone, delivery.status) == (False, False, None)


@pytest.mark.parametrize(
    ("value", "delivered", "gone"), [("queued", True, False), ("invalid_number", False, True), ("busy", False, False)]
)
def test_a_gateway_that_answers_200_to_everything_says_it_in_a_field(value: str, delivered: bool, gone: bool) -> None:
    own = channel("https://sms.example.vn", answer_field="status", taken=("queued",), refused=("invalid_number",))
    delivery = judge(httpx.Response(200, json={"status": value}), own, SMS, 1)
    assert (delivery.delivered, delivery.gone) == (delivered, gone)
    odd = judge(httpx.Response(200, text="<html>"), own, SMS, 1)
    assert (odd.delivered, odd.gone, odd.status) == (False, False, None)


@pytest.mark.parametrize(("form", "number"), [("e164", "+84912345678"), ("84", "84912345678"), ("0", "0912345678")])
def test_a_gateway_gets_its_own_field_names_and_its_own_form_of_numbers(form: str, number: str) -> None:
    own = channel(
        "https://sms.example.vn",
        number_form=form,
        fields=SmsFields(to="phone", text="content", id="requestId", sender="brandname", coding="encoding"),
        more={"type": "cskh"},
    )
    assert body(SMS, own, ID) == {
        "type": "cskh",
        "phone": number,
        "content": SMS.text,
        "requestId": ID,
        "brandname": "CAOBANG",
        "encoding": "UCS-2",
    }
