"""The words of the citizen's page for what happened to papers and where they are."""

from __future__ import annotations

from collections.abc import Mapping

from carriers.states import ShipmentState as State
from dispatch.shipments import Leg
from tracking.citizen.changes import Change
from tracking.counter_stay import CounterEvent
from tracking.deadlines.wording import Text

HAPPENED: Mapping[tuple[Leg, State], Text] = {
    (Leg.SEND, State.BOOKED): Text(
        "Bưu điện đã nhận yêu cầu lấy giấy tờ", "The post has the request to fetch the papers"
    ),
    (Leg.SEND, State.COLLECTING): Text("Bưu tá đang đến lấy giấy tờ", "The postman is coming for the papers"),
    (Leg.SEND, State.COLLECTION_FAILED): Text(
        "Bưu tá chưa lấy được giấy tờ và sẽ đến lại", "The postman could not take the papers and will come again"
    ),
    (Leg.SEND, State.IN_TRANSIT): Text(
        "Giấy tờ đang trên đường đến cơ quan", "The papers are on their way to the agency"
    ),
    (Leg.SEND, State.OUT_FOR_DELIVERY): Text(
        "Bưu tá đang mang giấy tờ đến cơ quan", "The postman is bringing the papers to the agency"
    ),
    (Leg.SEND, State.DELIVERY_FAILED): Text(
        "Cơ quan chưa nhận được giấy tờ, bưu tá sẽ đến lại",
        "The agency did not get the papers yet; the postman comes again",
    ),
    (Leg.SEND, State.DELIVERED): Text("Giấy tờ đã đến cơ quan", "The papers have reached the agency"),
    (Leg.SEND, State.RETURNING): Text("Giấy tờ đang được trả lại Ông/Bà", "The papers are coming back to you"),
    (Leg.SEND, State.RETURNED): Text("Giấy tờ đã được trả lại Ông/Bà", "The papers have come back to you"),
    (Leg.SEND, State.CANCELLED): Text("Đã huỷ việc gửi giấy tờ", "The sending of the papers was cancelled"),
    (Leg.SEND, State.LOST): Text("Giấy tờ bị thất lạc trên đường gửi", "The papers were lost on the way"),
    (Leg.RETURN, State.BOOKED): Text(
        "Bưu điện đã nhận yêu cầu đưa kết quả về", "The post has the request to bring the result home"
    ),
    (Leg.RETURN, State.COLLECTING): Text(
        "Bưu tá đang đến cơ quan lấy kết quả", "The postman is going to the agency for the result"
    ),
    (Leg.RETURN, State.COLLECTION_FAILED): Text(
        "Bưu tá chưa lấy được kết quả và sẽ đến lại", "The postman could not take the result and will go again"
    ),
    (Leg.RETURN, State.IN_TRANSIT): Text("Kết quả đang trên đường về", "The result is on its way to you"),
    (Leg.RETURN, State.OUT_FOR_DELIVERY): Text(
        "Bưu tá đang mang kết quả đến địa chỉ của Ông/Bà", "The postman is bringing the result to your address"
    ),
    (Leg.RETURN, State.DELIVERY_FAILED): Text(
        "Bưu tá chưa phát được kết quả", "The postman could not deliver the result"
    ),
    (Leg.RETURN, State.DELIVERED): Text("Kết quả đã được phát", "The result was delivered"),
    (Leg.RETURN, State.RETURNING): Text(
        "Kết quả đang được chuyển hoàn về cơ quan", "The result is going back to the agency"
    ),
    (Leg.RETURN, State.RETURNED): Text("Kết quả đã về lại cơ quan", "The result is back at the agency"),
    (Leg.RETURN, State.CANCELLED): Text(
        "Đã huỷ việc trả kết quả qua bưu điện", "The delivery of the result by post was cancelled"
    ),
    (Leg.RETURN, State.LOST): Text("Kết quả bị thất lạc trên đường phát", "The result was lost on the way"),
    (Leg.TRANSFER, State.IN_TRANSIT): Text(
        "Giấy tờ đang được chuyển sang cơ quan khác", "The papers are on their way to another agency"
    ),
    (Leg.TRANSFER, State.DELIVERED): Text(
        "Giấy tờ đã đến cơ quan tiếp theo", "The papers have reached the next agency"
    ),
    (Leg.TRANSFER, State.LOST): Text(
        "Giấy tờ bị thất lạc giữa các cơ quan", "The papers were lost between the agencies"
    ),
}
"""What an operator's event means to the citizen. Of transfers between agencies only what matters to him is told."""

AT_THE_COUNTER: Mapping[CounterEvent, Text] = {
    CounterEvent.WAITING: Text(
        "Kết quả chờ Ông/Bà tại bộ phận một cửa", "The result waits for you at the one-stop desk"
    ),
    CounterEvent.COLLECTED: Text("Kết quả đã được nhận tại quầy", "The result was taken at the counter"),
    CounterEvent.SENT_AGAIN: Text("Bưu điện đã nhận để gửi lại", "The post took it to send it again"),
}

CHANGED: Mapping[Change, Text] = {
    Change.ADDRESS: Text(
        "Đổi địa chỉ của giấy tờ trên trang tra cứu", "Another address for the papers was given on the look-up page"
    ),
    Change.RECEIVER: Text(
        "Ghi tên người nhận kết quả trên trang tra cứu", "A receiver of the result was named on the look-up page"
    ),
    Change.CANCEL_SEND: Text(
        "Yêu cầu huỷ việc gửi giấy tờ qua bưu điện trên trang tra cứu",
        "Cancelling the sending of the papers by post was asked for on the look-up page",
    ),
    Change.CANCEL_RETURN: Text(
        "Yêu cầu huỷ việc trả kết quả qua bưu điện trên trang tra cứu",
        "Cancelling the delivery of the result by post was asked for on the look-up page",
    ),
    Change.MESSAGES: Text(
        "Đổi lựa chọn nhận tin nhắn trên trang tra cứu", "The wishes about messages were changed on the look-up page"
    ),
}
"""What was changed on the citizen's own pages, as citizen and staff read it."""

WITH_YOU = Text("Ông/Bà đang giữ", "with you")
WITH_AGENCY = Text("tại {agency}", "at {agency}")
WITH_ANOTHER_AGENCY = Text("tại cơ quan phối hợp giải quyết", "at another agency that takes part")
WITH_POST = Text("bưu điện đang giữ", "with the post")
WITH_A_STRANGER = Text("bị phát nhầm, bưu điện đang thu hồi", "handed to the wrong person; the post is getting it back")

FILED = Text("Hồ sơ được nộp", "The dossier was filed")
ORDERED = Text("Đăng ký dịch vụ bưu chính", "Postal service was ordered")
SIGNED_IN = Text(
    "Cơ quan ký biên bản nhận giấy tờ từ bưu điện", "The agency signed for the papers that the post brought"
)
REJECTED = Text("Cơ quan chưa nhận giấy tờ: {reason}", "The agency did not take the papers: {reason}")
SIGNED_OUT = Text("Cơ quan giao kết quả cho bưu điện", "The agency gave the result to the post")
