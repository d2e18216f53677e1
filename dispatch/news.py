"""What the one-stop is told: CloudEvents, owed through the outbox under an id that comes from the fact itself."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from config.accounts import Accounts
from config.clock import local
from dispatch.dossiers import Dossier
from dispatch.outbox import owe

SOURCE = "onestop-postal"


def cloud_event(event_id: str, type: str, subject: str, time: datetime, data: dict[str, Any]) -> str:
    """Return a structured CloudEvents 1.0 document as JSON text."""
    return json.dumps(
        {
            "specversion": "1.0",
            "id": event_id,
            "source": SOURCE,
            "type": type,
            "subject": subject,
            "time": local(time).isoformat(),
            "datacontenttype": "application/json",
            "data": data,
        },
        ensure_ascii=False,
    )


def message_id(dossier_code: str, type: str, fact: str) -> str:
    """Return the id of a message: it comes from the fact, so the same fact is told under the same id."""
    return f"{dossier_code}:{type}:{fact}"


def tell_onestop(
    session: Session,
    accounts: Accounts,
    dossier: Dossier,
    type: str,
    fact: str,
    data: dict[str, Any],
    now: datetime,
) -> None:
    """Owe the dossier's one-stop a message about ``fact``, which is unique within the dossier and the type.

    A source system that nobody has configured is owed the message all the same: it is tried and shown to staff like
    one to a system that does not answer, and is sent once the system is configured.
    """
    onestop = accounts.onestop_for(dossier.source_system)
    event_id = message_id(dossier.code, type, fact)
    owe(
        session,
        message_id=event_id,
        destination=f"onestop:{onestop.id if onestop else dossier.source_system}",
        type=type,
        subject=dossier.code,
        payload=cloud_event(event_id, type, dossier.code, now, data),
        now=now,
    )
