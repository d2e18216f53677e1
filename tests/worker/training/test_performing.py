"""Acts reach the system once in effect, however often they are tried, and a refusal is an answer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from carriers.vnpost_ngsp.simulator import NgspOperator
from dispatch.onestop.simulator import OneStopSimulator
from tests.support.servers import serve
from tests.worker.training.scenes import CODE, at, case
from worker.training.book import Act, WorldBook
from worker.training.casting import Part
from worker.training.client import Client, SystemAwayError
from worker.training.performing import Performer
from worker.training.plot import PROVINCE_ACCOUNT, Plot
from worker.training.post_office import PostOffice

SECRET = "whsec_" + "Y2FsbGJhY2tz" * 3
S1, OTHER = f"{CODE}-S1", "H14.10-260211-0012"
CASES = [case(), case("send", code=OTHER)]
NOW = at("2026-02-13 10:00")


class System:
    """Takes down what it is asked, and answers as the test wants it to."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Any, str | None]] = []
        self.answers: dict[str, Response] = {}

    async def take(self, request: Request) -> Response:
        what = f"{request.method} {request.url.path}"
        body = await request.json() if request.method != "GET" else dict(request.query_params)
        self.asked.append((what, body, request.headers.get("idempotency-key")))
        return self.answers.get(what, JSONResponse({"id": 7, "orders": []}))

    def bodies(self, what: str) -> list[Any]:
        return [body for asked, body, _ in self.asked if asked == what]


@pytest.fixture
def system() -> System:
    return System()


@pytest.fixture
def book(tmp_path: Path) -> Iterator[WorldBook]:
    opened = WorldBook(tmp_path / "world.db")
    yield opened
    opened.close()


@pytest.fixture
def onestop(tmp_path: Path) -> Iterator[OneStopSimulator]:
    opened = OneStopSimulator(tmp_path / "onestop.db", SECRET, SECRET, now=lambda: NOW)
    yield opened
    opened.deliveries.close()


@pytest.fixture
def performer(system: System, book: WorldBook, onestop: OneStopSimulator) -> Iterator[Performer]:
    plot = Plot.new(CASES, starts_at=NOW)
    clients = {account: plot.client_of(account) for account in plot.customers}
    operator = NgspOperator(now=lambda: NOW, clients=list(clients.values()))
    app = Starlette(routes=[Route("/{path:path}", system.take, methods=["GET", "PUT", "POST"])])
    with serve(app) as url, Client(url, "x" * 16) as client:
        post = PostOffice(operator, clients, book)
        yield Performer(CASES, book, client, onestop, post, lambda _case: PROVINCE_ACCOUNT)
    operator.close()


def counting(number: str, code: str, **more: Any) -> Act:
    payload = {"agency": "H14.10", "direction": "to_agency", "order": number, **more}
    return Act(f"{code}/to_agency:{number}", NOW, "handover", code, payload)


def test_filing_registers_the_dossier_and_orders_the_post_under_one_key(
    performer: Performer, system: System, book: WorldBook
) -> None:
    book.plan([Act(f"{CODE}/file", NOW, "file", CODE)])
    assert performer.perform_due(NOW) == 1
    assert [asked for asked, _, _ in system.asked] == [f"PUT /v1/dossiers/{CODE}", "POST /v1/orders"]
    assert system.asked[1][1:] == ({"dossier": CODE, "service": "both"}, f"{CODE}/first-order")
    assert CODE in book.begun()
    assert performer.perform_due(NOW) == 0


def test_a_system_that_is_away_leaves_the_act_open_and_the_same_key_is_used_again(
    performer: Performer, system: System, book: WorldBook
) -> None:
    book.plan([Act(f"{CODE}/file", NOW, "file", CODE)])
    system.answers["POST /v1/orders"] = Response(status_code=503)
    with pytest.raises(SystemAwayError):
        performer.perform_due(NOW)
    system.answers.clear()
    assert performer.perform_due(NOW) == 1
    assert len({key for asked, _, key in system.asked if asked == "POST /v1/orders"}) == 1


def test_a_refused_filing_is_kept_with_its_problem_and_its_part_goes_to_another(
    performer: Performer, system: System, book: WorldBook
) -> None:
    problem = {"title": "The phone cannot be used", "next_step": "Ask the citizen."}
    system.answers[f"PUT /v1/dossiers/{CODE}"] = JSONResponse(problem, 422)
    book.plan([Act(f"{CODE}/file", NOW, "file", CODE), Act(f"{OTHER}/file", NOW, "file", OTHER)])
    performer.perform_due(NOW)
    (refusal,) = book.refusals()
    assert (refusal.dossier, refusal.problem) == (CODE, problem)
    assert book.begun().keys() == {OTHER}


def test_papers_of_one_round_are_counted_in_one_record_each_line_by_itself(
    performer: Performer, system: System, book: WorldBook
) -> None:
    other = f"{OTHER}-S1"
    expected = [{"order_number": number, "carrier": "vnpost_ngsp"} for number in (S1, other, "H14.10-X-S1")]
    system.answers["GET /v1/handovers/expected"] = JSONResponse({"orders": expected})
    rejected = {"missing": ["Tờ khai"], "reason": "Thiếu giấy tờ: Tờ khai"}
    book.plan([counting(S1, CODE, **rejected), counting(other, OTHER)])
    assert performer.perform_due(NOW) == 2
    (record,), (signature,) = system.bodies("POST /v1/handovers"), system.bodies("POST /v1/handovers/7/sign")
    assert record["orders"] == [other, S1]
    verdicts = {line["order"]: line["accepted"] for line in signature["lines"]}
    assert verdicts == {S1: False, other: True}
    assert signature["signed_at"] == "2026-02-13T03:00:00+00:00"


def test_papers_that_were_signed_for_before_a_crash_are_not_counted_again(
    performer: Performer, system: System, book: WorldBook
) -> None:
    book.plan([counting(S1, CODE)])
    assert performer.perform_due(NOW) == 1
    assert system.bodies("POST /v1/handovers") == []


def test_an_event_is_told_with_its_own_id_and_time(performer: Performer, system: System, book: WorldBook) -> None:
    form = {"event_id": f"{CODE}:result_ready", "type": "result_ready", "officer": "Lan"}
    book.plan([Act(f"{CODE}/result_ready", NOW, "dossier_event", CODE, form)])
    performer.perform_due(at("2026-02-13 16:00"))
    (told,) = system.bodies(f"POST /v1/dossiers/{CODE}/events")
    assert told == form | {"at": "2026-02-13T03:00:00+00:00"}


def test_after_a_rejected_line_only_the_way_to_the_agency_is_ordered_again(
    performer: Performer, system: System, book: WorldBook
) -> None:
    book.plan([Act(f"{CODE}/order_again:{S1}", NOW, "order_again", CODE)])
    performer.perform_due(NOW)
    assert system.asked == [("POST /v1/orders", {"dossier": CODE, "service": "send"}, f"{CODE}/order_again:{S1}")]


def test_a_failing_onestop_is_set_up_once_also_by_a_resumed_run(
    performer: Performer, onestop: OneStopSimulator
) -> None:
    for _ in range(2):
        performer.arm(CODE, Part.CALLBACK_ERROR)
    assert onestop.deliveries.fault_hits() == {CODE: 0}
