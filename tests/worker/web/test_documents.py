"""Documents over HTTP: printed as one PDF, and what the register says of it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.support.desk import TestDesk
from tests.support.pdfs import codes_in, page_count, text_of
from tests.support.web import problem


@pytest.fixture
def order(desk: TestDesk, registered: str) -> str:
    """The number of an order that brings a citizen's papers."""
    return desk.order("send", dossier=registered)[0]


def body(kind: str, *subjects: str) -> dict[str, Any]:
    return {"kind": kind, "subjects": list(subjects)}


def test_a_label_comes_as_a_pdf_that_no_cache_keeps(web: httpx.Client, order: str) -> None:
    answer = web.post("/v1/documents", json=body("label", order))
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["cache-control"] == "no-store"
    assert "NBG-H14.10.pdf" in answer.headers["content-disposition"]
    assert codes_in(answer.content) == {("Code128", order), ("QRCode", order)}


def test_the_register_names_every_print_and_who_asked_for_it(web: httpx.Client, order: str) -> None:
    first, again = (web.post("/v1/documents", json=body("slip", order)).content for _ in range(2))
    assert "COPY" not in text_of(first)
    assert "BẢN SAO / COPY" in text_of(again)
    (document,) = web.get("/v1/documents", params={"kind": "slip", "subject": order}).json()["documents"]
    assert document["number"] in text_of(first)
    assert document["number"] in text_of(again)
    assert (document["validity"], document["agency"], len(document["sha256"])) == ("draft", "H14.10", 64)
    assert [(one["copy_no"], one["printed_by"]) for one in document["prints"]] == [(0, "one-stop"), (1, "one-stop")]


def test_what_was_never_printed_has_no_number(web: httpx.Client, order: str) -> None:
    assert web.get("/v1/documents", params={"kind": "label", "subject": order}).json() == {"documents": []}


def test_many_are_one_file(web: httpx.Client, desk: TestDesk) -> None:
    orders = []
    for n in range(30):
        desk.register(f"H14.10-260303-{n:04}")
        orders += desk.order("send", dossier=f"H14.10-260303-{n:04}")
    answer = web.post("/v1/documents", json=body("label", *orders))
    assert page_count(answer.content) == 30
    assert all(order in text_of(answer.content, page) for page, order in enumerate(orders))


def test_wrong_subjects_are_named_and_nothing_is_printed(web: httpx.Client, order: str) -> None:
    refusal = problem(web.post("/v1/documents", json=body("label", order, "X-S1", "X-S2")), 404, "documents")
    assert [one["subject"] for one in refusal["subjects"]] == ["X-S1", "X-S2"]
    assert refusal["next_step_vi"]
    assert web.get("/v1/documents", params={"kind": "label", "subject": order}).json() == {"documents": []}


@pytest.mark.parametrize(
    "wrong",
    [
        body("label"),
        body("poem", "X-S1"),
        body("label", "../../etc/passwd"),
        body("label", "x" * 200),
        body("label", *(f"X-{n}" for n in range(501))),
        {**body("label", "X-S1"), "copies": 3},
    ],
    ids=["nothing", "unknown kind", "a path", "too long", "too many", "unknown field"],
)
def test_what_does_not_fit_is_refused(web: httpx.Client, wrong: dict[str, Any]) -> None:
    problem(web.post("/v1/documents", json=wrong), 422, "invalid-request")


def test_a_handover_record_goes_from_draft_to_signed(web: httpx.Client, desk: TestDesk, registered: str) -> None:
    (number,) = desk.order("receive", dossier=registered)
    desk.tell("accepted", "e-1", code=registered)
    desk.tell("result_ready", "e-2", code=registered, result_papers=[{"name": "Kết quả", "originals": 1}])
    desk.work()
    record = {"agency": "H14.10", "carrier": "vnpost_ngsp", "direction": "to_post", "orders": [number]}
    drawn = web.post("/v1/handovers", json=record).json()["id"]
    draft = text_of(web.post("/v1/documents", json=body("handover", str(drawn))).content)
    desk.clock.forward(minutes=5)
    signature = {
        "signed_at": desk.clock.now().isoformat(),
        "officer": "Hà Thị Mai",
        "postman": "Lý Văn Hải",
        "lines": [{"order": number, "accepted": True}],
    }
    assert web.post(f"/v1/handovers/{drawn}/sign", json=signature).status_code == 200
    signed = text_of(web.post("/v1/documents", json=body("handover", str(drawn))).content)
    assert ("DRAFT" in draft, "DRAFT" in signed) == (True, False)
    assert "Kết quả (01 bản chính)" in signed
    assert "Lý Văn Hải" in signed
    found = web.get("/v1/documents", params={"kind": "handover", "subject": str(drawn)}).json()["documents"]
    assert [one["validity"] for one in found] == ["draft", "signed"]
