"""What was filled in while a record was counted: from the fields of the form to both signatures."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from starlette.datastructures import FormData

from config.clock import VIETNAM
from dispatch.forms import SignatureForm
from dispatch.handover_lines import HandoverLine
from dispatch.problems import Problem
from worker.access.actor import Staff
from worker.web.board.entry import filled_in

_MOST_YEARS = 100
"""Further away than this nothing can be signed, and some of it is no instant in UTC."""


def signature(
    filled: FormData, lines: list[HandoverLine], doubtful: Collection[str], staff: Staff, now: datetime
) -> SignatureForm:
    """Read what both sides counted, signed by ``staff``; without a time of their own the signatures are of now.

    Raises:
        Problem: a line was not counted, one of the ``doubtful`` orders goes out without anybody confirming that it
            does (:mod:`dispatch.handover_doubts`), or something does not fit.
    """
    signed_at = moment(str(filled.get("signed_at") or "").strip(), now)
    verdicts = [_verdict(filled, line.order_number) for line in lines]
    if unsaid := [one["order"] for one in verdicts if one["accepted"] is None]:
        raise _not_counted(unsaid)
    going = [str(one["order"]) for one in verdicts if one["accepted"]]
    if unsure := [number for number in going if number in doubtful and not filled.get(f"sure:{number}")]:
        raise _not_confirmed(unsure)
    given = {"signed_at": signed_at, "officer": staff.display_name, "postman": filled.get("postman"), "lines": verdicts}
    return filled_in(SignatureForm, given)


def moment(text: str, now: datetime) -> datetime:
    """Read a day and time as a browser sends it, in Vietnam's time; ``now`` where nothing was filled in.

    Raises:
        Problem: it is no moment.
    """
    # From this moment on the agency's time runs: what cannot be read must not become another one unseen.
    if not text:
        return now
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise _no_moment(text) from error
    if at.tzinfo is not None or abs(at.year - now.year) > _MOST_YEARS:
        raise _no_moment(text)
    return at.replace(tzinfo=VIETNAM)


def _verdict(filled: FormData, number: str) -> dict[str, Any]:
    def said(what: str) -> str | None:
        return str(filled.get(f"{what}:{number}") or "").strip() or None

    accepted = {"accept": True, "reject": False}.get(said("verdict") or "")
    missing = [str(name) for name in filled.getlist(f"missing:{number}")]
    return {
        "order": number,
        "accepted": accepted,
        "reason": said("reason") if accepted is False else None,
        "missing_papers": missing if accepted is False else [],
        "discrepancy": said("discrepancy"),
        "seal_intact": {"yes": True, "no": False}.get(said("seal") or ""),
    }


def _not_counted(numbers: list[str]) -> Problem:
    return Problem(
        "handover-signature",
        "The record cannot be signed like this",
        f"Neither accepted nor rejected: {', '.join(numbers[:10])}.",
        "Say of every line whether it is accepted; take what is not on the counter off the record.",
        next_step_vi=f"Chưa chọn nhận hay từ chối: {', '.join(numbers[:10])}. "
        "Đơn không có tại quầy thì bỏ khỏi biên bản.",
    )


def _not_confirmed(numbers: list[str]) -> Problem:
    return Problem(
        "handover-in-doubt",
        "A line carries a warning",
        f"Not confirmed: {', '.join(numbers[:10])}.",
        "Read the warning on the line. If the papers go to the post all the same, tick that they do; if they stay "
        "here, reject the line or take it off the record.",
        next_step_vi=f"Có cảnh báo chưa xác nhận: {', '.join(numbers[:10])}. Nếu vẫn giao cho bưu điện, đánh dấu xác "
        "nhận; nếu giữ lại, chọn từ chối hoặc bỏ khỏi biên bản.",
        status=409,
    )


def _no_moment(text: str) -> Problem:
    return Problem(
        "handover-signature",
        "The record cannot be signed like this",
        f"'{text[:40]}' is no day and time.",
        "Write the day and time of the signatures like 2026-03-02T08:10, or leave it empty for now.",
        next_step_vi="Ghi ngày giờ ký theo mẫu 2026-03-02T08:10, hoặc để trống nếu ký ngay bây giờ.",
    )
