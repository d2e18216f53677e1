"""What VNPost's Status and Message decide."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carriers.contract import ChangeOutcome
from carriers.exchange import Answer
from carriers.outcomes import CarrierError, Duplicate, OutcomeUnknown, Rejected
from carriers.vnpost_ngsp.answers import check_order, read_cancellation, status_of
from carriers.vnpost_ngsp.dialects import DIALECTS, Dialect, Variant

_BY_STATUS, _BY_HTTP = DIALECTS[Variant.NGSP_DIRECT], DIALECTS[Variant.QUERY_NAMED]


def _answer(body: Any) -> Answer:
    return Answer(200, body, httpx.Headers())


def _verdict(body: Any, dialect: Dialect = _BY_STATUS) -> type[CarrierError] | None:
    try:
        check_order(_answer(body), dialect)
    except CarrierError as error:
        return type(error)
    return None


@pytest.mark.parametrize("status", [100, "100", " 100 "])
def test_an_order_is_created_whether_status_is_a_number_or_text(status: object) -> None:
    assert _verdict({"Status": status, "Message": "Thành công"}) is None


@pytest.mark.parametrize("status", [101, "101"])
@pytest.mark.parametrize("dialect", [_BY_STATUS, _BY_HTTP])
def test_an_order_that_exists_is_a_duplicate_through_any_adapter(status: object, dialect: Dialect) -> None:
    assert _verdict({"Status": status}, dialect) is Duplicate


def test_a_refusal_carries_code_and_words() -> None:
    with pytest.raises(Rejected, match="Sai mã khách hàng") as refused:
        check_order(_answer({"Status": "102", "Message": "Sai mã khách hàng"}), _BY_STATUS)
    assert (refused.value.code, refused.value.operator_words) == ("102", "Sai mã khách hàng")


@pytest.mark.parametrize("body", [None, [], "100", {}, {"Status": None}, {"Status": True}, {"Status": "mới"}])
def test_an_answer_without_a_status_leaves_the_outcome_unknown(body: object) -> None:
    assert _verdict(body) is OutcomeUnknown


@pytest.mark.parametrize("status", [500, "502"])
def test_a_server_error_that_the_adapter_put_into_the_body_leaves_the_outcome_unknown(status: object) -> None:
    assert _verdict({"Status": status, "Message": "timeout"}) is OutcomeUnknown


def test_an_adapter_that_says_success_by_http_needs_no_status() -> None:
    assert _verdict(None, _BY_HTTP) is None


def test_a_cancellation_is_accepted_refused_or_what_the_deployment_has_learnt() -> None:
    learnt = {204: ChangeOutcome.NOT_FOUND}
    said = [read_cancellation(_answer({"Status": s, "Message": "x"}), _BY_STATUS, learnt) for s in (110, "204", 105)]
    assert [c.outcome for c in said] == [ChangeOutcome.ACCEPTED, ChangeOutcome.NOT_FOUND, ChangeOutcome.REFUSED]


@given(st.none() | st.integers() | st.text() | st.floats() | st.lists(st.integers()))
def test_any_status_leads_to_one_of_the_outcomes(status: Any) -> None:
    assert _verdict({"Status": status}) in (None, Duplicate, Rejected, OutcomeUnknown)
    assert status_of({"Status": status}) is None or isinstance(status_of({"Status": status}), int)


def test_a_system_error_proves_nothing_whatever_its_status() -> None:
    said = {"Status": 105, "Message": "Lỗi hệ thống"}
    assert _verdict(said) is OutcomeUnknown
    with pytest.raises(OutcomeUnknown):
        read_cancellation(_answer(said), _BY_STATUS, {})
