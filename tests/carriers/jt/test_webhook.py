"""Deliveries are let in by the digest of the very bytes, taken apart scan by scan, and answered in fixed words."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote_plus, unquote_to_bytes, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carriers.jt.webhook import Gate, answer, unquoted
from carriers.webhooks import Verdict, WebhookReading, WebhookRequest
from tests.carriers.jt.office import CUSTOMER, SAMPLES, delivered, later, signed

_DAY = timedelta(hours=24)
_SAMPLE = json.dumps(SAMPLES[0]).encode()


def _read(request: WebhookRequest, key: str = CUSTOMER.private_key) -> WebhookReading:
    return Gate(key, _DAY).read(request)


def _form(body: bytes, digest: str) -> WebhookRequest:
    return replace(delivered(b"{}", digest=digest), body=body)


@pytest.mark.parametrize("sample", range(len(SAMPLES)))
def test_every_sample_is_believed_scan_by_scan(sample: int) -> None:
    reading = _read(delivered(SAMPLES[sample]))
    assert reading.verdict is Verdict.TAKEN
    assert all(document.confirmed for document in reading.documents)
    assert [document.raw["details"] for document in reading.documents] == [[s] for s in SAMPLES[sample]["details"]]
    assert {document.raw["billCode"] for document in reading.documents} == {SAMPLES[sample]["billCode"]}


@pytest.mark.parametrize("place", range(0, len(_SAMPLE), 7))
def test_not_one_byte_may_be_another(place: int) -> None:
    changed = bytearray(_SAMPLE)
    changed[place] ^= 1
    assert _read(delivered(bytes(changed), digest=signed(_SAMPLE))).verdict is Verdict.FORGED


def test_what_is_verified_was_not_written_anew() -> None:
    spaced = b' {"billCode" : "8",\r\n "details":[], "n": 1.0e0, "billCode":"9" }  '
    assert _read(delivered(spaced)).verdict is Verdict.TAKEN
    again = json.dumps(json.loads(spaced)).encode()
    assert _read(delivered(again, digest=signed(spaced))).verdict is Verdict.FORGED


@pytest.mark.parametrize("escape", [quote_plus, lambda text: quote_plus(text).replace("+", "%20")])
def test_a_form_may_be_escaped_in_any_way_and_hold_other_fields(escape: Any) -> None:
    text = '{"billCode":"8+8 %","details":[{"desc":"Cao Bằng & b=c"}]}'
    body = f"a=1&bizContent={escape(text)}&b=2".encode()
    (document,) = _read(_form(body, signed(text.encode()))).documents
    assert document.raw == json.loads(text)


_ESCAPED = st.lists(st.binary(max_size=8) | st.sampled_from([b"%", b"=", b"%3", b"%zz", b"%0A", b"%c3", b"\r\n", b"_"]))


@given(_ESCAPED.map(b"".join))
def test_escapes_are_read_as_the_standard_library_reads_them(content: bytes) -> None:
    assert unquoted(content) == unquote_to_bytes(content)


@pytest.mark.parametrize(
    "digest",
    ["", "x", "\ud800", signed(_SAMPLE, "guessed"), signed(_SAMPLE).lower(), signed(_SAMPLE).rstrip("="), signed(b"")],
)
def test_anything_but_the_digest_is_a_forgery(digest: str) -> None:
    reading = _read(delivered(_SAMPLE, digest=digest))
    assert (reading.verdict, reading.documents) == (Verdict.FORGED, ())


def test_a_delivery_without_headers_is_a_forgery() -> None:
    assert _read(replace(delivered(_SAMPLE), headers={})).verdict is Verdict.FORGED


@pytest.mark.parametrize(
    ("hours", "verdict"),
    [
        *((0, Verdict.TAKEN), (-23.9, Verdict.TAKEN), (-24.1, Verdict.STALE)),
        *((0.08, Verdict.TAKEN), (0.09, Verdict.STALE), (500, Verdict.STALE)),
    ],
)
def test_a_delivery_has_its_time(hours: float, verdict: Verdict) -> None:
    reading = _read(delivered(_SAMPLE, sent_at=later(hours)))
    assert reading.verdict is verdict
    assert bool(reading.documents) is (verdict is Verdict.TAKEN)


@pytest.mark.parametrize("stamp", ["", "soon", "-1", "9" * 30, "0"])
def test_a_delivery_without_a_time_is_none(stamp: str) -> None:
    assert _read(delivered(_SAMPLE, sent_at=stamp)).verdict is Verdict.MALFORMED


def test_the_time_is_looked_at_only_once_the_digest_is_right() -> None:
    old = delivered(_SAMPLE, sent_at=datetime.fromisoformat("2020-01-01T00:00:00+00:00"), digest="x")
    assert _read(old).verdict is Verdict.FORGED


def test_seconds_are_not_taken_for_milliseconds() -> None:
    assert _read(delivered(_SAMPLE, sent_at=str(int(later(0).timestamp())))).verdict is Verdict.MALFORMED


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff", b"{}", b"bizContent", b"bizContent=", b"a=b", b"bizcontent=%7B%7D", b"bizContent=1&bizContent=1"],
)
def test_a_body_that_is_no_form_is_malformed(body: bytes) -> None:
    assert _read(_form(body, signed(b"1"))).verdict is Verdict.MALFORMED


@pytest.mark.parametrize("content", [b"{", b"\xff", b"[" * 5000, b"NaN", b'{"billCode":Infinity}', b"x"])
def test_content_that_is_proven_and_no_json_is_malformed(content: bytes) -> None:
    assert _read(delivered(content)).verdict is Verdict.MALFORMED


@pytest.mark.parametrize("content", [{}, {"billCode": "8", "details": []}, {"billCode": "8", "details": "x"}, 7, None])
def test_what_jt_says_and_nobody_understands_is_kept(content: object) -> None:
    (document,) = _read(delivered(content)).documents
    assert document.raw == content


def test_a_delivery_that_comes_again_is_the_same_documents_at_another_time() -> None:
    first, second = (_read(delivered(SAMPLES[1], sent_at=later(hours))) for hours in (0, -2))
    assert [one.id for one in first.documents] == [one.id for one in second.documents]
    assert len({one.id for one in first.documents}) == 2


def test_only_what_is_kept_or_past_help_satisfies_jt() -> None:
    wanted = b'{"code":"1","msg":"success","data":null}'
    for verdict in Verdict:
        reply = answer(verdict)
        done = verdict in (Verdict.TAKEN, Verdict.STALE)
        assert (reply.body == wanted, reply.status == 200) == (done, done)
        assert set(json.loads(reply.body)) == {"code", "msg", "data"}
        assert reply.media_type == "application/json"


@given(st.binary(max_size=60), st.text(max_size=30), st.text(max_size=20))
def test_nothing_that_comes_in_raises(body: bytes, digest: str, stamp: str) -> None:
    headers = {"digest": digest, "timestamp": stamp}
    for content in (body, urlencode({"bizContent": body}).encode()):
        assert not _read(replace(delivered(b"{}"), headers=headers, body=content)).documents
    _read(delivered(body, sent_at=stamp))
