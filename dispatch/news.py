"""What the one-stop is told: CloudEvents, owed through the outbox under an id that comes from the fact itself."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from config.accounts import Accounts, OneStopSystem
from config.clock import local
from dispatch.dossiers import Dossier
from dispatch.outbox import owe

SOURCE = "onestop-postal"
ONESTOP = "onestop:"
"""How a destination begins that is a one-stop system."""
CHANGED = "dossier.changed"
"""What says only that there is something new about a dossier."""
DUE_DATE = "dossier.due_date_changed"


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

    Whoever keeps a copy of the dossier is owed one of its own, under an id of its own.

    A source system that nobody has configured is owed the message all the same: it is tried and shown to staff like
    one to a system that does not answer, and is sent once the system is configured.
    """
    owner = accounts.onestop_for(dossier.source_system)
    event_id = message_id(dossier.code, type, fact)
    told = {f"{ONESTOP}{owner.id if owner else dossier.source_system}": event_id}
    told |= {f"{ONESTOP}{one.id}": f"{event_id}@{one.id}" for one in accounts.copies_of(dossier.source_system)}
    for destination, its_id in told.items():
        owe(
            session,
            message_id=its_id,
            destination=destination,
            type=type,
            subject=dossier.code,
            payload=cloud_event(its_id, type, dossier.code, now, data),
            now=now,
        )


def tell_copies(session: Session, accounts: Accounts, dossier: Dossier, fact: str, now: datetime) -> None:
    """Owe whoever keeps a copy of the dossier the news that it has changed, where nothing else tells them.

    It says that and nothing more: a system that keeps states takes how the dossier stands when the message is sent.
    """
    event_id = message_id(dossier.code, CHANGED, fact)
    for one in accounts.copies_of(dossier.source_system):
        its_id = f"{event_id}@{one.id}"
        owe(
            session,
            message_id=its_id,
            destination=f"{ONESTOP}{one.id}",
            type=CHANGED,
            subject=dossier.code,
            payload=cloud_event(its_id, CHANGED, dossier.code, now, {}),
            now=now,
        )


def tell_again(
    session: Session, system: OneStopSystem, dossier: Dossier, due: dict[str, Any] | None, now: datetime
) -> str:
    """Owe one system once more what it should hold of a dossier, under a new id; returns the id.

    ``due`` is the due date as it was last told; None where there is none of ours. A system that keeps states takes how
    the dossier stands when the message is sent.
    """
    type, data = (DUE_DATE, due) if due is not None else (CHANGED, {})
    its_id = f"{message_id(dossier.code, type, f'again:{local(now).isoformat()}')}@{system.id}"
    owe(
        session,
        message_id=its_id,
        destination=f"{ONESTOP}{system.id}",
        type=type,
        subject=dossier.code,
        payload=cloud_event(its_id, type, dossier.code, now, data),
        now=now,
    )
    return its_id
