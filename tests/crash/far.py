"""The training world with its operators and its one-stop in processes of their own: here only their files are read."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from config.clock import VIETNAM, DrivenClock
from dispatch.onestop.copy import DossierCopy, apply
from dispatch.onestop.simulator import OneStopSimulator
from worker.training.client import Client, SystemAwayError
from worker.training.driver import Driver, Pace
from worker.training.post_office import PostOffice
from worker.training.world import World, tells_by_webhook

_HALF_HOUR = timedelta(minutes=30)
_MIDNIGHT = datetime(2026, 1, 1, tzinfo=VIETNAM)
_CALLBACKS = "SELECT rowid, subject, body FROM delivery WHERE door = 'callbacks' AND rowid > ? ORDER BY rowid"


class FarOneStop(OneStopSimulator):
    """The one-stop's file, in which another process writes; what is new there is folded into the copies."""

    def __init__(self, path: Path, callback_secret: str, gateway_secret: str, now: Callable[[], datetime]) -> None:
        super().__init__(path, callback_secret, gateway_secret, now)
        self._file = sqlite3.connect(path)
        self._read = 0
        self._known: dict[str, DossierCopy] = {}

    def copies(self) -> dict[str, DossierCopy]:
        for row, code, body in self._file.execute(_CALLBACKS, (self._read,)).fetchall():
            self._known[code] = apply(self._known.get(code, DossierCopy(code)), json.loads(body))
            self._read = row
        return dict(self._known)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class FarPostOffice(PostOffice):
    """Operators whose webhooks are sent by other processes; what is still to be told stands in their books."""

    def telling(self) -> bool:
        return any(other.books.untold(1) for name, other in self._others.items() if tells_by_webhook(name))


class PromisedClient(Client):
    """Keeps the promises that it is given, and counts how often it had to ask again.

    Attributes:
        orders: per idempotency key the ids under which an order was accepted; more than one would be two orders.
        promised: every order number in an answer.
        answers: how often the system has answered, which it does only while web, database and a worker are up.
    """

    def __init__(self, base_url: str, token: str) -> None:
        super().__init__(base_url, token, timeout=6.0)
        self.orders: dict[str, set[str]] = {}
        self.promised: set[str] = set()
        self.answers = 0
        self.counts: Counter[str] = Counter()

    def post(self, path: str, body: dict[str, Any], *, key: str | None = None) -> Any:
        answer = super().post(path, body, key=key)
        if key is not None:
            self.orders.setdefault(key, set()).add(answer["id"])
            self.promised |= {shipment["order_number"] for shipment in answer["shipments"]}
        return answer

    def _call(self, method: str, path: str, **how: Any) -> Any:
        watching = path == "/readyz"
        self.counts["looks at readiness" if watching else "requests"] += 1
        try:
            answer = super()._call(method, path, **how)
        except SystemAwayError:
            self.counts["looks in vain" if watching else "requests without an answer"] += 1
            raise
        self.answers += 1
        return answer


class CoarseClock(DrivenClock):
    """Stops at whole half hours only, so that everything that is due between two of them happens at once."""

    def advance_to(self, instant: datetime) -> None:
        super().advance_to(instant + (_MIDNIGHT - instant) % _HALF_HOUR)


class FarWorld(World):
    """The world around a system in a storm; its servers are processes of their own."""

    onestop_type = FarOneStop
    post_office_type = FarPostOffice
    client_type = PromisedClient
    client: PromisedClient
    onestop: FarOneStop

    def driver(self, meanwhile: Callable[[], None], pace: Pace | None = None) -> Driver:
        self.clock = CoarseClock(self.home / "clock")
        return super().driver(meanwhile, pace)

    def _serve(self, starting: ExitStack) -> None:
        starting.callback(self.onestop.close)
