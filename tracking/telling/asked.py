"""What the citizen has asked for at this very moment, such as a one-time code: owed to each way at once.

It stands in no line behind earlier news, since its ``subject`` is its own; it rings in the quiet hours; it is not told
again in the dossier's story, and comes to nobody once it has run out.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from config.accounts import Accounts
from config.clock import local
from dispatch.channels.ways import ASKED, DESTINATIONS, GATEWAY, Way
from dispatch.contacts import can_receive_sms
from dispatch.dossiers import Dossier
from dispatch.news import cloud_event
from dispatch.outbox import owe
from tracking.telling.kinds import in_short, kinds
from tracking.telling.spreading import content, ways_for


def owe_asked(
    session: Session,
    accounts: Accounts,
    dossier: Dossier,
    kind: str,
    serial: str,
    now: datetime,
    *,
    valid_until: datetime,
    **values: str,
) -> bool:
    """Owe a message by each way that reaches the applicant; tells whether there is one. ``serial`` names it apart."""
    texts, until = kinds()[kind], local(valid_until)
    filled = {"code": dossier.code, "agency": dossier.agency_name, "until": f"{until:%H:%M}", **values}
    told = {
        "to": dossier.applicant_phone,
        "channel": "sms" if can_receive_sms(dossier.applicant_phone) else "call",
        "kind": kind,
        "text_vi": texts.vi.format_map(filled),
        "text_en": texts.en.format_map(filled),
        "sms_vi": in_short(texts, filled),
        "valid_until": until.isoformat(),
    }
    plan = ways_for(session, accounts, dossier, kind)
    for way in plan.taken:
        message_id = f"{dossier.code}:citizen.{kind}:{serial}@{way}"
        if way is Way.GATEWAY or accounts.citizen_channels is None:
            destination, payload = GATEWAY, cloud_event(message_id, "citizen.message", dossier.code, now, told)
        else:
            payload = content(session, way, dossier, told, accounts.citizen_channels, now)
            destination = DESTINATIONS[way]
        own_line = f"{dossier.code}:{serial}"
        owe(
            session,
            message_id=message_id,
            destination=destination,
            type=ASKED,
            subject=own_line,
            payload=payload,
            now=now,
        )
    return bool(plan.taken)
