"""What MyVNPost's answers decide."""

from __future__ import annotations

import base64
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carriers.contract import ChangeOutcome
from carriers.exchange import Answer
from carriers.myvnpost import answers
from carriers.outcomes import CarrierError, OutcomeUnknown, Rejected, Retryable, Throttled, Unauthorized

_RECORD = {"orderHdrID": "MVN1", "originalID": "10000001", "itemCode": "EM1VN", "saleOrderCode": "H14-1", "status": 1}
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["data", "results", "itemCode", "Type", "success", "status", "error", "totalFee", "x"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=10,
)


def _answer(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Answer:
    return Answer(status, body, httpx.Headers(headers))


def _verdict(body: Any, status: int = 200, *, writes: bool = True) -> type[CarrierError] | None:
    problem = answers.judge(_answer(body, status), writes=writes)
    return type(problem) if problem else None


@pytest.mark.parametrize("body", [_RECORD, {"data": _RECORD}, [{"results": [_RECORD]}], {"results": [_RECORD]}, []])
def test_an_answer_that_says_nothing_of_a_failure_has_none(body: Any) -> None:
    assert _verdict(body) is None


def test_a_failure_inside_of_success_is_a_refusal_in_the_operators_words() -> None:
    problem = answers.judge(_answer({"success": False, "errorMessage": "Thiếu số điện thoại"}), writes=True)
    assert isinstance(problem, Rejected)
    assert (str(problem), problem.operator_words) == (
        "MyVNPost refused the request: Thiếu số điện thoại.",
        "Thiếu số điện thoại",
    )


@pytest.mark.parametrize(
    ("status", "writes", "outcome"),
    [
        (400, True, Rejected),
        (401, True, Unauthorized),
        (403, False, Unauthorized),
        (429, True, Throttled),
        (500, True, OutcomeUnknown),
        (502, False, Retryable),
    ],
)
def test_an_error_means_the_same_in_the_status_line_and_in_the_body(
    status: int, writes: bool, outcome: type[CarrierError]
) -> None:
    body = {"status": status, "error": "Bad Request", "message": "x"}
    assert _verdict(body, status, writes=writes) is outcome
    assert _verdict(body, 200, writes=writes) is outcome


def test_a_request_to_slow_down_in_the_body_passes_its_pause_on() -> None:
    problem = answers.judge(_answer({"status": 429, "error": "x"}, headers={"retry-after": "7"}), writes=True)
    assert isinstance(problem, Throttled)
    assert problem.retry_after == 7


def test_the_status_of_an_order_is_not_an_error() -> None:
    assert _verdict({**_RECORD, "status": 29}) is None
    assert _verdict({"status": 500, "itemCode": "EM1VN"}) is None


def test_a_refusal_by_http_bears_the_words_of_its_body() -> None:
    problem = answers.judge(_answer({"errorMessage": "Sai hợp đồng"}, 400), writes=True)
    assert (problem.code, problem.operator_words) == ("http_400", "Sai hợp đồng") if problem else False


@pytest.mark.parametrize(
    "body", [_RECORD, {"data": _RECORD}, {"data": [_RECORD]}, [_RECORD], {"success": True, "data": _RECORD}]
)
def test_a_booking_is_read_however_it_is_wrapped(body: Any) -> None:
    booking = answers.read_booking(_answer(body), "H14-1")
    assert (booking.waybill, booking.operator_id, booking.already_existed) == ("EM1VN", "10000001", False)


def test_an_order_without_an_original_id_is_changed_by_its_other_one() -> None:
    assert answers.read_booking(_answer({"orderHdrID": 7, "itemCode": "EM1VN"}), "H14-1").operator_id == "7"


@pytest.mark.parametrize(
    "body", [None, [], {}, "OK", {"success": True}, {"message": "Thành công"}, {**_RECORD, "saleOrderCode": "H14-2"}]
)
def test_an_answer_without_our_order_leaves_the_outcome_unknown(body: Any) -> None:
    with pytest.raises(OutcomeUnknown):
        answers.read_booking(_answer(body), "H14-1")


def test_our_order_is_found_among_others_and_a_live_one_first() -> None:
    dead, live = {**_RECORD, "status": "9", "itemCode": "EM0VN"}, _RECORD
    other = {**_RECORD, "saleOrderCode": "H14-2", "itemCode": "EM2VN"}
    found = answers.booking_among([other, dead, live], "H14-1")
    assert found is not None
    assert (found.waybill, found.already_existed) == ("EM1VN", True)
    only_dead = answers.booking_among([dead], "H14-1")
    assert only_dead is not None
    assert only_dead.waybill == "EM0VN"
    assert answers.booking_among([other], "H14-1") is None


@pytest.mark.parametrize(
    ("body", "outcome", "words"),
    [
        ({"Type": "00", "Message": "Xong"}, ChangeOutcome.ACCEPTED, "Xong"),
        ([{"type": "00", "message": "Xong"}], ChangeOutcome.ACCEPTED, "Xong"),
        ([{"Type": "02", "Message": "Chờ duyệt", "CaseId": 77}], ChangeOutcome.PENDING, "Chờ duyệt - CaseId 77"),
        ({"type": "02", "caseId": "77"}, ChangeOutcome.PENDING, "CaseId 77"),
        ({"Type": "01", "Message": "Đã thu gom"}, ChangeOutcome.REFUSED, "Đã thu gom"),
        ({"Type": "01", "Note": "Vận ĐƠN không tồn tại"}, ChangeOutcome.NOT_FOUND, "Vận ĐƠN không tồn tại"),
        ({"Type": "01", "Message": "Không tìm thấy đơn vị"}, ChangeOutcome.REFUSED, "Không tìm thấy đơn vị"),
        ({"Type": "07"}, ChangeOutcome.REFUSED, "Type 07"),
        ({"Type": 0, "Message": "?"}, ChangeOutcome.REFUSED, "?"),
    ],
)
def test_a_change_is_accepted_waits_or_is_refused(body: Any, outcome: ChangeOutcome, words: str) -> None:
    change = answers.read_change(body)
    assert (change.outcome, change.operator_words) == (outcome, words)


@pytest.mark.parametrize("body", [None, [], {}, [[]], "00", {"Type": None}, {"Message": "Đã nhận"}])
def test_an_answer_that_does_not_tell_leaves_a_change_unknown(body: Any) -> None:
    with pytest.raises(OutcomeUnknown):
        answers.read_change(body)


@pytest.mark.parametrize("wrap", [lambda rows: rows, lambda rows: {"data": rows}])
def test_the_price_is_that_of_the_accounts_service(wrap: Any) -> None:
    rows = [{"serviceCode": "CTN009", "totalFee": 20000}, {"serviceCode": "ETN011", "totalFee": 28000.4}]
    assert answers.read_price(wrap(rows), "ETN011").vnd == 28000
    assert answers.read_price(rows[0], "CTN009").vnd == 20000


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {},
        [{"serviceCode": "ETN011"}],
        [{"serviceCode": "ETN011", "totalFee": True}],
        [{"serviceCode": "ETN011", "totalFee": 0}],
        [{"serviceCode": "X", "totalFee": 5}],
        [None],
    ],
)
def test_without_a_price_the_published_tariff_is_shown(body: Any) -> None:
    with pytest.raises(Retryable, match="published tariff"):
        answers.read_price(body, "ETN011")


@pytest.mark.parametrize("wrap", [lambda text: [text], lambda text: {"data": [text]}, lambda text: text])
def test_a_label_is_a_document_in_base64(wrap: Any) -> None:
    label = answers.read_label(wrap(base64.b64encode(b"%PDF-1.4 x").decode()))
    assert (label.content, label.media_type) == (b"%PDF-1.4 x", "application/pdf")


@pytest.mark.parametrize("body", [None, [], {}, ["%%%"], ["aGVsbG8="], [None, 7], {"data": None}])
def test_what_is_no_document_is_asked_for_again(body: Any) -> None:
    with pytest.raises(Retryable):
        answers.read_label(body)


@given(_JSON, st.sampled_from([200, 302, 400, 401, 429, 503]), st.booleans())
def test_any_answer_leads_to_an_outcome(body: Any, status: int, writes: bool) -> None:
    problem = answers.judge(_answer(body, status), writes=writes)
    assert problem is None or isinstance(problem, CarrierError)
    assert all(isinstance(record, dict) for record in answers.records_of(body))
    for read in (
        lambda: answers.read_booking(_answer(body), "H14-1"),
        lambda: answers.read_change(body),
        lambda: answers.read_price(body, "ETN011"),
        lambda: answers.read_label(body),
    ):
        try:
            read()
        except CarrierError as error:
            assert str(error)


@pytest.mark.parametrize(
    "body",
    [
        {"success": False, "errorMessage": "Lỗi hệ thống"},
        {"status": 400, "error": "Bad Request", "message": "Hệ thống đang bận, vui lòng thử lại sau"},
    ],
)
def test_an_error_of_myvnposts_own_refuses_nothing(body: Any) -> None:
    for status in (200, 400):
        assert _verdict(body, status) is OutcomeUnknown
        assert _verdict(body, status, writes=False) is Retryable


def test_a_change_that_failed_at_myvnpost_may_have_been_made() -> None:
    with pytest.raises(OutcomeUnknown, match="looked up") as unknown:
        answers.read_change([{"Type": "99", "Message": "Lỗi hệ thống"}])
    assert unknown.value.operator_words == "Lỗi hệ thống"
