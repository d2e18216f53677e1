"""The one-time link: the first supervisor of an empty system, and whoever chooses a password."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import update

from config.clock import wall_now
from tests.support.desk import TestDesk, opened_desk
from tests.support.staff import PASSWORD, browser, employ, log_in
from tests.support.web import visit
from worker.access import accounts, audit, links
from worker.access.actor import COMMAND
from worker.access.roles import Grant, Role, Scope
from worker.access.tables import OneTimeLink, StaffUser

NEW = {"password": "trời xanh mây trắng", "again": "trời xanh mây trắng"}
FIRST = {"username": "Mai.HT", "display_name": "Hà Thị Mai", **NEW}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[TestDesk]:
    """An empty system for each test."""
    with opened_desk(tmp_path) as desk:
        yield desk


@pytest.fixture
def window(desk: TestDesk) -> Iterator[httpx.Client]:
    with visit(desk) as web, browser(str(web.base_url)) as window:
        yield window


def offer(desk: TestDesk, username: str | None = None) -> str:
    with desk.context.database.write() as session:
        return f"/board/setup/{links.offer(session, username)}"


def users(desk: TestDesk) -> list[StaffUser]:
    with desk.read() as session:
        return accounts.listed(session)


def test_whoever_has_the_link_becomes_the_first_supervisor_and_is_in(window: httpx.Client, desk: TestDesk) -> None:
    link = offer(desk)
    assert "phụ trách đầu tiên" in window.get(link).text
    answer = window.post(link, data=FIRST)
    assert (answer.status_code, answer.headers["location"]) == (303, "/board")
    assert "mọi cơ quan" in window.get("/board/account").text
    (mai,) = users(desk)
    assert (mai.username, mai.display_name) == ("mai.ht", "Hà Thị Mai")
    assert mai.grants == [{"role": "supervisor", "agencies": ["*"]}]
    with desk.read() as session:
        assert [row.action for row in audit.entries(session)] == ["log-in", "staff.password", "staff.add"]


def test_nobody_becomes_the_first_supervisor_once_there_is_an_account(window: httpx.Client, desk: TestDesk) -> None:
    link = offer(desk)
    with desk.context.database.write() as session:
        accounts.add(session, "lan.nt", "Nông Thị Lan", (Grant(Role.CLERK, Scope.of(["H14.10"])),), COMMAND)
    assert window.post(link, data=FIRST).status_code == 404
    assert [user.username for user in users(desk)] == ["lan.nt"]


def test_a_look_uses_nothing_up_mail_programs_look_too(window: httpx.Client, desk: TestDesk) -> None:
    link = offer(desk)
    assert [window.get(link).status_code for _ in range(3)] == [200] * 3
    assert window.post(link, data=FIRST).status_code == 303


def test_a_second_click_is_a_log_in_and_no_second_account(window: httpx.Client, desk: TestDesk) -> None:
    link = offer(desk)
    answers = [window.post(link, data=FIRST) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert len(users(desk)) == 1
    assert window.get("/board/account").status_code == 200


def test_somebody_else_gets_nothing_out_of_a_used_link(window: httpx.Client, desk: TestDesk) -> None:
    link = offer(desk)
    window.post(link, data=FIRST)
    window.cookies.clear()
    answer = window.post(link, data={**FIRST, "username": "ke.gian", "password": "mật khẩu của tôi", "again": "x"})
    assert answer.status_code == 410
    assert "đã được sử dụng" in answer.text
    assert window.get(link).status_code == 410
    assert len(users(desk)) == 1


def test_an_old_link_says_so(window: httpx.Client, desk: TestDesk) -> None:
    link = offer(desk)
    with desk.context.database.write() as session:
        session.execute(update(OneTimeLink).values(expires_at=wall_now() - timedelta(seconds=1)))
    for answer in (window.get(link), window.post(link, data=FIRST)):
        assert answer.status_code == 410
        assert "đã hết hạn" in answer.text
    assert users(desk) == []


def test_a_newer_link_takes_the_place_of_the_older(window: httpx.Client, desk: TestDesk) -> None:
    older, newer = offer(desk), offer(desk)
    assert window.get(older).status_code == 404
    assert window.get(newer).status_code == 200


@pytest.mark.parametrize("token", ["x", "A" * 43, "A" * 100])
def test_a_guessed_link_is_none(window: httpx.Client, desk: TestDesk, token: str) -> None:
    offer(desk)
    answer = window.post(f"/board/setup/{token}", data=FIRST)
    assert answer.status_code == 404
    assert users(desk) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"again": "khác"}, "hai lần giống nhau"),
        ({"password": "ngắn", "again": "ngắn"}, "từ 12 ký tự"),
        ({"password": "mai.ht-2026-cao-bang", "again": "mai.ht-2026-cao-bang"}, "không chứa tên đăng nhập"),
        ({"username": "Mai Hà"}, "không dấu"),
        ({"display_name": "  "}, "họ tên"),
        ({"display_name": "Mai\u202e"}, "họ tên"),
    ],
)
def test_a_mistake_keeps_the_link_and_what_was_typed(
    window: httpx.Client, desk: TestDesk, changes: dict[str, str], said: str
) -> None:
    link = offer(desk)
    answer = window.post(link, data={**FIRST, **changes})
    assert answer.status_code == 422
    assert said in answer.text
    assert "trời xanh" not in answer.text, "a password is never sent back"
    assert f'value="{changes.get("username", FIRST["username"])}"' in answer.text
    assert users(desk) == []
    assert window.post(link, data=FIRST).status_code == 303


def test_a_form_of_another_site_does_not_use_the_link_up(window: httpx.Client, desk: TestDesk) -> None:
    link = offer(desk)
    assert window.post(link, data=FIRST, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert window.post(link, data=FIRST).status_code == 303


def test_the_owner_of_an_account_chooses_a_password_and_old_sessions_end(window: httpx.Client, desk: TestDesk) -> None:
    employ(desk, "hoa", Role.CLERK, "H14.10")
    log_in(window, "hoa")
    link = offer(desk, "hoa")
    assert "hoa" in window.get(link).text
    old = dict(window.cookies)
    answer = window.post(link, data={"username": "somebody.else", **NEW})
    assert answer.status_code == 303
    assert [user.username for user in users(desk)] == ["hoa"]
    assert window.get("/board/account").status_code == 200
    window.cookies.clear()
    window.cookies.update(old)
    assert window.get("/board/account").status_code == 303
    assert log_in(window, "hoa", PASSWORD).status_code == 401
    assert log_in(window, "hoa", NEW["password"]).status_code == 303


def test_english_is_complete(window: httpx.Client, desk: TestDesk) -> None:
    page = window.get(f"{offer(desk)}?lang=en").text
    assert "The first supervisor" in page
    assert "Phụ trách" not in page
