"""Pages protect whoever reads them, speak the chosen language, and say problems to people."""

from __future__ import annotations

import asyncio
import re

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st

from worker.web import problems
from worker.web.pages.formats import Formats, typed
from worker.web.pages.languages import Language


def test_a_problem_on_a_page_is_a_page_in_vietnamese_and_elsewhere_a_document(web: httpx.Client) -> None:
    page = web.get("/board/no-such-page")
    assert page.status_code == 404
    assert page.headers["content-type"].startswith("text/html")
    assert '<html lang="vi">' in page.text
    assert "Chưa thực hiện được" in page.text
    assert web.get("/v1/no-such-path").headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("first_page", ["/board", "/tra-cuu"])
def test_an_address_that_leads_nowhere_says_so_and_leads_back(web: httpx.Client, first_page: str) -> None:
    page = web.get(f"{first_page}/no-such-page").text
    assert "Không có trang này." in page
    assert f'class="button quiet" href="{first_page}"' in page
    assert f'class="brand" href="{first_page}"' in page
    assert "GET" not in page


def test_a_bug_is_said_to_people_on_a_page_and_to_programs_in_a_document() -> None:
    app = FastAPI()
    problems.install(app)
    for path in ("/board/broken", "/v1/broken"):
        app.add_api_route(path, _broken)
    page, document = asyncio.run(_answers(app, "/board/broken", "/v1/broken"))
    assert (page.status_code, document.status_code) == (500, 500)
    assert "Gửi lại yêu cầu" in page.text
    assert 'class="button quiet" href="/board"' in page.text
    assert document.json()["type"].endswith(":internal")


def _broken() -> None:
    raise ZeroDivisionError


async def _answers(app: FastAPI, *paths: str) -> list[httpx.Response]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://desk.example.vn") as browser:
        return [await browser.get(path) for path in paths]


def test_the_bare_address_leads_to_the_board_whose_log_in_shows_citizens_on(web: httpx.Client) -> None:
    answer = web.get("/")
    assert (answer.status_code, answer.headers["location"]) == (303, "/board")
    assert 'href="/tra-cuu"' in web.get("/board/login").text


def test_the_language_is_chosen_by_the_address_and_remembered(web: httpx.Client) -> None:
    with httpx.Client(base_url=web.base_url) as browser:
        assert "This could not be done" in browser.get("/board/x", params={"lang": "en"}).text
        assert '<html lang="en">' in browser.get("/board/x").text
        assert '<html lang="vi">' in browser.get("/board/x", params={"lang": "vi"}).text


@pytest.mark.parametrize("chosen", ["de", "", "<script>", "vi'"])
def test_a_language_that_is_none_is_vietnamese(web: httpx.Client, chosen: str) -> None:
    answer = web.get("/board/x", params={"lang": chosen})
    assert '<html lang="vi">' in answer.text
    assert "set-cookie" not in answer.headers
    assert "<script>" not in answer.text


def test_a_page_runs_nothing_but_our_own_files_and_stays_in_no_cache(web: httpx.Client) -> None:
    headers = web.get("/board/x").headers
    assert "script-src 'self'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"


def test_the_style_sheet_is_kept_by_browsers_until_it_changes(web: httpx.Client) -> None:
    address = re.findall(r'href="(/static/\w+/site\.css)"', web.get("/board/x").text)[0]
    sheet = web.get(address)
    assert sheet.status_code == 200
    assert "immutable" in sheet.headers["cache-control"]
    assert web.get(address.replace(address.split("/")[2], "0" * 16)).status_code == 404
    assert web.get(f"/static/{'0' * 16}/..%2Frendering.py").status_code == 404


def test_money_and_days_are_written_as_people_write_them() -> None:
    vi, en = Formats(Language.VI), Formats(Language.EN)
    assert vi.money(25_000).replace("\xa0", " ") == "25.000 ₫"
    assert "25,000" in en.money(25_000)


@given(st.text())
def test_what_was_typed_is_shown_as_typed_and_never_as_markup(text: str) -> None:
    shown = typed(text)
    assert shown.removeprefix("<bdi>").removesuffix("</bdi>").unescape() == text
    assert "<" not in shown.removeprefix("<bdi>").removesuffix("</bdi>")
