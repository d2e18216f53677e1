"""Words of the outbox's stories: messages that are owed."""

from __future__ import annotations

from dispatch.context import Context
from dispatch.outbox import owe


def owe_messages(
    context: Context, *ids: str, to: str = "onestop:igate", about: str | None = None, payload: str = "{}"
) -> None:
    """Owe messages, each about a dossier of its own unless it is ``about`` one."""
    with context.database.write() as session:
        for message_id in ids:
            owe(
                session,
                message_id=message_id,
                destination=to,
                type="t",
                subject=about or f"dossier-of-{message_id}",
                payload=payload,
                now=context.clock.now(),
            )
