"""The statements that keep deliveries, many at once: their keys first, and then those whose key was new."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import CursorResult, text
from sqlalchemy.orm import Session

from config.database import keyring

_SEPARATOR = "\x1f"

# One statement, so one way to the server and back; and one text for each column, because the driver would take a list
# apart and quote each entry of it by itself, which costs more than all the rest.
_INSERT = text(
    """
    WITH incoming AS (
        SELECT * FROM unnest(
            string_to_array(:source, :separator), string_to_array(:key, :separator),
            string_to_array(:kind, :separator), string_to_array(:subject, :separator, ''),
            string_to_array(:body, :separator), string_to_array(:state, :separator),
            CAST(string_to_array(:received_at, :separator) AS timestamptz[])
        ) AS row (source, key, kind, subject, body, state, received_at)
    ), unknown AS (
        INSERT INTO inbox_key (source, key, received_at) SELECT source, key, received_at FROM incoming
        ON CONFLICT DO NOTHING RETURNING source, key
    )
    INSERT INTO inbox_delivery (source, key, kind, subject, body, state, received_at, try_at, attempts, applied_at)
    SELECT source, key, kind, subject, body, state, received_at, received_at, 0,
        CASE WHEN state = 'applied' THEN received_at END
    FROM incoming JOIN unknown USING (source, key)
    """
)


class Incoming(NamedTuple):
    """A delivery that is to be kept; ``body`` as it will stand in the row, before it is encrypted.

    What the HTTP interface applies in the same transaction is kept as ``applied`` at once.
    """

    source: str
    key: str
    kind: str
    body: str
    received_at: datetime
    subject: str | None = None
    state: str = "new"


def insert_on_postgresql(session: Session, rows: Sequence[Incoming]) -> int:
    """Insert those deliveries whose key is not known; returns how many.

    Raises:
        ValueError: a text in one of them cannot be told from the next.
    """
    columns = {
        "source": [row.source for row in rows],
        "key": [row.key for row in rows],
        "kind": [row.kind for row in rows],
        "subject": [row.subject or "" for row in rows],
        "body": [keyring.encrypt(row.body) for row in rows],
        "state": [row.state for row in rows],
        "received_at": [row.received_at.isoformat() for row in rows],
    }
    bound = {name: _joined(values) for name, values in columns.items()}
    result = cast(CursorResult[Any], session.execute(_INSERT, {**bound, "separator": _SEPARATOR}))
    return result.rowcount


def _joined(values: Sequence[str]) -> str:
    text = _SEPARATOR.join(values)
    if text.count(_SEPARATOR) >= len(values):
        raise ValueError("a separator of the database's stands in a delivery")
    return text
