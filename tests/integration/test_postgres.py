"""The web interface over PostgreSQL, which is stricter with texts and numbers than SQLite and lets requests race."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.desk import AGENCY, CARRIER, MONDAY, TestDesk, dossier_body, opened_desk, order_body
from tests.support.schema import with_tables
from tests.support.web import new_key, visit

RIVALS = 6
# The longest dossier and agency codes, names and event ids that the interface takes.
CODE = "H14." + "9" * 56
LONG = {"code": "A" * 60, "name": "Sở " + "x" * 290}


@pytest.fixture(scope="module")
def desk(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestDesk]:
    folder: Path = tmp_path_factory.mktemp("desk")
    with with_tables(postgres_url) as url, opened_desk(folder, url) as desk:
        yield desk


@pytest.fixture(scope="module")
def web(desk: TestDesk) -> Iterator[httpx.Client]:
    with visit(desk) as caller:
        yield caller


def at_once(ask: Any) -> list[httpx.Response]:
    """Let rivals ask the same thing at the same moment."""
    with ThreadPoolExecutor(RIVALS) as rivals:
        return list(rivals.map(ask, range(RIVALS)))


def test_a_request_sent_by_several_at_once_under_one_key_is_one_order(web: httpx.Client, desk: TestDesk) -> None:
    code, key = "H14.10-260302-0001", new_key()
    desk.register(code)
    answers = at_once(lambda _: web.post("/v1/orders", json=order_body(dossier=code), headers=key))
    assert {answer.status_code for answer in answers} <= {200, 201, 409}, [a.text for a in answers]
    assert [answer.status_code for answer in answers].count(201) == 1
    assert len({answer.json()["id"] for answer in answers if answer.status_code < 300}) == 1
    assert all(answer.json()["next_step"] for answer in answers if answer.status_code == 409)
    again = web.post("/v1/orders", json=order_body(dossier=code), headers=key)
    assert again.status_code == 200


def test_of_several_orders_for_one_leg_exactly_one_is_taken(web: httpx.Client, desk: TestDesk) -> None:
    code = "H14.10-260302-0002"
    desk.register(code)
    answers = at_once(lambda _: web.post("/v1/orders", json=order_body("send", dossier=code), headers=new_key()))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * (RIVALS - 1), [a.text for a in answers]
    assert len(web.get(f"/v1/dossiers/{code}").json()["shipments"]) == 1


def test_a_dossier_registered_by_several_at_once_is_registered_once(web: httpx.Client) -> None:
    path = "/v1/dossiers/H14.10-260302-0003"
    answers = at_once(lambda _: web.put(path, json=dossier_body()))
    assert {answer.status_code for answer in answers} <= {200, 201, 409}, [a.text for a in answers]
    assert [answer.status_code for answer in answers].count(201) == 1
    assert len(web.get(path).json()["papers"]) == 2


def test_an_event_told_by_several_at_once_counts_once(web: httpx.Client, desk: TestDesk) -> None:
    code = "H14.10-260302-0004"
    desk.register(code)
    event = {"event_id": "e-1", "type": "accepted", "at": MONDAY.isoformat(), "officer": "Mai"}
    answers = at_once(lambda _: web.post(f"/v1/dossiers/{code}/events", json=event))
    assert {answer.status_code for answer in answers} <= {202, 409}, [a.text for a in answers]
    deadline = web.get(f"/v1/dossiers/{code}/deadline").json()
    assert (len(deadline["explanation"]), deadline["revision"]) == (1, 1)


def test_a_record_signed_by_both_sides_at_once_is_signed_once(web: httpx.Client, desk: TestDesk) -> None:
    code = "H14.10-260302-0005"
    desk.register(code)
    (number,) = desk.order("send", dossier=code)
    record = {"agency": AGENCY, "carrier": CARRIER, "direction": "to_agency", "orders": [number]}
    handover = web.post("/v1/handovers", json=record).json()["id"]
    line = {"order": number, "accepted": True}
    body = {"signed_at": MONDAY.isoformat(), "officer": "Mai", "postman": "Hải", "lines": [line]}
    answers = at_once(lambda _: web.post(f"/v1/handovers/{handover}/sign", json=body))
    assert {answer.status_code for answer in answers} <= {200, 409}, [a.text for a in answers]
    assert web.get(f"/v1/dossiers/{code}/deadline").json()["revision"] == 1


def test_the_longest_texts_that_are_taken_fit_everywhere(web: httpx.Client, desk: TestDesk) -> None:
    procedure = {**dossier_body()["procedure"], "code": "p" * 60, "name": "n" * 300}
    body = dossier_body(agency=LONG, procedure=procedure)
    assert web.put(f"/v1/dossiers/{CODE}", json=body).status_code == 201
    order = web.post("/v1/orders", json=order_body(dossier=CODE), headers={"Idempotency-Key": "k" * 200})
    assert order.status_code == 201, order.text
    _hand_over(web, order.json()["shipments"][0]["order_number"])
    for kind, event_id in (("supplement_requested", "a"), ("supplement_completed", "b"), ("result_ready", "c")):
        papers = [{"name": "r" * 300, "originals": 1}] if kind == "result_ready" else []
        event = {"event_id": event_id * 100, "type": kind, "at": MONDAY.isoformat(), "officer": "o" * 300}
        more = {"reason": "w" * 300, "result_papers": papers}
        answer = web.post(f"/v1/dossiers/{CODE}/events", json={**event, **more})
        assert answer.status_code == 202, answer.text
    desk.work()
    assert web.get(f"/v1/dossiers/{CODE}").status_code == 200


def _hand_over(web: httpx.Client, number: str) -> None:
    record = {"agency": LONG["code"], "carrier": CARRIER, "direction": "to_agency", "orders": [number]}
    handover = web.post("/v1/handovers", json=record).json()["id"]
    line = {"order": number, "accepted": True}
    body = {"signed_at": MONDAY.isoformat(), "officer": "o" * 300, "postman": "p" * 300, "lines": [line]}
    answer = web.post(f"/v1/handovers/{handover}/sign", json=body)
    assert answer.status_code == 200, answer.text
