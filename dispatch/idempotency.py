"""Idempotency keys: the same request again gets the same answer, another request under the same key is refused."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy import String
from sqlalchemy.orm import Mapped, Session, mapped_column

from config.database import Base, UtcDateTime
from dispatch.problems import Problem


class IdempotencyKey(Base):
    """A key a client has used, the digest of what it asked, and what came of it.

    The row is written in the same transaction as the order, so a request that failed leaves its key free.
    """

    __tablename__ = "idempotency_key"

    client: Mapped[str] = mapped_column(String(80), primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    result: Mapped[dict[str, Any]]
    used_at: Mapped[datetime] = mapped_column(UtcDateTime)


def recall(session: Session, client: str, key: str, form: BaseModel) -> dict[str, Any] | None:
    """Return what this key led to before, or None when it is new.

    Raises:
        Problem: the key was used for another request.
    """
    used = session.get(IdempotencyKey, (client, key))
    if used is None:
        return None
    if used.digest != _digest(form):
        raise Problem(
            "idempotency-key",
            "Idempotency-Key used for another request",
            f"The key '{key}' belongs to a different request.",
            "Send a new key for a new request; send exactly the same body to repeat the old one.",
            next_step_vi="Dùng khoá mới cho yêu cầu mới.",
            status=409,
        )
    return used.result


def remember(session: Session, client: str, key: str, form: BaseModel, result: dict[str, Any], now: datetime) -> None:
    """Keep what the key led to, in the caller's transaction."""
    session.add(IdempotencyKey(client=client, key=key, digest=_digest(form), result=result, used_at=now))


def _digest(form: BaseModel) -> str:
    return hashlib.sha256(form.model_dump_json().encode()).hexdigest()
