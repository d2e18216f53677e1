"""Why a letter cannot be signed or dismissed like this, and what to do instead."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from config.clock import local
from dispatch.problems import Problem
from tracking.deadlines.contradictions import CONTRADICTIONS
from tracking.deadlines.facts import Contradiction
from tracking.deadlines.rules import Rule


def unknown(apology_id: int) -> Problem:
    """There is no such letter."""
    return Problem(
        "unknown-apology",
        "Unknown apology",
        f"No apology {apology_id} exists.",
        "Look it up in the list of what needs a hand, or at its dossier.",
        next_step_vi="Tra danh sách văn bản xin lỗi.",
        next_step_api="Look it up with GET /v1/apologies.",
        status=404,
    )


def signed_otherwise(number: str) -> Problem:
    """Another signature is under it."""
    return Problem(
        "apology-signed",
        "The letter was signed already",
        f"Letter {number} carries another signature or says something else.",
        "A signed letter is never changed, and one promise gets one apology: read it at its dossier.",
        next_step_vi="Văn bản đã ký không sửa được; mỗi lời hẹn chỉ có một văn bản xin lỗi.",
        next_step_api="A signed letter is never changed, and one promise gets one apology: GET .../letter shows it.",
        status=409,
    )


def signed_stays(number: str) -> Problem:
    """What the citizen was told cannot be taken back."""
    return Problem(
        "apology-signed",
        "The letter was signed already",
        f"Letter {number} has been sent to the citizen.",
        "It stays; if its ground was wrong, correct the event from which it follows.",
        next_step_vi="Văn bản đã gửi giữ nguyên; nếu căn cứ sai, hãy đính chính sự kiện liên quan.",
        status=409,
    )


def dismissed_otherwise(number: str) -> Problem:
    """Somebody has said so already, with other words."""
    return Problem(
        "apology-dismissed",
        "The letter was dismissed already",
        f"Letter {number} was dismissed by somebody else or for another reason.",
        "The first word stands. If an apology is owed after all, sign the letter.",
        next_step_vi="Ghi nhận đầu tiên giữ nguyên; nếu vẫn phải xin lỗi, hãy ký văn bản.",
        status=409,
    )


def not_owed(number: str) -> Problem:
    """The promise turned out kept, or is in force no longer."""
    return Problem(
        "apology-void",
        "No apology is owed",
        f"What letter {number} was drafted for has not come to pass by what is known now.",
        "Nothing is to be done; if it is owed after all, it is drafted again by itself.",
        next_step_vi="Không cần làm gì; nếu vẫn phải xin lỗi, hệ thống sẽ tự dự thảo lại.",
        status=409,
    )


def not_signed_yet(signed_at: datetime, now: datetime) -> Problem:
    """The signature is dated ahead."""
    return Problem(
        "apology-signature",
        "The letter cannot be signed like this",
        f"signed_at {signed_at.isoformat()} lies in the future; now is {local(now).isoformat()}.",
        "Give the moment of signing, with its zone.",
        next_step_vi="Ghi đúng thời điểm ký, kèm múi giờ.",
    )


def no_new_date(number: str, rule: Rule) -> Problem:
    """The letter may not name a new date, or one was named before."""
    return _by_rule(
        "apology-new-date",
        "This letter names no new date",
        f"Letter {number} may not promise another date. {rule.text_en}",
        "Sign it without new_due.",
        "Ký văn bản không nêu ngày hẹn mới.",
        rule,
    )


def date_is_over(wanted: datetime, rule: Rule) -> Problem:
    """The new date is not ahead."""
    return _by_rule(
        "apology-new-date",
        "The new date is over",
        f"{local(wanted):%H:%M %d/%m/%Y} is not after the signature.",
        "Choose a working day after today.",
        "Chọn ngày làm việc sau ngày ký.",
        rule,
    )


def no_extension(contradiction: str | None, rule: Rule) -> Problem:
    """The law allows no new date here: too late, or for the second time."""
    said = CONTRADICTIONS[Contradiction(contradiction)] if contradiction else None
    return _by_rule(
        "apology-window",
        "The due date cannot be extended",
        said.en if said else "Another fact of the dossier has moved the date since.",
        f"{rule.text_en} When the due day is over, an apology without extension is drafted by itself.",
        said.vi if said else "Một sự kiện khác đã thay đổi hạn; hãy xem lại hồ sơ.",
        rule,
        contradiction=contradiction,
    )


def _by_rule(kind: str, title: str, detail: str, next_step: str, next_step_vi: str, rule: Rule, **more: Any) -> Problem:
    return Problem(
        kind,
        title,
        detail,
        next_step,
        next_step_vi=next_step_vi,
        status=409,
        rule=rule.id,
        legal_source=rule.legal_source,
        **more,
    )
