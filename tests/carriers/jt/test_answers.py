"""What J&T's answers come to, and that no answer breaks us."""

from __future__ import annotations

import base64
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carriers.exchange import Answer
from carriers.jt.answers import Judge, read_booking, read_label, read_price, read_traces
from carriers.outcomes import CarrierError, OutcomeUnknown, Rejected, Retryable, Unauthorized

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["code", "msg", "data"]), inner),
    max_leaves=10,
)


def _answer(body: Any, status: int = 200) -> Answer:
    return Answer(status, body, httpx.Headers())


def _judged(body: Any, *, writes: bool = True, status: int = 200, **how: Any) -> CarrierError | None:
    return Judge(**how)(_answer(body, status), writes=writes)


@pytest.mark.parametrize("code", ["1", 1, " 1 "])
def test_one_is_a_yes(code: object) -> None:
    assert _judged({"code": code, "msg": "success", "data": None}) is None


@pytest.mark.parametrize("writes", [True, False])
@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        ("145003030", Unauthorized),
        (145003030, Unauthorized),
        ("145003204", Rejected),
        ("999010010", Rejected),
        ("999002000", Rejected),
        ("145003502", Rejected),
        ("0", Rejected),
        ("10", Rejected),
        ("-1", Rejected),
    ],
)
def test_a_no_inside_a_success_is_a_no(code: object, outcome: type[CarrierError], writes: bool) -> None:
    refusal = _judged({"code": code, "msg": "Không được", "data": None}, writes=writes)
    assert type(refusal) is outcome
    assert (refusal.code, refusal.operator_words) == (str(code), "Không được")


@pytest.mark.parametrize("words", ["System Error", "Lỗi hệ thống, vui lòng thử lại", "read timeout", "system busy"])
def test_a_failure_of_jt_is_no_refusal(words: str) -> None:
    # Also under a code that says something else: failures are looked for first.
    body = {"code": "145003030", "msg": words}
    assert isinstance(_judged(body), OutcomeUnknown)
    assert isinstance(_judged(body, writes=False), Retryable)


def test_codes_that_prove_nothing_can_be_learnt() -> None:
    body = {"code": "999001000", "msg": "?"}
    assert isinstance(_judged(body), Rejected)
    assert isinstance(_judged(body, uncertain={"999001000"}), OutcomeUnknown)


@pytest.mark.parametrize("body", [None, [], "ok", 1, {}, {"code": None}, {"code": True}, {"code": []}, {"data": {}}])
def test_an_answer_without_a_code_confirms_no_change_and_is_left_to_the_reader_of_an_answer(body: object) -> None:
    assert isinstance(_judged(body), OutcomeUnknown)
    assert _judged(body, writes=False) is None


def test_http_comes_before_the_body() -> None:
    yes = {"code": "1"}
    assert isinstance(_judged(yes, status=500), OutcomeUnknown)
    assert isinstance(_judged(yes, status=401), Unauthorized)
    assert isinstance(_judged(yes, status=404), Rejected)


def test_a_booking_without_a_waybill_is_a_booking() -> None:
    booked = read_booking(_answer({"code": "1", "data": {"billCode": 840000000001}}), "H14-1-S1")
    assert (booked.waybill, booked.already_existed) == ("840000000001", False)
    nothing: tuple[Any, ...] = (None, {}, [], {"billCode": None}, {"billCode": {}})
    for data in nothing:
        assert read_booking(_answer({"code": "1", "data": data}), "H14-1-S1").waybill is None


@pytest.mark.parametrize(("price", "vnd"), [(28_000, 28_000), ("28000", 28_000), (28_000.4, 28_000), ("1e4", 10_000)])
def test_a_price_is_in_dong(price: object, vnd: int) -> None:
    assert read_price({"code": "1", "data": {"totalFee": price}}, "totalFee") == vnd


@pytest.mark.parametrize("price", [None, True, 0, -1, "", "x", "nan", "inf", 10**9, 10**400, [], {}, float("nan")])
def test_what_is_no_price_is_not_taken_for_one(price: object) -> None:
    with pytest.raises(Retryable, match=r"no price under 'totalFee'.*options\.price_field"):
        read_price({"code": "1", "data": {"totalFee": price}}, "totalFee")


@pytest.mark.parametrize(
    ("drawn", "kind"),
    [(b"%PDF-1.4", "application/pdf"), (b"\x89PNG\r\n", "image/png"), (b"^XA", "application/octet-stream")],
)
def test_a_label_is_a_document_under_its_field_or_alone(drawn: bytes, kind: str) -> None:
    written = base64.b64encode(drawn).decode()
    for data in (written, {"base64EncodeContent": written}):
        label = read_label({"code": "1", "data": data}, "base64EncodeContent")
        assert (label.content, label.media_type, label.url) == (drawn, kind, None)


@pytest.mark.parametrize("data", [None, "", "no base64!", "ộ", 7, [], {}, {"base64EncodeContent": None}])
def test_what_is_no_label_is_asked_for_again(data: object) -> None:
    with pytest.raises(Retryable, match="no label"):
        read_label({"code": "1", "data": data}, "base64EncodeContent")


def test_scans_come_as_a_list_or_alone() -> None:
    item = {"billCode": "8", "details": []}
    assert read_traces({"code": "1", "data": [item, None, 7, item]}) == [item, item]
    assert read_traces({"code": 1, "data": item}) == [item]
    assert read_traces({"code": "1", "data": None}) == []


@pytest.mark.parametrize("body", [None, [], {}, {"data": []}, {"code": "1", "data": "x"}, {"code": "1", "data": 7}])
def test_an_answer_that_holds_no_scans_is_asked_for_again(body: object) -> None:
    with pytest.raises(Retryable, match="holds no scans"):
        read_traces(body)


@given(_JSON, st.booleans())
def test_no_answer_breaks_us(body: Any, writes: bool) -> None:
    assert isinstance(_judged(body, writes=writes), CarrierError | None)
    read_booking(_answer(body), "H14-1-S1")
    for read in (lambda: read_price(body, "code"), lambda: read_label(body, "code"), lambda: read_traces(body)):
        try:
            read()
        except Retryable as problem:
            assert str(problem)
