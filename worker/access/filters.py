"""A scope as a condition of a query."""

from __future__ import annotations

from sqlalchemy import ColumnElement, false, func, or_, true
from sqlalchemy.orm import InstrumentedAttribute

from worker.access.roles import Scope


def within(column: InstrumentedAttribute[str] | ColumnElement[str], scope: Scope) -> ColumnElement[bool]:
    """Return the condition that a column's agency is in the scope; the same that ``Scope.covers`` says."""
    if scope.everywhere:
        return true()
    # No LIKE: SQLite's does not tell capital letters from small ones.
    below = [or_(column == code, func.substr(column, 1, len(code) + 1) == f"{code}.") for code in sorted(scope.codes)]
    return or_(false(), *below)
