"""The different values of a column, found by jumping from one to the next in an index instead of reading every row."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, TextClause, func, select
from sqlalchemy.orm import InstrumentedAttribute


def distinct_values(column: InstrumentedAttribute[str], among: ColumnElement[bool] | TextClause) -> Select[str]:
    """Return the query for the different values of ``column`` in the rows ``among``, which an index has to lead to."""
    first = select(func.min(column).label("value")).where(among).cte(f"values_of_{column.key}", recursive=True)
    beyond: Any = select(func.min(column)).where(among, column > first.c.value).correlate(first).scalar_subquery()
    found = first.union_all(select(beyond).where(first.c.value.is_not(None)))
    return select(found.c.value).where(found.c.value.is_not(None))
