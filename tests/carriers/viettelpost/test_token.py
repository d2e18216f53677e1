"""The long token is bought with the short one, once, and renewed when it is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
import respx

from carriers.outcomes import Retryable, Unauthorized
from carriers.plugin import Runtime
from carriers.transport import Transport
from carriers.transport_settings import TransportSettings
from carriers.viettelpost.answers import judge
from carriers.viettelpost.orders import Wire
from carriers.viettelpost.settings import ViettelPostSettings
from carriers.viettelpost.token import OwnerToken
from tests.carriers.viettelpost.office import BASE, account

_LATER = float("inf")


def _granted(token: str) -> httpx.Response:
    return httpx.Response(200, json={"status": 200, "error": False, "message": "OK", "data": {"token": token}})


def _refused(message: str, http_status: int = 200) -> httpx.Response:
    body = {"status": 204, "error": True, "message": message, "data": None}
    return httpx.Response(http_status, json=body)


class Gate:
    """An authoriser under test and the two calls it makes."""

    def __init__(self, router: respx.MockRouter) -> None:
        self.login = router.post(f"{BASE}/v2/user/Login").mock(return_value=_granted("short"))
        self.connect = router.post(f"{BASE}/v2/user/ownerconnect")
        tokens = (f"long-{number}" for number in range(1, 1000))
        self.connect.mock(side_effect=lambda request: _granted(next(tokens)))
        runtime = Runtime(lambda record: None, timeout=20, patient=False)
        self.transport = Transport(account(), TransportSettings(), runtime, frozenset(), judge)
        wire = Wire(ViettelPostSettings(base_url=BASE, order_service="VCN"))
        login = ("0912000111", "password")
        self.auth = OwnerToken(self.transport, wire.login(*login), wire.connect(*login), runtime.monotonic)

    def header(self) -> str:
        return self.auth.headers(self.transport.deadline())["Token"]


@pytest.fixture
def gate() -> Iterator[Gate]:
    with respx.mock(assert_all_called=False) as router:
        gate = Gate(router)
        yield gate
        gate.transport.close()


def test_the_short_token_buys_the_long_one_with_the_same_credentials(gate: Gate) -> None:
    assert gate.header() == "long-1"
    credentials: Any = {"USERNAME": "0912000111", "PASSWORD": "password"}
    assert json.loads(gate.login.calls.last.request.content) == credentials
    assert "token" not in gate.login.calls.last.request.headers
    assert json.loads(gate.connect.calls.last.request.content) == credentials
    assert gate.connect.calls.last.request.headers["token"] == "short"


def test_the_long_token_is_kept_until_it_is_refused(gate: Gate) -> None:
    assert [gate.header(), gate.header()] == ["long-1", "long-1"]
    assert gate.auth.discard({"Token": "long-1"})
    assert gate.header() == "long-2"
    assert gate.login.call_count == 2


def test_a_refusal_of_an_older_token_does_not_cost_the_newer_one(gate: Gate) -> None:
    gate.header()
    gate.auth.discard({"Token": "long-0"})
    assert gate.header() == "long-1"


def test_many_threads_that_are_refused_together_renew_once(gate: Gate) -> None:
    refused = gate.auth.headers(_LATER)

    def renew(_: int) -> str:
        gate.auth.discard(refused)
        return gate.header()

    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(renew, range(40))) == {"long-2"}
    assert (gate.login.call_count, gate.connect.call_count) == (2, 2)


@pytest.mark.parametrize("answer", [_refused("Invalid owner account or password!"), _refused("no", 401)])
@pytest.mark.parametrize("step", ["login", "connect"])
def test_a_refused_login_is_a_matter_for_a_person(gate: Gate, step: str, answer: httpx.Response) -> None:
    getattr(gate, step).mock(return_value=answer)
    with pytest.raises(Unauthorized, match="correct username and password"):
        gate.header()


@pytest.mark.parametrize("step", ["login", "connect"])
def test_an_answer_without_a_token_harms_nothing(gate: Gate, step: str) -> None:
    getattr(gate, step).mock(return_value=_granted(""))
    with pytest.raises(Retryable, match="holds no token"):
        gate.header()
    getattr(gate, step).mock(return_value=_granted("late"))
    assert gate.header()


def test_a_service_that_stumbles_is_asked_again(gate: Gate) -> None:
    gate.login.mock(side_effect=[httpx.Response(503), _refused("System error"), _granted("short")])
    assert gate.header() == "long-1"
