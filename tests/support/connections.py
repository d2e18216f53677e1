"""What other processes of ours write down about their connections."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from carriers.breaker import BreakerState
from config.clock import wall_now
from dispatch.connections import ConnectionState
from dispatch.context import Context


def seen_open(
    context: Context, account: str, *, process: str, seen_at: datetime | None = None, **more: Any
) -> ConnectionState:
    """Let another process have written down, by default just now, that it leaves an account's operator alone."""
    state: dict[str, Any] = {
        "breaker": BreakerState.OPEN,
        "breaker_enforced": True,
        "paused_seconds": 7,
        "under_way": 3,
    }
    row = ConnectionState(account=account, process=process, seen_at=seen_at or wall_now(), **{**state, **more})
    with context.database.write() as session:
        session.add(row)
    return row
