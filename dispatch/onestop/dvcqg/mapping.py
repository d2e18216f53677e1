"""From a dossier as it stands to the portal's fields. Pure.

Names and values of fields are those that integrations in the field send (``docs/onestops.md``). What we know nothing
of, such as files, is left out, so that it overwrites nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from config.clock import VIETNAM, local
from dispatch.onestop.standing import Hands, Stage, Standing, Step, Supplement

CHUNK = 10
"""Progress rows that go in one call."""

LONGEST_SUMMARY = 1000
_LONGEST_HANDLER = 50
_TIME = "%Y%m%d%H%M%S"
_BY_POST, _DIRECTLY = "1", "0"
_CHANNEL_POST = "3"
_CHANNELS = {"counter": "1", "online": "2"}
_CITIZEN = "1"

STATES: Mapping[Stage, str] = {
    Stage.FILED: "1",
    Stage.ACCEPTED: "4",
    Stage.SUPPLEMENT: "5",
    Stage.PAYMENT: "6",
    # "8, dừng xử lý" is an end, and a pause is none: the dossier is still in process.
    Stage.SUSPENDED: "4",
    Stage.WITHDRAWN: "7",
    Stage.FINISHED: "9",
    Stage.RETURNED: "10",
}
"""``TrangThaiHoSo``, the national codes. An accepted dossier is in process (4); its reception is a step (2)."""

_RECEIVED = "2"
_OPEN, _ENDED = frozenset("12456"), frozenset({"3", "7", "8", "9", "10"})
"""The national codes 1 to 10: refused (3), withdrawn (7), stopped (8), ready (9) and handed out (10) are ends."""

_HANDLERS = {Hands.CITIZEN: "Người nộp hồ sơ", Hands.POST: "Bưu điện"}


def dossier_fields(
    standing: Standing, *, sector: tuple[str, str] | None = None, fixed: Mapping[str, str] | None = None, channel: str
) -> dict[str, Any]:
    """Return the element of ``DongBoHoSoMC``; ``channel`` is ``KenhThucHien`` where nobody has told it."""
    fields: dict[str, Any] = {
        "MaHoSo": standing.code,
        "MaTTHC": standing.procedure_code,
        "TenTTHC": standing.procedure_name,
        **({"MaLinhVuc": sector[0], "TenLinhVuc": sector[1]} if sector else {}),
        "KenhThucHien": _channel(standing) or channel,
        "ChuHoSo": standing.applicant_name,
        "LoaiDoiTuong": _CITIZEN,
        "DinhDanhCHS": _identity(standing.id_number),
        "Email": standing.applicant_email or "",
        "SoDienThoai": national_phone(standing.applicant_phone),
        "TrichYeuHoSo": shortened(standing.procedure_name, LONGEST_SUMMARY),
        "NgayNopHoSo": wire_time(standing.filed_at),
        "NgayTiepNhan": wire_time(standing.accepted_at),
        "NgayKetThucXuLy": wire_time(standing.finished_at),
        "NgayTra": wire_time(standing.returned_at),
        "TrangThaiHoSo": STATES[standing.stage],
        "HinhThuc": _BY_POST if standing.returned_by_post else _DIRECTLY,
        "DonViXuLy": standing.agency_name,
        "DanhSachHoSoBoSung": _supplements(standing),
    }
    if standing.owner == "us":  # else a ministry's system sets it, and an empty one would wipe out its date
        fields["NgayHenTra"] = wire_time(standing.due)
    return {**fields, **(fixed or {})}


def _channel(standing: Standing) -> str | None:
    return _CHANNEL_POST if standing.sent_by_post else _CHANNELS.get(standing.filed_through or "")


def progress_row(standing: Standing, step: Step) -> dict[str, str]:
    """Return a row of ``CapNhatTienDoHoSoMC``."""
    handler = _HANDLERS.get(step.by, standing.agency_name)
    received = step.stage is Stage.ACCEPTED and step.at == standing.accepted_at
    return {
        "MaHoSo": standing.code,
        "NguoiXuLy": shortened(handler, _LONGEST_HANDLER),
        "ChucDanh": "",
        "ThoiDiemXuLy": wire_time(step.at),
        "PhongBanXuLy": standing.agency_name if step.by is Hands.AGENCY else "",
        "NoiDungXuLy": shortened(step.what, LONGEST_SUMMARY),
        "TrangThai": _RECEIVED if received else STATES[step.stage],
        "NgayBatDau": "",
        "NgayKetThucTheoQuyDinh": wire_time(step.due),
    }


def is_ended(state: str) -> bool | None:
    """Whether a ``TrangThaiHoSo`` is an end; None for a code that is not national."""
    return state in _ENDED if state in _OPEN | _ENDED else None


def digest_of(fields: Mapping[str, Any]) -> str:
    """Return the same text for the same content."""
    return hashlib.sha256(json.dumps(fields, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def step_digest(step: Step) -> str:
    """Return what a step is known by: when and what, and not the due date, which a later fact may move."""
    return hashlib.sha256(f"{wire_time(step.at)} {step.what}".encode()).hexdigest()[:16]


def wire_time(instant: datetime | None) -> str:
    """Return ``yyyyMMddHHmmss`` on Vietnam's clock; empty for none."""
    return f"{local(instant):{_TIME}}" if instant is not None else ""


def read_time(text: str) -> datetime | None:
    """Return the instant that ``text`` writes; None for an empty one.

    Raises:
        ValueError: it is no such time.
    """
    return datetime.strptime(text, _TIME).replace(tzinfo=VIETNAM) if text else None


def national_phone(phone: str) -> str:
    """Return a Vietnamese number as people dial it; another country's stays international."""
    return f"0{phone[3:]}" if phone.startswith("+84") else phone


def shortened(text: str, longest: int) -> str:
    """Return ``text`` in at most ``longest`` characters."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _identity(number: str | None) -> list[dict[str, str]]:
    """Return 1 for the personal number of twelve digits, 2 for an identity card of nine; nothing is made up."""
    kind = {12: "1", 9: "2"}.get(len(number or ""))
    return [{"LoaiDinhDanh": kind, "SoDinhDanh": number}] if kind and number else []


def _supplements(standing: Standing) -> list[dict[str, Any]]:
    return [_supplement(place, one, standing) for place, one in enumerate(standing.supplements, start=1)]


def _supplement(place: int, one: Supplement, standing: Standing) -> dict[str, Any]:
    row: dict[str, Any] = {
        "HoSoBoSungId": place,
        "NguoiYeuCauBoSung": standing.agency_name,
        "NoiDungBoSung": shortened(one.reason, LONGEST_SUMMARY),
        "NgayBoSung": wire_time(one.asked_at),
        "NguoiTiepNhanBoSung": standing.agency_name if one.completed_at else "",
        "NgayTiepNhanBoSung": wire_time(one.completed_at),
        "TrangThaiBoSung": "1" if one.completed_at else "0",
    }
    if standing.owner == "us":
        row |= {"NgayHenTraTruoc": wire_time(one.due_before), "NgayHenTraMoi": wire_time(one.due_after)}
    return row
