"""Stands for the province's one-stop system and the agency's message gateway (ASGI, Starlette).

It believes nobody: every delivery's signature is verified with the Standard Webhooks library, every ``webhook-id`` is
taken once, and what it was told is folded into a copy of its own (:mod:`dispatch.onestop.copy`). State lives in a
SQLite file, so that it survives ``kill -9``.

``POST /callbacks`` · ``POST /gateway/messages`` · ``POST /_control/faults`` · ``GET /_control/dossiers`` ·
``GET /_control/messages``
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from standardwebhooks import Webhook, WebhookVerificationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from dispatch.onestop.copy import DossierCopy, apply

_SCHEMA = """
CREATE TABLE IF NOT EXISTS delivery (
    webhook_id TEXT PRIMARY KEY, door TEXT NOT NULL, type TEXT NOT NULL, subject TEXT NOT NULL,
    body TEXT NOT NULL, received_at TEXT NOT NULL, times INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS fault (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, match TEXT NOT NULL, remaining INTEGER NOT NULL, seconds REAL NOT NULL,
    hits INTEGER NOT NULL);
"""


class Fault(BaseModel):
    """Trouble to make for the next ``times`` deliveries whose subject or type contains ``match``.

    ``error``: answered 500, nothing is kept. ``slow``: kept, answered after ``seconds`` (real). ``drop``: kept, but the
    connection is closed in the middle of the answer.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["error", "slow", "drop"]
    match: str = ""
    times: int = Field(default=1, ge=1)
    seconds: float = Field(default=1.0, ge=0)


@dataclass(frozen=True)
class Received:
    """One delivery as it was kept; ``times`` counts how often it came."""

    webhook_id: str
    type: str
    subject: str
    times: int
    body: dict[str, Any]


class _CutOff(Response):
    """An answer that ends before it is complete, as when a line breaks."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000")]})
        await send({"type": "http.response.body", "body": b"{", "more_body": True})


class OneStopSimulator:
    """The one-stop and the gateway on one port; :attr:`app` is the ASGI application.

    Args:
        path: SQLite file, made on first use.
        callback_secret: ``whsec_...`` of the one-stop's callbacks.
        gateway_secret: ``whsec_...`` of the message gateway.
        now: domain time, for the record of when something came.
    """

    def __init__(self, path: Path, callback_secret: str, gateway_secret: str, now: Callable[[], datetime]) -> None:
        self._doors = {"callbacks": Webhook(callback_secret), "messages": Webhook(gateway_secret)}
        self._now = now
        self._lock = threading.Lock()
        self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._database.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;" + _SCHEMA)
        self._copies: dict[str, DossierCopy] = {}
        for received in self.received("callbacks"):
            self._take_into_copy(received.body)
        self.app = Starlette(
            routes=[
                Route("/callbacks", self._callback, methods=["POST"]),
                Route("/gateway/messages", self._message, methods=["POST"]),
                Route("/_control/faults", self._set_fault, methods=["POST"]),
                Route("/_control/dossiers", self._show_dossiers),
                Route("/_control/messages", self._show_messages),
            ]
        )

    def copies(self) -> dict[str, DossierCopy]:
        """Return the one-stop's copy of every dossier it was told of, by dossier code."""
        with self._lock:
            return dict(self._copies)

    def received(self, door: Literal["callbacks", "messages"]) -> list[Received]:
        """Return what came through a door, each ``webhook-id`` once, in order of arrival."""
        with self._transaction() as database:
            rows = database.execute(
                "SELECT webhook_id, type, subject, times, body FROM delivery WHERE door = ? ORDER BY rowid", (door,)
            ).fetchall()
        return [Received(key, kind, subject, times, json.loads(body)) for key, kind, subject, times, body in rows]

    def count(self, door: Literal["callbacks", "messages"]) -> int:
        """Return how many different deliveries came through a door."""
        with self._transaction() as database:
            (number,) = database.execute("SELECT COUNT(*) FROM delivery WHERE door = ?", (door,)).fetchone()
        return int(number)

    def add_fault(self, fault: Fault) -> None:
        """Make trouble; it is kept with the rest of the state."""
        with self._transaction() as database:
            database.execute(
                "INSERT INTO fault (kind, match, remaining, seconds, hits) VALUES (?, ?, ?, ?, 0)",
                (fault.kind, fault.match, fault.times, fault.seconds),
            )

    def fault_hits(self) -> dict[str, int]:
        """Return how many deliveries each ``match`` has hit; 0 for a fault that is still waiting."""
        with self._transaction() as database:
            return dict(database.execute("SELECT match, SUM(hits) FROM fault GROUP BY match").fetchall())

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._database.close()

    async def _callback(self, request: Request) -> Response:
        return await self._take("callbacks", request)

    async def _message(self, request: Request) -> Response:
        return await self._take("messages", request)

    async def _take(self, door: str, request: Request) -> Response:
        body = await request.body()
        try:
            event = self._doors[door].verify(body, dict(request.headers))
        except (WebhookVerificationError, ValueError) as error:
            return _refusal(401, f"The signature does not fit the body: {error}")
        if not _is_cloud_event(event) or event["id"] != request.headers["webhook-id"]:
            return _refusal(400, "The body is not a CloudEvents 1.0 envelope under the webhook-id it came with.")
        fault = self._next_fault(event)
        if fault and fault.kind == "error":
            return _refusal(500, "Switched-on fault.")
        self._keep(door, event, body.decode())
        if fault and fault.kind == "drop":
            return _CutOff()
        await asyncio.sleep(fault.seconds if fault else 0)
        return Response(status_code=204)

    def _keep(self, door: str, event: dict[str, Any], body: str) -> None:
        with self._transaction() as database:
            (times,) = database.execute(
                "INSERT INTO delivery VALUES (?, ?, ?, ?, ?, ?, 1) "
                "ON CONFLICT (webhook_id) DO UPDATE SET times = times + 1 RETURNING times",
                (event["id"], door, event["type"], event["subject"], body, self._now().isoformat()),
            ).fetchone()
            if door == "callbacks" and times == 1:
                self._take_into_copy(event)

    def _take_into_copy(self, event: dict[str, Any]) -> None:
        code = event["subject"]
        self._copies[code] = apply(self._copies.get(code, DossierCopy(code)), event)

    def _next_fault(self, event: dict[str, Any]) -> Fault | None:
        with self._transaction() as database:
            row = database.execute(
                "SELECT id, kind, match, seconds FROM fault "
                "WHERE remaining > 0 AND (instr(?, match) OR instr(?, match)) ORDER BY id LIMIT 1",
                (event["subject"], event["type"]),
            ).fetchone()
            if row is None:
                return None
            database.execute("UPDATE fault SET remaining = remaining - 1, hits = hits + 1 WHERE id = ?", row[:1])
        return Fault(kind=row[1], match=row[2], seconds=row[3])

    async def _set_fault(self, request: Request) -> Response:
        try:
            fault = Fault.model_validate_json(await request.body())
        except ValidationError as error:
            return _refusal(422, str(error))
        self.add_fault(fault)
        return JSONResponse(fault.model_dump(), status_code=201)

    async def _show_dossiers(self, _request: Request) -> Response:
        return JSONResponse({"dossiers": [asdict(copy) for copy in self.copies().values()]})

    async def _show_messages(self, _request: Request) -> Response:
        return JSONResponse({"messages": [received.body for received in self.received("messages")]})

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield self._database
            except BaseException:
                self._database.execute("ROLLBACK")
                raise
            self._database.execute("COMMIT")


def _is_cloud_event(event: Any) -> bool:
    needed = {"specversion", "id", "source", "type", "subject", "time", "data"}
    return isinstance(event, dict) and needed <= event.keys() and isinstance(event["data"], dict)


def _refusal(status: int, detail: str) -> Response:
    return JSONResponse({"status": status, "detail": detail}, status_code=status)
