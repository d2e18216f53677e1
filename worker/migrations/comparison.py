"""What a comparison of models and database leaves aside: partitions, and the ids that PostgreSQL gives by itself."""

from __future__ import annotations

import re
from typing import Any

from tracking.events import EVENTS
from tracking.inbox import DELIVERIES

_PARTITIONED = (DELIVERIES, EVENTS)
_PARTITION = re.compile(rf"({'|'.join(kept.table for kept in _PARTITIONED)})_(default|\d{{4}}_\d{{2}})")


def is_no_partition(name: str | None, kind: str, _parents: Any) -> bool:
    """Whether a name of the database is one that the models speak of."""
    return kind != "table" or name is None or _PARTITION.fullmatch(name) is None


def server_default_differs(_context: Any, inspected: Any, _model: Any, *_rendered: Any) -> bool | None:
    """Leave aside the ids of partitioned tables, whose defaults only PostgreSQL has; None lets Alembic compare."""
    of_ours = inspected.name == "id" and inspected.table.name in {kept.table for kept in _PARTITIONED}
    return False if of_ours else None
