"""One id from a webhook to the callback that it caused, in every line of the log on the way.

The id of a delivery is worked out from where it came and its key, so that whoever has the row has the id, a repetition
has the same one, and no column is needed for it. A request of the one-stop has its request id. What is written to the
outbox meanwhile keeps the id of its cause, and is sent under it.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from contextlib import AbstractContextManager

from structlog.contextvars import bound_contextvars, get_contextvars

_BYTES = 10
_LONGEST = 64


def new_id() -> str:
    """Return an id that nobody else has: letters and the digits from 2 to 7, which no redaction takes for a number."""
    return _written(secrets.token_bytes(_BYTES))


def trace_of(source: str, key: str) -> str:
    """Return the id of a delivery."""
    return _written(hashlib.sha256(f"{source}\n{key}".encode()).digest()[:_BYTES])


def following(trace: str) -> AbstractContextManager[None]:
    """Let everything that is logged or owed within carry an id."""
    return bound_contextvars(trace=trace)


def current_trace() -> str | None:
    """Return the id of what is being followed here: a delivery's, or else the request's."""
    bound = get_contextvars()
    trace = bound.get("trace") or bound.get("request_id")
    return str(trace)[:_LONGEST] if trace else None


def _written(raw: bytes) -> str:
    return base64.b32encode(raw).decode().lower()
