"""A simulated operator's books in a SQLite file of its own: orders, calls and events survive a restart."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from config.clock import wall_now

_SCHEMA = """
CREATE TABLE IF NOT EXISTS orders (
    id INTEGER PRIMARY KEY, customer TEXT NOT NULL, number TEXT NOT NULL, item_code TEXT NOT NULL,
    ordered_at TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('live', 'cancelled')), body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS orders_number ON orders (customer, number);
CREATE TABLE IF NOT EXISTS calls (
    id INTEGER PRIMARY KEY, at TEXT NOT NULL, operation TEXT NOT NULL, number TEXT NOT NULL, answer TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS events (
    id INTEGER PRIMARY KEY, customer TEXT NOT NULL, number TEXT NOT NULL, item_code TEXT, place TEXT NOT NULL,
    happened_ms INTEGER NOT NULL, code TEXT NOT NULL, message TEXT NOT NULL, told INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS events_feed ON events (customer, id);
CREATE INDEX IF NOT EXISTS events_untold ON events (told, id);
"""
_LAST_ROW = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Order:
    """One order. ``id`` rises; ``body`` is what the customer sent."""

    id: int
    customer: str
    number: str
    item_code: str
    live: bool
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to an item; ``happened`` is aware.

    ``item_code`` is None where the operator does not tell it yet. ``id`` is 0 until the event is in the books.
    """

    customer: str
    number: str
    code: str
    happened: datetime
    place: str
    item_code: str | None
    message: str = ""
    id: int = 0


class Books:
    """Thread-safe. ``file`` None keeps everything in memory. Orders are dated by the operator's clock, :attr:`now`."""

    def __init__(self, file: Path | None = None, *, item_prefix: str = "HC") -> None:
        self.now: Callable[[], datetime] = wall_now
        self._lock = threading.RLock()
        self._item_prefix = item_prefix
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

    # --- orders ---

    def create(self, customer: str, number: str, item_code: str | None, body: dict[str, Any]) -> Order:
        """Enter a live order, with an item code made up where the customer gave none."""
        with self._alone():
            (count,) = self._db.execute("SELECT count(*) FROM orders").fetchone()
            code = item_code or s10_number(self._item_prefix, count + 1)
            cursor = self._db.execute(
                "INSERT INTO orders (customer, number, item_code, ordered_at, state, body) "
                "VALUES (?, ?, ?, ?, 'live', ?)",
                (customer, number, code, self.now().isoformat(), json.dumps(body)),
            )
            return Order(cursor.lastrowid or 0, customer, number, code, True, body)

    def order(self, customer: str, number: str) -> Order | None:
        """Return the newest order of this number, live ones first; None where there is none."""
        return self._one("customer = ? AND number = ?", customer, number)

    def order_by_id(self, customer: str, order_id: int) -> Order | None:
        """Return the order with this id."""
        return self._one("customer = ? AND id = ?", customer, order_id)

    def order_by_item(self, customer: str, item_code: str) -> Order | None:
        """Return the order that goes under this item code."""
        return self._one("customer = ? AND item_code = ?", customer, item_code)

    def orders_after(self, order_id: int) -> list[Order]:
        """Return what was ordered after the order with this id, oldest first."""
        return [_order(row) for row in self._all("SELECT * FROM orders WHERE id > ? ORDER BY id", order_id)]

    def live_orders(self, dossier: str) -> list[Order]:
        """Return the live orders whose number begins with a dossier's code."""
        rows = self._all("SELECT * FROM orders WHERE state = 'live' AND number GLOB ? ORDER BY id", f"{dossier}-*")
        return [_order(row) for row in rows]

    def item_code_taken(self, item_code: str) -> bool:
        """Whether any order carries this item code."""
        return bool(self._all("SELECT 1 FROM orders WHERE item_code = ?", item_code))

    def cancel(self, customer: str, number: str) -> None:
        """Cancel every live order of this number."""
        self._all("UPDATE orders SET state = 'cancelled' WHERE customer = ? AND number = ?", customer, number)

    def cancel_order(self, order: Order) -> None:
        """Cancel one order and no other of its number."""
        self._all("UPDATE orders SET state = 'cancelled' WHERE id = ?", order.id)

    def customer_of(self, number: str) -> str | None:
        """Return whose order this is, or None for a number nobody ordered."""
        rows = self._all("SELECT customer FROM orders WHERE number = ? ORDER BY id DESC LIMIT 1", number)
        return rows[0]["customer"] if rows else None

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep out other threads, and other processes with the same file: no two orders get one item code."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    # --- calls ---

    def note_call(self, at: datetime, operation: str, number: str, answer: str) -> None:
        """Remember that a call came in and what was decided, even when the answer never leaves the house."""
        self._all(
            "INSERT INTO calls (at, operation, number, answer) VALUES (?, ?, ?, ?)",
            *(at.isoformat(), operation, number, answer),
        )

    # --- events ---

    def append(self, event: Event) -> int:
        """Add an event and return its id, which rises."""
        with self._lock:
            cursor = self._db.execute(
                "INSERT INTO events (customer, number, item_code, place, happened_ms, code, message) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    *(event.customer, event.number, event.item_code, event.place),
                    *(int(event.happened.timestamp() * 1000), event.code, event.message),
                ),
            )
            return cursor.lastrowid or 0

    def events_after(self, customer: str, after: int, limit: int) -> list[Event]:
        """Return a customer's events after the id ``after``, oldest first."""
        query = "SELECT * FROM events WHERE customer = ? AND id > ? ORDER BY id LIMIT ?"
        return [_event(row) for row in self._all(query, customer, min(after, _LAST_ROW), limit)]

    def count_events(self, customer: str) -> int:
        """Return how many events a customer's orders have had."""
        return int(self._all("SELECT count(*) FROM events WHERE customer = ?", customer)[0][0])

    def events_of(self, customer: str, number: str) -> list[Event]:
        """Return the events of one order, oldest first by when they happened."""
        query = "SELECT * FROM events WHERE customer = ? AND number = ? ORDER BY happened_ms, id"
        return [_event(row) for row in self._all(query, customer, number)]

    def untold(self, limit: int = 100) -> list[Event]:
        """Return events of which no webhook has been delivered, oldest first."""
        return [_event(row) for row in self._all("SELECT * FROM events WHERE told = 0 ORDER BY id LIMIT ?", limit)]

    def tell(self, event: Event) -> None:
        """Remember that the customer knows of an event."""
        self._all("UPDATE events SET told = 1 WHERE id = ?", event.id)

    def tell_again(self, customer: str, number: str) -> None:
        """Remember that the customer wants to hear of all events of an order once more."""
        self._all("UPDATE events SET told = 0 WHERE customer = ? AND number = ?", customer, number)

    # --- for whoever runs the show ---

    def summary(self) -> list[dict[str, Any]]:
        """Return every number that was ordered or tried, with its orders and all calls about it."""
        query = "SELECT number FROM orders UNION SELECT number FROM calls WHERE number <> '' ORDER BY 1"
        return [self._summary(row["number"]) for row in self._all(query)]

    def _summary(self, number: str) -> dict[str, Any]:
        orders = self._all(
            "SELECT customer, item_code, ordered_at, state FROM orders WHERE number = ? ORDER BY id", number
        )
        calls = self._all("SELECT at, operation, answer FROM calls WHERE number = ? ORDER BY id", number)
        live = sum(row["state"] == "live" for row in orders)
        return {
            "order_number": number,
            "state": "live" if live else "cancelled" if orders else "none",
            "live": live,
            "created": len(orders),
            "customer_code": orders[-1]["customer"] if orders else None,
            "ordered_at": orders[-1]["ordered_at"] if orders else None,
            "item_codes": [row["item_code"] for row in orders],
            "create_calls": sum(row["operation"] == "order" for row in calls),
            "calls": [dict(row) for row in calls],
        }

    def _one(self, condition: str, *values: object) -> Order | None:
        rows = self._all(f"SELECT * FROM orders WHERE {condition} ORDER BY state = 'live' DESC, id DESC", *values)
        return _order(rows[0]) if rows else None

    def _all(self, statement: str, *values: object) -> list[sqlite3.Row]:
        with self._lock:
            return self._db.execute(statement, values).fetchall()


def _order(row: sqlite3.Row) -> Order:
    body: dict[str, Any] = json.loads(row["body"])
    return Order(row["id"], row["customer"], row["number"], row["item_code"], row["state"] == "live", body)


def _event(row: sqlite3.Row) -> Event:
    happened = datetime.fromtimestamp(row["happened_ms"] / 1000, UTC)
    return Event(
        *(row["customer"], row["number"], row["code"], happened, row["place"], row["item_code"], row["message"]),
        id=row["id"],
    )


def s10_number(prefix: str, number: int) -> str:
    """Return a postal item number with its check digit (UPU S10)."""
    digits = f"{number:08d}"
    rest = 11 - sum(int(d) * w for d, w in zip(digits, (8, 6, 4, 2, 3, 5, 9, 7), strict=True)) % 11
    return f"{prefix}{digits}{ {10: 0, 11: 5}.get(rest, rest) }VN"
