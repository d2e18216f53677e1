"""How an apology stands, folded from what happened to it, and what has to happen next. Pure.

What was drafted, signed or dismissed stays for good. A draft that is owed no longer is void by a fact, and drafted
again when it turns out owed after all; what is signed stays signed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from tracking.apologies.decision import Failing, Owed
from tracking.apologies.promises import Promises


class Doing(StrEnum):
    """What happens to an apology."""

    DRAFTED = "drafted"
    VOIDED = "voided"
    DISMISSED = "dismissed"
    SIGNED = "signed"


class State(StrEnum):
    """How an apology stands."""

    DRAFT = "draft"
    VOID = "void"
    DISMISSED = "dismissed"
    SIGNED = "signed"


_STATES = {
    Doing.DRAFTED: State.DRAFT,
    Doing.VOIDED: State.VOID,
    Doing.DISMISSED: State.DISMISSED,
    Doing.SIGNED: State.SIGNED,
}


class Why(StrEnum):
    """Why a draft is void."""

    KEPT = "kept"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Standing:
    """An apology by what happened to it; ``owed`` is what was drafted last."""

    state: State
    owed: Owed


@dataclass(frozen=True, slots=True)
class Draft:
    """Write this letter, anew where there is one."""

    owed: Owed


@dataclass(frozen=True, slots=True)
class Void:
    """The draft for this promise is owed no longer."""

    promise: str
    why: Why


def state_after(doings: Iterable[Doing]) -> State:
    """Return how an apology stands after what happened, in the order in which it was recorded.

    Raises:
        ValueError: nothing has happened.
    """
    *_, last = _through(doings)
    return last


def _through(doings: Iterable[Doing]) -> Iterator[State]:
    state: State | None = None
    for doing in doings:
        state = State.SIGNED if state is State.SIGNED else _STATES[doing]
        yield state
    if state is None:
        raise ValueError("an apology begins with its draft")


def next_steps(owed: Iterable[Owed], known: Mapping[str, Standing], promises: Promises) -> tuple[Draft | Void, ...]:
    """Return what brings the known apologies in line with what is owed: nothing when done before."""
    wanted = {one.promise: one for one in owed}
    drafts = [Draft(one) for one in wanted.values() if _to_be_drafted(one, known.get(one.promise))]
    void = [
        Void(promise, _why(promise, standing, promises))
        for promise, standing in known.items()
        if standing.state is State.DRAFT and promise not in wanted
    ]
    return (*drafts, *void)


def _to_be_drafted(owed: Owed, standing: Standing | None) -> bool:
    if standing is None or standing.state is State.VOID:
        return True
    if standing.state is State.DRAFT:
        return standing.owed != owed
    # That none is owed for a threatening delay does not say that none is owed when it has come.
    came_true = standing.owed.failing is Failing.WILL_BE_LATE and owed.failing is Failing.LATE
    return standing.state is State.DISMISSED and came_true


def _why(promise: str, standing: Standing, promises: Promises) -> Why:
    arrived = any(one.order_number == standing.owed.order_number and one.kept for one in promises.parcels)
    result = any(one.by_result and one.day == standing.owed.promised_on for one in promises.dates)
    in_time = result if standing.owed.order_number is None else arrived
    return Why.KEPT if in_time else Why.CHANGED
