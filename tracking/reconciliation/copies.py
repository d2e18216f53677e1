"""A dossier here and its copy at a one-stop: in what they differ, and why. Pure.

Where a system only keeps a copy (``copies`` in the configuration), ours is right. Where the dossier is the system's own
(``source_systems``), it is right about how far the agency has come, and we are right about a due date that is ours to
set. A date that a ministry's system sets is not compared: we hold none (Decree 224/2026/NĐ-CP Art. 15(1)(i)).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from tracking.reconciliation.differences import Cause, Difference, Kind, command, spoken

_A_MINUTE = timedelta(minutes=1)
_SETTLES = timedelta(days=1)
"""How long a system may take to show an end of which we have heard by another way."""

_NAME, _REASON = "HỌ TÊN", "LÝ DO"
"""What stands in a command for what only the person who types it knows."""


@dataclass(frozen=True, slots=True)
class OurDossier:
    """What we hold.

    Attributes:
        sets_due: whether the due date is ours to set.
        ended_by: what told us the end, as (sender, its event id); None while it is open or where nobody can say.
        due_since: since when the due date is what it is; None where there never was one.
    """

    code: str
    sets_due: bool
    due: datetime | None
    due_since: datetime | None
    ended_at: datetime | None
    ended_by: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class TheirDossier:
    """What a system shows. ``ended``: None where nobody has explained its ``state``.

    ``changed_at``: when it last changed there; None where that is not told.
    """

    due: datetime | None
    state: str
    ended: bool | None
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A message that a system has not taken. ``parked``: it waits for a person."""

    id: str
    parked: bool
    attempts: int
    since: datetime
    trouble: str


@dataclass(frozen=True, slots=True)
class Traffic:
    """What passed between us and a system about one dossier, by our rows.

    Attributes:
        undelivered: the oldest message that has not been taken.
        told_at: when it last took a message of ours.
        waiting: the number of a report of its that we could not apply; ``why``: the reason.
        on_its_way: a report of its is in the inbox and has not been looked at yet.
    """

    undelivered: Undelivered | None = None
    told_at: datetime | None = None
    waiting: int | None = None
    why: str = ""
    on_its_way: bool = False


@dataclass(frozen=True, slots=True)
class Looked:
    """Where and when we looked.

    Attributes:
        owns: the dossier is the system's own, and no copy of another's.
        patience: how long its news may take to reach us.
    """

    system: str
    owns: bool
    asked_at: datetime
    patience: timedelta = timedelta(hours=1)


def compare(ours: OurDossier, theirs: TheirDossier | None, traffic: Traffic, looked: Looked) -> list[Difference]:
    """Return in what the two copies differ; what is on its way between us at this moment is no difference."""
    if _is_moving(traffic, looked):
        return []
    if theirs is None:
        return _missing_there(ours, traffic, looked)
    found = [_due(ours, theirs, traffic, looked), _state(ours, theirs, traffic, looked)]
    return [one for one in found if one is not None]


def missing_here(code: str, changed_at: datetime | None, traffic: Traffic, looked: Looked) -> Difference | None:
    """Return that a system shows a dossier which we do not have; None while it may be on its way."""
    if traffic.on_its_way or _is_fresh(changed_at, looked):
        return None
    cause, mend, detail = _unheard(code, looked.system, traffic)
    return Difference(Kind.MISSING_HERE, cause, code, None, None, "-", code, mend, detail)


def _is_moving(traffic: Traffic, looked: Looked) -> bool:
    """Whether anything is under way that may make the two alike: then the next look tells more."""
    waits = traffic.undelivered
    untried = waits is not None and not waits.parked and waits.attempts == 0
    goes_out = untried and waits is not None and looked.asked_at - waits.since < looked.patience
    went_out_since = traffic.told_at is not None and traffic.told_at > looked.asked_at
    return goes_out or went_out_since or traffic.on_its_way


def _is_fresh(changed_at: datetime | None, looked: Looked) -> bool:
    return changed_at is not None and looked.asked_at - changed_at < looked.patience


def _missing_there(ours: OurDossier, traffic: Traffic, looked: Looked) -> list[Difference]:
    if not looked.owns:
        cause, mend, detail = _untold(ours, traffic, looked, Cause.LOST_THERE)
    elif ours.ended_at is None:
        cause, detail = Cause.DELETED_THERE, ""
        mend = command("event", ours.code, "withdrawn", "--officer", _NAME, "--reason", _REASON)
    else:
        return []  # it was done with, and what its owner files away is its own affair
    where = "ended" if ours.ended_at else "open"
    return [Difference(Kind.MISSING_THERE, cause, ours.code, ours.code, None, where, "-", mend, detail)]


def _due(ours: OurDossier, theirs: TheirDossier, traffic: Traffic, looked: Looked) -> Difference | None:
    if not ours.sets_due or _same(ours.due, theirs.due):
        return None
    if looked.owns and (ours.due is None or ours.ended_at is not None):
        return None  # nobody types an empty date, or corrects that of a dossier which is done with
    cause, mend, detail = _untold(ours, traffic, looked, Cause.CHANGED_THERE)
    told = (spoken(ours.due), spoken(theirs.due))
    return Difference(Kind.DUE_DIFFERS, cause, ours.code, ours.code, None, *told, mend, detail)


def _same(ours: datetime | None, theirs: datetime | None) -> bool:
    if ours is None or theirs is None:
        return ours is theirs
    return abs(ours - theirs) < _A_MINUTE


def _state(ours: OurDossier, theirs: TheirDossier, traffic: Traffic, looked: Looked) -> Difference | None:
    if theirs.ended is None or theirs.ended is (ours.ended_at is not None):
        return None
    kind = Kind.ENDED_THERE if theirs.ended else Kind.OPEN_THERE
    told = ("open" if theirs.ended else "ended", theirs.state)
    if not looked.owns:
        cause, mend, detail = _untold(ours, traffic, looked, Cause.CHANGED_THERE)
    elif theirs.ended:
        if _is_fresh(theirs.changed_at, looked):
            return None
        cause, mend, detail = _unheard(ours.code, looked.system, traffic)
    elif ours.ended_at is None or looked.asked_at - ours.ended_at < _SETTLES:
        return None
    else:
        cause, mend, detail = Cause.TAKEN_BACK_THERE, _taken_back(ours), ""
    return Difference(kind, cause, ours.code, ours.code, None, *told, mend, detail)


def _untold(ours: OurDossier, traffic: Traffic, looked: Looked, otherwise: Cause) -> tuple[Cause, str, str]:
    """Return why a system does not have what it should have from us; ``otherwise``: it had it once."""
    waits = traffic.undelivered
    if waits is not None and waits.parked:
        return Cause.MESSAGE_PARKED, command("outbox", "--send-again", waits.id), waits.trouble
    if waits is not None:
        again = command("outbox", "--send-again-to", f"onestop:{looked.system}")
        return Cause.MESSAGE_WAITS, again, waits.trouble
    tell = command("onestops", "tell", looked.system, ours.code)
    if traffic.told_at is None:
        return Cause.NEVER_TOLD, tell, ""
    changed = max(filter(None, (ours.due_since, ours.ended_at)), default=None)
    if changed is not None and changed > traffic.told_at:
        return Cause.NOT_TOLD_SINCE, tell, spoken(traffic.told_at)
    return otherwise, tell, spoken(traffic.told_at)


def _unheard(code: str, system: str, traffic: Traffic) -> tuple[Cause, str, str]:
    """Return why we do not have what a system shows of its own dossier."""
    if traffic.waiting is not None:
        return Cause.REPORT_WAITS, command("heard", "--again", str(traffic.waiting)), traffic.why
    return Cause.NOT_HEARD, command("onestops", "import", system, code), ""


def _taken_back(ours: OurDossier) -> str:
    if ours.ended_by is None:
        return command("heard", ours.code)
    sender, event = ours.ended_by
    struck = ("--as", sender, "--voids", event)
    return command("event", ours.code, "corrected", *struck, "--officer", _NAME, "--reason", _REASON)
