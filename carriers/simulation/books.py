"""The simulated operator's books in a SQLite file of its own: orders, calls and the tracking feed survive a restart."""

from __future__ import annotations

import json
import sqlite3
import threading
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

_SCHEMA = """
CREATE TABLE IF NOT EXISTS orders (
    id INTEGER PRIMARY KEY, customer TEXT NOT NULL, number TEXT NOT NULL, item_code TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('live', 'cancelled')), body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS orders_number ON orders (customer, number);
CREATE TABLE IF NOT EXISTS calls (
    id INTEGER PRIMARY KEY, at TEXT NOT NULL, operation TEXT NOT NULL, number TEXT NOT NULL, answer TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS events (
    id INTEGER PRIMARY KEY, customer TEXT NOT NULL, number TEXT NOT NULL, item_code TEXT, pos_id TEXT NOT NULL,
    happened_ms INTEGER NOT NULL, code INTEGER NOT NULL, message TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS events_feed ON events (customer, id);
"""
_OID_PREFIX = "66f0a141"
_LAST_ROW = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Event:
    """A line of the feed; ``happened`` is aware, ``item_code`` None where VNPost does not tell it yet."""

    customer: str
    number: str
    code: int
    happened: datetime
    pos_id: str
    item_code: str | None
    message: str = ""


class Ledger:
    """Thread-safe. ``file`` None keeps everything in memory."""

    def __init__(self, file: Path | None) -> None:
        self._lock = threading.RLock()
        self._db = sqlite3.connect(str(file) if file else ":memory:", check_same_thread=False, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode=WAL")
        # The simulator must survive a kill of its process, not a power cut.
        self._db.execute("PRAGMA synchronous=OFF")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def live_order(self, customer: str, number: str) -> str | None:
        """Return the item code of the newest live order, or None."""
        newest = "SELECT item_code FROM orders WHERE customer = ? AND number = ? AND state = 'live' ORDER BY id DESC"
        rows = self._all(newest, (customer, number))
        return rows[0]["item_code"] if rows else None

    def was_cancelled(self, customer: str, number: str) -> bool:
        """Whether there is a cancelled order of this number."""
        found = "SELECT 1 FROM orders WHERE customer = ? AND number = ? AND state = 'cancelled'"
        return bool(self._all(found, (customer, number)))

    def item_code_taken(self, item_code: str) -> bool:
        """Whether any order carries this item code."""
        return bool(self._all("SELECT 1 FROM orders WHERE item_code = ?", (item_code,)))

    def create(self, customer: str, number: str, item_code: str | None, body: dict[str, Any]) -> str:
        """Enter a live order and return its item code, made up where the customer gave none."""
        with self._lock:
            (count,) = self._db.execute("SELECT count(*) FROM orders").fetchone()
            code = item_code or s10_number(count + 1)
            self._db.execute(
                "INSERT INTO orders (customer, number, item_code, state, body) VALUES (?, ?, ?, 'live', ?)",
                (customer, number, code, json.dumps(body)),
            )
            return code

    def cancel(self, customer: str, number: str) -> None:
        """Cancel every live order of this number."""
        self._all("UPDATE orders SET state = 'cancelled' WHERE customer = ? AND number = ?", (customer, number))

    def customer_of(self, number: str) -> str | None:
        """Return whose order this is, or None for a number nobody ordered."""
        rows = self._all("SELECT customer FROM orders WHERE number = ? ORDER BY id DESC LIMIT 1", (number,))
        return rows[0]["customer"] if rows else None

    def note_call(self, at: datetime, operation: str, number: str, answer: str) -> None:
        """Remember that a call came in and what was decided, even when the answer never leaves the house."""
        self._all(
            "INSERT INTO calls (at, operation, number, answer) VALUES (?, ?, ?, ?)",
            (at.isoformat(), operation, number, answer),
        )

    def append(self, event: Event) -> str:
        """Add a line to the feed and return its id (24 hexadecimal digits, rising)."""
        row = (
            *(event.customer, event.number, event.item_code, event.pos_id),
            *(int(event.happened.timestamp() * 1000), event.code, event.message),
        )
        with self._lock:
            cursor = self._db.execute(
                "INSERT INTO events (customer, number, item_code, pos_id, happened_ms, code, message) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                row,
            )
            return _oid(cursor.lastrowid or 0)

    def feed(self, customer: str, after: str, limit: int) -> tuple[list[dict[str, Any]], int]:
        """Return documents after the id ``after``, oldest first, and how many lines the customer's feed has."""
        rows = self._all(
            "SELECT * FROM events WHERE customer = ? AND id > ? ORDER BY id LIMIT ?", (customer, _row_of(after), limit)
        )
        (total,) = self._all("SELECT count(*) FROM events WHERE customer = ?", (customer,))[0]
        return [_document(row) for row in rows], total

    def orders(self) -> list[dict[str, Any]]:
        """Return every number that was ordered or tried, with its orders and all calls about it."""
        numbers = self._all(
            "SELECT number FROM orders UNION SELECT number FROM calls WHERE number <> '' ORDER BY 1", ()
        )
        return [self._summary(row["number"]) for row in numbers]

    def _summary(self, number: str) -> dict[str, Any]:
        orders = self._all("SELECT customer, item_code, state FROM orders WHERE number = ? ORDER BY id", (number,))
        calls = self._all("SELECT at, operation, answer FROM calls WHERE number = ? ORDER BY id", (number,))
        live = sum(row["state"] == "live" for row in orders)
        return {
            "order_number": number,
            "state": "live" if live else "cancelled" if orders else "none",
            "live": live,
            "created": len(orders),
            "customer_code": orders[-1]["customer"] if orders else None,
            "item_codes": [row["item_code"] for row in orders],
            "create_calls": sum(row["operation"] == "order" for row in calls),
            "calls": [dict(row) for row in calls],
        }

    def _all(self, statement: str, values: tuple[Any, ...]) -> list[sqlite3.Row]:
        with self._lock:
            return self._db.execute(statement, values).fetchall()


def _document(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "_id": {"$oid": _oid(row["id"])},
        "CustomerCode": row["customer"],
        "OrderNumber": row["number"],
        "ItemCode": row["item_code"],
        # Both forms occur in the field, so both occur here.
        "POSID": int(row["pos_id"]) if row["id"] % 2 and row["pos_id"].isdigit() else row["pos_id"],
        "EventTime": row["happened_ms"],
        "StatusCode": row["code"],
        "StatusMessage": row["message"],
        "Notes": "",
    }


def _oid(row: int) -> str:
    return f"{_OID_PREFIX}{row:016x}"


def _row_of(oid: str) -> int:
    if oid == "0" * 24:
        return 0
    if len(oid) == 24 and oid.startswith(_OID_PREFIX):
        return min(int(oid.removeprefix(_OID_PREFIX), 16), _LAST_ROW)
    raise ValueError(f"{oid!r} is not an id of this feed")


def s10_number(number: int) -> str:
    """Return a postal item number with its check digit (UPU S10)."""
    digits = f"{number:08d}"
    rest = 11 - sum(int(d) * w for d, w in zip(digits, (8, 6, 4, 2, 3, 5, 9, 7), strict=True)) % 11
    return f"HC{digits}{ {10: 0, 11: 5}.get(rest, rest) }VN"
