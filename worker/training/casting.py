"""Which dossier plays which part of the story: dealt by rule, never by chance, so that a resumed run plays on.

A dossier that the system refuses gives its part to an understudy, the next dossier that fits and has not begun.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from worker.training.cases import Case

_WEEK_BEFORE_TET = date(2026, 2, 9)
_LAST_FILING_BEFORE_TET = {"receive": date(2026, 2, 13), "send": date(2026, 2, 11), "both": date(2026, 2, 11)}
"""Last day of filing with which the clock starts before Tết 2026; by post it starts two working days later."""

_ONE_OF_EACH = 24
"""A file of this many dossiers plays every part once; one of twice as many, twice."""


Rank = tuple[Any, ...]


class Part(StrEnum):
    """What happens to a dossier on its way."""

    SUPPLEMENT = "supplement"
    LOST_ANSWER = "lost_answer_adopted"
    RETURNED_RESULT = "failed_twice_and_returned"
    REJECTED_LINE = "rejected_line"
    EXTENSION = "extension_with_apology"
    DUPLICATE = "duplicate_refused"
    TWICE_AND_LATE = "events_twice_and_out_of_order"
    UNKNOWN_CODE = "unknown_code"
    LOST_ORDER = "lost_before_effect"
    THROTTLED = "operator_throttles"
    OPERATOR_ERROR = "operator_fails"
    CALLBACK_ERROR = "onestop_fails"
    PLAIN_BOTH = "plain_both"
    PLAIN_SEND = "plain_send"
    PLAIN_RECEIVE = "plain_receive"


@dataclass(frozen=True)
class Role:
    """A part, what a stranger is told of it, and which dossiers can play it. Lower ``rank`` is asked first."""

    part: Part
    text: str
    fits: Callable[[Case], bool]
    rank: Callable[[Case], Rank]


def _any(case: Case) -> bool:
    return case.service in ("send", "receive", "both")


def _sends(case: Case) -> bool:
    return case.service in ("send", "both")


def _receives(case: Case) -> bool:
    return case.service in ("receive", "both")


def _takes_days(case: Case) -> bool:
    """Whether the limit leaves room for something to happen before it ends."""
    amount, unit = case.term
    return _any(case) and ((unit == "working_days" and amount >= 3) or (unit == "calendar_days" and amount >= 7))


def _of(service: str) -> Callable[[Case], bool]:
    return lambda case: case.service == service


def _fullest(case: Case) -> Rank:
    return case.service != "both", case.filed_at, case.code


def _shortest_limit(case: Case) -> Rank:
    return case.service != "both", case.term, case.code


def _over_tet(case: Case) -> Rank:
    straddles = _WEEK_BEFORE_TET <= case.filed_on <= _LAST_FILING_BEFORE_TET[case.service]
    return not straddles, case.service != "both", -case.term[0], case.code


ROLES: tuple[Role, ...] = (
    Role(Part.SUPPLEMENT, "Papers were asked for, came in, and the time limit began again", _takes_days, _over_tet),
    Role(Part.LOST_ANSWER, "The operator's answer was lost; the order was found there and adopted", _any, _fullest),
    Role(Part.RETURNED_RESULT, "Nobody at home, invited twice, result returned to the agency", _receives, _fullest),
    Role(Part.REJECTED_LINE, "A paper was missing at the desk; papers went home and came again", _sends, _fullest),
    Role(Part.EXTENSION, "The agency needed longer: apology and one new date", _takes_days, _shortest_limit),
    Role(Part.DUPLICATE, "The operator held the order already and refused a second one", _any, _fullest),
    Role(Part.TWICE_AND_LATE, "The operator reported events twice and out of order", _any, _fullest),
    Role(Part.UNKNOWN_CODE, "The operator used a status code that nobody has explained", _any, _fullest),
    Role(Part.LOST_ORDER, "The line broke before the order took effect; it was booked once", _any, _fullest),
    Role(Part.THROTTLED, "The operator asked us to slow down (429), and we did", _any, _fullest),
    Role(Part.OPERATOR_ERROR, "The operator failed (500) and was asked again later", _any, _fullest),
    Role(Part.CALLBACK_ERROR, "The one-stop failed (500) and was told again later", _any, _fullest),
    Role(Part.PLAIN_BOTH, "Plain journey: papers sent and result returned by post", _of("both"), _fullest),
    Role(Part.PLAIN_SEND, "Plain journey: papers sent by post", _of("send"), _fullest),
    Role(Part.PLAIN_RECEIVE, "Plain journey: result returned by post", _of("receive"), _fullest),
)

_PLAIN = {"both": Part.PLAIN_BOTH, "send": Part.PLAIN_SEND, "receive": Part.PLAIN_RECEIVE}


def operator_for(cases: Sequence[Case], case: Case, part: Part | None, others: Sequence[str]) -> str | None:
    """Return the operator that a citizen asks for; None leaves it to the system, which takes VNPost.

    Only who plays no other part goes elsewhere. It follows from the dossier's place in the file, so that a resumed run
    asks for the same. ``part`` None: whom the dossier would ask for if it came to play none.
    """
    if part not in (None, *_PLAIN.values()):
        return None
    turns = (None, *others)
    return turns[[one.code for one in cases].index(case.code) % len(turns)]


def deal(cases: Sequence[Case], begun: Mapping[str, Part], refused: Collection[str]) -> dict[str, Part]:
    """Return the part of every dossier by code.

    Args:
        cases: all dossiers of the file.
        begun: dossiers whose story has begun keep their part.
        refused: dossiers that the system would not take; they play nothing.
    """
    dealt = {code: part for code, part in begun.items() if code not in refused}
    free = [case for case in cases if case.code not in begun and case.code not in refused]
    rounds = max(1, len(cases) // _ONE_OF_EACH)
    for role in ROLES * rounds:
        fitting = [case for case in free if case.code not in dealt and role.fits(case)]
        if fitting and list(dealt.values()).count(role.part) < rounds:
            dealt[min(fitting, key=role.rank).code] = role.part
    return dealt | {case.code: _PLAIN.get(case.service, Part.PLAIN_BOTH) for case in free if case.code not in dealt}
