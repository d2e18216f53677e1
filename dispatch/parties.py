"""Who can owe, hold or be at fault: the parties of every order."""

from __future__ import annotations

from enum import StrEnum


class Party(StrEnum):
    """A side of an order. ``NOBODY`` is at fault where force majeure is; it never owes and is never owed."""

    CITIZEN = "citizen"
    AGENCY = "agency"
    POST = "post"
    NOBODY = "nobody"
