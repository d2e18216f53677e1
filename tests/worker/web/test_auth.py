from __future__ import annotations

import re

import httpx
import pytest

from tests.support.desk import TOKEN
from tests.support.web import problem

OPEN_TO_ALL = ("/healthz", "/readyz", "/metrics")
OPERATORS = "/webhooks/"
"""Postal operators prove who they are in ways of their own."""


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer wrong", f"Basic {TOKEN}", TOKEN, f"Bearer {TOKEN}x"]
)
def test_a_caller_without_the_right_token_is_told_where_to_get_one(
    web: httpx.Client, authorization: str | None
) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    answer = httpx.get(f"{web.base_url}/v1/attention", headers=headers)
    refusal = problem(answer, 401, "unauthorised")
    assert "[[api_clients]]" in refusal["next_step"]
    assert answer.headers["www-authenticate"] == "Bearer"


def test_letters_outside_ascii_in_a_token_are_a_wrong_token(web: httpx.Client) -> None:
    headers = {b"Authorization": "Bearer khóa".encode()}
    problem(httpx.get(f"{web.base_url}/v1/attention", headers=headers), 401, "unauthorised")


def test_the_name_of_the_scheme_may_be_written_in_any_case(web: httpx.Client) -> None:
    assert web.get("/v1/attention", headers={"Authorization": f"bearer {TOKEN}"}).status_code == 200


def test_every_door_but_those_of_operations_and_operators_asks_for_a_token(web: httpx.Client) -> None:
    for path, methods in web.get("/openapi.json").json()["paths"].items():
        for method in methods:
            url = f"{web.base_url}{re.sub('{[^}]*}', '1', path)}"
            answer = httpx.request(method, url, json={} if method in ("put", "post") else None)
            closed = path not in OPEN_TO_ALL and not path.startswith(OPERATORS)
            assert (answer.status_code == 401) is closed, f"{method} {path}: {answer.status_code}"
