"""An order here and at its operator: in what they differ, and why. Pure.

Silence is no proof. That an operator does not know an order is concluded only where it can be asked by our number, or
where it has told us of the order before; and news counts as missed only when there was time to hear it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from carriers.states import ShipmentState
from tracking.reconciliation.differences import Cause, Difference, Kind, command, spoken

APPEARS_WITHIN = timedelta(days=1)
"""How long an order may be booked before its operator shows anything of it."""


@dataclass(frozen=True, slots=True)
class OurOrder:
    """What we hold of an order.

    Attributes:
        in_doubt: nobody knows whether the operator holds it, and a person was asked.
        cancelled_at: since when it is cancelled here; None while it is not.
        journey: the operator's last word, as we have heard it; ``carried``: by that it has had the papers.
        other_waybill: a second item that the operator has reported under our number.
        heard: keys of the events that are in its journey.
    """

    number: str
    dossier: str
    live: bool
    in_doubt: bool
    booked_at: datetime
    cancelled_at: datetime | None
    journey: ShipmentState | None
    carried: bool
    waybill: str | None
    other_waybill: str | None
    heard: frozenset[str]


@dataclass(frozen=True, slots=True)
class TheirOrder:
    """What the operator shows now.

    Attributes:
        known: whether it knows the order; None where its silence means nothing.
        state, at, key: of the newest event that says where the item is; None where there is none, or it is not certain
            to be the newest; ``over``: nothing more is to come after it.
    """

    known: bool | None
    waybill: str | None = None
    state: ShipmentState | None = None
    at: datetime | None = None
    key: str | None = None
    over: bool = False


@dataclass(frozen=True, slots=True)
class Hearing:
    """How we hear an operator in everyday work.

    Attributes:
        trouble: why reading it fails; empty where it does not.
        read_at: when it was last read, as far as that is known.
        patience: how old news may be that has not been heard yet.
    """

    trouble: str
    read_at: datetime | None
    patience: timedelta


def compare(ours: OurOrder, theirs: TheirOrder, hearing: Hearing, now: datetime) -> list[Difference]:
    """Return in what the two differ."""
    if theirs.known is None:
        return []
    if not theirs.known:
        return _unknown(ours, now)
    if ours.in_doubt:
        waybill = ("--waybill", theirs.waybill) if theirs.waybill else ()
        mend = command("settle", ours.number, "--held", *waybill)
        shown = theirs.waybill or theirs.state or "held"
        return [_difference(Kind.ORDER_HELD, Cause.ANSWER_LOST, ours, "in doubt", shown, mend)]
    found = [_state(ours, theirs, hearing, now), _waybill(ours, theirs)]
    return [one for one in found if one is not None]


def _unknown(ours: OurOrder, now: datetime) -> list[Difference]:
    if not ours.live or ours.in_doubt:
        return []
    told_before = ours.journey is not None
    if not told_before and now - ours.booked_at < APPEARS_WITHIN:
        return []
    cause = Cause.NO_LONGER_SHOWN if told_before else Cause.NEVER_SHOWN
    # Papers that it has carried cannot be booked again: it is asked once more, and else it is a loss.
    denied = command("settle", ours.number, "--not-held", "--although-confirmed")
    mend = command("ask", ours.number) if ours.carried else denied
    since = f"{ours.journey or 'booked'}, {spoken(ours.booked_at)}"
    return [_difference(Kind.ORDER_UNKNOWN, cause, ours, since, "-", mend)]


def _state(ours: OurOrder, theirs: TheirOrder, hearing: Hearing, now: datetime) -> Difference | None:
    state, at = theirs.state, theirs.at
    if state is None or at is None:
        return None
    if ours.cancelled_at is not None:
        return _after_cancellation(ours, theirs)
    heard = theirs.key in ours.heard or now - at < hearing.patience
    if heard or state == (ours.journey or ShipmentState.BOOKED):
        return None
    cancelled = ours.live and state is ShipmentState.CANCELLED
    kind = Kind.ORDER_CANCELLED if cancelled else Kind.NEWS_UNHEARD
    told = (str(ours.journey or "booked"), f"{state}, {spoken(at)}")
    return _difference(
        kind, _why_unheard(hearing, at), ours, *told, command("ask", ours.number), detail=hearing.trouble
    )


def _after_cancellation(ours: OurOrder, theirs: TheirOrder) -> Difference | None:
    """The operator moves what we have cancelled; where it has shown nothing since, it may well be dead there, too."""
    if theirs.over or theirs.at is None or ours.cancelled_at is None or theirs.at <= ours.cancelled_at:
        return None
    told = (f"cancelled, {spoken(ours.cancelled_at)}", f"{theirs.state}, {spoken(theirs.at)}")
    mend = command("settle", ours.number, "--held")
    return _difference(Kind.ORDER_LIVE, Cause.CANCELLATION_LOST, ours, *told, mend)


def _why_unheard(hearing: Hearing, at: datetime) -> Cause:
    if hearing.trouble:
        return Cause.READING_FAILS
    return Cause.NOT_READ_SINCE if hearing.read_at is None or hearing.read_at <= at else Cause.PASSED_OVER


def _waybill(ours: OurOrder, theirs: TheirOrder) -> Difference | None:
    if not ours.live or ours.waybill is None or theirs.waybill in (None, ours.waybill):
        return None
    cause = Cause.MADE_TWICE if theirs.waybill == ours.other_waybill else Cause.RENUMBERED
    mend = command("settle", ours.number, "--held", "--waybill", str(theirs.waybill))
    return _difference(Kind.OTHER_WAYBILL, cause, ours, ours.waybill, str(theirs.waybill), mend)


def _difference(
    kind: Kind, cause: Cause, ours: OurOrder, here: str, there: str, mend: str, detail: str = ""
) -> Difference:
    return Difference(kind, cause, ours.number, ours.dossier, ours.number, here, there, mend, detail)
