"""The board's front door, over real HTTP: cookies, forms of other sites, sessions that end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import count

import httpx
import pytest
from fastapi.routing import APIRoute
from sqlalchemy import select, update

from config.clock import wall_now
from tests.support.desk import TestDesk
from tests.support.staff import PASSWORD, browser, csrf_of, employ, log_in
from worker.access import accounts, audit
from worker.access.actor import COMMAND
from worker.access.roles import EVERYWHERE, Grant, Role, Scope
from worker.access.tables import StaffSession
from worker.web.app import _PARTS
from worker.web.log_in import ATTEMPTS_A_MINUTE, safe_next

NEW = {"password": "trời xanh mây trắng", "again": "trời xanh mây trắng"}
_NAMES = (f"mai{number}" for number in count(1))


@pytest.fixture
def mai(desk: TestDesk) -> str:
    """A clerk of one agency, with an account of her own for each test."""
    name = next(_NAMES)
    employ(desk, name, Role.CLERK, "H14.10")
    return name


@pytest.fixture
def window(web: httpx.Client) -> Iterator[httpx.Client]:
    with browser(str(web.base_url)) as window:
        yield window


@pytest.fixture(autouse=True)
def _patient(web: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests are one address; the one about too many attempts takes the patience away again."""
    monkeypatch.setattr("worker.web.senders.Allowance.spend", lambda _self, _sender: 0)


def test_whoever_is_not_logged_in_is_led_to_the_log_in_and_back(window: httpx.Client, mai: str) -> None:
    asked = window.get("/board/account?x=1")
    assert asked.status_code == 303
    assert asked.headers["location"] == "/board/login?next=/board/account%3Fx%3D1"
    page = window.get(asked.headers["location"])
    assert 'value="/board/account?x=1"' in page.text
    answer = log_in(window, mai, next="/board/account?x=1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/board/account?x=1")
    account = window.get("/board/account")
    assert account.status_code == 200
    assert f"Bà {mai}" in account.text
    assert "H14.10" in account.text


def test_a_program_is_told_in_its_own_way(web: httpx.Client) -> None:
    answer = httpx.get(f"{web.base_url}/board/account", headers={"Accept": "text/event-stream"})
    assert answer.status_code == 401
    assert answer.json()["type"].endswith(":log-in-needed")


@pytest.mark.parametrize(
    "page",
    [
        *("//evil.example", "https://evil.example", "/board//evil.example", "/boardroom", "/\\evil.example", ""),
        *("/board/login", "/board/oidc?next=x", "/board\r\nSet-Cookie: x=1", "/tra-cuu", "javascript:alert(1)"),
    ],
)
def test_a_log_in_leads_nowhere_but_to_the_board(page: str) -> None:
    assert safe_next(page) == "/board"


def test_the_cookie_is_for_this_server_alone_and_no_script_reads_it(window: httpx.Client, mai: str) -> None:
    cookie = log_in(window, mai).headers["set-cookie"]
    assert cookie.startswith("postal_session=")
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


def test_over_https_the_cookie_goes_over_https_alone(web: httpx.Client, mai: str) -> None:
    with browser(str(web.base_url)) as window:
        window.headers["X-Forwarded-Proto"] = "https"  # as the proxy on this machine says it
        cookie = log_in(window, mai).headers["set-cookie"]
    assert cookie.startswith("__Host-postal=")
    assert "Secure" in cookie.split("; ")


def test_a_wrong_name_and_a_wrong_password_are_one_answer(window: httpx.Client, mai: str) -> None:
    wrong, unknown = log_in(window, mai, "sai"), log_in(window, "nobody", "sai")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.text.replace(mai, "nobody") == unknown.text
    assert "Tên đăng nhập hoặc mật khẩu không đúng" in wrong.text
    assert "set-cookie" not in wrong.headers


@pytest.mark.parametrize(
    "said",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {},
    ],
)
def test_a_log_in_form_of_another_site_is_refused(web: httpx.Client, mai: str, said: dict[str, str]) -> None:
    with httpx.Client(base_url=web.base_url, headers={"Accept": "text/html", **said}) as elsewhere:
        answer = log_in(elsewhere, mai)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_a_browser_that_tells_only_the_origin_is_believed(web: httpx.Client, mai: str) -> None:
    with httpx.Client(base_url=web.base_url, headers={"Origin": str(web.base_url).rstrip("/")}) as older:
        assert log_in(older, mai).status_code == 303


@pytest.mark.parametrize("said", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}])
def test_a_form_of_another_site_is_refused_even_with_the_right_token(
    window: httpx.Client, mai: str, said: dict[str, str]
) -> None:
    log_in(window, mai)
    token = csrf_of(window)
    del window.headers["Sec-Fetch-Site"]
    assert window.post("/board/logout", data={"csrf_token": token}, headers=said).status_code == 403
    assert window.get("/board/account").status_code == 200


@pytest.mark.parametrize("token", [None, "", "0" * 64, "ü"])
def test_a_form_without_the_sessions_token_is_refused(window: httpx.Client, mai: str, token: str | None) -> None:
    log_in(window, mai)
    answer = window.post("/board/logout", data={} if token is None else {"csrf_token": token})
    assert answer.status_code == 403
    assert "Chưa có thay đổi nào được lưu" in answer.text
    assert window.get("/board/account").status_code == 200


def test_the_token_of_one_session_is_worth_nothing_in_another(window: httpx.Client, mai: str) -> None:
    log_in(window, mai)
    before = csrf_of(window)
    log_in(window, mai)
    assert csrf_of(window) != before
    assert window.post("/board/logout", data={"csrf_token": before}).status_code == 403


def test_a_log_in_ends_the_session_that_the_browser_had(window: httpx.Client, desk: TestDesk, mai: str) -> None:
    log_in(window, mai)
    old = window.cookies["postal_session"]
    log_in(window, mai)
    assert window.cookies["postal_session"] != old
    with desk.read() as session:
        own = session.scalars(select(StaffSession).where(StaffSession.username == mai)).all()
    assert len(own) == 1
    assert old not in own[0].digest


def test_who_logs_out_is_out_also_for_a_copy_of_the_cookie(web: httpx.Client, window: httpx.Client, mai: str) -> None:
    log_in(window, mai)
    with browser(str(web.base_url)) as copy:
        copy.cookies.update(window.cookies)
        assert copy.get("/board/account").status_code == 200
        answer = window.post("/board/logout", data={"csrf_token": csrf_of(window)})
        assert (answer.status_code, answer.headers["location"]) == (303, "/board/login?out=1")
        assert copy.get("/board/account").status_code == 303


@pytest.mark.parametrize(
    ("column", "ago"),
    [("seen_at", timedelta(minutes=30)), ("made_at", timedelta(hours=10))],
    ids=["half an hour unused", "ten hours in all"],
)
def test_a_session_ends_by_itself(window: httpx.Client, desk: TestDesk, mai: str, column: str, ago: timedelta) -> None:
    log_in(window, mai)
    shift(desk, mai, column, ago - timedelta(minutes=1))
    assert window.get("/board/account").status_code == 200
    shift(desk, mai, column, ago)
    assert window.get("/board/account").status_code == 303


def test_using_a_session_keeps_it(window: httpx.Client, desk: TestDesk, mai: str) -> None:
    log_in(window, mai)
    for _ in range(3):
        shift(desk, mai, "seen_at", timedelta(minutes=29))
        assert window.get("/board/account").status_code == 200


def shift(desk: TestDesk, username: str, column: str, ago: timedelta) -> None:
    with desk.context.database.write() as session:
        row = session.scalars(select(StaffSession).where(StaffSession.username == username)).one()
        earlier = {column: getattr(row, column) - ago}
        session.execute(update(StaffSession).where(StaffSession.digest == row.digest).values(earlier))


def test_a_session_that_ended_in_the_middle_of_a_form_says_so_and_changes_nothing(
    window: httpx.Client, desk: TestDesk, mai: str
) -> None:
    log_in(window, mai)
    token = csrf_of(window, "/board/password")
    shift(desk, mai, "made_at", timedelta(hours=10))
    answer = window.post(
        "/board/password",
        data={"csrf_token": token, "current": PASSWORD, **NEW},
    )
    assert answer.status_code == 401
    assert "Chưa có gì được lưu" in answer.text
    assert "/board/login" in answer.text
    assert log_in(window, mai, PASSWORD).status_code == 303, "the password is the old one"


def test_a_handed_over_password_is_changed_before_anything_else(window: httpx.Client, desk: TestDesk) -> None:
    employ(desk, "hoa", Role.CLERK, "H14.10", handed_over=True)
    log_in(window, "hoa")
    for page in ("/board/account", "/board/account/end-all-sessions"):
        answer = window.get(page) if page.endswith("account") else window.post(page)
        assert (answer.status_code, answer.headers["location"]) == (303, "/board/password")
    token = csrf_of(window, "/board/password")
    chosen = {
        "csrf_token": token,
        "current": PASSWORD,
        "password": "trời xanh mây trắng",
        "again": "trời xanh mây trắng",
    }
    answer = window.post("/board/password", data=chosen)
    assert (answer.status_code, answer.headers["location"]) == (303, "/board")
    assert window.get("/board/account").status_code == 200


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"current": "sai"}, "Nhập đúng mật khẩu hiện tại"),
        ({"again": "khác"}, "hai lần giống nhau"),
        ({"password": "ngắn", "again": "ngắn"}, "từ 12 ký tự"),
        ({"password": PASSWORD, "again": PASSWORD}, "khác mật khẩu hiện tại"),
    ],
)
def test_a_password_is_not_changed_by_mistake(
    window: httpx.Client, mai: str, changes: dict[str, str], said: str
) -> None:
    log_in(window, mai)
    form = {"current": PASSWORD, **NEW, **changes}
    answer = window.post("/board/password", data={"csrf_token": csrf_of(window, "/board/password"), **form})
    assert answer.status_code == 422
    assert said in answer.text
    assert 'value="trời' not in answer.text


def test_a_new_password_logs_out_everywhere_else(web: httpx.Client, window: httpx.Client, mai: str) -> None:
    log_in(window, mai)
    with browser(str(web.base_url)) as other:
        log_in(other, mai)
        form = {"current": PASSWORD, **NEW}
        window.post("/board/password", data={"csrf_token": csrf_of(window, "/board/password"), **form})
        assert window.get("/board/account").status_code == 200
        assert other.get("/board/account").status_code == 303


def test_one_ends_ones_own_sessions_and_no_other(web: httpx.Client, desk: TestDesk, mai: str) -> None:
    employ(desk, f"{mai}.hai", Role.CLERK, "H14.10")
    with browser(str(web.base_url)) as here, browser(str(web.base_url)) as there, browser(str(web.base_url)) as other:
        for window, name in ((here, mai), (there, mai), (other, f"{mai}.hai")):
            log_in(window, name)
        with desk.read() as session:
            digests = {
                row.username: row.digest
                for row in session.scalars(select(StaffSession).order_by(StaffSession.made_at.desc()))
            }
            mine = session.scalars(
                select(StaffSession.digest).where(StaffSession.username == mai).order_by(StaffSession.made_at.desc())
            ).first()
        token = csrf_of(here)
        here.post("/board/account/end-session", data={"csrf_token": token, "digest": digests[f"{mai}.hai"]})
        assert other.get("/board/account").status_code == 200, "another person's session cannot be ended"
        here.post("/board/account/end-session", data={"csrf_token": token, "digest": mine})
        assert there.get("/board/account").status_code == 303
        log_in(there, mai)
        here.post("/board/account/end-all-sessions", data={"csrf_token": token})
        assert [window.get("/board/account").status_code for window in (here, there)] == [303, 303]


def test_what_an_account_loses_it_loses_at_the_next_click(window: httpx.Client, desk: TestDesk, mai: str) -> None:
    log_in(window, mai)
    with desk.context.database.write() as session:
        grants = (Grant(Role.AUDITOR, Scope.of([EVERYWHERE])),)
        accounts.set_grants(session, accounts.get(session, mai), grants, COMMAND)
    assert "Kiểm tra, giám sát" in window.get("/board/account").text
    with desk.context.database.write() as session:
        accounts.set_disabled(session, accounts.get(session, mai), wall_now(), COMMAND)
    assert window.get("/board/account").status_code == 303


def test_log_ins_are_in_the_audit_trail(window: httpx.Client, desk: TestDesk, mai: str) -> None:
    log_in(window, mai, "sai")
    log_in(window, mai)
    window.post("/board/logout", data={"csrf_token": csrf_of(window)})
    with desk.read() as session:
        own = audit.entries(session, actor=mai)
    assert [(row.action, row.outcome) for row in own] == [
        ("log-out", "done"),
        ("log-in", "done"),
        ("log-in", "refused"),
    ]
    assert all(row.trace for row in own)


def test_an_address_that_tries_too_often_waits(
    web: httpx.Client, desk: TestDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    monkeypatch.setattr("worker.web.log_in.log_in", lambda *_a, **_k: None)
    with browser(str(web.base_url)) as window:
        answers = [log_in(window, f"name{number}", "x").status_code for number in range(ATTEMPTS_A_MINUTE + 1)]
        assert answers[:-1] == [401] * ATTEMPTS_A_MINUTE
        last = log_in(window, "name", "x")
    assert last.status_code == 429
    assert int(last.headers["retry-after"]) >= 1
    assert "Chờ" in last.text


def test_pages_run_nothing_foreign_and_are_kept_nowhere(window: httpx.Client) -> None:
    headers = window.get("/board/login").headers
    policy = headers["content-security-policy"]
    assert all(part in policy for part in ("default-src 'none'", "form-action 'self'", "frame-ancestors 'none'"))
    assert "unsafe" not in policy
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"


def test_what_was_typed_comes_back_as_text(window: httpx.Client) -> None:
    answer = window.post(
        "/board/login", data={"username": '"><script>alert(1)</script>', "password": "x", "next": '"><b>'}
    )
    assert "<script>alert" not in answer.text
    assert '"><b>' not in answer.text


def test_every_form_of_the_board_asks_for_the_sessions_token(web: httpx.Client, mai: str) -> None:
    before_log_in = {"/board/login", "/board/setup/{token}"}
    routes = [route for part in _PARTS for route in part.router.routes if isinstance(route, APIRoute)]
    forms = {
        route.path for route in routes if route.path.startswith("/board") and set(route.methods or ()) - {"GET", "HEAD"}
    }
    assert before_log_in < forms
    with browser(str(web.base_url)) as window:
        log_in(window, mai)
        for path in forms - before_log_in:
            answer = window.post(path.replace("{", "").replace("}", ""))
            assert answer.status_code == 403, path
