"""The records of a simulated iGate. Thread-safe."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Mapping
from copy import deepcopy
from datetime import datetime, timedelta
from typing import Any, Literal

from carriers.reading import NotAnEventError, event_time
from config.clock import local

Trouble = Literal["html", "error", "expired", "throttled", "cut"]
"""``html``: a log-in page with status 200. ``expired``: the token is refused once. ``cut``: half an answer."""


class IgateOffice:
    """Dossiers by code, in the shape in which iGate shows them; every change writes ``updatedDate``.

    Args:
        now: iGate's own clock.
        token_seconds: how long a token is good.
    """

    def __init__(
        self,
        now: Callable[[], datetime],
        client_id: str = "desk",
        client_secret: str = "secret-of-the-desk",
        token_seconds: int = 300,
    ) -> None:
        self.now, self.client_id, self.client_secret = now, client_id, client_secret
        self.token_seconds = token_seconds
        self.tokens_given = 0
        self.before_page: Callable[[int], None] = lambda page: None
        """Called before a page is made: what happens in the office while somebody reads its pages."""
        self._tokens: dict[str, datetime] = {}
        self._dossiers: dict[str, dict[str, Any]] = {}
        self._trouble: list[Trouble] = []
        self._lock = threading.RLock()

    def put(self, document: Mapping[str, Any], changed: datetime | None = None) -> None:
        """Take a dossier in, or put another version in its place; ``changed`` is now unless it is given."""
        with self._lock:
            stamp = written(changed or self.now())
            self._dossiers[str(document.get("code"))] = {**deepcopy(dict(document)), "updatedDate": stamp}

    def change(self, code: str, **fields: Any) -> None:
        """Change fields of a dossier, now."""
        with self._lock:
            self.put({**self._dossiers[code], **fields})

    def delete(self, code: str) -> None:
        """Delete a dossier, as ``DELETE /pa/dossier/{id}`` does."""
        with self._lock:
            del self._dossiers[code]

    def dossiers(self) -> list[dict[str, Any]]:
        """Return all dossiers."""
        with self._lock:
            return deepcopy(list(self._dossiers.values()))

    def make_trouble(self, *trouble: Trouble) -> None:
        """Let the next searches meet trouble, one each."""
        with self._lock:
            self._trouble += trouble

    def next_trouble(self) -> Trouble | None:
        """Return the trouble of this search, if any."""
        with self._lock:
            return self._trouble.pop(0) if self._trouble else None

    def token(self, client_id: str, client_secret: str) -> str | None:
        """Return a token for a client, or None for one that is not known."""
        if (client_id, client_secret) != (self.client_id, self.client_secret):
            return None
        with self._lock:
            token = secrets.token_urlsafe(24)
            self._tokens[token] = self.now() + timedelta(seconds=self.token_seconds)
            self.tokens_given += 1
            return token

    def recognises(self, token: str) -> bool:
        """Whether a token is good now."""
        with self._lock:
            return self.now() < self._tokens.get(token, datetime.min.replace(tzinfo=self.now().tzinfo))

    def forget_tokens(self) -> None:
        """Let every token be refused, as after a restart of Keycloak."""
        with self._lock:
            self._tokens.clear()

    def search(self, wanted: Mapping[str, str]) -> dict[str, Any]:
        """Answer a search: ``code-match``, ``dossier-status``, ``sort``, ``page``, ``size``, as a slice."""
        page, size = int(wanted.get("page", 0)), int(wanted.get("size", 10))
        self.before_page(page)
        code, statuses = wanted.get("code-match", ""), set(filter(None, wanted.get("dossier-status", "").split(",")))
        found = [one for one in self.dossiers() if code in str(one.get("code"))]
        if statuses:
            found = [one for one in found if str(_status(one)) in statuses]
        field, _, direction = wanted.get("sort", "updatedDate,desc").partition(",")
        found.sort(key=lambda one: _order(one, field), reverse=direction == "desc")
        shown = found[page * size : (page + 1) * size]
        last = (page + 1) * size >= len(found)
        return {"content": shown, "last": last, "first": page == 0, "number": page, "size": size}


def written(at: datetime) -> str:
    """Return a time as iGate writes it: ``2022-09-21T08:15:00.000+0700``."""
    there = local(at)
    return f"{there:%Y-%m-%dT%H:%M:%S}.{there.microsecond // 1000:03}{there:%z}"


def _status(document: Mapping[str, Any]) -> Any:
    status = document.get("dossierStatus")
    return status.get("id") if isinstance(status, dict) else status


def _order(document: Mapping[str, Any], field: str) -> float:
    try:
        return event_time(document.get(field), field).timestamp()
    except NotAnEventError:
        return 0.0
