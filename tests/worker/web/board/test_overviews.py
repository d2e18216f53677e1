"""Results, operators and figures: what is behind the single case."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import product

import pytest

from dispatch.shipment_queries import get_shipment
from tests.support.board import Colleague
from tests.support.desk import ACCOUNT, AGENCY, MONDAY, TestDesk
from tests.worker.web.board.cases import at_the_desk
from tests.worker.web.board.conftest import As
from worker.access.roles import Role

CHARTS = ("volumes", "punctuality", "transit", "deadlines")


@pytest.fixture
def result(desk: TestDesk, registered: str) -> str:
    """The number of an order that takes a result home, which waits for the postman."""
    (number,) = desk.order("receive", dossier=registered)
    desk.tell("accepted", "a1", code=registered)
    desk.tell("result_ready", "r1", code=registered, result_papers=[{"name": "Trích lục", "originals": 1}])
    desk.work()
    return number


def test_a_result_waits_for_the_post_and_is_handed_over(desk: TestDesk, officer: Colleague, result: str) -> None:
    page = officer.page("/board/results", agency=AGENCY)
    waiting = page[page.index("Waiting for the post") : page.index("Could not be delivered")]
    assert result in waiting
    assert f'href="/board/handovers?agency={AGENCY}&amp;direction=to_post"' in waiting


def test_a_result_that_failed_shows_how_far_it_is(desk: TestDesk, officer: Colleague, result: str) -> None:
    desk.report(result, 2)
    desk.report(result, 5, desk.clock.now() + timedelta(minutes=1))
    desk.poll()
    with desk.context.database.write() as session:
        shipment = get_shipment(session, result)
        shipment.state = shipment.journey = "delivery_failed"
    page = officer.page("/board/results", agency=AGENCY)
    failed = page[page.index("Could not be delivered") : page.index("Back at the counter")]
    assert result in failed


def test_another_agencys_results_are_not_shown(colleague: As, result: str) -> None:
    assert result not in colleague(Role.SUPERVISOR, "H14.99").page("/board/results", agency=AGENCY)


def test_operators_show_whether_they_answer_and_keep_their_promises(desk: TestDesk, colleague: As, result: str) -> None:
    page = colleague(Role.OFFICER).page("/board/operators")
    assert ACCOUNT in page
    assert "Calls in the last hour" in page
    assert "News last read" in page
    assert "How far behind we are" in page
    assert "How far behind we are" not in colleague(Role.CLERK).page("/board/operators")


@pytest.fixture(scope="module")
def _history(desk: TestDesk) -> None:
    """Some weeks in which papers came in and were carried."""
    for n in range(3):
        code = f"H14.10-2602{n + 10}-7000"
        desk.register(code)
        number = at_the_desk(desk, code)
        desk.tell("accepted", "a", code=code)
        desk.tell("result_ready", "r", code=code, result_papers=[{"name": "Trích lục", "originals": 1}])
        assert desk.shipment(number).state == "delivered"


@pytest.mark.usefixtures("_history")
@pytest.mark.parametrize("name", CHARTS)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_chart_runs_nothing_and_asks_nobody(colleague: As, name: str, language: str) -> None:
    answer = colleague(Role.OFFICER, language=language).get(f"/board/figures/{name}.svg")
    assert answer.headers["content-type"] == "image/svg+xml"
    assert "<script" not in answer.text
    assert set(re.findall(r"https?://[^\s\"'<]+", answer.text)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }


@pytest.mark.usefixtures("_history")
def test_the_figures_are_in_tables_too_and_only_ones_own(colleague: As) -> None:
    page = colleague(Role.OFFICER).page("/board/figures")
    week = f"{MONDAY:%d/%m}"
    assert "Dossiers that came in, by week and way" in page
    assert f'<th scope="row">{week}</th>' in page
    for name, ground in product(("volumes", "deadlines"), ("light", "dark")):
        assert f'src="/board/figures/{name}.svg?lang=en&amp;ground={ground}"' in page
    assert "Nothing to show yet" in colleague(Role.OFFICER, "H14.99").page("/board/figures")
    assert colleague().get("/board/figures/nothing.svg").status_code == 404
