"""Without a log-in everybody who has a code sees how far the dossier has come, and nothing else of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.citizens import Citizen, said
from tests.support.desk import TestDesk

WHAT_NOBODY_SEES = ("Bế Đức Hiếu", "919393275", "3275", "004412799013", "Tờ khai", "Sở Tư pháp", "hộ tịch", "25.000")


def test_the_code_shows_the_progress_and_nothing_of_the_person_or_the_matter(citizen: Citizen, registered: str) -> None:
    page = citizen.look_up(registered)
    assert page.status_code == 200
    assert page.url.path == "/tra-cuu/tien-do"
    assert f"Mã hồ sơ: {registered}" in said(page)
    assert "Bước 1 trong 4 bước" in said(page)
    assert not [word for word in WHAT_NOBODY_SEES if word in page.text]


def test_the_code_stands_in_no_address(citizen: Citizen, registered: str) -> None:
    page = citizen.look_up(registered)
    assert all(registered not in str(step.url) for step in (*page.history, page))
    assert registered not in str(citizen.browser.cookies.get("tra_cuu"))


@pytest.mark.parametrize(
    "written", ["{lower}", "  {code} ", "{wide}", "Mã hồ sơ: {code}\n", "https://x.vn/?ma={code}&v=1"]
)
def test_a_code_is_found_as_people_write_it(citizen: Citizen, registered: str, written: str) -> None:
    wide = "".join(chr(ord(char) + 0xFEE0) for char in registered)
    page = citizen.look_up(written.format(code=registered, lower=registered.lower(), wide=wide))
    assert f"Mã hồ sơ: {registered}" in said(page)


@pytest.mark.parametrize(
    "code", ["H14.10-260302-9999", "000.00.01.H14-260302-0001", "x", "' OR 1=1 --", "%00", "\x00", "A" * 10_000, "‮H14"]
)
def test_unknown_foreign_and_malformed_codes_are_answered_the_same(citizen: Citizen, code: str) -> None:
    page = citizen.look_up(code)
    assert page.status_code == 404
    assert [step.status_code for step in page.history] == [303]
    assert "Không tìm thấy hồ sơ" in said(page)


def test_what_was_typed_is_shown_as_text(citizen: Citizen) -> None:
    page = citizen.look_up("<script>alert(1)</script>\u202eabc")
    assert "<script" not in page.text
    assert "<bdi>&lt;script&gt;" in page.text


def test_an_empty_code_is_asked_for_again(citizen: Citizen) -> None:
    page = citizen.look_up("  ")
    assert page.status_code == 422
    assert "Vui lòng nhập mã hồ sơ" in said(page)


def test_progress_without_a_look_up_begins_at_the_form(citizen: Citizen) -> None:
    assert citizen.browser.get("/tra-cuu/tien-do").url.path == "/tra-cuu"


def test_whoever_guesses_codes_has_to_wait_longer_and_longer(citizen: Citizen, registered: str) -> None:
    answers = [citizen.look_up(f"H14.10-260302-{number}") for number in range(70_000, 70_020)]
    refused = next(one for one in answers if one.status_code == 429)
    assert answers.index(refused) <= 11
    assert 0 < int(refused.headers["retry-after"]) <= 15
    assert "Đã thử quá nhiều lần" in said(refused)
    assert citizen.look_up(registered).status_code == 429, "a right guess is not told from a wrong one"


def test_both_languages_and_no_script(citizen: Citizen, registered: str) -> None:
    page = citizen.browser.get("/tra-cuu?lang=en")
    assert "Look a dossier up" in page.text
    assert "<script" not in page.text
    assert "Step 1 of 4" in said(citizen.look_up(registered))


def test_the_progress_goes_on_with_the_dossier(browser: Callable[[], Citizen], desk: TestDesk, registered: str) -> None:
    desk.order("receive", dossier=registered)
    assert "Đã nộp hồ sơ Bước 1 trong 5 bước" in said(browser().look_up(registered))
    desk.tell("accepted", "taken", code=registered)
    assert "Cơ quan đang giải quyết Bước 2 trong 5 bước" in said(browser().look_up(registered))
    desk.tell("result_ready", "ready", code=registered, result_papers=[{"name": "Trích lục", "originals": 1}])
    assert "Đã có kết quả Bước 3 trong 5 bước" in said(browser().look_up(registered))
