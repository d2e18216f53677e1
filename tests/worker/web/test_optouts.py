"""The page behind the link in a letter: a look changes nothing, a click does, and a wrong link tells nothing."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from sqlalchemy import select

from dispatch.channels.optout import CitizenOptOut, opted_out
from dispatch.channels.optout_link import GOOD_FOR, PATH, link
from tests.support.desk import TestDesk

ADDRESS = "hieu.be@example.vn"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def path(desk: TestDesk) -> str:
    return link("", ADDRESS, desk.clock.now())


@pytest.fixture
def citizen(web: httpx.Client) -> Iterator[httpx.Client]:
    """Somebody without a token, as mail programs are."""
    with httpx.Client(base_url=web.base_url, timeout=30.0) as citizen:
        yield citizen


def wishes(desk: TestDesk) -> list[str]:
    with desk.read() as session:
        return [row.masked for row in session.scalars(select(CitizenOptOut))]


def test_a_look_asks_in_both_languages_and_changes_nothing(citizen: httpx.Client, desk: TestDesk, path: str) -> None:
    before = wishes(desk)
    page = citizen.get(path)
    assert page.status_code == 200
    assert '<form method="post">' in page.text
    assert "Ngừng nhận thư" in page.text
    assert "Stop the letters" in page.text
    assert "h***@example.vn" in page.text
    assert ADDRESS not in page.text
    assert "<script" not in page.text
    assert wishes(desk) == before
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in page.headers["content-security-policy"]


def test_one_click_stops_the_letters_and_another_changes_nothing(
    citizen: httpx.Client, desk: TestDesk, path: str
) -> None:
    answers = [citizen.post(path, data=ONE_CLICK), citizen.post(path)]
    assert [one.status_code for one in answers] == [200, 200]
    assert "Đã ngừng gửi thư" in answers[0].text
    with desk.read() as session:
        assert opted_out(session, "+84919393275", ADDRESS) == (False, True)
    assert wishes(desk).count("h***@example.vn") == 1


@pytest.mark.parametrize("wrong", ["x", "A" * 94, "%00", "ể"])
def test_a_wrong_link_says_so_and_gives_nothing_away(citizen: httpx.Client, desk: TestDesk, wrong: str) -> None:
    before = wishes(desk)
    for answer in (citizen.get(f"{PATH}/{wrong}"), citizen.post(f"{PATH}/{wrong}", data=ONE_CLICK)):
        assert answer.status_code == 404
        assert "Liên kết không đúng" in answer.text
        assert "@" not in answer.text
    assert wishes(desk) == before


def test_a_link_that_is_too_old_says_so_and_changes_nothing(citizen: httpx.Client, desk: TestDesk) -> None:
    before = wishes(desk)
    old = link("", "alt@example.vn", desk.clock.now() - GOOD_FOR)
    answer = citizen.post(old, data=ONE_CLICK)
    assert answer.status_code == 410
    assert "Liên kết đã hết hạn" in answer.text
    assert wishes(desk) == before
