"""The operator's side: postmen report, traps spring once, and a resumed run does not set them again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from carriers.vnpost_ngsp.simulator import Client, NgspOperator, create_app
from tests.support.servers import serve
from tests.worker.training.scenes import CODE, at
from worker.training.book import WorldBook
from worker.training.casting import Part
from worker.training.post_office import PostOffice
from worker.training.postman import UNEXPLAINED

ACCOUNT, CLIENT = "vnpost-province", Client("C04000001", "key", "secret-of-the-province")
NUMBER, NOW = f"{CODE}-S1", at("2026-02-12 09:00")


@pytest.fixture
def book(tmp_path: Path) -> Iterator[WorldBook]:
    opened = WorldBook(tmp_path / "world.db")
    yield opened
    opened.close()


@pytest.fixture
def operator() -> Iterator[NgspOperator]:
    running = NgspOperator(now=lambda: NOW, clients=[CLIENT])
    yield running
    running.close()


@pytest.fixture
def post(operator: NgspOperator, book: WorldBook) -> PostOffice:
    return PostOffice(operator, {ACCOUNT: CLIENT}, book)


def order(operator: NgspOperator) -> httpx.Response:
    """Call the operator as the system does."""
    body: dict[str, Any] = {"CustomerCode": CLIENT.customer_code, "OrderNumber": NUMBER}
    for side in ("Sender", "Receiver"):
        body |= {f"{side}Name": "A", f"{side}Address": "B", f"{side}Tel": "0912345678", f"{side}Province": 4}
    with serve(create_app(operator)) as url:
        credentials = {"grant_type": "client_credentials"}
        token = httpx.post(f"{url}/token", data=credentials, auth=(CLIENT.key, CLIENT.secret)).json()["access_token"]
        return httpx.post(f"{url}/order/post", json=body, headers={"Authorization": f"Bearer {token}"}, timeout=5)


def feed_codes(operator: NgspOperator) -> list[int]:
    page = operator.feed(CLIENT, "0" * 24, 100)
    return [document["StatusCode"] for document in page["_embedded"]["rh:doc"]]


def test_reports_reach_the_feed_under_the_operators_codes(post: PostOffice, operator: NgspOperator) -> None:
    order(operator)
    for state in ("collecting", "delivered", UNEXPLAINED):
        post.report(NUMBER, state, NOW)
    assert feed_codes(operator) == [1, 10, 4, 9]
    assert post.feed_lengths() == {ACCOUNT: 4}


def test_an_operator_says_nothing_of_what_it_has_no_code_for(post: PostOffice, operator: NgspOperator) -> None:
    order(operator)
    post.report(NUMBER, "lost", NOW)
    assert feed_codes(operator) == [1]


def test_live_orders_are_known_by_dossier_with_their_time(post: PostOffice, operator: NgspOperator) -> None:
    assert post.live_orders() == {}
    order(operator)
    assert post.live_orders() == {CODE: {NUMBER: NOW}}


def test_a_clerk_who_keyed_the_order_in_by_hand_makes_our_call_a_duplicate(
    post: PostOffice, operator: NgspOperator
) -> None:
    for _ in range(2):
        post.arm(Part.DUPLICATE, NUMBER, ACCOUNT)
    assert order(operator).json()["Status"] == 101
    assert operator.orders()[0]["created"] == 1


def test_a_throttled_order_pauses_the_story_in_real_time(post: PostOffice, operator: NgspOperator) -> None:
    post.arm(Part.THROTTLED, NUMBER, ACCOUNT)
    answer = order(operator)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")
    assert not post.pausing
    post.remember_sprung()
    assert post.pausing
    assert post.sprung() == {f"throttled:{NUMBER}": NOW}


def test_a_lost_answer_leaves_the_order_at_the_operator(post: PostOffice, operator: NgspOperator) -> None:
    post.arm(Part.LOST_ANSWER, NUMBER, ACCOUNT)
    with pytest.raises(httpx.TransportError):
        order(operator)
    assert post.live_orders() == {CODE: {NUMBER: NOW}}
    assert post.holds_the_line(NUMBER)


def test_an_order_lost_on_the_way_is_not_at_the_operator(post: PostOffice, operator: NgspOperator) -> None:
    post.arm(Part.LOST_ORDER, NUMBER, ACCOUNT)
    with pytest.raises(httpx.TransportError):
        order(operator)
    assert post.live_orders() == {CODE: {}}


def test_a_trap_that_has_sprung_is_not_set_again(post: PostOffice, operator: NgspOperator) -> None:
    post.arm(Part.OPERATOR_ERROR, NUMBER, ACCOUNT)
    post.arm(Part.OPERATOR_ERROR, NUMBER, ACCOUNT)
    assert order(operator).status_code == 500
    post.remember_sprung()
    post.arm(Part.OPERATOR_ERROR, NUMBER, ACCOUNT)
    assert order(operator).json()["Status"] == 100


def test_a_plain_part_sets_no_trap(post: PostOffice, operator: NgspOperator) -> None:
    post.arm(Part.PLAIN_BOTH, NUMBER, ACCOUNT)
    assert order(operator).json()["Status"] == 100
    assert post.sprung() == {}
