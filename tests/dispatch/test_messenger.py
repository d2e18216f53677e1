"""What receivers see, over real HTTP; signatures are verified with the library that they would use."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pydantic import SecretStr
from standardwebhooks import Webhook, WebhookVerificationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from config.accounts import Accounts, MessageGateway, OneStopSystem
from config.settings import Settings
from dispatch.messenger import CITIZEN, Messenger
from dispatch.outbox import Delivery, OutboxMessage
from tests.support.desk import signing_secret
from tests.support.servers import serve

_SECRET, _GATEWAY_SECRET = signing_secret("c"), signing_secret("g")


@dataclass
class Receiver:
    """Somebody who writes down what comes and answers as it was told to."""

    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    came: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    async def take(self, request: Request) -> Response:
        self.came.append((request.url.path, dict(request.headers), await request.body()))
        return Response(self.body, self.status, self.headers)


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Receiver, str]]:
    receiver = Receiver()
    with serve(Starlette(routes=[Route("/{path:path}", receiver.take, methods=["POST"])])) as url:
        yield receiver, url


@pytest.fixture
def receiver(served: tuple[Receiver, str]) -> Receiver:
    served[0].status, served[0].headers, served[0].body, served[0].came = 204, {}, "", []
    return served[0]


@contextmanager
def _messenger(url: str, folder: Path) -> Iterator[Messenger]:
    onestop = OneStopSystem(
        id="igate",
        source_systems=("igate", "dvcqg"),
        callback_url=f"{url}/callbacks",
        signing_secret=SecretStr(_SECRET),
    )
    gateway = MessageGateway(url=f"{url}/messages", signing_secret=SecretStr(_GATEWAY_SECRET))
    settings = Settings(home=folder, call_timeout=1.0, lease_seconds=5.0)
    messenger = Messenger(Accounts(onestops=(onestop,), message_gateway=gateway), settings)
    yield messenger
    messenger.close()


@pytest.fixture
def messenger(served: tuple[Receiver, str], tmp_path: Path) -> Iterator[Messenger]:
    with _messenger(served[1], tmp_path) as messenger:
        yield messenger


def _message(destination: str = "onestop:igate") -> OutboxMessage:
    return OutboxMessage(id="H14:postal.order_booked:1", destination=destination, payload='{"tên": "Bế Đức Hiếu"}')


def test_the_signature_verifies_and_the_id_is_the_messages_own(receiver: Receiver, messenger: Messenger) -> None:
    assert messenger.send(_message()).delivered
    ((path, headers, body),) = receiver.came
    assert Webhook(_SECRET).verify(body, headers) == {"tên": "Bế Đức Hiếu"}
    assert (path, headers["webhook-id"]) == ("/callbacks", "H14:postal.order_booked:1")
    assert headers["content-type"] == "application/cloudevents+json; charset=utf-8"


def test_a_forged_body_or_another_secret_does_not_verify(receiver: Receiver, messenger: Messenger) -> None:
    messenger.send(_message())
    ((_, headers, body),) = receiver.came
    for secret, forged in ((_SECRET, body + b" "), (_GATEWAY_SECRET, body)):
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(forged, headers)


def test_every_attempt_has_the_same_id_and_is_signed_at_its_own_real_time(
    receiver: Receiver, messenger: Messenger
) -> None:
    before = int(time.time())
    for _ in range(2):
        messenger.send(_message())
    assert len({headers["webhook-id"] for _, headers, _ in receiver.came}) == 1
    assert all(before <= int(headers["webhook-timestamp"]) <= time.time() for _, headers, _ in receiver.came)


def test_messages_to_citizens_go_to_the_gateway_under_its_own_secret(receiver: Receiver, messenger: Messenger) -> None:
    assert messenger.send(_message(CITIZEN)).delivered
    ((path, headers, body),) = receiver.came
    assert path == "/messages"
    Webhook(_GATEWAY_SECRET).verify(body, headers)


def test_a_message_to_a_source_system_finds_the_one_stop_that_has_taken_it_over(
    receiver: Receiver, messenger: Messenger
) -> None:
    assert messenger.send(_message("onestop:dvcqg")).delivered


@pytest.mark.parametrize(
    ("status", "headers", "delivered", "gone", "pause"),
    [
        (200, {}, True, False, None),
        (302, {"location": "/elsewhere"}, False, False, None),
        (401, {}, False, False, None),
        (410, {}, False, True, None),
        (429, {"retry-after": "120"}, False, False, 120.0),
        (503, {"retry-after": "soon"}, False, False, None),
    ],
)
def test_the_answer_decides_what_becomes_of_the_message(
    receiver: Receiver,
    messenger: Messenger,
    status: int,
    headers: dict[str, str],
    delivered: bool,
    gone: bool,
    pause: float | None,
) -> None:
    receiver.status, receiver.headers = status, headers
    delivery = messenger.send(_message())
    assert (delivery.delivered, delivery.gone, delivery.retry_after) == (delivered, gone, pause)
    assert (delivery.status, delivery.answer) == (status, f"HTTP {status}")
    assert len(receiver.came) == 1


def test_a_receiver_that_cannot_be_reached_is_a_failed_delivery(tmp_path: Path) -> None:
    with serve(Starlette()) as url:
        pass
    with _messenger(url, tmp_path) as messenger:
        delivery = messenger.send(_message())
    assert (delivery.delivered, delivery.status) == (False, None)
    assert delivery.answer.startswith("ConnectError")


@pytest.mark.parametrize("destination", ["onestop:unheard-of", CITIZEN])
def test_a_receiver_that_is_not_configured_is_a_failed_delivery_that_says_so(tmp_path: Path, destination: str) -> None:
    messenger = Messenger(Accounts(), Settings(home=tmp_path))
    expected = Delivery(False, None, f"no receiver is configured for '{destination}'", 0)
    assert messenger.send(_message(destination)) == expected
    messenger.close()


def test_a_log_in_page_in_front_of_the_receiver_is_no_delivery(receiver: Receiver, messenger: Messenger) -> None:
    receiver.status, receiver.headers = 200, {"content-type": "text/html; charset=utf-8"}
    receiver.body = "\n<!doctype html><title>Đăng nhập</title>"
    delivery = messenger.send(_message())
    assert not delivery.delivered
    assert "page instead of an answer" in delivery.answer


def test_a_plain_ok_that_calls_itself_html_is_a_delivery(receiver: Receiver, messenger: Messenger) -> None:
    receiver.status, receiver.headers, receiver.body = 200, {"content-type": "text/html; charset=utf-8"}, "ok"
    assert messenger.send(_message()).delivered
