"""Webhooks that nothing signs: who is let in, what is kept, and the answer byte for byte."""

from __future__ import annotations

import json
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carriers.contract import TrackingEvent
from carriers.ems.webhook import Gate, reply
from carriers.webhooks import Verdict, WebhookReading, WebhookRequest
from tests.carriers.ems.merchant import PATH_SECRET, SENDER, delivery, opened

_DELIVERIES = json.loads(Path(__file__).with_name("data").joinpath("deliveries.json").read_text(encoding="utf-8"))
_BODY = json.dumps(_DELIVERIES[0]["body"], ensure_ascii=False).encode()
_NETWORKS = (ip_network("203.0.113.0/24"), ip_network("2001:db8::/32"))
_BY_SECRET = Gate(PATH_SECRET, (), trusted=False)
_BY_NETWORK = Gate("", _NETWORKS, trusted=False)
_BY_BOTH = Gate(PATH_SECRET, _NETWORKS, trusted=False)


def _verdict(gate: Gate, **changes: Any) -> Verdict:
    return gate.read(delivery(**{"body": _BODY, **changes})).verdict


def _with_transaction(value: str) -> WebhookRequest:
    return delivery(_BODY, headers={"ems-transaction": value})


def test_a_delivery_by_the_right_way_is_kept_as_a_hint() -> None:
    reading = _BY_SECRET.read(delivery(_BODY))
    (document,) = reading.documents
    assert reading.verdict is Verdict.TAKEN
    assert (document.id, document.raw) == ("ems-transaction:8090e616a2819925", _DELIVERIES[0]["body"])
    assert not document.confirmed


def test_a_deployment_may_take_it_for_emss_own_word() -> None:
    (document,) = replace(_BY_SECRET, trusted=True).read(delivery(_BODY)).documents
    assert document.confirmed


@pytest.mark.parametrize("sample", _DELIVERIES, ids=lambda one: one["headers"]["ems-transaction"])
def test_every_sample_is_taken_read_and_answered(sample: dict[str, Any]) -> None:
    request = delivery(json.dumps(sample["body"]).encode(), headers=sample["headers"])
    with opened() as (carrier, _):
        (document,) = carrier.read_webhook(request).documents
        (event,) = carrier.normalise(document.raw)
        assert isinstance(event, TrackingEvent)
        answer = carrier.answer_webhook(request, Verdict.TAKEN)
    transaction = sample["headers"]["ems-transaction"]
    assert answer.body == f'{{"code":"success","transaction":"{transaction}"}}'.encode()


@pytest.mark.parametrize("given_secret", ["", "guessed", PATH_SECRET + "x", PATH_SECRET[:-1], "\ud800", "mật khẩu"])
def test_without_the_path_secret_nobody_is_let_in(given_secret: str) -> None:
    reading = _BY_SECRET.read(delivery(_BODY, path_secret=given_secret))
    assert (reading.verdict, reading.documents) == (Verdict.FORGED, ())
    assert PATH_SECRET not in reading.reason


@pytest.mark.parametrize(
    ("sender", "verdict"),
    [
        (SENDER, Verdict.TAKEN),
        ("::ffff:203.0.113.9", Verdict.TAKEN),
        ("2001:db8::7", Verdict.TAKEN),
        ("203.0.114.1", Verdict.FORGED),
        ("::1", Verdict.FORGED),
        ("", Verdict.FORGED),
        ("unknown", Verdict.FORGED),
        ("203.0.113.9, 198.51.100.1", Verdict.FORGED),
    ],
)
def test_the_network_may_be_the_proof(sender: str, verdict: Verdict) -> None:
    assert _verdict(_BY_NETWORK, sender=sender, path_secret="") is verdict


def test_what_is_configured_must_hold_all_of_it() -> None:
    assert _verdict(_BY_BOTH) is Verdict.TAKEN
    assert _verdict(_BY_BOTH, path_secret="guessed") is Verdict.FORGED
    assert _verdict(_BY_BOTH, sender="198.51.100.1") is Verdict.FORGED


def test_an_account_says_who_is_let_in_and_whether_he_is_believed() -> None:
    with opened(allow_networks=["203.0.113.0/24"], trust_webhooks=True) as (carrier, _):
        (document,) = carrier.read_webhook(delivery(_BODY)).documents
        stranger = carrier.read_webhook(delivery(_BODY, sender="198.51.100.1"))
    assert document.confirmed
    assert stranger.verdict is Verdict.FORGED


@pytest.mark.parametrize("path_secret", ["", PATH_SECRET])
def test_an_account_without_any_proof_lets_nobody_in(path_secret: str) -> None:
    assert _verdict(Gate("", (), trusted=False), path_secret=path_secret) is Verdict.FORGED


@pytest.mark.parametrize("value", ["", " ", "x" * 101, "a\x00b", "a\nb", "mã", "\u202ea"])
def test_a_transaction_that_is_none_is_refused_and_never_given_back(value: str) -> None:
    request = _with_transaction(value)
    assert _BY_SECRET.read(request).verdict is Verdict.MALFORMED
    assert reply(request, Verdict.MALFORMED).body == b'{"code":"error","transaction":""}'


def test_a_delivery_without_the_header_is_malformed() -> None:
    reading = _BY_SECRET.read(delivery(_BODY, headers={}))
    assert (reading.verdict, "ems-transaction" in reading.reason) == (Verdict.MALFORMED, True)


def test_a_stranger_is_not_told_what_else_is_wrong() -> None:
    assert _verdict(_BY_SECRET, path_secret="guessed", headers={}, body=b"{") is Verdict.FORGED


@pytest.mark.parametrize("body", [b"", b"{", b"null", b"[]", b"7", b"\xff{}", b"a=b", b"[" * 100_000, b'{"a":' * 9999])
def test_a_body_that_is_no_object_is_malformed(body: bytes) -> None:
    assert _verdict(_BY_SECRET, body=body) is Verdict.MALFORMED


def test_a_repeated_message_is_the_same_document_and_another_one_is_another() -> None:
    ids = [_BY_SECRET.read(_with_transaction(value)).documents[0].id for value in ("a1", "a1", "a2")]
    assert ids[0] == ids[1] != ids[2]


@pytest.mark.parametrize(
    ("verdict", "status", "code"),
    [
        (Verdict.TAKEN, 200, "success"),
        (Verdict.STALE, 200, "success"),
        (Verdict.MALFORMED, 400, "error"),
        (Verdict.FORGED, 403, "error"),
        (Verdict.BUSY, 503, "error"),
    ],
)
def test_the_answer_is_emss_own_byte_for_byte(verdict: Verdict, status: int, code: str) -> None:
    answer = reply(_with_transaction("8090e616a2819925"), verdict)
    assert answer.body == f'{{"code":"{code}","transaction":"8090e616a2819925"}}'.encode()
    assert (answer.status, answer.media_type) == (status, "application/json")


@given(st.text(max_size=120), st.sampled_from(Verdict))
def test_whatever_the_header_holds_the_answer_is_json_that_gives_back_only_that(value: str, verdict: Verdict) -> None:
    said = json.loads(reply(_with_transaction(value), verdict).body)
    assert said.keys() == {"code", "transaction"}
    assert said["transaction"] in ("", value)


@given(st.binary(max_size=60), st.text(max_size=20), st.text(max_size=20), st.sampled_from([_BY_BOTH, _BY_NETWORK]))
def test_no_delivery_raises(body: bytes, secret: str, sender: str, gate: Gate) -> None:
    request = delivery(body, path_secret=secret, sender=sender)
    assert isinstance(gate.read(request), WebhookReading)
