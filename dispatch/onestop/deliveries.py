"""What the simulated one-stop has received and what trouble it is to make, in a SQLite file that survives a restart."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

_SCHEMA = """
CREATE TABLE IF NOT EXISTS delivery (
    webhook_id TEXT PRIMARY KEY, door TEXT NOT NULL, type TEXT NOT NULL, subject TEXT NOT NULL,
    body TEXT NOT NULL, received_at TEXT NOT NULL, times INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS fault (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, match TEXT NOT NULL, remaining INTEGER NOT NULL, seconds REAL NOT NULL,
    hits INTEGER NOT NULL);
"""

Door = Literal["callbacks", "messages"]
"""Which of the two addresses something came to: the one-stop's, or the message gateway's."""


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


class Deliveries:
    """The one-stop's records. Thread-safe.

    Args:
        path: SQLite file, made on first use.
    """

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._database.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;" + _SCHEMA)

    def keep(self, door: Door, event: dict[str, Any], body: str, now: datetime) -> bool:
        """Keep a delivery under its ``id``; tells whether it is new. One that came before is only counted."""
        with self._transaction() as database:
            (times,) = database.execute(
                "INSERT INTO delivery VALUES (?, ?, ?, ?, ?, ?, 1) "
                "ON CONFLICT (webhook_id) DO UPDATE SET times = times + 1 RETURNING times",
                (event["id"], door, event["type"], event["subject"], body, now.isoformat()),
            ).fetchone()
        return bool(times == 1)

    def received(self, door: Door) -> list[Received]:
        """Return what came through a door, each ``webhook-id`` once, in order of arrival."""
        with self._transaction() as database:
            rows = database.execute(
                "SELECT webhook_id, type, subject, times, body FROM delivery WHERE door = ? ORDER BY rowid", (door,)
            ).fetchall()
        return [Received(key, kind, subject, times, json.loads(body)) for key, kind, subject, times, body in rows]

    def count(self, door: Door) -> int:
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

    def next_fault(self, event: dict[str, Any]) -> Fault | None:
        """Return the trouble to make for a delivery, counting it, or None."""
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

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._database.close()

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
