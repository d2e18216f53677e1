"""How far a dossier has come: the one thing that the law lets everybody see who has its code.

Without a log-in only the code and the degree of completion are shown (Circular 01/2018/TT-VPCP Art. 16(2)(d)): no
agency, no date, no name, no paper. The first part is pure.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.orm import Session

from carriers.states import ShipmentState
from dispatch.dossiers import Dossier
from dispatch.shipment_queries import shipments_of
from dispatch.shipments import BEFORE_COLLECTION, Leg, Shipment
from tracking.clock_facts import ledger_of
from tracking.counter_facts import stay_of
from tracking.deadlines.clock import ClockState, Happening
from tracking.deadlines.ledger import Ledger, LedgerLine
from tracking.deadlines.rules import RuleId
from tracking.office import Office


class Stage(StrEnum):
    """A step on the way of a dossier. ``WITHDRAWN`` ends it early."""

    FILED = "filed"
    TO_AGENCY = "to_agency"
    IN_PROCESS = "in_process"
    READY = "ready"
    TO_CITIZEN = "to_citizen"
    DONE = "done"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a dossier stands among its steps."""

    stage: Stage
    steps: tuple[Stage, ...]

    @property
    def number(self) -> int:
        """The step's number, from 1; of a withdrawn dossier the last one's."""
        return self.steps.index(self.stage) + 1


@dataclass(frozen=True, slots=True)
class Signs:
    """What progress is read from.

    Attributes:
        legs: which ways go by post.
        sent: the papers have left the citizen; ``begun``: the agency's time has begun.
        ready: there is a result; ``leaving``: the post has it; ``handed_out``: the citizen has it.
    """

    legs: frozenset[Leg]
    sent: bool
    begun: bool
    ready: bool
    leaving: bool
    handed_out: bool
    withdrawn: bool


def judge(signs: Signs) -> Progress:
    """Return the furthest step that the signs show; a step that was not heard of is not waited for."""
    steps = tuple(_steps(signs.legs))
    if signs.withdrawn:
        return Progress(Stage.WITHDRAWN, (*steps[:-1], Stage.WITHDRAWN))
    reached = (
        (Stage.DONE, signs.handed_out),
        (Stage.TO_CITIZEN, signs.leaving),
        (Stage.READY, signs.ready),
        (Stage.IN_PROCESS, signs.begun),
        (Stage.TO_AGENCY, signs.sent),
    )
    return Progress(next((stage for stage, is_so in reached if is_so and stage in steps), Stage.FILED), steps)


def progress_of(session: Session, office: Office, dossier: Dossier) -> Progress:
    """Return how far a dossier has come."""
    ledger = ledger_of(session, office, dossier)
    return judge(signs_of(session, ledger, shipments_of(session, dossier.code)))


def signs_of(session: Session, ledger: Ledger, shipments: Sequence[Shipment]) -> Signs:
    """Read the signs from a dossier's clock and its shipments."""
    newest = newest_by_leg(shipments)
    send, home = newest.get(Leg.SEND), newest.get(Leg.RETURN)
    stay = stay_of(session, home.order_number) if home is not None else None
    collected = stay is not None and stay.collected_at is not None
    return Signs(
        legs=frozenset(leg for leg, one in newest.items() if one.state != ShipmentState.CANCELLED),
        sent=send is not None and send.journey not in BEFORE_COLLECTION,
        begun=ledger.started_at is not None,
        ready=ledger.state is ClockState.STOPPED,
        leaving=home is not None and home.journey not in BEFORE_COLLECTION and _is_going_home(home),
        handed_out=collected or (home is not None and home.state == ShipmentState.DELIVERED),
        withdrawn=any(withdraws(line) for line in ledger.lines),
    )


def newest_by_leg(shipments: Sequence[Shipment]) -> dict[Leg, Shipment]:
    """Return the newest generation of each leg."""
    return {one.leg: one for one in sorted(shipments, key=lambda one: one.generation)}


def withdraws(line: LedgerLine) -> bool:
    """Whether a dossier's clock was stopped because its applicant wished so."""
    return line.happening is Happening.STOPPED and line.fact.rule == RuleId.STOP_WITHDRAWN


def _is_going_home(home: Shipment) -> bool:
    back = (ShipmentState.RETURNING, ShipmentState.RETURNED, ShipmentState.CANCELLED, ShipmentState.LOST)
    return home.state not in back


def _steps(legs: Collection[Leg]) -> Sequence[Stage]:
    sent = (Stage.TO_AGENCY,) if Leg.SEND in legs else ()
    home = (Stage.TO_CITIZEN,) if Leg.RETURN in legs else ()
    return (Stage.FILED, *sent, Stage.IN_PROCESS, Stage.READY, *home, Stage.DONE)
