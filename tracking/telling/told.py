"""What a dossier's citizen has been told, and by which ways: what arrived, not what is owed."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.channels.ways import DESTINATIONS, Way
from dispatch.messenger import CITIZEN
from dispatch.outbox_rows import OutboxAttempt, OutboxMessage, OutboxState

_WAYS = {destination: way for way, destination in DESTINATIONS.items()}


@dataclass(frozen=True, slots=True)
class Told:
    """One message that arrived by at least one way."""

    at: datetime
    text_vi: str
    text_en: str
    ways: tuple[Way, ...]


def told(session: Session, code: str) -> list[Told]:
    """Return what arrived, in no order. A message that was only spread, and arrived nowhere yet, is not among it."""
    sent = (OutboxMessage.subject == code, OutboxMessage.state == OutboxState.SENT)
    of_citizen = OutboxMessage.destination.in_([CITIZEN, *_WAYS])
    rows = session.scalars(select(OutboxMessage).where(*sent, of_citizen)).all()
    first = [row for row in rows if row.destination == CITIZEN]
    ways: defaultdict[str, list[Way]] = defaultdict(list)
    for row in rows:
        if (way := _WAYS.get(row.destination)) is not None:
            ways[row.id.removesuffix(f"@{way}")].append(way)
    for message_id in _at_gateway(session, [row.id for row in first]):
        ways[message_id].append(Way.GATEWAY)
    return [
        Told(row.created_at, data["text_vi"], data["text_en"], tuple(sorted(ways[row.id])))
        for row in first
        if ways[row.id]
        for data in [json.loads(row.payload)["data"]]
    ]


def _at_gateway(session: Session, ids: Collection[str]) -> set[str]:
    """Return the messages that the gateway itself has answered; to spread one asks nobody and has no status."""
    answered = (OutboxAttempt.message_id.in_(ids), OutboxAttempt.status.between(200, 299))
    return set(session.scalars(select(OutboxAttempt.message_id).where(*answered)))
