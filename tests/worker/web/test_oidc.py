"""Logging in at an identity provider over real HTTP: what it says counts only where all of it can be trusted."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from config.identity import Oidc
from tests.support.desk import TestDesk
from tests.support.identity_provider import CLIENT_ID, CLIENT_SECRET, Provider
from tests.support.servers import serve
from tests.support.staff import browser
from worker.access import audit
from worker.runtime import Runtime
from worker.web.app import make_web

MAI = {
    "preferred_username": "mai",
    "name": "Hà Thị Mai",
    "realm_access": {"roles": ["can-bo", "offline_access"]},
    "agencies": ["H14.10"],
}


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    provider = Provider()
    with serve(provider.app()) as url:
        provider.url = url
        yield provider


@pytest.fixture(autouse=True)
def _honest(provider: Provider) -> None:
    """Each test begins with a provider that keeps to the rules."""
    fresh = Provider(url=provider.url, person=dict(MAI))
    for one in dataclasses.fields(Provider):
        setattr(provider, one.name, getattr(fresh, one.name))


@pytest.fixture(scope="module")
def board(desk: TestDesk, provider: Provider) -> Iterator[str]:
    """The address of a board that knows the provider."""
    oidc = Oidc(
        issuer=provider.issuer,
        client_id=CLIENT_ID,
        client_secret=SecretStr(CLIENT_SECRET),
        names={"can-bo": "officer", "kiem-tra": "auditor"},
        label="Tài khoản tỉnh",
        timeout=2.0,
    )
    accounts = desk.context.accounts.model_copy(update={"oidc": oidc})
    context = dataclasses.replace(desk.context, accounts=accounts)
    with serve(make_web(Runtime(context, desk.office, desk.messenger)), lifespan="on") as url:
        yield url


@pytest.fixture
def window(board: str) -> Iterator[httpx.Client]:
    with browser(board) as window:
        del window.headers["Sec-Fetch-Site"]
        yield window


def go(window: httpx.Client, **changes: str) -> httpx.Response:
    """Log in at the provider and come back; ``changes`` are made to the answer on the way."""
    there = window.get("/board/oidc", params={"next": "/board/account"})
    assert there.status_code == 303, there.text
    back = httpx.URL(httpx.get(there.headers["location"]).headers["location"])
    return window.get("/board/oidc/back", params={**back.params, **changes})


def test_whoever_the_provider_knows_is_in_with_the_roles_it_says(window: httpx.Client, desk: TestDesk) -> None:
    assert "Tài khoản tỉnh" in window.get("/board/login").text
    answer = go(window)
    assert (answer.status_code, answer.headers["location"]) == (303, "/board/account")
    page = window.get("/board/account").text
    assert "Hà Thị Mai" in page
    assert "Cán bộ xử lý" in page
    assert "H14.10" in page
    assert "/board/password" not in page, "the provider alone knows the password"
    assert window.get("/board/password").status_code == 404
    with desk.read() as session:
        latest = audit.entries(session, actor="mai", most=1)[0]
    assert (latest.actor_kind, latest.action, latest.outcome) == ("oidc", "log-in", "done")


def an_hour_ago() -> int:
    return int(time.time()) - 3600


def in_an_hour() -> int:
    return int(time.time()) + 3600


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        ("nonce", "another"),
        ("nonce", None),
        ("aud", "another-client"),
        ("aud", ["another-client", "third"]),
        ("azp", "another-client"),
        ("iss", "https://evil.example/realms/province"),
        ("iss", None),
        ("exp", an_hour_ago),
        ("exp", None),
        ("nbf", in_an_hour),
        ("sub", None),
        ("agencies", ["../H14"]),
    ],
    ids=lambda given: given.__name__ if callable(given) else None,
)
def test_a_token_with_a_claim_that_is_not_right_lets_nobody_in(
    window: httpx.Client, provider: Provider, claim: str, value: Any
) -> None:
    provider.faults = {claim: value() if callable(value) else value}
    refused(window, go(window), "Chưa đăng nhập được")


@pytest.mark.parametrize("how", ["another key", "no signature", "our own secret"])
def test_a_token_that_the_provider_did_not_sign_lets_nobody_in(
    window: httpx.Client, provider: Provider, how: str
) -> None:
    if how == "another key":
        provider.token_key = "another"
    else:
        provider.algorithm = "none" if how == "no signature" else "HS256"
    refused(window, go(window), "Chưa đăng nhập được")


def test_an_answer_with_another_state_is_not_ours(window: httpx.Client) -> None:
    refused(window, go(window, state="another"), "Chưa đăng nhập được")


def test_an_answer_of_another_provider_is_not_ours(window: httpx.Client) -> None:
    refused(window, go(window, iss="https://evil.example"), "Chưa đăng nhập được")


def test_an_answer_in_a_browser_that_did_not_ask_logs_nobody_in(window: httpx.Client, board: str) -> None:
    there = window.get("/board/oidc")
    back = httpx.get(there.headers["location"]).headers["location"]
    with browser(board) as victim:
        answer = victim.get(back)
        assert answer.status_code == 400
        refused(victim, answer, "không bắt đầu từ trình duyệt này")


def test_what_the_browser_keeps_cannot_be_changed(window: httpx.Client) -> None:
    window.get("/board/oidc")
    kept = window.cookies["postal_oidc"]
    window.cookies.set("postal_oidc", kept[:-6] + "AAAAAA", path="/board/oidc")
    assert window.get("/board/oidc/back", params={"code": "x", "state": "y"}).status_code == 400


def test_a_code_is_good_once(window: httpx.Client) -> None:
    there = window.get("/board/oidc")
    back = httpx.get(there.headers["location"]).headers["location"]
    kept = window.cookies["postal_oidc"]
    assert window.get(back).status_code == 303
    window.cookies.clear()
    window.cookies.set("postal_oidc", kept, path="/board/oidc")
    refused(window, window.get(back), "Đăng nhập lại từ đầu")


@pytest.mark.parametrize(
    "person",
    [
        {"realm_access": {"roles": ["offline_access"]}},
        {"realm_access": {"roles": "supervisor"}},
        {"realm_access": ["can-bo"]},
        {"realm_access": None},
        {"agencies": []},
        {"agencies": None},
    ],
)
def test_who_has_no_role_or_no_agency_is_told_whom_to_ask(
    window: httpx.Client, provider: Provider, person: dict[str, Any]
) -> None:
    provider.person = {**MAI, **person}
    answer = go(window)
    assert answer.status_code == 403
    refused(window, answer, "chưa được gán vai trò")


def test_who_gives_up_at_the_provider_is_told_to_begin_anew(window: httpx.Client) -> None:
    state = httpx.URL(window.get("/board/oidc").headers["location"]).params["state"]
    answer = window.get("/board/oidc/back", params={"error": "access_denied", "state": state})
    refused(window, answer, "Đăng nhập lại từ đầu")


@pytest.mark.parametrize("path", ["token", "certs"])
def test_a_provider_that_breaks_halfway_is_said_to_be_broken(
    window: httpx.Client, provider: Provider, path: str
) -> None:
    provider.broken = {path: 500}
    answer = go(window)
    assert answer.status_code == 503
    refused(window, answer, "chưa phản hồi")


def test_a_provider_that_does_not_answer_leaves_the_local_accounts(window: httpx.Client, provider: Provider) -> None:
    provider.broken = {"discovery": 502}
    answer = window.get("/board/oidc")
    assert answer.status_code == 503
    assert "chưa phản hồi" in answer.text
    assert window.get("/board/login").status_code == 200


def test_a_provider_that_calls_itself_otherwise_is_not_asked(window: httpx.Client, provider: Provider) -> None:
    provider.issuer_said = "https://evil.example/realms/province"
    answer = window.get("/board/oidc")
    assert answer.status_code == 403
    refused(window, answer, "Chưa đăng nhập được")


def test_without_a_provider_its_page_says_what_to_do(web: httpx.Client) -> None:
    with browser(str(web.base_url)) as window:
        answer = window.get("/board/oidc")
    assert answer.status_code == 404
    assert "tài khoản nội bộ" in answer.text


def refused(window: httpx.Client, answer: httpx.Response, said: str) -> None:
    assert answer.status_code in (400, 403, 503), answer.text
    assert said in answer.text
    assert "postal_session" not in window.cookies
    assert window.get("/board/account").status_code == 303
