"""How far we have read each operator's feed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
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


def feed_position(session: Session, account: str) -> str | None:
    """Return the cursor up to which the account's feed has been read; None means not at all."""
    row = session.get(FeedCursor, account)
    return row.cursor if row else None
