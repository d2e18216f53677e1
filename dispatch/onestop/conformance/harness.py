"""One connector, the system it talks to, and what a check may do with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from carriers.conformance.harness import NotConformingError
from dispatch.onestop.contract import Imported, OneStop
from dispatch.outbox_rows import OutboxMessage


@runtime_checkable
class HoldsCopies(Protocol):
    """The system at the other end, which holds due dates."""

    def file(self, check: str) -> str:
        """Take in a new dossier of which the check has asked for none before; returns its code."""

    def due(self, code: str) -> datetime:
        """Return the due date that it shows."""


@runtime_checkable
class TheirSide(HoldsCopies, Protocol):
    """A system that is asked for what has changed, as a check moves it."""

    def change(self, code: str) -> None:
        """Change something in a dossier, some time later."""

    def remove(self, code: str) -> None:
        """Delete a dossier."""

    def meanwhile(self, act: Callable[[], None]) -> None:
        """Let ``act`` happen once, after the first page of the next look."""

    def is_latest(self, imported: Imported) -> bool:
        """Whether this is what the system holds of that dossier now."""


@dataclass
class Harness:
    """What every check gets.

    Attributes:
        message: a message under an id made of a check's name, about a dossier of which there is something to tell.
        effects: how often a message has taken effect at the other end; 0 where nothing is sent.
        pretend: the next exchange looks well and brings nothing: an HTML page with status 200 is answered, or a broker
            takes a message and has no queue for it.
        expire: the next exchange meets an expired token or session; None for a connector that has none.
        theirs: the other end, None for a connector that asks nothing.
    """

    onestop: OneStop
    message: Callable[[str], OutboxMessage]
    effects: Callable[[OutboxMessage], int]
    pretend: Callable[[], None]
    expire: Callable[[], None] | None = None
    theirs: HoldsCopies | None = None


Check = Callable[[Harness], None]


def their_side(harness: Harness) -> TheirSide:
    """Return the other side, which an importing connector's harness has to show."""
    if not isinstance(harness.theirs, TheirSide):
        raise NotConformingError("the harness does not show the other side, which is asked for changes")
    return harness.theirs


def their_copies(harness: Harness) -> HoldsCopies:
    """Return the other side, which the harness of a connector has to show that can be asked for copies."""
    if harness.theirs is None:
        raise NotConformingError("the harness shows nothing of the other side")
    return harness.theirs
