"""What EMS's answers decide: its errors come with HTTP 200."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carriers.contract import Booking, OrderRef
from carriers.ems.answers import count_services, judge, read_booking, read_history
from carriers.exchange import Answer
from carriers.outcomes import CarrierError, OutcomeUnknown, Rejected, Retryable, Throttled, Unauthorized

_ORDER = OrderRef("H14-1-S1", "EM295293415VN")


def _answer(body: Any, status: int = 200) -> Answer:
    return Answer(status, body, httpx.Headers())


def _kind(body: Any, *, writes: bool = True, status: int = 200) -> type[CarrierError] | None:
    verdict = judge(_answer(body, status), writes=writes)
    return type(verdict) if verdict is not None else None


@pytest.mark.parametrize("code", ["success", " SUCCESS "])
def test_success_is_success(code: str) -> None:
    assert _kind({"code": code, "data": {}}) is None


@pytest.mark.parametrize("writes", [True, False])
def test_an_error_inside_http_200_is_a_refusal_in_emss_words(writes: bool) -> None:
    verdict = judge(_answer({"code": "error", "message": "Thiếu thông tin người nhận"}), writes=writes)
    assert isinstance(verdict, Rejected)
    assert (verdict.code, verdict.operator_words) == ("refused", "Thiếu thông tin người nhận")
    assert "Thiếu thông tin người nhận" in str(verdict)


@pytest.mark.parametrize("words", ["merchant_token không hợp lệ", "Token expired"])
def test_a_refused_token_is_a_matter_for_a_person_and_not_for_the_order(words: str) -> None:
    assert _kind({"code": "error", "message": words}) is Unauthorized


@pytest.mark.parametrize("body", [None, [], "success", {}, {"code": None}, {"code": 1}, {"code": "ok"}])
def test_a_booking_without_a_clear_answer_is_unknown(body: object) -> None:
    assert _kind(body) is OutcomeUnknown
    assert _kind(body, writes=False) is None


@pytest.mark.parametrize(
    ("status", "writes", "kind"),
    [
        (429, True, Throttled),
        (401, True, Unauthorized),
        (400, True, Rejected),
        (500, True, OutcomeUnknown),
        (500, False, Retryable),
    ],
)
def test_the_http_status_comes_first(status: int, writes: bool, kind: type[CarrierError]) -> None:
    assert _kind({"code": "success"}, writes=writes, status=status) is kind


def test_the_tracking_code_is_the_waybill() -> None:
    answer = _answer({"code": "success", "data": {"tracking_code": "EM295293415VN", "fee": {"fee": 28000}}})
    assert read_booking(answer, "H14-1-S1") == Booking("H14-1-S1", "EM295293415VN", already_existed=False)


@pytest.mark.parametrize("data", [None, [], "x", {}, {"tracking_code": None}, {"tracking_code": "x" * 65}])
def test_an_order_that_was_taken_without_a_tracking_code_is_booked(data: object) -> None:
    assert read_booking(_answer({"code": "success", "data": data}), "H14-1-S1").waybill is None


def test_a_history_is_read_with_or_without_entries() -> None:
    data = {"tracking_code": "em295293415vn", "__get_status": [{"status": 1}]}
    assert read_history(_answer({"data": data}), _ORDER) == [{"status": 1}]
    assert read_history(_answer({"data": {**data, "__get_status": None}}), _ORDER) == []


@pytest.mark.parametrize("body", [None, [], {}, {"data": None}, {"data": {}}, {"data": {"__get_status": "x"}}])
def test_an_answer_without_a_history_is_asked_again(body: object) -> None:
    with pytest.raises(Retryable, match="holds no history"):
        read_history(_answer(body), _ORDER)


@pytest.mark.parametrize("other", [{"tracking_code": "EM000000014VN"}, {"order_code": "H14-2-S1"}])
def test_another_items_history_is_not_taken_for_ours(other: dict[str, str]) -> None:
    with pytest.raises(Retryable, match="another item"):
        read_history(_answer({"data": {"__get_status": [], **other}}), _ORDER)


@pytest.mark.parametrize("body", [{"code": "success", "data": [{}, {}]}, [{}, {}], {"data": {"1": {}, "2": {}}}])
def test_the_catalogue_of_services_is_counted_in_any_shape(body: object) -> None:
    assert count_services(_answer(body)) == 2


@pytest.mark.parametrize("body", [None, "x", {}, {"data": "x"}])
def test_something_else_is_no_catalogue(body: object) -> None:
    with pytest.raises(Retryable, match=r"check options\.base_url"):
        count_services(_answer(body))


_JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["code", "data", "message", "__get_status", "tracking_code"]), inner)
    ),
    max_leaves=12,
)


@given(_JSON, st.booleans())
def test_any_answer_leads_to_one_of_the_outcomes(body: Any, writes: bool) -> None:
    assert _kind(body, writes=writes) in (None, Rejected, Unauthorized, OutcomeUnknown)
    assert read_booking(_answer(body), "H14-1-S1").order_number == "H14-1-S1"
    try:
        assert isinstance(read_history(_answer(body), _ORDER), list)
    except Retryable as error:
        assert error.code in ("no_history", "other_item")


@pytest.mark.parametrize("words", ["Lỗi hệ thống, vui lòng thử lại sau", "System error", "Token service timeout"])
def test_an_error_of_emss_own_refuses_nothing(words: str) -> None:
    """Whoever takes it for a refusal calls an order dead that EMS may hold."""
    body = {"code": "error", "message": words}
    assert _kind(body) is OutcomeUnknown
    assert _kind(body, writes=False) is Retryable
