"""Dossiers that play no other part go with the other operators, by rule, so that a resumed run asks for the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from carriers.simulation import SimulatedOperator, simulator_of
from carriers.vnpost_ngsp.simulator import Client, NgspOperator
from tests.worker.training.scenes import CODE, at, case
from worker.training.book import WorldBook
from worker.training.casting import Part, operator_for
from worker.training.post_office import PostOffice
from worker.training.postman import UNEXPLAINED

CASES = [case(code=f"H14.10-260211-{number:04d}") for number in range(12)]
OTHERS = ("ems", "viettelpost")
NOW = at("2026-02-12 09:00")
NUMBER = f"{CODE}-S1"


def test_plain_dossiers_take_turns_and_some_stay_with_vnpost() -> None:
    asked = [operator_for(CASES, one, Part.PLAIN_BOTH, OTHERS) for one in CASES]
    assert asked == [None, "ems", "viettelpost"] * 4


@pytest.mark.parametrize("part", [Part.LOST_ANSWER, Part.REJECTED_LINE, Part.THROTTLED, Part.UNKNOWN_CODE])
def test_whoever_plays_a_part_of_vnposts_stays_with_it(part: Part) -> None:
    assert {operator_for(CASES, one, part, OTHERS) for one in CASES} == {None}


def test_who_has_not_been_dealt_a_part_may_still_go_elsewhere() -> None:
    assert operator_for(CASES, CASES[1], None, OTHERS) == "ems"


@pytest.fixture
def viettel() -> Iterator[SimulatedOperator]:
    operator = simulator_of("viettelpost").make(now=lambda: NOW)
    yield operator
    operator.close()


@pytest.fixture
def post(tmp_path: Path, viettel: SimulatedOperator) -> Iterator[PostOffice]:
    client = Client("C04000001", "key", "secret-of-the-province")
    vnpost = NgspOperator(now=lambda: NOW, clients=[client])
    book = WorldBook(tmp_path / "world.db")
    yield PostOffice(vnpost, {"vnpost-province": client}, book, {"viettelpost": viettel})
    book.close()
    vnpost.close()


def test_a_report_goes_through_the_operator_that_holds_the_order(post: PostOffice, viettel: SimulatedOperator) -> None:
    viettel.books.create(viettel.default_customer, NUMBER, None, {})
    for state in ("in_transit", UNEXPLAINED):
        post.report(NUMBER, state, NOW)
    assert post.events_of_others() == {"viettelpost": 2}
    assert post.feed_lengths() == {"vnpost-province": 0}
    assert post.live_orders() == {CODE: {NUMBER: NOW}}


def test_news_that_has_not_been_told_holds_time_up(post: PostOffice, viettel: SimulatedOperator) -> None:
    viettel.books.create(viettel.default_customer, NUMBER, None, {})
    viettel.send_webhooks_to("http://127.0.0.1:1/webhooks/viettelpost/viettelpost")
    assert not post.telling()
    post.report(NUMBER, "in_transit", NOW)
    assert post.telling()
