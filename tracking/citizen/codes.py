"""One-time codes: six digits that are good for ten minutes and five tries, one at a time for a dossier. Pure."""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from unicodedata import normalize

from dispatch.channels.ways import ASKED_GOOD_FOR

DIGITS = 6
GOOD_FOR = ASKED_GOOD_FOR
TRIES = 5
PAUSE = timedelta(minutes=1)
"""Between two codes for one dossier: the first one needs that long to arrive."""

A_WHILE = timedelta(days=1)
"""How long it counts that a code was sent."""
AN_HOUR, A_DAY = 4, 10
"""How many codes a dossier is sent in an hour, and in a day; a stranger must not make somebody's telephone ring on."""

_NOT_DIGITS = re.compile(r"[\s.\-]")


@dataclass(frozen=True, slots=True)
class LiveCode:
    """The code of a dossier. Only its keyed digest is kept.

    Attributes:
        digest: of the code; empty once it was used or given up.
        tries: how often something was compared with it.
        sent: when codes were sent, the latest last; older than a day they are forgotten.
    """

    digest: str
    issued_at: datetime
    tries: int
    sent: tuple[datetime, ...]


def new_code() -> str:
    """Return a code that nobody can foresee."""
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"


def typed_digits(text: str) -> str:
    """Return what was typed as plain digits, without what people put between them; empty where it is none."""
    plain = _NOT_DIGITS.sub("", normalize("NFKC", text[:40]))
    return plain if plain.isascii() and plain.isdigit() else ""


def may_send(sent: Sequence[datetime], now: datetime) -> bool:
    """Whether a dossier may be sent another code."""
    if any(now - at < PAUSE for at in sent):
        return False
    hour = sum(now - at < timedelta(hours=1) for at in sent)
    return hour < AN_HOUR and len(_of_a_day(sent, now)) < A_DAY


def issued(digest: str, before: LiveCode | None, now: datetime) -> LiveCode:
    """Return the code that takes the place of the one ``before``, which is good for nothing any more."""
    sent = before.sent if before else ()
    return LiveCode(digest, now, 0, (*_of_a_day(sent, now), now))


def tried(code: LiveCode, digest: str, now: datetime) -> tuple[LiveCode, bool]:
    """Return the code after one try, and whether that was right: then it is used up."""
    usable = bool(code.digest) and code.tries < TRIES and now - code.issued_at < GOOD_FOR
    right = hmac.compare_digest(code.digest.encode(), digest.encode()) and usable
    return replace(code, tries=code.tries + 1, digest="" if right else code.digest), right


def _of_a_day(sent: Sequence[datetime], now: datetime) -> tuple[datetime, ...]:
    return tuple(at for at in sent if now - at < A_WHILE)
