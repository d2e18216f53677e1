"""What Viettel Post's answers decide: errors hide inside HTTP 200."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carriers.exchange import Answer
from carriers.outcomes import CarrierError, OutcomeUnknown, Rejected, Retryable, Throttled, Unauthorized
from carriers.viettelpost.answers import (
    count_inventories,
    judge,
    read_booking,
    read_price,
    read_print_code,
    read_token,
    said,
)


def _answer(body: Any, status: int = 200) -> Answer:
    return Answer(status, body, httpx.Headers())


def _verdict(body: Any, *, writes: bool = True, status: int = 200) -> type[CarrierError] | None:
    outcome = judge(_answer(body, status), writes=writes)
    return type(outcome) if outcome else None


def _no(message: str, status: Any = 204, error: Any = True) -> dict[str, Any]:
    return {"status": status, "error": error, "message": message, "data": None}


@pytest.mark.parametrize("error", [False, "false", None])
@pytest.mark.parametrize("status", [200, "200", 205])
def test_a_yes_is_a_yes(error: object, status: object) -> None:
    assert _verdict({"status": status, "error": error, "message": "OK", "data": {}}) is None


@pytest.mark.parametrize("error", [True, "true", " TRUE "])
@pytest.mark.parametrize("status", [200, 204, "204", 400, None])
@pytest.mark.parametrize("writes", [True, False])
def test_an_error_inside_a_success_is_a_refusal_with_its_words(error: object, status: object, writes: bool) -> None:
    outcome = judge(_answer(_no("Incorrect data: ORDER_SERVICE", status, error)), writes=writes)
    assert isinstance(outcome, Rejected)
    assert outcome.operator_words == "Incorrect data: ORDER_SERVICE"
    assert "Incorrect data: ORDER_SERVICE" in str(outcome)


def test_a_status_of_refusal_counts_without_the_flag() -> None:
    assert _verdict({"status": 404, "message": "no"}) is Rejected
    assert _verdict({"status": 404, "error": False, "message": "no"}) is Rejected


@pytest.mark.parametrize(
    "message", ["Token invalid", "Token invalid or expired", "Header Token is required", "Token không hợp lệ"]
)
def test_a_refused_token_is_told_from_a_refused_order(message: str) -> None:
    assert _verdict(_no(message)) is Unauthorized
    assert _verdict(_no(message), writes=False) is Unauthorized


@pytest.mark.parametrize("status", [401, 403])
def test_a_hidden_status_of_credentials_is_one_as_well(status: int) -> None:
    assert _verdict(_no("", status)) is Unauthorized


@pytest.mark.parametrize("message", ["Invalid [SENDER_ADDRESS]", "Order expired", "Mã token khuyến mãi đã dùng"])
def test_other_words_are_not_taken_for_a_token_refused(message: str) -> None:
    assert _verdict(_no(message)) is Rejected


@pytest.mark.parametrize("status", [500, "502", 599])
def test_a_hidden_server_error_proves_nothing_even_if_it_speaks_of_tokens(status: object) -> None:
    assert _verdict(_no("Token invalid", status)) is OutcomeUnknown
    assert _verdict(_no("Token invalid", status), writes=False) is Retryable


@pytest.mark.parametrize("message", ["System error", "Lỗi hệ thống, vui lòng thử lại"])
def test_a_system_error_proves_nothing_whatever_its_number(message: str) -> None:
    assert _verdict(_no(message, 205)) is OutcomeUnknown
    assert _verdict(_no(message, 205), writes=False) is Retryable


def test_a_hidden_request_to_slow_down_is_heard() -> None:
    assert _verdict(_no("Too many requests", 429)) is Throttled


@pytest.mark.parametrize("body", [None, [], "OK", 7, {}, {"data": {}}, {"error": None, "status": True}])
def test_a_change_without_an_envelope_is_not_confirmed_and_a_question_is_looked_into(body: object) -> None:
    assert _verdict(body) is OutcomeUnknown
    assert _verdict(body, writes=False) is None


@pytest.mark.parametrize(("status", "outcome"), [(401, Unauthorized), (429, Throttled), (500, OutcomeUnknown)])
def test_what_http_says_goes_first(status: int, outcome: type[CarrierError]) -> None:
    assert _verdict({"status": 200, "error": False}, status=status) is outcome


def test_a_booking_has_the_code_that_viettel_post_made() -> None:
    for code in ("15878180012", 15878180012):
        booking = read_booking(_answer({"status": 200, "error": False, "data": {"ORDER_NUMBER": code}}), "H14-1")
        assert (booking.order_number, booking.waybill, booking.already_existed) == ("H14-1", "15878180012", False)


@pytest.mark.parametrize("data", [None, [], {}, {"ORDER_NUMBER": None}, {"ORDER_NUMBER": ""}, {"ORDER_NUMBER": {}}])
def test_a_booking_without_a_code_is_unknown(data: object) -> None:
    with pytest.raises(OutcomeUnknown, match="its own report is waited for"):
        read_booking(_answer({"status": 200, "error": False, "data": data}), "H14-1")


_OFFERS = [{"MA_DV_CHINH": "PHS", "GIA_CUOC": 26400}, None, {"MA_DV_CHINH": "VCN", "GIA_CUOC": 31000.0}]


@pytest.mark.parametrize("body", [{"RESULT": _OFFERS}, _OFFERS, {"status": 200, "error": False, "data": _OFFERS}])
def test_the_price_is_that_of_the_agreed_service(body: Any) -> None:
    assert (read_price(body, "VCN"), read_price(body, "PHS"), read_price(body, "VHT")) == (31000, 26400, None)


@pytest.mark.parametrize("price", [None, "26400", True, 0, -1, 1e300, float("nan")])
def test_a_price_that_is_none_is_not_shown(price: object) -> None:
    with pytest.raises(Retryable, match="published tariff"):
        read_price([{"MA_DV_CHINH": "VCN", "GIA_CUOC": price}], "VCN")


@pytest.mark.parametrize("body", [None, {}, {"RESULT": {}}, "26400"])
def test_something_else_than_a_list_of_prices_is_none(body: object) -> None:
    with pytest.raises(Retryable, match="published tariff"):
        read_price(body, "VCN")


@pytest.mark.parametrize("message", [None, "", "OK", "x" * 501, "mã in vận đơn", 7, "a\nbcdefghijkl"])
def test_only_something_like_a_print_code_is_one(message: object) -> None:
    assert read_print_code({"message": "ISJDgZ3NSiYMtPUk7vTzQK8="}) == "ISJDgZ3NSiYMtPUk7vTzQK8="
    with pytest.raises(Retryable, match="no print code"):
        read_print_code({"message": message})


@pytest.mark.parametrize("data", [None, {}, "token", {"token": None}, {"token": ""}, {"token": "a\nb"}, {"token": "ộ"}])
def test_an_answer_without_a_usable_token_harms_nothing(data: object) -> None:
    assert read_token({"data": {"token": "eyJ.x.y"}}) == "eyJ.x.y"
    with pytest.raises(Retryable, match="holds no token"):
        read_token({"data": data})


def test_places_of_collection_are_counted() -> None:
    assert (count_inventories({"data": [{}, {}]}), count_inventories([])) == (2, 0)
    with pytest.raises(Retryable):
        count_inventories({"data": None})


def test_learnt_words_are_found_in_any_case() -> None:
    refusal = Rejected("no", operator_words="Mã đơn hàng ĐÃ TỒN TẠI")
    assert said(refusal, ("đã hủy", "đã tồn tại")) == "đã tồn tại"
    assert said(refusal, ()) is None


_SCALARS: st.SearchStrategy[Any] = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
_JSON: st.SearchStrategy[Any] = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4)
)
_FIELDS = ("status", "error", "message", "data", "RESULT")


@given(_JSON | st.fixed_dictionaries({}, optional=dict.fromkeys(_FIELDS, _JSON)), st.booleans())
def test_any_answer_leads_to_one_of_the_outcomes(body: Any, writes: bool) -> None:
    outcome = judge(_answer(body), writes=writes)
    assert outcome is None or isinstance(outcome, CarrierError)
    for read in (lambda: read_booking(_answer(body), "H"), lambda: read_price(body, "VCN"), lambda: read_token(body)):
        try:
            read()
        except (OutcomeUnknown, Retryable) as refused:
            assert str(refused)
