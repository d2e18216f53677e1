"""What comes next for the citizen, in one sentence; and when the result may be expected at home."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from carriers.states import ShipmentState as State
from config.calendars import MissingCalendarYear
from config.clock import local
from dispatch.dossiers import Dossier
from dispatch.shipments import BEFORE_COLLECTION, BookingState, Leg, Shipment
from tracking.citizen.progress import Progress, Stage
from tracking.deadlines.clock import ClockState
from tracking.deadlines.ledger import Ledger
from tracking.deadlines.rules import RuleId
from tracking.deadlines.wording import Text, day_text, moment_text, same
from tracking.office import Office
from tracking.result_pickup import expected_at_home

_SEND: Mapping[str, Text] = {
    State.COLLECTION_FAILED: Text(
        "Bưu tá sẽ đến lấy giấy tờ lần nữa. Xin chuẩn bị đủ giấy tờ và giữ máy điện thoại.",
        "The postman comes for the papers once more. Please have them ready and keep your telephone at hand.",
    ),
    State.IN_TRANSIT: Text(
        "Bưu điện đang chuyển giấy tờ đến cơ quan. Thời hạn giải quyết bắt đầu khi hai bên ký biên bản giao nhận.",
        "The post is taking the papers to the agency. The time limit begins when both sides have signed for them.",
    ),
    State.DELIVERED: Text(
        "Giấy tờ đã đến cơ quan, đang chờ ký biên bản giao nhận.",
        "The papers are at the agency, which has yet to sign for them.",
    ),
    State.RETURNING: Text("Giấy tờ đang trên đường về với Ông/Bà.", "The papers are on their way back to you."),
    State.RETURNED: Text(
        "Giấy tờ đã về với Ông/Bà. Xin bổ sung cho đủ rồi đăng ký gửi lại.",
        "The papers are back with you. Please complete them and order another sending.",
    ),
    State.LOST: Text(
        "Bưu điện đang tìm giấy tờ. Cơ quan và bưu điện sẽ liên hệ với Ông/Bà. Nếu lỗi do bưu điện, mọi chi "
        "phí làm lại "
        "do bưu điện chịu (Quyết định 45/2016/QĐ-TTg, Điều 14).",
        "The post is searching for the papers. Agency and post will call you. Where the post is at fault, it bears all "
        "that it costs to make them again (Decision 45/2016/QĐ-TTg Art. 14).",
    ),
    State.CANCELLED: Text(
        "Việc gửi giấy tờ đã huỷ. Ông/Bà có thể đăng ký lại hoặc mang giấy tờ đến bộ phận một cửa.",
        "The sending was cancelled. You may order it again, or bring the papers to the one-stop desk.",
    ),
}
_BEING_CANCELLED = Text(
    "Việc gửi giấy tờ đang được huỷ với bưu điện. Nếu bưu tá vẫn đến, xin không giao giấy tờ.",
    "The sending is being cancelled at the post. If the postman comes all the same, please give him nothing.",
)
_SEND_SOON = Text(
    "Bưu tá sẽ đến lấy giấy tờ{when}. Xin chuẩn bị đủ giấy tờ theo danh mục.",
    "The postman comes for the papers{when}. Please have all papers of the list ready.",
)
_HOME: Mapping[str, Text] = {
    State.OUT_FOR_DELIVERY: Text(
        "Bưu tá đang mang kết quả đến. Xin chuẩn bị giấy tờ tùy thân; người nhận thay cần giấy uỷ quyền.",
        "The postman is on his way with the result. Please have an identity paper ready; a proxy needs an "
        "authorisation.",
    ),
    State.DELIVERY_FAILED: Text(
        "Bưu tá chưa gặp được Ông/Bà và sẽ mời lần nữa. Xin gọi bưu điện; sau hai lần mời, kết quả về lại cơ quan.",
        "The postman did not meet you and will invite once more. Please call the post; after two invitations "
        "the result "
        "goes back to the agency.",
    ),
    State.RETURNING: Text(
        "Kết quả đang được chuyển hoàn về cơ quan; Ông/Bà nhận tại quầy hoặc đề nghị gửi lại.",
        "The result is going back to the agency; take it at the counter, or ask for it to be sent again.",
    ),
    State.RETURNED: Text(
        "Kết quả đã về lại cơ quan. Ông/Bà nhận tại quầy (mang giấy tờ tùy thân) hoặc đề nghị gửi lại.",
        "The result is back at the agency. Take it at the counter with an identity paper, or ask to have it "
        "sent again.",
    ),
    State.LOST: Text(
        "Bưu điện đang tìm kết quả. Cơ quan và bưu điện sẽ liên hệ với Ông/Bà. Nếu lỗi do bưu điện, mọi chi "
        "phí làm lại "
        "do bưu điện chịu (Quyết định 45/2016/QĐ-TTg, Điều 14).",
        "The post is searching for the result. Agency and post will call you. Where the post is at fault, it bears all "
        "that it costs to make it again (Decision 45/2016/QĐ-TTg Art. 14).",
    ),
}
_HOME_SOON = Text(
    "Đã có kết quả. Bưu tá sẽ nhận tại cơ quan{when}{until}.", "The result is ready. The post fetches it{when}{until}."
)
_ON_ITS_WAY = Text("Bưu điện đang chuyển kết quả về{until}.", "The post has the result on its way to you{until}.")
_AT_COUNTER = Text(
    "Đã có kết quả. Mời Ông/Bà đến {agency} nhận, hoặc đăng ký nhận qua bưu điện.",
    "The result is ready. Come to {agency} for it, or order its delivery by post.",
)
_BROUGHT = Text(
    "Mang giấy tờ đến bộ phận một cửa, hoặc đăng ký gửi qua bưu điện.",
    "Bring the papers to the one-stop desk, or order their collection by post.",
)
_AT_WORK = Text("Cơ quan đang giải quyết. Hẹn trả kết quả: {due}.", "The agency is at work. The result is due: {due}.")
_AT_WORK_ELSEWHERE = Text(
    "Cơ quan đang giải quyết; ngày hẹn trả theo hệ thống nơi Ông/Bà nộp hồ sơ.",
    "The agency is at work; the due date is told by the system in which the dossier was filed.",
)
_STANDSTILL: Mapping[str, Text] = {
    RuleId.SUPPLEMENT_REQUEST: Text(
        "Cơ quan chờ Ông/Bà bổ sung giấy tờ: {reason}. Thời hạn tính lại từ đầu khi đã đủ.",
        "The agency waits for further papers from you: {reason}. The time limit starts anew when they are complete.",
    ),
    RuleId.PAUSE_FINANCIAL: Text(
        "Chờ Ông/Bà nộp nghĩa vụ tài chính theo thông báo. Thời hạn tiếp tục sau khi đã nộp.",
        "A payment by the notice you get is waited for. The time limit runs on when it is made.",
    ),
}
_STANDS_STILL = Text("Thời hạn đang tạm dừng: {reason}.", "The time limit stands still: {reason}.")
_DONE = Text("Ông/Bà đã nhận kết quả. Không còn việc gì phải làm.", "You have the result. Nothing is left to do.")
_WITHDRAWN = Text(
    "Hồ sơ đã dừng giải quyết theo yêu cầu của Ông/Bà. Giấy tờ còn tại cơ quan hoặc bưu điện sẽ được trả lại.",
    "The dossier was stopped as you wished. Papers that agency or post still have are returned.",
)
_CHECKED = Text(
    "Yêu cầu bưu chính đang được cán bộ kiểm tra; Ông/Bà không phải làm gì.",
    "A clerk is checking the postal order; you need do nothing.",
)
_NOTHING = Text("", "")


@dataclass(frozen=True, slots=True)
class Coming:
    """``text`` is what comes next; ``home_by`` the last day on which the result should come, where that can be told."""

    text: Text
    home_by: date | None


def coming(
    dossier: Dossier, ledger: Ledger, progress: Progress, newest: Mapping[Leg, Shipment], office: Office
) -> Coming:
    """Return what comes next for a dossier and its newest shipment of each leg."""
    home = newest.get(Leg.RETURN)
    by = home_by(dossier, ledger, home, office) if home is not None else None
    if progress.stage is Stage.WITHDRAWN:
        return Coming(_WITHDRAWN, None)
    if progress.stage is Stage.DONE:
        return Coming(_DONE, None)
    if ledger.state is ClockState.STOPPED:
        return Coming(_after_result(dossier, home, by), by)
    if ledger.state is ClockState.NOT_STARTED:
        return Coming(_before_start(newest.get(Leg.SEND)), by)
    return Coming(_at_work(dossier, ledger), by)


def home_by(dossier: Dossier, ledger: Ledger, home: Shipment, office: Office) -> date | None:
    """Return the day by which the result should be at home: after it is due, or is there, the post has its own time.

    Circular 17/2017/TT-BTTTT Art. 7(2). None where the agency's date is not ours to tell or not known yet.
    """
    if not home.live or home.state in (State.RETURNING, State.LOST, State.DELIVERY_FAILED):
        return None
    if home.transit_due is not None:
        return home.transit_due
    ready = ledger.stopped_at or (ledger.current_due if dossier.due_date_owner == "us" else None)
    with suppress(MissingCalendarYear):
        return expected_at_home(home, local(ready).date(), office) if ready else None
    return None


def _before_start(send: Shipment | None) -> Text:
    if send is None:
        return _BROUGHT
    if send.booking in (BookingState.PARKED, BookingState.OUTCOME_UNKNOWN):
        return _CHECKED
    if _is_being_cancelled(send):
        return _BEING_CANCELLED
    state = State.IN_TRANSIT if send.state in (State.OUT_FOR_DELIVERY, State.DELIVERY_FAILED) else send.state
    return _SEND.get(state, _SEND_SOON.filled(when=_when(send)))


def _is_being_cancelled(shipment: Shipment) -> bool:
    """Whether the citizen has cancelled what nobody has collected, and the post has yet to say so."""
    return shipment.cancel_wanted and shipment.live and shipment.journey in BEFORE_COLLECTION


def _after_result(dossier: Dossier, home: Shipment | None, by: date | None) -> Text:
    if home is None or home.state == State.CANCELLED or _is_being_cancelled(home):
        return _AT_COUNTER.filled(agency=same(dossier.agency_name))
    if home.booking in (BookingState.PARKED, BookingState.OUTCOME_UNKNOWN):
        return _CHECKED
    if home.state == State.IN_TRANSIT:
        return _ON_ITS_WAY.filled(until=_until(by))
    return _HOME.get(home.state, _HOME_SOON.filled(when=_when(home), until=_until(by)))


def _at_work(dossier: Dossier, ledger: Ledger) -> Text:
    standstill = ledger.standstill
    if standstill is not None:
        text = _STANDSTILL.get(standstill.fact.rule, _STANDS_STILL)
        return text.filled(reason=same(standstill.fact.reason or "…"))
    if dossier.due_date_owner != "us":
        return _AT_WORK_ELSEWHERE
    return _AT_WORK.filled(due=moment_text(ledger.current_due))


def _when(shipment: Shipment) -> Text:
    if shipment.pickup_on is None:
        return _NOTHING
    day, window = day_text(shipment.pickup_on), shipment.pickup_window
    return Text(
        f" {day.vi}, {window}" if window else f" {day.vi}", f" on {day.en}, {window}" if window else f" on {day.en}"
    )


def _until(by: date | None) -> Text:
    if by is None:
        return _NOTHING
    day = day_text(by)
    return Text(f", phát chậm nhất {day.vi}", f" and should bring it by {day.en}")
