"""What really happened, whatever anybody was told: the history that the oracle holds the system against."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from dispatch.money.statements.rows import Statement
from worker.simulation.cases import Case

CITIZEN = "citizen"


@dataclass(frozen=True, slots=True)
class ClockAct:
    """Something that moves a time limit: what it is, when it happened, and when it was acknowledged."""

    kind: str
    at: datetime
    told_at: datetime
    new_due: datetime | None = None


@dataclass(frozen=True, slots=True)
class Hand:
    """From ``at`` on, somebody holds all papers of a kind: those that were ``submitted``, or the ``result``."""

    papers: str
    at: datetime
    holder: str


@dataclass
class DossierTruth:
    """One dossier.

    Attributes:
        order_ids: the orders that were acknowledged, oldest first.
        clock: what moved its time limit.
        hands: every change of hands.
        unpaid: the order whose postage the citizen did not pay at the door, until he pays it after all.
        gone: the orders whose papers are lost and never found.
        ended: why nothing more happens to it; None while something is to come.
        cancels: the citizen wants no post any more, whatever becomes of the cancellation.
    """

    case: Case
    order_ids: list[str] = field(default_factory=list)
    clock: list[ClockAct] = field(default_factory=list)
    hands: list[Hand] = field(default_factory=list)
    registered: bool = False
    at_counter: bool = False
    ready: bool = False
    withdrawn: bool = False
    cancels: bool = False
    unpaid: str | None = None
    gone: set[str] = field(default_factory=set)
    ended: str | None = None

    def give(self, papers: str, at: datetime, holder: str) -> None:
        """Papers change hands."""
        self.hands.append(Hand(papers, at, holder))

    def holder(self, papers: str) -> str | None:
        """Return who holds papers at the end; None for a result that was never made."""
        hands = sorted((hand for hand in self.hands if hand.papers == papers), key=lambda hand: hand.at)
        return hands[-1].holder if hands else None

    def did(self, kind: str) -> ClockAct | None:
        """Return the last act of a kind."""
        return next((act for act in reversed(self.clock) if act.kind == kind), None)


@dataclass
class ParcelTruth:
    """Dossiers that were put together for a leg.

    Attributes:
        codes: which; each with the first generation of its leg, or what has taken its place.
        formed: whether that was acknowledged.
        moved: whether a postman has taken it.
    """

    leg: str
    codes: frozenset[str]
    formed: bool = False
    moved: bool = False


@dataclass(frozen=True)
class StatementTruth:
    """One statement of an account, as it was written.

    Attributes:
        wrong: the keys of the differences that must be found in it.
        spoilt: the orders whose lines are wrong, or missing.
    """

    account: str
    name: str
    wrong: frozenset[str]
    spoilt: frozenset[str]

    def is_called(self, statement: Statement) -> bool:
        """Whether a statement that was taken in is this one."""
        return (statement.account, statement.name) == (self.account, self.name)


@dataclass
class Truth:
    """All dossiers by code.

    Attributes:
        parcels: what citizens have asked to send in one parcel.
        taken: the documents that were acknowledged as taken: source and key in the inbox.
        hints: keys of those that nobody vouches for: they make us ask, and forged ones come to nothing.
        told: the events, by order number, code and second, of which true news was taken in, vouched for or not.
        foreign: keys of those that are about items that are nobody's.
        confirmed_at: when the clerk let dossiers follow the changed calendar.
        statements: what operators have said of the money that they collected, oldest first.
        unknown_codes: order numbers about which something was reported that no table explains.
    """

    dossiers: dict[str, DossierTruth] = field(default_factory=dict)
    parcels: list[ParcelTruth] = field(default_factory=list)
    taken: set[tuple[str, str]] = field(default_factory=set)
    hints: set[tuple[str, str]] = field(default_factory=set)
    told: set[tuple[str, str, datetime]] = field(default_factory=set)
    foreign: set[tuple[str, str]] = field(default_factory=set)
    statements: list[StatementTruth] = field(default_factory=list)
    unknown_codes: set[str] = field(default_factory=set)
    confirmed_at: datetime | None = None

    def of_order(self, number: str) -> DossierTruth | None:
        """Return the dossier to which an order number belongs, if it is one of ours."""
        return self.dossiers.get(number.rpartition("-")[0])
