"""Synthetic dossiers in iGate's shape: the people, numbers and ids are invented."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from dispatch.onestop.igate.simulator.office import written

DIRECT = {"id": "kind-at-the-counter", "name": [{"languageId": 228, "name": "Nhận trực tiếp"}]}
BY_POST = {"id": "kind-by-post", "name": [{"languageId": 228, "name": "Nhận qua bưu chính"}]}
"""What the receiving kinds of a simulated installation are called; those of a real one are its own."""

STATUSES = {
    0: "Mới đăng ký",
    1: "Yêu cầu bổ sung giấy tờ",
    2: "Đang xử lý",
    3: "Dừng xử lý",
    4: "Đã xử lý xong",
    5: "Đã trả kết quả",
    6: "Công dân yêu cầu rút hồ sơ",
}
_FAMILIES = ("Hoàng Thị Mẩy", "Nông Văn Sình", "Bế Thị Lìn", "Triệu Dào Phin", "Lý A Páo")


def status(number: int) -> dict[str, Any]:
    """Return a status of the simulated installation."""
    return {"id": number, "name": [{"languageId": 228, "name": STATUSES[number]}]}


def sample_dossier(number: int, now: datetime, **more: Any) -> dict[str, Any]:
    """Return a dossier that was accepted two hours ago; ``more`` replaces fields."""
    document: dict[str, Any] = {
        "id": f"{number:024x}",
        "code": f"H14.10-{now:%y%m%d}-{number:04d}",
        "nationCode": f"G22.99-{now:%y%m%d}-{number:04d}",
        "appliedDate": written(now - timedelta(hours=3)),
        "acceptedDate": written(now - timedelta(hours=2)),
        "appointmentDate": written(now + timedelta(days=3)),
        "dossierStatus": status(2),
        "dossierTaskStatus": {"id": "task-status", "name": [{"languageId": 228, "name": "Đang xử lý"}]},
        "dossierReceivingKind": DIRECT,
        "applicant": {"data": _person(number)},
        "agency": {"id": "agency", "code": "H14.10", "name": [{"languageId": 228, "name": "Sở Tư pháp"}]},
        "procedure": {
            "id": "procedure",
            "code": "1.004859",
            "translate": [
                {"languageId": 228, "name": "Thay đổi, cải chính, bổ sung thông tin hộ tịch"},
                {"languageId": 46, "name": "Change or correction of civil status"},
            ],
        },
        "procedureProcessDefinition": {
            "id": "definition",
            "processDefinition": {
                "processingTime": 3,
                "processingTimeUnit": "d",
                "timesheet": {"id": "timesheet", "name": "Ngày làm việc"},
            },
        },
        "dossierFormFile": [
            _paper("Tờ khai", "Bản chính", 1),
            _paper("Giấy khai sinh", "Bản sao", 1),
        ],
        "dossierFee": [{"amount": 25000}],
        "currentTask": [{"id": f"task-{number}", "createdDate": written(now - timedelta(hours=2))}],
    }
    return {**document, **more}


def _person(number: int) -> dict[str, Any]:
    return {
        "fullname": _FAMILIES[number % len(_FAMILIES)],
        "phoneNumber": f"+8491200{number % 10_000:04d}",
        "identityNumber": f"004{number % 1_000_000_000:09d}",
        "address": f"Tổ {number % 20 + 1}",
        "village": {"label": "Phường Thục Phán", "value": "village"},
        "province": {"label": "Tỉnh Cao Bằng", "value": "province"},
    }


def _paper(name: str, kind: str, quantity: int) -> dict[str, Any]:
    return {"procedureForm": {"name": name}, "detail": {"type": {"name": kind}, "quantity": quantity}}
