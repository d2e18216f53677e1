"""Deliveries that nobody vouches for are counted and not kept: anybody could fill the disk with them.

A flood of them must not become a flood of writes either: they are counted in memory, and written down now and then.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import String
from sqlalchemy.orm import Mapped, Session, mapped_column

from carriers.webhooks import Verdict
from config.database import Base, UtcDateTime

_A_DAY = timedelta(days=1)


class WebhookRefusal(Base):
    """How often deliveries to one account were refused for one reason, since they began to be; one row for each."""

    __tablename__ = "webhook_refusal"

    account: Mapped[str] = mapped_column(String(40), primary_key=True)
    verdict: Mapped[Verdict] = mapped_column(primary_key=True)
    count: Mapped[int]
    first_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_reason: Mapped[str] = mapped_column(String(300))
    last_sender: Mapped[str] = mapped_column(String(64))


@dataclass(frozen=True, slots=True)
class Refused:
    """Refusals at one account for one verdict: how many, and what is told of the last."""

    count: int
    first_at: datetime
    last_at: datetime
    reason: str
    sender: str

    def and_then(self, later: Refused) -> Refused:
        """Return both together; after a quiet day the count begins anew."""
        if later.first_at - self.last_at > _A_DAY:
            return later
        return Refused(self.count + later.count, self.first_at, later.last_at, later.reason, later.sender)


Counts = Mapping[tuple[str, Verdict], Refused]


class Tally:
    """What has been refused and is not written down yet: one entry for each account and verdict, however many come."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, Verdict], Refused] = {}
        self._lock = threading.Lock()

    def __bool__(self) -> bool:
        return bool(self._counts)

    def add(self, counts: Counts) -> None:
        """Count refusals beside those that are there."""
        with self._lock:
            for where, refused in counts.items():
                before = self._counts.get(where)
                self._counts[where] = before.and_then(refused) if before else refused

    def take(self) -> Counts:
        """Return everything and begin anew."""
        with self._lock:
            counts, self._counts = self._counts, {}
        return counts


def write_down(session: Session, counts: Counts) -> None:
    """Add counts to the rows. The rows are taken in one order, so that two processes never wait for one another."""
    for (account, verdict), refused in sorted(counts.items()):
        row = session.get(WebhookRefusal, (account, verdict), with_for_update=True)
        if row is None:
            row = WebhookRefusal(account=account, verdict=verdict, count=0, first_at=refused.first_at)
            session.add(row)
        elif refused.first_at - row.last_at > _A_DAY:
            row.count, row.first_at = 0, refused.first_at
        row.count += refused.count
        row.last_at, row.last_reason, row.last_sender = refused.last_at, refused.reason[:300], refused.sender[:64]
