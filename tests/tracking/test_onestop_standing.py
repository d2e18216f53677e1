"""How a dossier stands, as systems are told that keep states: stage, due date, supplements, steps."""

from __future__ import annotations

from typing import Any

import pytest

from dispatch.onestop.standing import Hands, Stage, Standing
from tests.tracking.case import COLLECTED, DELIVERED, Case, local_text
from tests.tracking.conftest import ON_SQLITE
from tracking.onestop_standing import standings

pytestmark = ON_SQLITE


def standing_of(case: Case) -> Standing:
    standing = standings(case.desk.context.database, case.desk.office)(case.code)
    assert standing is not None
    return standing


def steps_of(case: Case) -> list[tuple[str | None, str]]:
    return [(local_text(step.at), step.what) for step in standing_of(case).steps]


def test_a_dossier_that_was_only_filed(case: Case) -> None:
    standing = standing_of(case)
    assert (standing.stage, standing.due, standing.accepted_at) == (Stage.FILED, None, None)
    assert (standing.sent_by_post, standing.returned_by_post) == (False, False)
    assert steps_of(case) == [("2026-03-02 07:45", "Nộp hồ sơ")]


def test_the_way_of_papers_and_result_by_post(case: Case) -> None:
    case.order()
    case.arrives()
    case.signed(case.s1, "2026-03-02 15:30")
    taken = standing_of(case)
    assert (taken.stage, taken.sent_by_post, taken.returned_by_post) == (Stage.ACCEPTED, True, True)
    assert local_text(taken.due) == case.due
    case.finished("2026-03-04 10:00")
    assert (standing_of(case).stage, local_text(standing_of(case).finished_at)) == (Stage.FINISHED, "2026-03-04 10:00")
    case.reported(case.r1, COLLECTED, "2026-03-04 16:00")
    case.reported(case.r1, DELIVERED, "2026-03-06 09:00")
    back = standing_of(case)
    assert (back.stage, local_text(back.returned_at)) == (Stage.RETURNED, "2026-03-06 09:00")
    assert steps_of(case) == [
        ("2026-03-02 07:45", "Nộp hồ sơ"),
        ("2026-03-02 09:00", "Bưu điện đã nhận hồ sơ từ người nộp"),
        ("2026-03-02 15:00", "Bưu điện đã chuyển hồ sơ đến cơ quan"),
        ("2026-03-02 15:30", "Tiếp nhận hồ sơ"),
        ("2026-03-04 10:00", "Đã có kết quả giải quyết"),
        ("2026-03-04 16:00", "Bưu điện đã nhận kết quả để trả cho người nộp"),
        ("2026-03-06 09:00", "Bưu điện đã trả kết quả cho người nộp"),
    ]


def test_a_supplement_has_the_due_date_before_and_after_it(case: Case) -> None:
    case.happens("accepted", "2026-03-02 08:30")
    before = case.due
    case.happens("supplement_requested", "2026-03-03 09:00", reason="Thiếu giấy khai sinh")
    asked = standing_of(case)
    assert (asked.stage, asked.due) == (Stage.SUPPLEMENT, None)
    case.happens("supplement_completed", "2026-03-05 09:00")
    standing = standing_of(case)
    (one,) = standing.supplements
    assert standing.stage is Stage.ACCEPTED
    assert (one.reason, local_text(one.completed_at)) == ("Thiếu giấy khai sinh", "2026-03-05 09:00")
    assert (local_text(one.due_before), local_text(one.due_after)) == (before, case.due)


def test_papers_that_the_counter_sent_back_are_a_supplement_before_the_clock(case: Case) -> None:
    case.order()
    case.arrives()
    case.signed(case.s1, "2026-03-02 15:30", accepted=False, reason="thiếu giấy tờ", missing_papers=["Giấy khai sinh"])
    standing = standing_of(case)
    assert (standing.stage, standing.due) == (Stage.SUPPLEMENT, None)
    assert [one.completed_at for one in standing.supplements] == [None]
    assert standing.steps[-1].what == "Chưa tiếp nhận, yêu cầu bổ sung hồ sơ: thiếu giấy tờ"


@pytest.mark.parametrize(
    ("kind", "more", "stage", "what"),
    [
        ("suspended", {"reason": "Xác minh"}, Stage.SUSPENDED, "Tạm dừng giải quyết hồ sơ: Xác minh"),
        (
            "suspended",
            {"reason": "Thuế", "ground": "financial_duty", "new_due": "2026-03-05"},
            Stage.PAYMENT,
            "Yêu cầu thực hiện nghĩa vụ tài chính: Thuế",
        ),
        ("withdrawn", {"reason": "Đổi ý"}, Stage.WITHDRAWN, "Người nộp rút hồ sơ"),
    ],
)
def test_each_turn_has_its_stage_and_its_words(
    case: Case, kind: str, more: dict[str, Any], stage: Stage, what: str
) -> None:
    case.happens("accepted", "2026-03-02 08:30")
    case.happens(kind, "2026-03-03 09:00", **more)
    standing = standing_of(case)
    assert standing.stage is stage
    assert standing.steps[-1].what == what


def test_a_result_reported_by_mistake_is_corrected_in_the_open(case: Case) -> None:
    case.happens("accepted", "2026-03-02 08:30")
    case.happens("result_ready", "2026-03-03 09:00", event_id="wrong", result_papers=[{"name": "KQ", "originals": 1}])
    case.happens("corrected", "2026-03-03 10:00", voids="wrong", reason="Nhập nhầm hồ sơ")
    standing = standing_of(case)
    assert (standing.stage, standing.finished_at) == (Stage.ACCEPTED, None)
    assert standing.steps[-1].what == "Đính chính thông tin đã cập nhật: Nhập nhầm hồ sơ"
    assert "Đã có kết quả giải quyết" not in [step.what for step in standing.steps]


def test_where_a_ministry_owns_the_due_date_none_is_told(case: Case) -> None:
    case.register(due_date_owner="source")
    case.happens("accepted", "2026-03-02 08:30")
    standing = standing_of(case)
    assert (standing.owner, standing.stage, standing.due, standing.revision) == ("source", Stage.ACCEPTED, None, 0)
    assert all(step.due is None for step in standing.steps)


def test_no_step_names_an_officer_or_a_postman(case: Case) -> None:
    case.order()
    case.arrives()
    case.signed(case.s1, "2026-03-02 15:30")
    case.finished("2026-03-04 10:00")
    told = " ".join(step.what for step in standing_of(case).steps)
    assert not [name for name in ("Hà Thị Mai", "Hoàng Thị Lan", "Nông Văn Páo", "Bế Đức Hiếu") if name in told]
    assert {step.by for step in standing_of(case).steps} == set(Hands)


def test_a_code_that_nobody_registered_has_no_standing(case: Case) -> None:
    assert standings(case.desk.context.database, case.desk.office)("H14.10-990101-9999") is None
