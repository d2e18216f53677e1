"""Who may change what about papers on their way: refused with the rule, before anything is done."""

from __future__ import annotations

from collections.abc import Sequence

from dispatch.change_forms import NewAddressForm
from dispatch.citizens import Citizen
from dispatch.problems import Problem
from dispatch.shipments import Shipment


def check_asker(form: NewAddressForm) -> None:
    """Refuse a change that neither the applicant nor the agency asks for.

    Raises:
        Problem: somebody else asks.
    """
    if form.asked_by.who != "other":
        return
    raise Problem(
        "not-yours-to-change",
        "Only the applicant or the agency may change this",
        f"'{form.asked_by.name or 'Somebody else'}' is neither; papers on their way are their sender's and their "
        "user's to direct (Postal Law 49/2010/QH12 Art. 16).",
        "Let the applicant ask, or the agency's officer; a proxy asks in the applicant's name with the authorisation.",
        next_step_vi="Đề nghị người nộp hồ sơ hoặc cán bộ cơ quan yêu cầu (Luật Bưu chính, Điều 16); "
        "người được uỷ quyền phải có giấy uỷ quyền.",
        status=403,
        legal_source="Luật Bưu chính 49/2010/QH12, Điều 16",
    )


def check_recipient(form: NewAddressForm, booked: Sequence[Shipment], citizen: Citizen) -> None:
    """Refuse another recipient's name for a booked result, unless an officer of the agency asks with a reason.

    The agency is the sender of a result, and only the sender changes whom it is for.

    Raises:
        Problem: the citizen asks, or the officer or the reason is missing.
    """
    renamed = [s.order_number for s in booked if Citizen.from_text(s.citizen).name != citizen.name]
    if not renamed or (form.asked_by.who == "agency" and form.officer and form.reason):
        return
    missing = "The officer's name and the reason are needed." if form.asked_by.who == "agency" else "The agency may."
    raise Problem(
        "recipient-name",
        "Only the agency may name another recipient",
        f"{', '.join(renamed)} is a result on its way, of which the agency is the sender "
        f"(Postal Law 49/2010/QH12 Art. 16(1)). {missing}",
        "Send asked_by.who 'agency' with officer and reason, or change the address alone. "
        "Another person may receive it with a written authorisation (Circular 17/2017/TT-BTTTT Art. 5(2)(d)).",
        next_step_vi="Chỉ cơ quan gửi được đổi tên người nhận (nêu tên cán bộ và lý do); "
        "người khác có thể nhận thay khi có giấy uỷ quyền.",
        status=403,
        legal_source="Luật Bưu chính 49/2010/QH12, Điều 16",
    )
