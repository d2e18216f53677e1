"""A part of a round: what was compared in one go. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from tracking.reconciliation.differences import Difference


@dataclass(frozen=True, slots=True)
class Part:
    """Some dossiers or orders of one system or account.

    Attributes:
        subjects: whose differences are known by now, and no others of them.
        position: after which the next part goes on; None when the round is complete.
        unread: of these nothing could be learnt, so what was known of them stands.
        count: how many were compared, where that is not every one of ``subjects``.
        note: what could not be compared, in English.
    """

    subjects: frozenset[str]
    differences: tuple[Difference, ...]
    position: str | None
    unread: frozenset[str] = frozenset()
    count: int | None = None
    note: str = ""

    @property
    def compared(self) -> int:
        return len(self.subjects) if self.count is None else self.count


IN_A_ROW = 3
"""Questions that fail one after another: then it is no longer about single dossiers or orders."""
