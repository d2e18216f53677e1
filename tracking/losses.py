"""What lost papers do to the agency's time: the facts that follow from a journey's losses, kept in line with it.

Events arrive in any order, so a loss that was recorded may turn out to have been none, and the other way round. Facts
are never taken back: those that no longer follow from the journey are struck out by corrections, which are facts too.
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
class _Losses:
    """The losses of one shipment, and the moment at which they are written down."""

    office: Office
    shipment: Shipment
    now: datetime

    def facts(self, losses: Iterable[Loss]) -> Iterator[ClockFact]:
        for loss in losses:
            yield self.fact(FactKind.SUSPEND, loss.lost_at)
            if loss.found_at is not None:
                yield self.fact(FactKind.RESUME, loss.found_at)

    def fact(self, kind: FactKind, at: datetime) -> ClockFact:
        what, told = ("lost", "thất lạc") if kind is FactKind.SUSPEND else ("found", "đã tìm thấy")
        return ClockFact(
            id=f"{self.prefix}{what}:{at.isoformat()}",
            kind=kind,
            at=at,
            rule=RuleId.PAUSE_LOST,
            evidence=f"{self.shipment.carrier}: {self.shipment.order_number} {what}",
            recorded_at=self.now,
            reason=f"bưu điện báo {told}",
            calendar_version=self.office.calendar_version,
        )

    def correction(self, target: str, at: datetime) -> ClockFact:
        return ClockFact(
            id=f"{target}~",  # sorts after what it strikes out, also where both are recorded at one moment
            kind=FactKind.CORRECT,
            at=at,
            rule=RuleId.CORRECTION,
            evidence=f"{self.shipment.carrier}: events of {self.shipment.order_number} in another order",
            recorded_at=self.now,
            voids=target,
            calendar_version=self.office.calendar_version,
        )

    @property
    def prefix(self) -> str:
        return f"{self.shipment.order_number}:"


def record_losses(
    session: Session, office: Office, shipment: Shipment, losses: tuple[Loss, ...], now: datetime
) -> ClockFact | None:
    """Bring a dossier's clock facts in line with a shipment's losses; returns the last one that was recorded.

    Whether a loss stops anything, the ledger decides by event time: only a clock that runs can stand still. Our reading
    of Decision 45/2016/QĐ-TTg Art. 14: nobody can work on a dossier that is not there.
    """
    story = _Losses(office, shipment, now)
    settled = {one.fact.id: one for one in settle(facts_of(session, shipment.dossier_code))}
    wanted = {fact.id: fact for fact in story.facts(losses)}
    kept = [one for id, one in settled.items() if id.startswith(story.prefix) and one.fact.rule == RuleId.PAUSE_LOST]
    turned = [one for one in kept if (one.voided_by is None) is not (one.fact.id in wanted)]
    news = [fact for id, fact in wanted.items() if id not in settled]
    news += [story.correction(_last_word(settled, one.fact.id), one.fact.at) for one in turned]
    for fact in news:
        record_fact(session, shipment.dossier_code, fact)
    return news[-1] if news else None


def _last_word(settled: dict[str, SettledFact], fact_id: str) -> str:
    """Return what to strike out so that a fact turns: itself, or the newest correction in the chain that it began."""
    while f"{fact_id}~" in settled:
        fact_id = f"{fact_id}~"
    return fact_id
