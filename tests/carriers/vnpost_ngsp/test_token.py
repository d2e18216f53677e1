"""Tokens are fetched once, renewed in time, and never shown."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
import respx

from carriers.outcomes import Retryable, Unauthorized
from carriers.plugin import Runtime
from carriers.transport import Authoriser, Transport
from carriers.transport_settings import TransportSettings
from carriers.vnpost_ngsp.dialects import Variant
from carriers.vnpost_ngsp.settings import NgspSettings
from carriers.vnpost_ngsp.simulator import account_options
from carriers.vnpost_ngsp.token import make_authoriser
from tests.support import ngsp
from tests.support.ticker import Ticker

_BASE = "https://lgsp.example"
_LATER = float("inf")


class Gate:
    """An authoriser under test, its clock and its transport."""

    def __init__(self, variant: Variant = Variant.NGSP_DIRECT, **options: Any) -> None:
        self.ticker = Ticker()
        account = ngsp.account(account_options(_BASE, variant))
        settings = NgspSettings.model_validate({**account.options, **options})
        runtime = Runtime(lambda record: None, timeout=20, patient=False, monotonic=self.ticker)
        self.transport = Transport(account, TransportSettings(), runtime, frozenset())
        self.auth: Authoriser = make_authoriser(settings, account, self.transport, self.ticker)

    def header(self) -> str:
        return self.auth.headers(self.transport.deadline())["Authorization"]


@pytest.fixture
def service() -> Iterator[respx.Route]:
    with respx.mock(assert_all_called=False) as router:
        route = router.post(url__startswith=f"{_BASE}/token")
        count = iter(range(1, 1000))
        route.mock(side_effect=lambda request: _granted(f"token-{next(count)}"))
        yield route


def _granted(token: str, expires_in: object = 3600) -> httpx.Response:
    return httpx.Response(200, json={"access_token": token, "token_type": "Bearer", "expires_in": expires_in})


@pytest.fixture
def gate() -> Iterator[Gate]:
    gate = Gate()
    yield gate
    gate.transport.close()


def test_a_token_is_used_until_shortly_before_its_end(service: respx.Route, gate: Gate) -> None:
    assert gate.header() == "Bearer token-1"
    gate.ticker.pass_(3539)
    assert gate.header() == "Bearer token-1"
    gate.ticker.pass_(1)
    assert gate.header() == "Bearer token-2"


def test_a_short_token_is_not_asked_for_on_every_call(service: respx.Route, gate: Gate) -> None:
    service.mock(return_value=_granted("short", 20))
    for _ in range(3):
        gate.header()
        gate.ticker.pass_(5)
    assert service.call_count == 1


def test_a_lifetime_may_be_given_in_milliseconds_and_as_text(service: respx.Route) -> None:
    service.mock(return_value=_granted("t", "3600000"))
    gate = Gate(expires_in_unit="ms")
    gate.header()
    gate.ticker.pass_(3540)
    gate.header()
    assert service.call_count == 2
    gate.transport.close()


def test_a_token_without_a_lifetime_is_used_until_it_is_refused(service: respx.Route, gate: Gate) -> None:
    service.mock(return_value=_granted("t", None))
    gate.header()
    gate.ticker.pass_(10**7)
    gate.header()
    assert service.call_count == 1


def test_many_threads_share_one_request(service: respx.Route, gate: Gate) -> None:
    with ThreadPoolExecutor(8) as threads:
        headers = set(threads.map(lambda _: gate.header(), range(40)))
    assert headers == {"Bearer token-1"}
    assert service.call_count == 1


def test_many_threads_that_are_refused_together_renew_once(service: respx.Route, gate: Gate) -> None:
    refused = gate.auth.headers(_LATER)

    def renew(_: int) -> str:
        assert gate.auth.discard(refused)
        return gate.header()

    with ThreadPoolExecutor(8) as threads:
        headers = set(threads.map(renew, range(40)))
    assert headers == {"Bearer token-2"}
    assert service.call_count == 2


def test_the_request_proves_who_we_are_with_the_key_pair(service: respx.Route, gate: Gate) -> None:
    gate.header()
    request = service.calls.last.request
    assert httpx.BasicAuth(ngsp.CLIENT.key, ngsp.CLIENT.secret)._auth_header == request.headers["authorization"]
    assert parse_qs(request.content.decode()) == {"grant_type": ["client_credentials"]}


def test_some_gateways_want_the_grant_in_the_query(service: respx.Route) -> None:
    gate = Gate(grant_in="query")
    gate.header()
    request = service.calls.last.request
    assert (request.url.params["grant_type"], request.content) == ("client_credentials", b"")
    gate.transport.close()


def test_some_gateways_want_a_key_instead_of_a_pair(service: respx.Route) -> None:
    gate = Gate(Variant.KEY_TOKEN)
    gate.header()
    request = service.calls.last.request
    assert parse_qs(request.content.decode())["keyToken"] == [ngsp.CLIENT.secret]
    assert "authorization" not in request.headers
    gate.transport.close()


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_refused_key_is_a_matter_for_a_person(service: respx.Route, gate: Gate, status: int) -> None:
    service.mock(return_value=httpx.Response(status, json={"error": "invalid_client"}))
    with pytest.raises(Unauthorized, match="correct the account's secrets"):
        gate.header()
    assert service.call_count == 1


@pytest.mark.parametrize("body", [{}, [], {"access_token": None}, {"access_token": ""}, {"access_token": "a\nb"}])
def test_an_answer_without_a_usable_token_harms_nothing(service: respx.Route, gate: Gate, body: object) -> None:
    service.mock(return_value=httpx.Response(200, json=body))
    with pytest.raises(Retryable, match="holds no token"):
        gate.header()


def test_a_token_service_that_stumbles_is_asked_again(service: respx.Route, gate: Gate) -> None:
    service.mock(side_effect=[httpx.Response(503), httpx.ReadTimeout("slow"), _granted("late")])
    assert gate.header() == "Bearer late"


def test_a_fixed_token_is_sent_as_the_adapter_wants_it_and_cannot_be_renewed() -> None:
    gate = Gate(Variant.STATIC_TOKEN)
    assert gate.auth.headers(_LATER) == {"access_token": ngsp.CLIENT.secret}
    assert not gate.auth.discard({})
    gate.transport.close()
