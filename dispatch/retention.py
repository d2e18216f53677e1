"""What need not be kept for ever: records of calls to operators, which hold nothing that a case is decided by."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select

from dispatch.calls import CarrierCall
from dispatch.context import Context

_CHUNK = 1000


def drop_old_calls(context: Context) -> int:
    """Delete records of calls that are older than the configured number of days; returns how many."""
    oldest = context.clock.now() - timedelta(days=context.settings.call_log_days)
    dropped = 0
    while True:
        with context.database.write() as session:  # in chunks: nobody waits long for the write lock
            old = select(CarrierCall.id).where(CarrierCall.started_at < oldest).limit(_CHUNK)
            ids = session.scalars(old).all()
            session.execute(delete(CarrierCall).where(CarrierCall.id.in_(ids)))
        dropped += len(ids)
        if len(ids) < _CHUNK:
            return dropped
