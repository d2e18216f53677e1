"""What the portal means: codes, words, and both at odds."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.onestop.dvcqg.verdicts import Manners, Verdict, judge

BY_CODE = Manners(("0",), needs_words=False, sessions=True, expired_codes=("401",))
BY_WORDS = Manners(("0", "3", "-3"), needs_words=True)
SUCCESS = "Đồng bộ dữ liệu thành công"


@pytest.mark.parametrize(
    ("manners", "answer", "verdict"),
    [
        (BY_CODE, {"error_code": 0}, Verdict.TAKEN),
        (BY_CODE, {"error_code": "00", "message": "OK"}, Verdict.TAKEN),
        (BY_WORDS, {"error_code": "0", "message": SUCCESS.upper()}, Verdict.TAKEN),
        (BY_WORDS, {"error_code": 0, "message": ""}, Verdict.TAKEN),
        (BY_WORDS, {"error_code": "3", "message": SUCCESS}, Verdict.TAKEN),
        (BY_WORDS, {"message": SUCCESS}, Verdict.TAKEN),
        (BY_WORDS, {"error_code": "0", "message": "Đã ghi nhận"}, Verdict.REFUSED),
        (BY_WORDS, {"error_code": "3", "message": ""}, Verdict.REFUSED),
        (BY_WORDS, {"error_code": "0", "message": "Đồng bộ không thành công"}, Verdict.REFUSED),
        (BY_CODE, {"error_code": "0", "message": "Cập nhật thất bại"}, Verdict.REFUSED),
        (BY_CODE, {"error_code": "-1", "message": SUCCESS}, Verdict.DOUBTFUL),
        (BY_WORDS, {"error_code": "-1", "message": SUCCESS}, Verdict.DOUBTFUL),
        (BY_CODE, {"error_code": "3", "message": "Hồ sơ H14.10-260302-0001 đã tồn tại"}, Verdict.EXISTS),
        (BY_WORDS, {"error_code": "-7", "Message": "Hồ sơ đã tồn tại"}, Verdict.EXISTS),
        (BY_CODE, {"error_code": "-1", "message": "Hồ sơ H14.10-260302-0001 không tồn tại"}, Verdict.MISSING),
        (BY_CODE, {"error_code": "-2", "message": "Session hết hạn"}, Verdict.EXPIRED),
        (BY_CODE, {"error_code": "-2", "message": "Phiên làm việc không hợp lệ"}, Verdict.EXPIRED),
        (BY_CODE, {"error_code": "401"}, Verdict.EXPIRED),
        (BY_WORDS, {"error_code": "-2", "message": "Session hết hạn"}, Verdict.REFUSED),
        (BY_CODE, {"error_code": "-9", "message": "Hệ thống đang bận, vui lòng thử lại sau"}, Verdict.BROKEN),
        (BY_CODE, {"error_code": "-5", "message": "Mã TTHC không có hiệu lực"}, Verdict.REFUSED),
        (BY_CODE, {}, Verdict.REFUSED),
        (BY_WORDS, {"error_code": None, "message": None}, Verdict.REFUSED),
        (BY_WORDS, {"error_code": True, "message": 7}, Verdict.REFUSED),
    ],
)
def test_an_answer_means_what_its_code_and_its_words_say_together(
    manners: Manners, answer: dict[str, Any], verdict: Verdict
) -> None:
    assert judge(answer, manners).verdict is verdict


def test_decomposed_vietnamese_letters_are_the_same_words() -> None:
    words = unicodedata.normalize("NFD", SUCCESS)
    assert judge({"error_code": "0", "message": words}, BY_WORDS).verdict is Verdict.TAKEN


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(json_values, st.sampled_from((BY_CODE, BY_WORDS)))
def test_no_answer_breaks_the_judge_and_only_what_speaks_of_success_is_taken(answer: Any, manners: Manners) -> None:
    if judge(answer, manners).verdict is Verdict.TAKEN:
        assert isinstance(answer, dict)


@given(st.sampled_from(("-1", "1", "99", -5)), st.sampled_from((BY_CODE, BY_WORDS)))
def test_a_code_of_failure_is_never_taken_whatever_the_words(code: str | int, manners: Manners) -> None:
    assert judge({"error_code": code, "message": SUCCESS}, manners).verdict is Verdict.DOUBTFUL
