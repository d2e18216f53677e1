"""When no telephone is to ring: what would reach one in the quiet hours waits for their end. The first part is pure.

What the citizen has just asked for goes at once.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta

from sqlalchemy import select, update

from config.accounts import Accounts
from config.clock import VIETNAM, local
from dispatch.channels.ways import ASKED, SMS
from dispatch.context import Context
from dispatch.outbox_lines import PENDING
from dispatch.outbox_rows import OutboxMessage


def wakes_at(instant: datetime, quiet_from: time, quiet_until: time) -> datetime:
    """Return ``instant`` itself, or the end of the quiet hours in which it lies; they may span midnight."""
    here = local(instant)
    if not _is_quiet(here.time(), quiet_from, quiet_until):
        return instant
    end = datetime.combine(here.date(), quiet_until, VIETNAM)
    return end if end > here else end + timedelta(days=1)


def _is_quiet(clock: time, quiet_from: time, quiet_until: time) -> bool:
    if quiet_from <= quiet_until:
        return quiet_from <= clock < quiet_until
    return clock >= quiet_from or clock < quiet_until


def due_by_sms(accounts: Accounts, instant: datetime) -> datetime:
    """Return when an SMS of ``instant`` may go."""
    channels = accounts.citizen_channels
    return wakes_at(instant, channels.quiet_from, channels.quiet_until) if channels else instant


def keep(context: Context, now: datetime) -> None:
    """Put off each SMS that is due in the quiet hours, written before them or tried again, until their end."""
    until = due_by_sms(context.accounts, now)
    if until <= now:
        return
    due = (OutboxMessage.destination == SMS, PENDING, OutboxMessage.due_at <= now, OutboxMessage.type != ASKED)
    with context.database.read() as session:  # a look without the write lock
        if session.scalars(select(OutboxMessage.id).where(*due).limit(1)).first() is None:
            return
    with context.database.write() as session:
        session.execute(
            update(OutboxMessage).where(*due).values(due_at=until).execution_options(synchronize_session=False)
        )
