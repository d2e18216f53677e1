"""What the citizen is told of every change, in Vietnamese and English.

It goes through the agency's message gateway as it is, or by e-mail and SMS, into which
:mod:`tracking.telling.spreading` turns it.

Duties: Circular 17/2017/TT-BTTTT Art. 12, Decree 61/2018/NĐ-CP Art. 19(9), Decree 224/2026/NĐ-CP Art. 15(1)(g).
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from config.clock import local
from dispatch.contacts import can_receive_sms
from dispatch.dossiers import Dossier
from dispatch.messenger import CITIZEN
from dispatch.news import cloud_event
from dispatch.outbox import owe
from tracking.telling.kinds import in_short, kinds


def tell_citizen(session: Session, dossier: Dossier, kind: str, fact: str, now: datetime, **values: object) -> None:
    """Owe the citizen a message of ``kind`` about ``fact``, which is unique within the dossier and the kind.

    A number that takes no SMS is called by the agency: the gateway gets the channel ``call``.
    """
    texts = kinds()[kind]
    filled = {
        "code": dossier.code,
        "agency": dossier.agency_name,
        **{name: _spoken(value) for name, value in values.items()},
    }
    event_id = f"{dossier.code}:citizen.{kind}:{fact}"
    data = {
        "to": dossier.applicant_phone,
        "channel": "sms" if can_receive_sms(dossier.applicant_phone) else "call",
        "kind": kind,
        "text_vi": texts.vi.format_map(filled),
        "text_en": texts.en.format_map(filled),
        "sms_vi": in_short(texts, filled),
    }
    owe(
        session,
        message_id=event_id,
        destination=CITIZEN,
        type="citizen.message",
        subject=dossier.code,
        payload=cloud_event(event_id, "citizen.message", dossier.code, now, data),
        now=now,
    )


def _spoken(value: object) -> str:
    """Write times and days as people in Vietnam do."""
    if isinstance(value, datetime):
        return f"{local(value):%H:%M %d/%m/%Y}"
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    return str(value)
