"""What lost papers do to the agency's time: the facts that follow from losses, kept in line with what is told of them.

Events arrive in any order, so a loss that was recorded may turn out to have been none, and the other way round. Facts
are never taken back: those that no longer follow are struck out by corrections, which are facts too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from dispatch.shipments import Shipment
from tracking.clock_facts import facts_of, record_fact
from tracking.deadlines.facts import ClockFact, FactKind, SettledFact, settle
from tracking.deadlines.rules import RuleId
from tracking.journey import Loss
from tracking.office import Office


@dataclass(frozen=True)
class Teller:
    """Who tells of losses, in the words of the facts that follow; each has clock facts of its own.

    Attributes:
        prefix: what the ids of its facts begin with.
        about: what proves the facts.
        lost, found: the reason for a standstill, and for its end.
    """

    prefix: str
    about: str
    lost: str
    found: str


@dataclass(frozen=True)
class _Story:
    """The losses of one teller, and the moment at which they are written down."""

    office: Office
    teller: Teller
    now: datetime

    def facts(self, losses: Iterable[Loss]) -> Iterator[ClockFact]:
        for loss in losses:
            yield self.fact(FactKind.SUSPEND, loss.lost_at)
            if loss.found_at is not None:
                yield self.fact(FactKind.RESUME, loss.found_at)

    def fact(self, kind: FactKind, at: datetime) -> ClockFact:
        what, reason = ("lost", self.teller.lost) if kind is FactKind.SUSPEND else ("found", self.teller.found)
        return ClockFact(
            id=f"{self.teller.prefix}{what}:{at.isoformat()}",
            kind=kind,
            at=at,
            rule=RuleId.PAUSE_LOST,
            evidence=f"{self.teller.about} {what}",
            recorded_at=self.now,
            reason=reason,
            calendar_version=self.office.calendar_version,
        )

    def correction(self, target: str, at: datetime) -> ClockFact:
        return ClockFact(
            id=f"{target}~",  # sorts after what it strikes out, also where both are recorded at one moment
            kind=FactKind.CORRECT,
            at=at,
            rule=RuleId.CORRECTION,
            evidence=f"{self.teller.about}: told otherwise since",
            recorded_at=self.now,
            voids=target,
            calendar_version=self.office.calendar_version,
        )


def record_losses(
    session: Session, office: Office, shipment: Shipment, losses: tuple[Loss, ...], now: datetime
) -> ClockFact | None:
    """Bring a dossier's clock facts in line with a shipment's losses; returns the last one that was recorded.

    Whether a loss stops anything, the ledger decides by event time: only a clock that runs can stand still. Our reading
    of Decision 45/2016/QĐ-TTg Art. 14: nobody can work on a dossier that is not there.
    """
    number = shipment.order_number
    teller = Teller(f"{number}:", f"{shipment.carrier}: {number}", "bưu điện báo thất lạc", "bưu điện báo đã tìm thấy")
    story = _Story(office, teller, now)
    return _keep_in_line(session, story, shipment.dossier_code, story.facts(losses))


def record_told_loss(
    session: Session,
    office: Office,
    dossier_code: str,
    teller: Teller,
    lost_at: datetime | None,
    found_at: datetime | None,
    now: datetime,
) -> ClockFact | None:
    """Do the same for a loss that people tell of; ``lost_at`` is None where the operator has told that part itself."""
    story = _Story(office, teller, now)
    wanted = [] if lost_at is None else [story.fact(FactKind.SUSPEND, lost_at)]
    if found_at is not None:
        wanted.append(story.fact(FactKind.RESUME, found_at))
    return _keep_in_line(session, story, dossier_code, wanted)


def _keep_in_line(session: Session, story: _Story, dossier_code: str, facts: Iterable[ClockFact]) -> ClockFact | None:
    prefix = story.teller.prefix
    settled = {one.fact.id: one for one in settle(facts_of(session, dossier_code))}
    wanted = {fact.id: fact for fact in facts}
    kept = [one for id, one in settled.items() if id.startswith(prefix) and one.fact.rule == RuleId.PAUSE_LOST]
    turned = [one for one in kept if (one.voided_by is None) is not (one.fact.id in wanted)]
    news = [fact for id, fact in wanted.items() if id not in settled]
    news += [story.correction(_last_word(settled, one.fact.id), one.fact.at) for one in turned]
    for fact in news:
        record_fact(session, dossier_code, fact)
    return news[-1] if news else None


def _last_word(settled: dict[str, SettledFact], fact_id: str) -> str:
    """Return what to strike out so that a fact turns: itself, or the newest correction in the chain that it began."""
    while f"{fact_id}~" in settled:
        fact_id = f"{fact_id}~"
    return fact_id
