"""A difference between two copies, its likely cause, and the command that mends it. Pure."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from config.clock import local


class Kind(StrEnum):
    """What differs. The first five are about dossiers, the others about orders."""

    DUE_DIFFERS = "due-differs"
    MISSING_THERE = "missing-there"
    MISSING_HERE = "missing-here"
    ENDED_THERE = "ended-there"
    OPEN_THERE = "open-there"
    ORDER_UNKNOWN = "order-unknown"
    ORDER_HELD = "order-held"
    ORDER_CANCELLED = "order-cancelled"
    ORDER_LIVE = "order-live"
    OTHER_WAYBILL = "other-waybill"
    NEWS_UNHEARD = "news-unheard"


class Cause(StrEnum):
    """How a difference most likely came about, as far as our rows tell."""

    MESSAGE_PARKED = "message-parked"
    MESSAGE_WAITS = "message-waits"
    NEVER_TOLD = "never-told"
    NOT_TOLD_SINCE = "not-told-since"
    CHANGED_THERE = "changed-there"
    LOST_THERE = "lost-there"
    DELETED_THERE = "deleted-there"
    REPORT_WAITS = "report-waits"
    NOT_HEARD = "not-heard"
    TAKEN_BACK_THERE = "taken-back-there"
    NEVER_SHOWN = "never-shown"
    NO_LONGER_SHOWN = "no-longer-shown"
    ANSWER_LOST = "answer-lost"
    CANCELLATION_LOST = "cancellation-lost"
    MADE_TWICE = "made-twice"
    RENUMBERED = "renumbered"
    READING_FAILS = "reading-fails"
    NOT_READ_SINCE = "not-read-since"
    PASSED_OVER = "passed-over"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing in which two copies differ.

    Attributes:
        subject: the dossier's code, or the order's number.
        ours, theirs: what each copy says, for people; neither names a citizen.
        detail: what our rows add to the cause, such as a receiver's answer; may be empty.
        mend: one command, as it is typed; nothing happens before somebody types it.
    """

    kind: Kind
    cause: Cause
    subject: str
    dossier: str | None
    order: str | None
    ours: str
    theirs: str
    mend: str
    detail: str = ""


def command(*words: str) -> str:
    """Return a command as it is typed."""
    return shlex.join(("postal", *words))


def spoken(instant: datetime | None) -> str:
    """Return an instant on Vietnam's clock, ``-`` for none."""
    return f"{local(instant):%d/%m/%Y %H:%M}" if instant is not None else "-"
