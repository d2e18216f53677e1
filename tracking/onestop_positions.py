"""How far each one-stop system's changes have been imported, and when it is asked again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from config.database import Base, EncryptedText, UtcDateTime


class OnestopPosition(Base):
    """One system that is asked for changes. One process at a time holds the lease.

    Attributes:
        position: where its connector reads on, in the connector's own words; it may name dossiers.
        next_look_at: when it is asked again (domain time).
        lease_until: until when it belongs to whoever reads it (real time).
        looked_at: when it last showed all that had changed.
        failures: looks in a row that did not come to an end, the first at ``failing_since``.
    """

    __tablename__ = "onestop_position"

    system: Mapped[str] = mapped_column(String(40), primary_key=True)
    position: Mapped[str | None] = mapped_column(EncryptedText)
    next_look_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    looked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failures: Mapped[int]
    failing_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    trouble: Mapped[str | None] = mapped_column(String(1000))
