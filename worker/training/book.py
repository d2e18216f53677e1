"""The world's own memory: what everybody will do and when, kept in a file so that ``kill -9`` forgets nothing.

Every reaction of a citizen, officer or postman is an *act*. It is written down when it is decided, done when the clock
reaches it, and crossed out afterwards. An act that was done but not crossed out is done again, so acts are idempotent.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from worker.training.casting import Part

_SCHEMA = """
CREATE TABLE IF NOT EXISTS act (
    id TEXT PRIMARY KEY, due_at REAL NOT NULL, kind TEXT NOT NULL, dossier TEXT NOT NULL, payload TEXT NOT NULL,
    done_at REAL);
CREATE INDEX IF NOT EXISTS act_open ON act (due_at) WHERE done_at IS NULL;
CREATE TABLE IF NOT EXISTS begun (dossier TEXT PRIMARY KEY, part TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS refusal (dossier TEXT NOT NULL, act TEXT PRIMARY KEY, problem TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS note (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, text TEXT NOT NULL);
"""


@dataclass(frozen=True)
class Act:
    """Something that somebody does to a dossier at ``due_at`` (aware). The same id is the same act."""

    id: str
    due_at: datetime
    kind: str
    dossier: str
    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Refusal:
    """The system's problem document for an act."""

    dossier: str
    act: str
    problem: dict[str, Any]


class WorldBook:
    """All acts, done and open, with who plays what and what was refused. For one thread."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;" + _SCHEMA)

    def plan(self, acts: Iterable[Act]) -> int:
        """Write down acts that are not written down yet; returns how many were new."""
        before = self._database.total_changes
        self._database.executemany(
            "INSERT INTO act VALUES (?, ?, ?, ?, ?, NULL) ON CONFLICT (id) DO NOTHING",
            [(a.id, a.due_at.timestamp(), a.kind, a.dossier, json.dumps(dict(a.payload))) for a in acts],
        )
        return self._database.total_changes - before

    def due(self, now: datetime) -> list[Act]:
        """Return the open acts whose time has come, in order of time."""
        return self._acts("done_at IS NULL AND due_at <= ?", now.timestamp())

    def next_due(self) -> datetime | None:
        """Return when the next open act is due, or None when there is none."""
        (due_at,) = self._database.execute("SELECT MIN(due_at) FROM act WHERE done_at IS NULL").fetchone()
        return None if due_at is None else datetime.fromtimestamp(due_at, UTC)

    def done(self, kind: str) -> list[Act]:
        """Return the acts of a kind that were done, in order of time."""
        return self._acts("done_at IS NOT NULL AND kind = ?", kind)

    def cross_out(self, acts: Iterable[Act], at: datetime) -> None:
        """Mark acts as done."""
        self._database.executemany("UPDATE act SET done_at = ? WHERE id = ?", [(at.timestamp(), a.id) for a in acts])

    def done_ids(self) -> dict[str, dict[str, datetime]]:
        """Return, for each dossier, the ids of its done acts with the time at which each was done."""
        ids: dict[str, dict[str, datetime]] = defaultdict(dict)
        for dossier, act, done_at in self._database.execute(
            "SELECT dossier, id, done_at FROM act WHERE done_at IS NOT NULL"
        ):
            ids[dossier][act] = datetime.fromtimestamp(done_at, UTC)
        return ids

    def counts(self) -> tuple[int, int]:
        """Return how many acts are done and how many are open."""
        done, everything = self._database.execute("SELECT COUNT(done_at), COUNT(*) FROM act").fetchone()
        return done, everything - done

    def begin(self, dossier: str, part: Part) -> None:
        """Fix a dossier's part: its story begins."""
        self._database.execute("INSERT OR IGNORE INTO begun VALUES (?, ?)", (dossier, part.value))

    def begun(self) -> dict[str, Part]:
        """Return the part of every dossier whose story has begun."""
        return {code: Part(part) for code, part in self._database.execute("SELECT dossier, part FROM begun")}

    def refuse(self, refusal: Refusal) -> None:
        """Keep a problem document."""
        self._database.execute(
            "INSERT OR REPLACE INTO refusal VALUES (?, ?, ?)",
            (refusal.dossier, refusal.act, json.dumps(refusal.problem, ensure_ascii=False)),
        )

    def refusals(self) -> list[Refusal]:
        """Return every refusal in the order in which it happened."""
        rows = self._database.execute("SELECT dossier, act, problem FROM refusal ORDER BY rowid")
        return [Refusal(dossier, act, json.loads(problem)) for dossier, act, problem in rows]

    def note(self, kind: str, text: str) -> None:
        """Keep a remark about the run itself: a restart, a stall, a message."""
        self._database.execute("INSERT INTO note (kind, text) VALUES (?, ?)", (kind, text))

    def notes(self, kind: str) -> list[str]:
        """Return the remarks of a kind, oldest first."""
        return [text for (text,) in self._database.execute("SELECT text FROM note WHERE kind = ? ORDER BY id", (kind,))]

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def _acts(self, where: str, *values: object) -> list[Act]:
        rows = self._database.execute(
            f"SELECT id, due_at, kind, dossier, payload FROM act WHERE {where} ORDER BY due_at, id", values
        )
        return [
            Act(id, datetime.fromtimestamp(at, UTC), kind, who, json.loads(text)) for id, at, kind, who, text in rows
        ]
