"""Whose dossier it is: digits and a one-time code, or the link of a letter; and what nobody learns on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import httpx
import pytest
import structlog

from config.clock import wall_now, wall_time
from dispatch.channels import dossier_link
from dispatch.dossiers import get_dossier
from tests.support.citizens import Citizen, codes_sent, hidden, said
from tests.support.desk import TestDesk
from tests.support.servers import serve
from worker.access import audit
from worker.web.app import make_web

WRONG = "không đúng hoặc không còn dùng được"


@pytest.fixture(autouse=True)
def _own_time(desk: TestDesk) -> None:
    """Each test has a day of its own, so that codes of another limit nothing."""
    desk.clock.forward(days=2)


def link_to(desk: TestDesk, code: str, at: datetime | None = None) -> str:
    with desk.read() as session:
        return dossier_link.link("", get_dossier(session, code), at or desk.clock.now())


def test_digits_and_code_open_the_dossier(citizen: Citizen, desk: TestDesk, registered: str) -> None:
    page = citizen.open(registered)
    assert registered in page.text
    assert "Giấy tờ đang ở đâu" in said(page)
    assert citizen.page().status_code == 200


def test_the_message_goes_out_at_once_and_is_in_no_log(
    citizen: Citizen, desk: TestDesk, registered: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with structlog.testing.capture_logs() as logged:
        citizen.look_up(registered)
        citizen.ask_for_code()
        desk.work()
    told = next(m.body for m in desk.onestop.deliveries.received("messages") if m.body["subject"] == registered)
    (otp,) = codes_sent(desk, registered)
    assert otp in told["data"]["text_vi"]
    assert told["data"]["valid_until"] == (desk.clock.now() + timedelta(minutes=10)).isoformat()
    assert otp not in f"{logged}{capsys.readouterr()}"


def test_wrong_digits_right_digits_and_no_dossier_are_answered_the_same(
    browser: Callable[[], Citizen], desk: TestDesk, registered: str
) -> None:
    answers = []
    for code, digits in ((registered, "3275"), (registered, "0000"), ("H14.10-260302-9999", "3275")):
        somebody = browser()
        somebody.look_up(code)
        page = somebody.ask_for_code(digits)
        answers.append((page.status_code, said(page).replace(code, "…")))
        assert page.history[0].elapsed >= timedelta(seconds=0.14), "nor does the time tell what was found"
    assert len(set(answers)) == 1
    assert len(codes_sent(desk, registered)) == 1
    assert "9999" not in answers[0][1]


@pytest.mark.parametrize("typed", ["000000", "x", "", "12345", "1234567", "' OR 1=1"])
def test_a_wrong_code_opens_nothing(citizen: Citizen, desk: TestDesk, registered: str, typed: str) -> None:
    citizen.look_up(registered)
    citizen.ask_for_code()
    page = citizen.enter(typed)
    assert page.status_code in (403, 422)
    assert citizen.page().status_code == 401


def test_a_code_is_taken_with_spaces_and_wide_digits(citizen: Citizen, desk: TestDesk, registered: str) -> None:
    citizen.look_up(registered)
    citizen.ask_for_code()
    otp = codes_sent(desk, registered)[-1]
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in otp)
    assert citizen.enter(f" {wide[:3]} {wide[3:]} ").url.path == "/tra-cuu/ho-so"


def test_a_code_works_once(browser: Callable[[], Citizen], desk: TestDesk, registered: str) -> None:
    first, second = browser(), browser()
    first.open(registered)
    second.look_up(registered)
    assert WRONG in said(second.enter(codes_sent(desk, registered)[-1]))


def test_a_code_runs_out_after_ten_minutes_and_after_five_tries(
    browser: Callable[[], Citizen], desk: TestDesk, registered: str
) -> None:
    late, hasty = browser(), browser()
    late.look_up(registered)
    late.ask_for_code()
    desk.clock.forward(minutes=10)
    assert WRONG in said(late.enter(codes_sent(desk, registered)[-1]))
    hasty.look_up(registered)
    hasty.ask_for_code()
    otp = codes_sent(desk, registered)[-1]
    wrong = "111111" if otp != "111111" else "222222"
    for _ in range(5):
        hasty.enter(wrong)
    assert WRONG in said(hasty.enter(otp))


def test_a_new_code_takes_the_place_of_the_one_before(citizen: Citizen, desk: TestDesk, registered: str) -> None:
    citizen.look_up(registered)
    citizen.ask_for_code()
    desk.clock.forward(minutes=1)
    citizen.ask_for_code()
    first, second = codes_sent(desk, registered)
    assert WRONG in said(citizen.enter(first if first != second else "000000"))
    assert citizen.enter(second).url.path == "/tra-cuu/ho-so"


def test_a_telephone_rings_four_times_an_hour_at_most(
    browser: Callable[[], Citizen], desk: TestDesk, registered: str
) -> None:
    for _ in range(6):
        somebody = browser()
        somebody.look_up(registered)
        assert somebody.ask_for_code().status_code == 200, "nobody is told that it was too often"
        desk.clock.forward(minutes=2)
    assert len(codes_sent(desk, registered)) == 4


@pytest.fixture
def elsewhere(desk: TestDesk) -> Iterator[Citizen]:
    """A browser whose requests come to another one of the web processes, which has paces of its own."""
    with (
        serve(make_web(desk.runtime), lifespan="on") as url,
        httpx.Client(base_url=url, timeout=30.0, follow_redirects=True) as browser,
    ):
        yield Citizen(desk, browser)


def test_how_often_a_telephone_rings_is_counted_over_all_processes(
    citizen: Citizen, elsewhere: Citizen, desk: TestDesk, registered: str
) -> None:
    for one in (citizen, elsewhere):
        one.look_up(registered)
    for one in (citizen, elsewhere, citizen, elsewhere, citizen, elsewhere):
        assert one.ask_for_code().status_code == 200
        desk.clock.forward(minutes=2)
    assert len(codes_sent(desk, registered)) == 4


def test_the_tries_of_a_code_are_counted_over_all_processes(
    citizen: Citizen, elsewhere: Citizen, desk: TestDesk, registered: str
) -> None:
    for one in (citizen, elsewhere):
        one.look_up(registered)
    citizen.ask_for_code()
    otp = codes_sent(desk, registered)[-1]
    wrong = "111111" if otp != "111111" else "222222"
    for one in (citizen, elsewhere, citizen, elsewhere, citizen):
        assert WRONG in said(one.enter(wrong))
    assert WRONG in said(elsewhere.enter(otp))


def test_whoever_tries_digits_has_to_wait(citizen: Citizen, registered: str) -> None:
    citizen.look_up(registered)
    answers = [citizen.ask_for_code(f"{number:04}") for number in range(10)]
    refused = next(one for one in answers if one.status_code == 429)
    assert int(refused.headers["retry-after"]) >= 50


def test_a_code_comes_even_to_who_wants_no_messages_and_stands_in_no_story(
    citizen: Citizen, desk: TestDesk, registered: str
) -> None:
    citizen.open(registered)
    citizen.send("tin-nhan", {})
    desk.clock.forward(hours=2)
    page = citizen.open(registered)
    desk.work()
    assert len(codes_sent(desk, registered)) == 2
    assert "mã xác thực" not in said(citizen.page()).lower().split("tra cứu không mất tiền")[0]
    assert "Tin đã gửi" not in said(page)


def test_the_link_of_a_letter_asks_first_and_then_opens(citizen: Citizen, desk: TestDesk, registered: str) -> None:
    path = link_to(desk, registered)
    asked = citizen.browser.get(path)
    assert asked.status_code == 200
    assert registered not in asked.text
    assert citizen.page().status_code == 401, "a mail program that looks at links opens nothing"
    assert citizen.browser.post(path).url.path == "/tra-cuu/ho-so"
    assert registered in citizen.page().text


def test_a_link_that_is_too_old_or_went_to_a_wrong_address_says_what_to_do(
    citizen: Citizen, desk: TestDesk, registered: str
) -> None:
    old = link_to(desk, registered, desk.clock.now() - dossier_link.GOOD_FOR)
    astray = link_to(desk, registered)
    desk.register(registered, applicant={"name": "Bế Đức Hiếu", "phone": "0912345678"})
    for path in (old, astray):
        for answer in (citizen.browser.get(path), citizen.browser.post(path)):
            assert answer.status_code == 410
            assert "Liên kết đã hết hạn" in said(answer)
            assert "tra cứu bằng mã hồ sơ" in said(answer)


@pytest.mark.parametrize("broken", ["x", "A" * 120, "%00", "ể"])
def test_a_broken_link_opens_nothing(citizen: Citizen, broken: str) -> None:
    answer = citizen.browser.post(f"{dossier_link.PATH}/{broken}")
    assert answer.status_code == 404
    assert "Liên kết không đầy đủ" in said(answer)


def test_a_link_that_was_changed_opens_nothing(citizen: Citizen, desk: TestDesk, registered: str) -> None:
    path = link_to(desk, registered)
    other = "A" if path[-20] != "A" else "B"
    assert citizen.browser.post(path[:-20] + other + path[-19:]).status_code == 404


def test_half_an_hour_without_use_closes_the_dossier(citizen: Citizen, registered: str) -> None:
    citizen.open(registered)
    later = Moved(timedelta(minutes=29))
    with wall_time(later):
        assert citizen.page().status_code == 200
        later.by = timedelta(minutes=58)
        assert citizen.page().status_code == 200
        later.by = timedelta(minutes=89)
        assert "Chưa mở hồ sơ nào" in said(citizen.page())


def test_closing_ends_the_session_on_every_device_that_has_its_cookie(citizen: Citizen, registered: str) -> None:
    page = citizen.open(registered)
    token = citizen.browser.cookies["ho_so"]
    forms = page.text.rsplit("<form", 1)[1]
    assert citizen.browser.post("/tra-cuu/thoat", data=hidden_in(forms)).url.path == "/tra-cuu"
    citizen.browser.cookies.set("ho_so", token, path="/tra-cuu")
    assert citizen.page().status_code == 401


def test_what_a_citizen_reads_and_changes_is_in_the_audit_trail(
    citizen: Citizen, desk: TestDesk, registered: str
) -> None:
    citizen.look_up(registered)
    assert trail(desk, registered) == [], "the progress is no personal data"
    citizen.open(registered)
    citizen.send("tin-nhan", {"phone": "1"})
    kinds = [entry.action for entry in trail(desk, registered)]
    assert kinds[:2] == ["citizen.open", "dossier.read"]
    assert "citizen.messages" in kinds
    assert all(
        entry.actor_kind == "citizen" and "Hiếu" not in f"{entry.actor}{entry.details}"
        for entry in trail(desk, registered)
    )


def trail(desk: TestDesk, code: str) -> list[audit.AuditEntry]:
    with desk.read() as session:
        return audit.entries(session, subject=code)[::-1]


def test_the_cookie_is_for_the_server_alone(citizen: Citizen, registered: str) -> None:
    citizen.open(registered)
    citizen.look_up(registered)
    citizen.desk.clock.forward(minutes=5)
    citizen.ask_for_code()
    answer = citizen.browser.post(
        "/tra-cuu/ma-xac-thuc", data={"code": codes_sent(citizen.desk, registered)[-1]}, follow_redirects=False
    )
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "path=/tra-cuu" in cookie
    assert "secure" not in cookie, "this desk is served without encryption, on the loopback"


def test_behind_a_proxy_that_encrypts_cookies_travel_encrypted_alone(citizen: Citizen, registered: str) -> None:
    answer = citizen.browser.post(
        "/tra-cuu", data={"code": registered}, headers={"X-Forwarded-Proto": "https"}, follow_redirects=False
    )
    assert "secure" in answer.headers["set-cookie"].lower()


def test_behind_a_proxy_each_address_waits_for_itself(citizen: Citizen, registered: str) -> None:
    def tries(address: str, times: int) -> list[int]:
        citizen.look_up(registered)
        said = {"digits": "0000"}
        headers = {"X-Forwarded-For": address}
        return [citizen.browser.post("/tra-cuu/xac-thuc", data=said, headers=headers).status_code for _ in range(times)]

    assert tries("203.0.113.7", 7)[-1] == 429
    assert tries("203.0.113.8", 1) == [200]


def test_a_session_is_for_one_dossier_and_its_forms_are_for_it_alone(
    citizen: Citizen, desk: TestDesk, registered: str
) -> None:
    citizen.open(registered)
    form = hidden(citizen.page("tin-nhan"))
    other = f"{registered}-2"
    desk.register(other)
    citizen.look_up(other)
    assert registered in citizen.page().text, "a look-up opens nothing"
    citizen.open(other)
    answer = citizen.browser.post("/tra-cuu/ho-so/tin-nhan", data=form)
    assert answer.status_code == 403
    assert "Chưa có gì thay đổi" in said(answer)


class Moved:
    """Real time, moved on."""

    def __init__(self, by: timedelta) -> None:
        self.by, self._start = by, wall_now()

    def now(self) -> datetime:
        return self._start + self.by


def hidden_in(form: str) -> dict[str, str]:
    return {"forms": form.split('name="forms" value="')[1].split('"')[0]}


@pytest.mark.parametrize("sent", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}])
def test_another_sites_page_opens_no_dossier_of_its_own_choice(
    citizen: Citizen, desk: TestDesk, registered: str, sent: dict[str, str]
) -> None:
    path = link_to(desk, registered)
    assert citizen.browser.post(path, headers=sent).status_code == 403
    assert citizen.page().status_code == 401
    assert citizen.browser.post(path, headers={"Sec-Fetch-Site": "same-origin"}).url.path == "/tra-cuu/ho-so"
