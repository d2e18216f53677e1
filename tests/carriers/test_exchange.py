"""Answers are told apart by the one question that counts: may the operator have acted?"""

from __future__ import annotations

import json
import unicodedata
from typing import Any

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from carriers.exchange import Answer, MalformedAnswerError, decode, refused, retry_after, says_it_failed
from carriers.outcomes import OutcomeUnknown, Rejected, Retryable
from carriers.reading import DEEPEST

_NOON = "Mon, 02 Mar 2026 12:00:00 GMT"
_LATER = "Mon, 02 Mar 2026 12:00:30 GMT"
_NO_DATES = [
    "Wed, 21 Oct 99999999999999999999 07:28:00 GMT",
    "Wed, 99999999999999999999 Oct 2015 07:28:00 GMT",
    "Wed, 21 Oct 2015 07:99999999999999999999:00 GMT",
    "Wed, 21 Oct 2015 07:28:00 +99999999999999999999999",
]


def _answer(status: int, body: Any = None) -> Answer:
    return Answer(status, body, httpx.Headers())


# --- an address that has moved ---


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308])
def test_a_booking_that_is_sent_elsewhere_may_have_been_taken(status: int) -> None:
    """ "303 See Other" is how many interfaces answer a request that they have taken."""
    outcome = refused(_answer(status), writes=True)
    assert type(outcome) is OutcomeUnknown
    assert outcome.code == f"http_{status}"
    assert "address has moved" in str(outcome)
    assert "looked up" in str(outcome)


@pytest.mark.parametrize("status", [301, 303, 308])
def test_a_question_that_is_sent_elsewhere_has_harmed_nothing(status: int) -> None:
    outcome = refused(_answer(status), writes=False)
    assert type(outcome) is Retryable
    assert "address has moved" in str(outcome)


# --- whose trouble it is ---

_BLAMES_ITSELF = [
    "System error",
    "SYSTEM EXCEPTION: null",
    "read timeout",
    "Internal Server Error",
    "Lỗi hệ thống, vui lòng thử lại",
    unicodedata.normalize("NFD", "LỖI HỆ THỐNG"),
    "Loi he thong",
    "Hệ thống đang bận",
    "Có lỗi xảy ra, vui lòng thử lại sau",
]


@pytest.mark.parametrize("words", _BLAMES_ITSELF)
def test_an_operator_that_blames_itself_refuses_nothing(words: str) -> None:
    assert says_it_failed(words)
    outcomes = [refused(_answer(400, {"message": words}), writes=writes) for writes in (True, False)]
    assert [type(outcome) for outcome in outcomes] == [OutcomeUnknown, Retryable]
    assert {outcome.operator_words for outcome in outcomes if outcome} == {words}


@pytest.mark.parametrize("words", ["", "Số điện thoại không hợp lệ", "Đơn hàng đã có trên hệ thống", "Invalid order"])
def test_an_operator_that_blames_the_order_refuses_it(words: str) -> None:
    assert not says_it_failed(words)
    assert type(refused(_answer(400, {"message": words}), writes=True)) is Rejected


# --- depth ---


def _nested(depth: int) -> bytes:
    return b'{"a":' * (depth - 1) + b"[]" + b"}" * (depth - 1)


def test_an_answer_as_deep_as_any_is_read() -> None:
    assert decode(httpx.Response(200), _nested(DEEPEST)).body == json.loads(_nested(DEEPEST))


@pytest.mark.parametrize("depth", [DEEPEST + 1, 600, 200_000])
def test_an_answer_that_is_nested_too_deeply_is_not_understood(depth: int) -> None:
    with pytest.raises(MalformedAnswerError, match="is not valid JSON"):
        decode(httpx.Response(200), _nested(depth))


def test_a_refusal_is_one_however_it_is_nested() -> None:
    assert decode(httpx.Response(400), _nested(600)).body is None


# --- pauses ---


@pytest.mark.parametrize("no_date", _NO_DATES)
def test_a_pause_until_no_date_there_is_was_not_asked_for(no_date: str) -> None:
    assert retry_after(httpx.Headers({"Retry-After": no_date})) is None
    assert retry_after(httpx.Headers({"Retry-After": _LATER, "Date": no_date})) is None


def _header() -> st.SearchStrategy[str]:
    number = st.integers(min_value=0, max_value=10**25).map(str)
    date = st.tuples(number, number, number, number, number).map(
        lambda n: f"Mon, {n[0]} Mar {n[1]} {n[2]}:{n[3]}:00 +{n[4]}"
    )
    return st.text(st.characters(max_codepoint=255)) | number | date | st.sampled_from([_NOON, _LATER, *_NO_DATES])


@given(_header(), _header())
@example(_LATER, _NOON)
@example("Fri, 31 Dec 9999 23:59:59 -2359", "Sat, 01 Jan 0001 00:00:00 +2359")
def test_any_header_asks_for_a_pause_that_can_be_kept_or_for_none(asked: str, sent: str) -> None:
    headers = httpx.Headers([(b"Retry-After", asked.encode("latin-1")), (b"Date", sent.encode("latin-1"))])
    pause = retry_after(headers)
    assert pause is None or 0 <= pause <= 3600
