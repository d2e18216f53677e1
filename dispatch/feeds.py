"""How far we have read each operator's feed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from config.database import Base, UtcDateTime


class FeedCursor(Base):
    """The reading position in one account's feed, and when to read on. One reader at a time holds the lease."""

    __tablename__ = "feed_cursor"

    account: Mapped[str] = mapped_column(String(40), primary_key=True)
    cursor: Mapped[str | None] = mapped_column(String(80))
    next_poll_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_polled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failures: Mapped[int]
    trouble: Mapped[str | None] = mapped_column(String(1000))


def feed_positions(session: Session, accounts: Collection[str]) -> dict[str, str | None]:
    """Return the cursors up to which the accounts' feeds have been read; what has not been read at all is left out."""
    rows = session.execute(select(FeedCursor.account, FeedCursor.cursor).where(FeedCursor.account.in_(accounts)))
    return dict(rows.all())
