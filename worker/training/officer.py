"""What the officers at the desk do: take in post, work on dossiers, hand results out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any

from config.clock import local
from worker.training.book import Act
from worker.training.casting import Part
from worker.training.view import View

OFFICER = "Hoàng Thị Lan"
_COUNTS_POST = (time(10, 0), time(15, 0))
_GIVES_OUT = (time(8, 30), time(14, 0))
_AT_THE_DOOR = ("out_for_delivery", "delivered")
_TO_BE_COLLECTED = ("booked", "collecting")


def plan(view: View) -> Iterator[Act]:
    """Decide what the officers do next about a dossier; the same view gives the same acts."""
    yield from _take_in_counter_papers(view)
    yield from _count_incoming_post(view)
    yield from _work_on_it(view)
    yield from _give_result_to_postman(view)


def _take_in_counter_papers(view: View) -> Iterator[Act]:
    if view.case.service == "receive" and "file" in view.done:
        accepted_at = max(view.hours.at_desk(view.case.filed_at), view.now)
        yield _event(view, "accepted", accepted_at)


def _count_incoming_post(view: View) -> Iterator[Act]:
    arrived = [s for s in view.shipments("send") if s.state in _AT_THE_DOOR]
    came_back = [s for s in view.shipments("return") if s.state == "returned"]
    for shipment in arrived + came_back:
        if view.copy.handover(shipment.order_number, "to_agency") is None:
            at = view.hours.next_round(view.now, *_COUNTS_POST)
            yield _counting(view, "to_agency", shipment.order_number, at)


def _give_result_to_postman(view: View) -> Iterator[Act]:
    for shipment in view.shipments("return"):
        if shipment.state in _TO_BE_COLLECTED and view.copy.handover(shipment.order_number, "to_post") is None:
            at = view.hours.next_round(view.now + timedelta(hours=8), *_GIVES_OUT)
            yield _counting(view, "to_post", shipment.order_number, at)


def _counting(view: View, direction: str, number: str, at: datetime) -> Act:
    rejected = view.part is Part.REJECTED_LINE and direction == "to_agency" and number.endswith("-S1")
    payload: dict[str, Any] = {"agency": view.case.agency, "direction": direction, "order": number}
    if rejected:
        missing = view.case.papers[:1]
        payload |= {"missing": missing, "reason": f"Thiếu giấy tờ: {', '.join(missing)}"}
    return Act(f"{view.case.code}/{direction}:{number}", at, "handover", view.case.code, payload)


def _work_on_it(view: View) -> Iterator[Act]:
    due = view.due
    if due is None:
        return
    if view.part is Part.SUPPLEMENT and "supplement_completed" not in view.done:
        yield from _ask_for_more(view, due)
    elif view.part is Part.EXTENSION and "extended" not in view.done:
        yield _apologise(view, due)
    else:
        yield _event(view, "result_ready", _finished_at(view, due), result_papers=[_RESULT])


_RESULT = {"name": "Kết quả giải quyết thủ tục hành chính", "originals": 1, "copies": 0}


def _ask_for_more(view: View, due: datetime) -> Iterator[Act]:
    asked_at = min(view.hours.after(view.now, 1, time(9, 0)), due - timedelta(hours=1))
    completed_at = view.hours.after(asked_at, 3, time(10, 0))
    reason = "Đề nghị bổ sung bản sao giấy tờ chứng minh nơi cư trú"
    yield _event(view, "supplement_requested", asked_at, reason=reason)
    yield _event(view, "supplement_completed", completed_at)


def _apologise(view: View, due: datetime) -> Act:
    apologised_at = max(view.hours.day_before(local(due).date(), time(9, 0)), view.later(30))
    return _event(
        view,
        "extended",
        apologised_at,
        reason="Cần xác minh thêm hồ sơ gốc; cơ quan xin lỗi và hẹn lại ngày trả kết quả",
        new_due=view.hours.after(due, 3, time(17, 0)).isoformat(),
    )


def _finished_at(view: View, due: datetime) -> datetime:
    """Most results are early, some on the day, and for one luck of eight a plain one is late."""
    day = local(due).date()
    early, on_time = view.hours.day_before(day, time(16, 0)), due - timedelta(minutes=30)
    late = view.hours.after(due, 1, time(9, 0))
    wanted = late if view.luck == 7 and view.part.startswith("plain") else on_time if view.luck >= 5 else early
    return next((at for at in (wanted, on_time) if at >= view.later(30)), view.later(30))


def _event(view: View, kind: str, at: datetime, **more: Any) -> Act:
    form = {"event_id": f"{view.case.code}:{kind}", "type": kind, "officer": OFFICER, **more}
    return Act(f"{view.case.code}/{kind}", at, "dossier_event", view.case.code, form)
