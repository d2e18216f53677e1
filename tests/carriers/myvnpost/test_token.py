"""Tokens are fetched once, renewed in time or when refused, and never shown."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
import respx

from carriers.exchange import Call
from carriers.myvnpost.answers import judge
from carriers.myvnpost.token import AccessToken
from carriers.outcomes import Retryable, Unauthorized
from carriers.plugin import Runtime
from carriers.transport import Transport
from carriers.transport_settings import TransportSettings
from tests.carriers.myvnpost import BASE, account, opened
from tests.support.ticker import Ticker

_URL = f"{BASE}/GetAccessToken"


class Gate:
    """An authoriser under test and its clock."""

    def __init__(self) -> None:
        self.ticker = Ticker()
        runtime = Runtime(lambda record: None, timeout=20, patient=False, monotonic=self.ticker)
        self.transport = Transport(account(), TransportSettings(), runtime, frozenset(), judge)
        self.auth = AccessToken(self.transport, Call("POST", _URL, json={}), 3500.0, self.ticker)

    def header(self) -> dict[str, str]:
        return dict(self.auth.headers(self.transport.deadline()))


@pytest.fixture
def service() -> Iterator[respx.Route]:
    with respx.mock(assert_all_called=False) as router:
        route = router.post(_URL)
        count = iter(range(1, 1000))
        route.mock(side_effect=lambda request: _granted(f"token-{next(count)}"))
        yield route


@pytest.fixture
def gate() -> Iterator[Gate]:
    gate = Gate()
    yield gate
    gate.transport.close()


def _granted(token: object) -> httpx.Response:
    return httpx.Response(200, json={"success": True, "errorMessage": None, "token": token})


def test_a_token_is_used_for_as_long_as_the_options_say(service: respx.Route, gate: Gate) -> None:
    assert gate.header() == {"token": "token-1"}
    gate.ticker.pass_(3499)
    assert gate.header() == {"token": "token-1"}
    gate.ticker.pass_(1)
    assert gate.header() == {"token": "token-2"}


def test_many_threads_share_one_request(service: respx.Route, gate: Gate) -> None:
    with ThreadPoolExecutor(8) as threads:
        headers = [*threads.map(lambda _: gate.header(), range(40))]
    assert headers == [{"token": "token-1"}] * 40
    assert service.call_count == 1


def test_many_threads_that_are_refused_together_renew_once(service: respx.Route, gate: Gate) -> None:
    refused = gate.header()

    def renew(_: int) -> dict[str, str]:
        assert gate.auth.discard(refused)
        return gate.header()

    with ThreadPoolExecutor(8) as threads:
        assert {tuple(header.items()) for header in threads.map(renew, range(40))} == {(("token", "token-2"),)}
    assert service.call_count == 2


def test_the_request_says_who_we_are(service: respx.Route) -> None:
    with opened() as (carrier, records):
        carrier._auth.headers(carrier._transport.deadline())
    sent = json.loads(service.calls.last.request.content)
    assert sent == {
        "username": "user-of-the-simulator",
        "password": "password-of-the-simulator",
        "customerCode": "C14000123",
    }
    assert not any(secret in repr(records) for secret in (sent["username"], sent["password"], "token-1"))


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, json={"success": False, "errorMessage": "Sai mật khẩu"}),
        httpx.Response(400, json={"errorMessage": "Sai mật khẩu"}),
    ],
)
def test_a_refused_login_is_a_matter_for_a_person(service: respx.Route, gate: Gate, answer: httpx.Response) -> None:
    service.mock(return_value=answer)
    with pytest.raises(Unauthorized, match=r"gives no token: Sai mật khẩu\. Correct"):
        gate.header()
    assert service.call_count == 1


@pytest.mark.parametrize("status", [401, 403])
def test_a_login_refused_by_http_is_one_too(service: respx.Route, gate: Gate, status: int) -> None:
    service.mock(return_value=httpx.Response(status))
    with pytest.raises(Unauthorized):
        gate.header()


@pytest.mark.parametrize("token", [None, "", "a\nb", "mã", 7])
def test_an_answer_without_a_usable_token_harms_nothing(service: respx.Route, gate: Gate, token: object) -> None:
    service.mock(return_value=_granted(token))
    with pytest.raises(Retryable, match="holds no token"):
        gate.header()


def test_a_service_that_stumbles_is_asked_again(service: respx.Route, gate: Gate) -> None:
    service.mock(side_effect=[httpx.Response(503), httpx.ReadTimeout("slow"), _granted("late")])
    assert gate.header() == {"token": "late"}
