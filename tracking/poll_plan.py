"""When an item is asked about next: a pure plan, the same from the same facts.

Quick while a promise is close, slow on silence, slower on failure, and hardly at all where news comes by itself. Every
wait is shortened by up to a fifth, for each order by its own share, so that orders made in one minute part company.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from hashlib import blake2b

from carriers.states import ShipmentState
from config.clock import VIETNAM, local

_SHARE_OF_SILENCE = 4
"""An item that has been silent for four hours is asked about again in one: news is heard of a quarter late at most."""
_LOST_IS_SLOWER = 28
_TRUSTED_NEAR_PROMISE = 4
_SLOWER_AT_MOST = 12
_MOST_DOUBLINGS = 8
_ANSWER_TAKES = timedelta(minutes=10)
"""News heard this long after a question came by itself, and not with the answer."""
_SHORTENED_BY = 5
_SHORTENED_AT_MOST = timedelta(minutes=30)
_OPENS, _CLOSES = time(7), time(20)
"""When postmen are under way: what is promised for a day happens between these, Vietnam's time."""
_WATCHED_DAYS = 2
"""The day of the promise and the one after it; what is later than that is silent like everything else."""

_BEFORE_COLLECTION = frozenset({ShipmentState.BOOKED, ShipmentState.COLLECTING, ShipmentState.COLLECTION_FAILED})
_UNDER_WAY = frozenset({ShipmentState.IN_TRANSIT, ShipmentState.DELIVERY_FAILED})
_OVER = frozenset({ShipmentState.DELIVERED, ShipmentState.RETURNED, ShipmentState.CANCELLED})


@dataclass(frozen=True, slots=True)
class Tempo:
    """How an account's items are asked about.

    Attributes:
        quick: between two questions while a promise is close, or news is fresh.
        slow: the longest wait, however silent the item.
        trusted: how long an item is left alone whose news comes by itself; None where the operator never calls us.
        minds_promises: whether a promise that is close makes questions quick.
    """

    quick: timedelta
    slow: timedelta
    trusted: timedelta | None = None
    minds_promises: bool = True

    @classmethod
    def of_items(cls, quick: timedelta, trusted: timedelta | None) -> Tempo:
        """Return the tempo of an operator that answers questions about items."""
        return cls(quick, quick * _SLOWER_AT_MOST, trusted)

    @classmethod
    def of_silence(cls, silence: timedelta) -> Tempo:
        """Return the tempo of an operator that only calls us: asked after a silence of fixed length."""
        return cls(silence, silence, minds_promises=False)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of an item when its next question is planned.

    Attributes:
        since: since when it is in ``state``.
        heard_at: when we last heard news of it; None: never.
        asked_at: when we last asked; None: never.
        failures: questions in a row that brought no answer.
        promised_on: the day for which the next thing to happen to it is promised.
    """

    order_number: str
    state: str
    since: datetime
    heard_at: datetime | None = None
    asked_at: datetime | None = None
    failures: int = 0
    promised_on: date | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """The next question about an item; ``urgent`` when it serves a promise that is close."""

    at: datetime
    urgent: bool


def next_question(known: Known, tempo: Tempo) -> Question | None:
    """Return when to ask next; in the past, when it should have been asked already.

    None when its journey is over: what may come after that, somebody has to hint at.
    """
    if known.state in _OVER:
        return None
    heard = known.heard_at or known.since
    start = max(known.asked_at or heard, heard)
    share = spread(known.order_number)
    usual = start + _shortened(_usual_wait(known, tempo, start - heard), share)
    if known.failures or not tempo.minds_promises:
        return Question(usual, urgent=False)
    quick = tempo.quick * _TRUSTED_NEAR_PROMISE if _comes_by_itself(known, tempo) else tempo.quick
    at = min(usual, _promised(known, start, quick, share) or usual)
    return Question(at, urgent=any(opens <= at < closes for opens, closes in _watches(known)))


def asked(known: Known, now: datetime) -> Known:
    """Return what is known once the question of ``now`` is under way."""
    return replace(known, asked_at=now)


def promised_on(state: str, since: datetime, pickup_on: date | None, transit_due: date | None) -> date | None:
    """Return the day for which the next thing to happen to an item is promised."""
    if state == ShipmentState.OUT_FOR_DELIVERY:
        return local(since).date()
    if state in _BEFORE_COLLECTION:
        return pickup_on
    return transit_due if state in _UNDER_WAY else None


def spread(name: str) -> float:
    """Return a share from 0 up to 1 that is always the same for a name and even over many names."""
    digest = blake2b(name.encode(), digest_size=8).digest()
    return int.from_bytes(digest) / 2**64


def backed_off(first: timedelta, failures: int, longest: timedelta, share: float) -> timedelta:
    """Return how long to wait after so many failures in a row: twice as long each time, up to ``longest``."""
    return _shortened(min(_doubled(first, failures - 1), longest), share)


def _usual_wait(known: Known, tempo: Tempo, silence: timedelta) -> timedelta:
    slow = tempo.slow * _LOST_IS_SLOWER if known.state == ShipmentState.LOST else tempo.slow
    wait = min(max(silence / _SHARE_OF_SILENCE, tempo.quick), slow)
    if known.failures:
        return min(max(wait, _doubled(tempo.quick, known.failures - 1)), slow)
    if tempo.trusted is not None and _comes_by_itself(known, tempo):
        return max(wait, tempo.trusted)
    return wait


def _comes_by_itself(known: Known, tempo: Tempo) -> bool:
    """Whether the last news came without our asking, as it does where webhooks work."""
    if tempo.trusted is None or known.heard_at is None:
        return False
    return known.asked_at is None or known.heard_at - known.asked_at > _ANSWER_TAKES


def _promised(known: Known, start: datetime, quick: timedelta, share: float) -> datetime | None:
    """Return when the promise wants the next question: now and again while it is watched, and soon after it opens."""
    for opens, closes in _watches(known):
        if start < opens:
            return opens + quick * share
        if start < closes:
            return start + _shortened(quick, share)
    return None


def _watches(known: Known) -> Iterator[tuple[datetime, datetime]]:
    if known.promised_on is not None:
        for day in (known.promised_on + timedelta(days=later) for later in range(_WATCHED_DAYS)):
            yield datetime.combine(day, _OPENS, VIETNAM), datetime.combine(day, _CLOSES, VIETNAM)


def _doubled(wait: timedelta, times: int) -> timedelta:
    return wait * (1 << min(times, _MOST_DOUBLINGS))


def _shortened(wait: timedelta, share: float) -> timedelta:
    return wait - min(wait / _SHORTENED_BY, _SHORTENED_AT_MOST) * share
