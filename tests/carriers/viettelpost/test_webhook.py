"""Deliveries are let in with the shared secret, taken apart without it, and answered in fixed words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carriers.viettelpost.webhook import Gate, TokenPlace, answer
from carriers.webhooks import Verdict, WebhookReading
from tests.carriers.viettelpost.office import CLIENT, delivered

_SECRET = CLIENT.webhook_token
_DATA = {
    "ORDER_NUMBER": "13294410127",
    "ORDER_REFERENCE": "H14-1-S1",
    "ORDER_STATUS": 501,
    "ORDER_STATUSDATE": "06/03/2026 03:25:00",
}
_SAMPLES = json.loads(Path(__file__).with_name("data").joinpath("deliveries.json").read_text(encoding="utf-8"))


def _read(body: Any, place: TokenPlace = "either", **headers: str) -> WebhookReading:
    return Gate(_SECRET, place).read(delivered(body, **headers))


@pytest.mark.parametrize(
    ("place", "in_body", "in_header", "let_in"),
    [
        ("either", _SECRET, None, True),
        ("either", None, _SECRET, True),
        ("either", "guessed", f"Bearer {_SECRET}", True),
        ("either", _SECRET, "Basic eDp5", True),
        ("either", None, None, False),
        ("either", "guessed", "guessed", False),
        ("body", _SECRET, None, True),
        ("body", None, _SECRET, False),
        ("body", "guessed", _SECRET, False),
        ("header", None, _SECRET, True),
        ("header", _SECRET, None, False),
        ("header", _SECRET, "guessed", False),
        ("header", None, "", False),
        ("header", None, "Bearer ", False),
    ],
)
def test_the_secret_has_to_be_where_the_account_expects_it(
    place: TokenPlace, in_body: str | None, in_header: str | None, let_in: bool
) -> None:
    body = {"DATA": _DATA} | ({"TOKEN": in_body} if in_body is not None else {})
    reading = _read(body, place, **({"authorization": in_header} if in_header is not None else {}))
    assert reading.verdict is (Verdict.TAKEN if let_in else Verdict.FORGED)
    assert bool(reading.documents) is let_in
    assert _SECRET not in reading.reason


@pytest.mark.parametrize("token", [None, True, 7, [], {}, [_SECRET], "", _SECRET[:-1], f"{_SECRET} ", "\ud800"])
def test_anything_but_the_secret_is_wrong(token: object) -> None:
    assert _read({"DATA": _DATA, "TOKEN": token}, "body").verdict is Verdict.FORGED


def test_with_the_secret_the_operator_is_believed() -> None:
    (document,) = _read({"DATA": _DATA, "TOKEN": _SECRET}).documents
    assert document.confirmed
    assert document.raw == {"DATA": _DATA}


def test_what_is_kept_holds_no_secret_wherever_it_stood() -> None:
    body = {"DATA": {**_DATA, "TOKEN": _SECRET}, "TOKEN": _SECRET, "Token": _SECRET, "SOURCE": 5}
    (document,) = _read(body).documents
    assert _SECRET not in json.dumps(document.raw)
    assert document.raw["SOURCE"] == 5


def test_a_delivery_that_comes_again_is_the_same_document() -> None:
    first, second = (_read({"DATA": {**_DATA, "NOTE": note}, "TOKEN": _SECRET}) for note in ("", "sửa"))
    assert [one.id for one in first.documents] == [one.id for one in second.documents]
    other = _read({"DATA": {**_DATA, "ORDER_STATUS": 500}, "TOKEN": _SECRET})
    assert other.documents[0].id != first.documents[0].id


@pytest.mark.parametrize("sample", range(len(_SAMPLES)))
def test_every_sample_is_taken_with_its_own_secret_and_with_no_other(sample: int) -> None:
    request = delivered(_SAMPLES[sample])
    assert Gate("SAMPLE-TOKEN", "body").read(request).verdict is Verdict.TAKEN
    assert Gate(_SECRET, "body").read(request).verdict is Verdict.FORGED


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff\xfe{", b"{", b"null", b"[]", b'"x"', b"7", b"a=b", b"[" * 100_000, b'{"a":' * 100_000, b"9" * 9999],
)
def test_bytes_that_are_no_delivery_are_malformed(body: bytes) -> None:
    assert _read(body, authorization=_SECRET) == _read(body)
    assert _read(body).verdict is Verdict.MALFORMED


@pytest.mark.parametrize("data", [None, [], "x", 7, [{}]])
def test_a_delivery_without_data_is_malformed(data: object) -> None:
    assert _read({"DATA": data, "TOKEN": _SECRET}).verdict is Verdict.MALFORMED
    assert _read({"TOKEN": _SECRET}).verdict is Verdict.MALFORMED


def test_data_that_is_no_event_is_kept_all_the_same() -> None:
    assert len(_read({"DATA": {}, "TOKEN": _SECRET}).documents) == 1


@pytest.mark.parametrize(
    ("verdict", "status", "body"),
    [
        (Verdict.TAKEN, 200, b'{"status":200,"error":false,"message":"OK"}'),
        (Verdict.MALFORMED, 400, b'{"status":400,"error":true,"message":"Not a delivery"}'),
        (Verdict.FORGED, 401, b'{"status":401,"error":true,"message":"Wrong secret"}'),
        (Verdict.STALE, 400, b'{"status":400,"error":true,"message":"Too old"}'),
        (Verdict.BUSY, 503, b'{"status":503,"error":true,"message":"Try again later"}'),
    ],
)
def test_each_verdict_has_its_answer_byte_for_byte(verdict: Verdict, status: int, body: bytes) -> None:
    reply = answer(verdict)
    assert (reply.status, reply.body, reply.media_type) == (status, body, "application/json")
    assert json.loads(body)["status"] == status


@given(st.binary(), st.sampled_from(["body", "header", "either"]), st.text())
def test_any_bytes_and_any_header_are_judged_and_nothing_is_taken(body: bytes, place: TokenPlace, header: str) -> None:
    reading = _read(body, place, authorization=header)
    assert reading.verdict in (Verdict.MALFORMED, Verdict.FORGED)
    assert not reading.documents
