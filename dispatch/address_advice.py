"""What to ask when an address does not settle on one commune."""

from __future__ import annotations

from collections.abc import Sequence

from dispatch.gazetteer import Era, Place
from dispatch.written import Advice

UNKNOWN = Advice(
    "No commune of this name is on the register, in the system of before or since 1 July 2025.",
    "Compare it with the citizen's papers: write commune and province, or commune, district and province of before "
    "1 July 2025.",
    "Không tìm thấy xã, phường này trong danh mục trước và sau ngày 01/7/2025.",
    "Vui lòng đối chiếu với giấy tờ: ghi xã/phường và tỉnh, hoặc xã, huyện và tỉnh theo địa chỉ trước ngày 01/7/2025.",
)
WHICH_PROVINCE = Advice(
    "Communes of this name exist in several provinces.",
    "Ask the citizen for the province.",
    "Nhiều tỉnh có xã, phường trùng tên này.",
    "Vui lòng ghi rõ tỉnh, thành phố.",
)
WHICH_ERA = Advice(
    "This name belongs to one area before 1 July 2025 and may belong to another one since.",
    "Ask the citizen whether this is the address of before or since 1 July 2025; if of before, also for the district.",
    "Tên này dùng cho địa bàn khác nhau trước và sau ngày 01/7/2025.",
    "Vui lòng cho biết đây là địa chỉ cũ hay mới; nếu là địa chỉ cũ, ghi thêm huyện.",
)
WHICH_DISTRICT = Advice(
    "This is an address of before 1 July 2025 without its district.",
    "Ask the citizen for the district of the old address.",
    "Đây là địa chỉ trước ngày 01/7/2025 nhưng chưa có huyện.",
    "Vui lòng ghi rõ huyện, thị xã hoặc thành phố của địa chỉ cũ.",
)
WHICH_PART = Advice(
    "This old commune was divided between several new ones.",
    "Ask the citizen which of the new communes the house belongs to today.",
    "Xã, phường cũ này đã được chia vào nhiều xã, phường mới.",
    "Vui lòng cho biết nhà hiện thuộc xã, phường mới nào.",
)
WHICH_COMMUNE = Advice(
    "Several communes have names that are written alike.",
    "Ask the citizen to choose one of them; write it in full, with accents and the word xã, phường or thị trấn.",
    "Có nhiều xã, phường có cách viết giống nhau.",
    "Vui lòng chọn đúng tên, viết đầy đủ dấu và ghi rõ xã, phường hay thị trấn.",
)


def question(places: Sequence[Place], era: Era | None) -> Advice:
    """Return what to ask, so that the answer leaves one of ``places``; ``era`` is what the citizen declared."""
    if len({commune.province_code for place in places for commune in place.today}) > 1 and not _divided(places):
        return WHICH_PROVINCE
    eras = {place.era for place in places}
    if len(eras) > 1 or (era and era not in eras):
        return WHICH_ERA
    if _divided(places):
        return WHICH_PART
    districts = {place.district for place in places}
    if eras == {"legacy3"} and (len(districts) > 1 or len(places) == 1):
        return WHICH_DISTRICT
    return WHICH_COMMUNE


def _divided(places: Sequence[Place]) -> bool:
    return len(places) == 1 and len(places[0].today) > 1
