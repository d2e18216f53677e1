"""A client changes its key for a token of a quarter of an hour (RFC 6749 section 4.4)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import count

import httpx
import pytest
from sqlalchemy import update

from config.clock import wall_now
from tests.support.desk import TestDesk
from tests.support.web import problem
from worker.access import audit, clients
from worker.access.actor import COMMAND
from worker.access.roles import Role, Scope
from worker.access.tables import ApiToken

GRANT = {"grant_type": "client_credentials"}
_NAMES = (f"igate-{number}" for number in count(1))


@pytest.fixture
def name() -> str:
    return next(_NAMES)


@pytest.fixture
def key(desk: TestDesk, name: str) -> str:
    with desk.context.database.write() as session:
        return clients.add(session, name, Role.ONE_STOP_CLIENT, Scope.of(["H14.10"]), COMMAND)


@pytest.fixture
def stranger(web: httpx.Client) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=web.base_url, timeout=30.0) as stranger:
        yield stranger


def bearer(answer: httpx.Response) -> dict[str, str]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["token_type"] == "Bearer"
    assert answer.json()["expires_in"] == 900
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


@pytest.mark.parametrize("by", ["basic", "form"])
def test_a_token_is_as_good_as_the_key(
    stranger: httpx.Client, name: str, key: str, registered: str, desk: TestDesk, by: str
) -> None:
    if by == "basic":
        answer = stranger.post("/oauth/token", data=GRANT, auth=(name, key))
    else:
        answer = stranger.post("/oauth/token", data={**GRANT, "client_id": name, "client_secret": key})
    token = bearer(answer)
    assert stranger.get(f"/v1/dossiers/{registered}", headers=token).status_code == 200
    assert stranger.get("/v1/inbox", headers=token).status_code == 403, "a token may no more than its key"
    with desk.read() as session:
        assert [row.action for row in audit.entries(session, actor=name)] == ["dossier.read", "client.token"]


def test_a_token_is_over_after_a_quarter_of_an_hour(
    stranger: httpx.Client, name: str, key: str, registered: str, desk: TestDesk
) -> None:
    token = bearer(stranger.post("/oauth/token", data=GRANT, auth=(name, key)))
    with desk.context.database.write() as session:
        session.execute(update(ApiToken).where(ApiToken.client == name).values(expires_at=wall_now()))
    problem(stranger.get(f"/v1/dossiers/{registered}", headers=token), 401, "unauthorised")


def test_a_revoked_client_has_no_token_any_more(
    stranger: httpx.Client, name: str, key: str, registered: str, desk: TestDesk
) -> None:
    token = bearer(stranger.post("/oauth/token", data=GRANT, auth=(name, key)))
    with desk.context.database.write() as session:
        clients.revoke(session, name, COMMAND)
    problem(stranger.get(f"/v1/dossiers/{registered}", headers=token), 401, "unauthorised")
    assert stranger.post("/oauth/token", data=GRANT, auth=(name, key)).status_code == 401


def test_name_and_key_belong_together(stranger: httpx.Client, name: str, key: str) -> None:
    for wrong in ((name, "x"), ("another", key), (name, ""), ("", "")):
        answer = stranger.post("/oauth/token", data=GRANT, auth=wrong)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
        assert answer.headers["www-authenticate"].startswith("Basic")
    for header in ("Basic !!!", "Basic", "Bearer x"):
        answer = stranger.post("/oauth/token", data=GRANT, headers={"Authorization": header})
        assert answer.status_code == 401


def test_only_client_credentials_are_given_a_token(stranger: httpx.Client, name: str, key: str) -> None:
    answer = stranger.post("/oauth/token", data={"grant_type": "password"}, auth=(name, key))
    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")


def test_old_tokens_are_not_kept(stranger: httpx.Client, name: str, key: str, desk: TestDesk) -> None:
    bearer(stranger.post("/oauth/token", data=GRANT, auth=(name, key)))
    with desk.context.database.write() as session:
        session.execute(update(ApiToken).values(expires_at=wall_now() - timedelta(days=1)))
    bearer(stranger.post("/oauth/token", data=GRANT, auth=(name, key)))
    with desk.read() as session:
        assert session.query(ApiToken).count() == 1
