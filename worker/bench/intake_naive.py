"""Intake as a good team writes it by hand: a route, a session, a look, an insert, a commit, a task for each event."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import parse_qs

from celery import Celery
from fastapi import Depends, FastAPI, HTTPException, Request
from pydantic import BaseModel
from sqlalchemy import DateTime, String, Text, create_engine, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

from worker.bench.intake_deliveries import CUSTOMER, PATH


class _Base(DeclarativeBase):
    pass


class NaiveDelivery(_Base):
    """One event."""

    __tablename__ = "naive_delivery"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(20))
    received_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class _Scan(BaseModel):
    scanTime: str  # noqa: N815 - J&T's own names
    scanTypeCode: str  # noqa: N815
    desc: str = ""
    scanNetworkName: str | None = None  # noqa: N815


class _Item(BaseModel):
    billCode: str  # noqa: N815
    txlogisticId: str | None = None  # noqa: N815
    details: list[_Scan]

    @property
    def key(self) -> str:
        scan = self.details[0]
        return hashlib.sha256(f"{self.billCode}|{scan.scanTypeCode}|{scan.scanTime}".encode()).hexdigest()


def make(database: str, broker: str, queue: str) -> FastAPI:
    """Return the application, with its table made."""
    patient = {"timeout": 60} if database.startswith("sqlite") else {}
    engine = create_engine(database, pool_size=20, max_overflow=20, connect_args=patient)
    _Base.metadata.create_all(engine)
    sessions = sessionmaker(engine)
    celery = Celery("naive", broker=broker or "memory://localhost/", set_as_current=False)
    celery.conf.update(task_ignore_result=True, task_default_queue=queue)
    app = FastAPI()

    @app.post(PATH)
    def deliver(item: Annotated[_Item, Depends(_signed())]) -> dict[str, str | None]:
        with sessions() as session:
            known = session.scalar(select(NaiveDelivery.id).where(NaiveDelivery.key == item.key))
            if known is None:
                _keep(session, item)
                celery.send_task("naive.apply", args=[item.key])
        return {"code": "1", "msg": "success", "data": None}

    return app


def _signed() -> Callable[[Request], Awaitable[_Item]]:
    async def read(request: Request) -> _Item:
        content = parse_qs((await request.body()).decode())["bizContent"][0]
        digest = hashlib.md5((content + CUSTOMER.private_key).encode(), usedforsecurity=False).digest()
        if not hmac.compare_digest(request.headers.get("digest", ""), base64.b64encode(digest).decode()):
            raise HTTPException(401)
        return _Item.model_validate_json(content)

    return read


def _keep(session: Session, item: _Item) -> None:
    body, now = item.model_dump_json(), datetime.now(UTC)
    session.add(NaiveDelivery(key=item.key, body=body, state="new", received_at=now))
    try:
        session.commit()
    except IntegrityError:
        session.rollback()
