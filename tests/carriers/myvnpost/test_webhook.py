"""Webhooks: what is proven counts, what travels with it is a hint, and everything is answered in VNPost's words."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carriers.contract import TrackingEvent
from carriers.myvnpost.client import MyVnPostCarrier
from carriers.reading import event_time
from carriers.webhooks import Verdict, WebhookReading
from tests.carriers.myvnpost import encoded, encrypted, opened, order, request, signed
from tests.support import ngsp

_SAMPLES = json.loads(Path(__file__).with_name("data").joinpath("webhooks.json").read_text(encoding="utf-8"))

_NO_ITEMS: tuple[Any, ...] = ({}, [], "", True, "x" * 65)


def _read(body: Any, *, later: timedelta = timedelta(0), **webhooks: Any) -> WebhookReading:
    with opened(webhooks=webhooks) as (carrier, _):
        return carrier.read_webhook(request(body, ngsp.NOW + later))


def _confirmed(body: Any, **webhooks: Any) -> list[bool]:
    reading = _read(body, **webhooks)
    assert reading.verdict is Verdict.TAKEN, reading.reason
    return [document.confirmed for document in reading.documents]


# --- proof ---


def test_a_signed_delivery_is_confirmed_news_of_its_item() -> None:
    with opened() as (carrier, _):
        (document,) = carrier.read_webhook(request(signed([order()]))).documents
        (event,) = carrier.normalise(document.raw)
    assert document.confirmed
    assert document.raw == {"data": [order()], "sendDate": "02/03/2026 08:30:00"}
    assert isinstance(event, TrackingEvent)
    assert (event.waybill, event.code, event.account_ref) == ("EM295293415VN", "14", "C14000123")


@pytest.mark.parametrize("status", [14, "14"])
def test_a_status_is_signed_as_it_is_written(status: object) -> None:
    assert _confirmed(signed([order(status=status)])) == [True]


@pytest.mark.parametrize("change", [{"status": 12}, {"status": "14 "}, {"itemCode": "EM185683276VN"}])
def test_what_is_covered_cannot_be_changed(change: dict[str, Any]) -> None:
    body = signed([order()])
    body["data"][0].update(change)
    assert _read(body).verdict is Verdict.FORGED


def test_the_time_of_sending_cannot_be_changed() -> None:
    assert _read({**signed([order()]), "sendDate": "02/03/2026 08:30:01"}).verdict is Verdict.FORGED


@pytest.mark.parametrize(
    "signature", [None, "", 7, [], "%%%", "UNSIGNED-SAMPLE", encoded(b""), encoded(bytes(256)), encoded(bytes(9999))]
)
@pytest.mark.parametrize("scheme", ["verify", "decrypt", "either"])
def test_without_a_good_signature_nothing_is_taken(signature: Any, scheme: str) -> None:
    assert _read({**signed([order()]), "signature": signature}, signature=scheme).verdict is Verdict.FORGED


@pytest.mark.parametrize("body", _SAMPLES, ids=lambda body: body["data"][0]["itemCode"])
def test_unsigned_samples_are_refused_and_signed_ones_are_taken(body: dict[str, Any]) -> None:
    at = event_time(body["sendDate"], "sendDate") + timedelta(minutes=1)
    with opened() as (carrier, _):
        assert carrier.read_webhook(request(body, at)).verdict is Verdict.FORGED
        (document,) = carrier.read_webhook(request(signed(body["data"], body["sendDate"]), at)).documents
    assert document.confirmed


def test_an_account_without_keys_takes_nothing() -> None:
    login = {"username": "u", "password": "p"}
    with opened(secrets=login) as (carrier, _):
        assert carrier.read_webhook(request(signed([order()]))).verdict is Verdict.FORGED


# --- the two schemes ---


@pytest.mark.parametrize(
    ("scheme", "takes_signed", "takes_encrypted"),
    [("verify", True, False), ("decrypt", False, True), ("either", True, True)],
)
def test_the_scheme_says_which_proof_is_looked_at(scheme: str, takes_signed: bool, takes_encrypted: bool) -> None:
    for write, takes in ((signed, takes_signed), (encrypted, takes_encrypted)):
        expected = Verdict.TAKEN if takes else Verdict.FORGED
        assert _read(write([order()]), signature=scheme).verdict is expected


def test_who_only_knows_the_public_key_gives_a_hint() -> None:
    assert _confirmed(encrypted([order()]), signature="either") == [False]
    assert _confirmed(signed([order()]), signature="either") == [True]


def test_where_nobody_else_has_the_public_key_it_counts() -> None:
    assert _confirmed(encrypted([order()]), signature="decrypt", decryption_proves=True) == [True]


def test_an_encrypted_text_about_something_else_is_forged() -> None:
    body = {**encrypted([order(status=12)]), "data": [order()]}
    assert _read(body, signature="decrypt").verdict is Verdict.FORGED


# --- the weakness: only the first order is covered, and of that only item and status ---


def test_what_travels_beside_the_first_order_is_a_hint() -> None:
    others = [order(itemCode="EM185683276VN"), order(itemCode=None), order(itemCode="EM298780268VN", status=9)]
    reading = _read(signed([order(), *others]))
    assert [document.confirmed for document in reading.documents] == [True, False, False, False]
    assert [document.raw["data"][0] for document in reading.documents] == [order(), *others]


def test_an_order_smuggled_into_a_genuine_delivery_is_a_hint() -> None:
    body = signed([order()])
    body["data"].append(order(itemCode="EM185683276VN"))
    assert _confirmed(body) == [True, False]


def test_what_names_no_order_is_not_even_a_hint() -> None:
    assert _confirmed(signed([order(), None, 7, [], {}, order(itemCode=None, saleOrderCode=None)])) == [True]


def test_our_number_beside_a_proven_item_is_not_believed() -> None:
    body = signed([order()])
    body["data"][0]["saleOrderCode"] = "H14-OF-SOMEBODY-ELSE"
    with opened() as (carrier, _):
        (document,) = carrier.read_webhook(request(body)).documents
        (event,) = carrier.normalise(document.raw)
    assert isinstance(event, TrackingEvent)
    assert document.confirmed
    assert "H14-OF-SOMEBODY-ELSE" not in repr(event)


def test_a_history_smuggled_into_a_proven_order_is_not_read() -> None:
    entry = {"createdDate": "02/03/2026", "createdHour": "08:00:00", "statusCode": 15}
    body = signed([order()])
    body["data"][0]["statusHistory"] = [entry]
    body["statusHistory"] = [entry]
    assert _codes(body) == ["14"]


@pytest.mark.parametrize(
    ("updated", "sure"),
    [
        ("02/03/2026 08:30:00", True),
        ("02/03/2026 08:34:00", True),
        ("02/03/2026 02:30:00", True),
        ("2026-03-02T01:30:00Z", True),
        ("02/03/2026 08:36:00", False),
        ("02/03/2026 02:29:00", False),
        ("05/03/2026 08:30:00", False),
        ("01/01/1971 00:00:00", False),
        ("soon", False),
        (None, False),
        (..., False),
    ],
)
def test_a_time_that_is_not_covered_must_be_plausible(updated: Any, sure: bool) -> None:
    assert _confirmed(signed([order(updatedDate=updated)])) == [sure]


def test_how_late_news_may_be_is_an_option() -> None:
    body = signed([order(updatedDate="02/03/2026 07:00:00")])
    assert _confirmed(body, delay_hours=1) == [False]
    assert _confirmed(body, delay_hours=2) == [True]


def test_item_and_status_that_run_into_each_other_are_no_proof() -> None:
    genuine = signed([order(itemCode="12345", status=14)])
    shifted = {**genuine, "data": [order(itemCode="123451", status=4)]}
    assert _confirmed(genuine) == _confirmed(shifted) == [False]
    assert _confirmed(signed([order(status="14A")])) == [False]


def test_a_failed_attempt_is_a_hint_because_it_is_told_again_with_every_other_change() -> None:
    assert _confirmed(signed([order(status=15)])) == [False]


# --- kept once ---


def test_a_repeated_delivery_has_the_same_documents() -> None:
    body = signed([order(), order(itemCode="EM185683276VN")])
    assert _ids(body) == _ids(body)
    assert len(set(_ids(body))) == 2


def test_one_proof_is_one_document_whatever_is_written_around_it() -> None:
    body = signed([order()])
    again = {**body, "data": [order(updatedDate="02/03/2026 08:00:00", totalFee=1, saleOrderCode="H14-2")]}
    assert _ids(body) == _ids(again)
    assert _confirmed(again) == [True]


def test_a_hint_does_not_take_the_place_of_the_proven_document() -> None:
    body = signed([order()])
    spoilt = {**body, "data": [order(updatedDate=None)]}
    assert _ids(body) != _ids(spoilt)


def test_the_same_hint_is_one_and_another_one_is_another() -> None:
    assert _ids(signed([order(status=15)])) == _ids(signed([order(status=15)]))
    assert _ids(signed([order(status=15)])) != _ids(signed([order(status=15, updatedDate="02/03/2026 08:27:00")]))


# --- replays ---


@pytest.mark.parametrize(
    ("later", "verdict"),
    [
        (timedelta(minutes=-5), Verdict.TAKEN),
        (timedelta(minutes=-6), Verdict.STALE),
        (timedelta(days=3), Verdict.TAKEN),
        (timedelta(days=3, seconds=1), Verdict.STALE),
        (timedelta(days=365), Verdict.STALE),
    ],
)
def test_a_delivery_is_not_taken_long_after_it_was_sent(later: timedelta, verdict: Verdict) -> None:
    assert _read(signed([order()]), later=later).verdict is verdict


def test_how_old_a_delivery_may_be_is_an_option() -> None:
    assert _read(signed([order()]), later=timedelta(hours=13), replay_days=0.5).verdict is Verdict.STALE


def test_a_forged_old_delivery_is_forged() -> None:
    body = {**signed([order()]), "signature": encoded(bytes(256))}
    assert _read(body, later=timedelta(days=9)).verdict is Verdict.FORGED


# --- bodies ---


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"\xff\xfe{", b"{", b"null", b"[]", b'"x"', b"a=b", b"[" * 9000, b'{"data": [NaN]}'),
        *({}, {"data": {}}, {"data": []}, {"data": [None]}, {"data": [[]]}),
        {**signed([order()]), "sendDate": None},
        {**signed([order()]), "sendDate": "soon"},
        {**signed([order()]), "sendDate": "01/01/1971 00:00:00"},
        *({**signed([order()]), "data": [order(**{name: None})]} for name in ("itemCode", "status")),
        *({**signed([order()]), "data": [order(itemCode=wrong)]} for wrong in _NO_ITEMS),
    ],
)
def test_what_is_no_delivery_is_malformed(body: Any) -> None:
    reading = _read(body)
    assert (reading.verdict, reading.documents) == (Verdict.MALFORMED, ())
    assert reading.reason


def test_text_that_no_encoding_carries_is_survived() -> None:
    assert _read({**signed([order()]), "data": [order(itemCode="\ud800")]}).verdict is Verdict.FORGED


@given(
    st.binary(max_size=200)
    | st.recursive(
        st.none() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["data", "sendDate", "signature", "itemCode", "status"]), inner, max_size=5
            )
        ),
        max_leaves=10,
    )
)
def test_any_body_is_survived(carrier: MyVnPostCarrier, body: Any) -> None:
    reading = carrier.read_webhook(request(body))
    assert reading.verdict in (Verdict.MALFORMED, Verdict.FORGED)
    for verdict in Verdict:
        assert carrier.answer_webhook(request(body), verdict).body


# --- answers ---


@pytest.mark.parametrize(
    ("verdict", "status", "body"),
    [
        (Verdict.TAKEN, 200, '{"success": true, "message": "Đã tiếp nhận dữ liệu", "updated": 2}'),
        (Verdict.STALE, 200, '{"success": true, "message": "Dữ liệu quá cũ, đã bỏ qua", "updated": 0}'),
        (Verdict.MALFORMED, 400, '{"success": false, "message": "Dữ liệu không hợp lệ", "updated": 0}'),
        (Verdict.FORGED, 401, '{"success": false, "message": "Chữ ký không hợp lệ", "updated": 0}'),
        (Verdict.BUSY, 503, '{"success": false, "message": "Hệ thống đang bận, vui lòng gửi lại", "updated": 0}'),
    ],
)
def test_each_verdict_is_answered_byte_for_byte(verdict: Verdict, status: int, body: str) -> None:
    with opened() as (carrier, _):
        reply = carrier.answer_webhook(request(signed([order(), order()])), verdict)
    assert (reply.status, reply.media_type, reply.body) == (status, "application/json", body.encode())


@pytest.fixture(scope="module")
def carrier() -> Any:
    with opened(webhooks={"signature": "either"}) as (carrier, _):
        yield carrier


def _ids(body: Any) -> list[str]:
    return [document.id for document in _read(body).documents]


def _codes(body: Any) -> list[str]:
    with opened() as (carrier, _):
        documents = carrier.read_webhook(request(body)).documents
        events = [event for document in documents for event in carrier.normalise(document.raw)]
    return [event.code for event in events if isinstance(event, TrackingEvent)]
