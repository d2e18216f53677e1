"""What every connector to a one-stop system does, and what some can do besides.

As with the postal operators (:mod:`carriers.contract`): one small protocol for all, and one for each capability, which
callers ask for with ``isinstance``. What a system has no public interface for, its connector does not claim.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, runtime_checkable

from config.accounts import OneStopSystem
from dispatch.outbox_rows import Delivery, OutboxMessage


@runtime_checkable
class OneStop(Protocol):
    """One configured system. Thread-safe; one per process."""

    @property
    def system(self) -> OneStopSystem:
        """Its part of the configuration."""

    def tell(self, message: OutboxMessage) -> Delivery:
        """Bring it one message and say what came of that; the same message may come again.

        Messages about one dossier come one after another, in the order in which they were written.
        """

    def close(self) -> None:
        """Close every connection."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What a system holds of a dossier, as it came.

    Attributes:
        code: the dossier's.
        version: changes whenever the content does; the same version is the same content.
        raw: a JSON value, kept as it is.
        changed_at: when it last changed, by the system's own clock; None where it does not tell.
    """

    code: str
    version: str
    raw: Any
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """A page of dossiers that changed.

    Attributes:
        position: where the next page, or the next look, goes on; kept by the caller once the page is.
        more: whether the next page is there already.
    """

    dossiers: tuple[Imported, ...]
    position: str
    more: bool


@runtime_checkable
class ImportsDossiers(Protocol):
    """Shows its dossiers to whoever asks what has changed."""

    def changes(self, position: str | None) -> Changes:
        """Return what changed since ``position`` (None: since the beginning that is configured).

        What changes while its pages are read is on a later page, if only for a second time.

        Raises:
            OneStopError: it did not answer, or not as it should; the same position is asked for again later.
        """

    def understand(self, raw: Any) -> Sequence[Statement]:
        """Translate the raw value of an :class:`Imported`: pure, and the same for the same value.

        Raises:
            NotADossierError: it cannot be a dossier; the message says what is wrong with it.
        """


@runtime_checkable
class SaysHowOften(Protocol):
    """Names how often it wants to be asked for changes; the others are asked like the operators' feeds."""

    @property
    def every(self) -> timedelta:
        """Return how long to wait from one look to the next."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing that a system says of a dossier, in the form in which our own interface takes it.

    Attributes:
        kind: ``dossier`` (body of ``PUT /v1/dossiers/{code}``), ``event`` (of ``POST …/events``), ``order`` (of ``POST
            /v1/orders``), ``address`` (of ``POST /v1/orders/{id}/address``) or ``cancel``.
        key: the sender's id of it; the same again changes nothing.
        body: JSON object.
    """

    kind: str
    key: str
    code: str
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class TheirCopy:
    """What a system holds of a dossier's due date.

    ``due``: None where it has none. ``state``: its own word or number for where the dossier stands. ``ended``: whether
    that means that the agency has done with the dossier; None where nobody has explained its word. ``changed_at``: when
    it last changed there, by the system's own clock; None where it does not tell.
    """

    code: str
    due: datetime | None
    state: str
    ended: bool | None = None
    changed_at: datetime | None = None


@runtime_checkable
class ShowsCopies(Protocol):
    """Can be asked what it holds, so that the due dates can be compared."""

    def copies(self, codes: Sequence[str]) -> dict[str, TheirCopy]:
        """Return its copies by code; those it does not know are missing.

        Raises:
            OneStopError: it did not answer, or not as it should.
        """


@runtime_checkable
class CanBeChecked(Protocol):
    """Can say whether it would listen, without changing anything."""

    def check(self) -> str:
        """Return in one sentence what it answered.

        Raises:
            OneStopError: it did not answer, or not as it should; the message names the next step.
        """


class OneStopError(Exception):
    """A system that did not answer, or not as it should. ``retry_after``: seconds, where it named any."""

    def __init__(self, message: str, *, status: int | None = None, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.status, self.retry_after = status, retry_after


class NotADossierError(ValueError):
    """A raw value that cannot be understood; it is kept and shown."""
