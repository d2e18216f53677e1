"""The rows that the apply bench begins with: a dossier, its shipment, and what the operator tells of it."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from config.database import keyring
from dispatch.dossiers import Dossier
from dispatch.shipments import BookingState, Leg, Shipment, order_number
from tracking.deliveries import CARRIER_SOURCE, TRACKING
from tracking.inbox import InboxState

ACCOUNT, CARRIER, CUSTOMER_CODE = "vnpost-bench", "vnpost_ngsp", "C14000123"


def dossier(code: str, place: int, began: datetime) -> Dossier:
    """Return the dossier at a place of the world; every citizen has a number of their own."""
    phone = f"+8491939{place % 10_000:04}"
    return Dossier(
        code=code,
        source_system="igate",
        due_date_owner="us",
        procedure_code="1.004859",
        procedure_name="Thay đổi, cải chính, bổ sung thông tin hộ tịch",
        term_amount=3,
        term_unit="working_days",
        postal_submission=True,
        postal_return=True,
        agency_code="H14.10",
        agency_name="Sở Tư pháp",
        applicant_name="Bế Đức Hiếu",
        applicant_phone=phone,
        applicant_id_number="004412799013",
        phone_index=keyring.blind_index(phone),
        fee_vnd=25000,
        filed_at=began,
        registered_at=began,
        revision=1,
    )


def shipment(code: str, leg: Leg, began: datetime) -> Shipment:
    """Return its shipment, which the operator holds and has said nothing about."""
    return Shipment(
        order_number=order_number(code, leg, 1),
        order_id=code,
        dossier_code=code,
        leg=leg,
        generation=1,
        carrier=CARRIER,
        account=ACCOUNT,
        citizen=json.dumps({"name": "Bế Đức Hiếu", "phone": "+84919393275", "address": "Tổ 5, Xã Xuân Trường"}),
        contents=[],
        cod_vnd=0,
        zone="same_province",
        booking=BookingState.BOOKED,
        state=BookingState.BOOKED.value,
        state_since=began,
        live=True,
        attempts=1,
        cancel_wanted=False,
        failed_attempts=[],
        anomalies=[],
        created_at=began,
    )


def delivery(number: str, step: int, code: int, began: datetime, now: datetime) -> dict[str, Any]:
    """Return the operator's word about one step of a shipment, as it lies in the inbox."""
    happened = began + timedelta(hours=1 + 8 * step)
    body = {
        "_id": {"$oid": f"{number}-{step}"},
        "CustomerCode": CUSTOMER_CODE,
        "OrderNumber": number,
        "ItemCode": f"HC{number}VN"[-40:],
        "POSID": "271000",
        "EventTime": int(happened.timestamp() * 1000),
        "StatusCode": code,
        "StatusMessage": "Bưu cục Cao Bằng",
        "Notes": "",
    }
    return {
        "source": f"{CARRIER_SOURCE}{ACCOUNT}",
        "key": f"{number}-{step}",
        "kind": TRACKING,
        "body": json.dumps(body),
        "received_at": now,
        "state": InboxState.NEW,
        "try_at": now,
        "attempts": 0,
    }
