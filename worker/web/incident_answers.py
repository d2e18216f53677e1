"""What we answer about incidents and deliveries, as models."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel

from config.clock import local
from tracking.delivery_proof import Recorded
from tracking.doorstep import DeliveryReversal
from tracking.incidents.facts import Evidence
from tracking.incidents.records import Standing
from tracking.incidents.wording import fact_words, kind_words, next_words


class NextAnswer(BaseModel):
    """What is due next, and its last day where a rule sets one."""

    kind: str
    due: date | None
    what_vi: str
    what_en: str


class OwedAnswer(BaseModel):
    """What one party still owes another because of the incident."""

    debtor: str
    creditor: str
    amount_vnd: int


class IncidentAnswer(BaseModel):
    """An incident as it stands. ``complaint_until``, ``answer_due`` and ``compensation_due`` are last days by law."""

    id: str
    dossier: str
    order_number: str | None
    kind: str
    kind_vi: str
    kind_en: str
    what: str
    opened_at: datetime
    owner: str
    found_at: datetime | None
    closed_at: datetime | None
    complaint_until: date | None
    answer_due: date | None
    compensation_due: date | None
    outstanding: list[OwedAnswer]
    acceptance_is_proven: bool
    next: NextAnswer | None

    @classmethod
    def of(cls, one: Standing) -> IncidentAnswer:
        incident, called = one.incident, kind_words(one.incident.kind)
        return cls(
            id=one.row.id,
            dossier=one.row.dossier_code,
            order_number=one.row.order_number,
            kind=incident.kind,
            kind_vi=called.vi,
            kind_en=called.en,
            what=incident.opened.what,
            opened_at=local(incident.opened.at),
            owner=incident.owner,
            found_at=local(incident.found_at) if incident.found_at else None,
            closed_at=local(incident.closed_at) if incident.closed_at else None,
            complaint_until=one.last.complaint,
            answer_due=one.last.answer,
            compensation_due=one.last.compensation,
            outstanding=[OwedAnswer(debtor=d, creditor=c, amount_vnd=a) for d, c, a in incident.outstanding],
            acceptance_is_proven=incident.acceptance_is_proven,
            next=_next(one),
        )


class IncidentList(BaseModel):
    """A page of incidents, newest first; ``next`` is given as ``after`` to see more, and empty at the end."""

    incidents: list[IncidentAnswer]
    next: str | None = None


class IncidentFactAnswer(BaseModel):
    """One fact: when it happened, who said so, and what."""

    fact_id: str
    type: str
    at: datetime
    by: str
    what_vi: str
    what_en: str
    said: dict[str, Any]


class IncidentView(BaseModel):
    """An incident with its facts in event time."""

    incident: IncidentAnswer
    facts: list[IncidentFactAnswer]

    @classmethod
    def of(cls, one: Standing) -> IncidentView:
        facts = []
        for form in (stated.form for stated in one.facts):
            words, said = fact_words(form), form.model_dump(mode="json")
            facts.append(
                IncidentFactAnswer(
                    fact_id=form.fact_id,
                    type=form.type,
                    at=local(form.at),
                    by=form.by,
                    what_vi=words.vi,
                    what_en=words.en,
                    said={name: value for name, value in said.items() if name not in FACT_ENVELOPE},
                )
            )
        return cls(incident=IncidentAnswer.of(one), facts=facts)


FACT_ENVELOPE = frozenset({"fact_id", "type", "at", "by"})


class EvidenceAnswer(BaseModel):
    """A file that is kept; it is read back under its SHA-256."""

    sha256: str
    size: int
    media_type: str
    shows: str
    caption: str | None
    at: datetime
    by: str

    @classmethod
    def of(cls, fact: Evidence) -> EvidenceAnswer:
        said = fact.model_dump(include=set(cls.model_fields))
        return cls(**{**said, "at": local(fact.at)})


class EvidenceList(BaseModel):
    """The files of an incident."""

    evidence: list[EvidenceAnswer]


class DeliveryRecordAnswer(BaseModel):
    """A record that is kept. ``contradiction`` says what it does not fit; the person who reported it settles it."""

    order_number: str
    record_id: str
    at: datetime
    delivered: bool
    contradiction: str | None

    @classmethod
    def of(cls, one: Recorded) -> DeliveryRecordAnswer:
        return cls(
            order_number=one.record.order_number,
            record_id=one.record.record_id,
            at=local(one.record.at),
            delivered=one.refusal is None and one.contradiction is None,
            contradiction=one.contradiction,
        )


class ReversalAnswer(BaseModel):
    """A delivery was reversed; ``holder`` has the papers now, ``state`` is the shipment's."""

    order_number: str
    reversal_id: str
    at: datetime
    holder: str
    state: str

    @classmethod
    def of(cls, reversal: DeliveryReversal, state: str) -> ReversalAnswer:
        return cls(
            order_number=reversal.order_number,
            reversal_id=reversal.reversal_id,
            at=local(reversal.at),
            holder=reversal.holder,
            state=state,
        )


def _next(one: Standing) -> NextAnswer | None:
    if one.next is None:
        return None
    words = next_words(one.next, one.incident)
    return NextAnswer(kind=one.next.kind, due=one.next.due, what_vi=words.vi, what_en=words.en)
