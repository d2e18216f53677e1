"""What we answer about apologies."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import BaseModel
from sqlalchemy.orm import Session

from config.clock import local
from tracking.apologies.letters import drafted_reason
from tracking.apologies.rows import Apology, facts_of, standing_of
from tracking.apologies.standing import Doing


class ApologyMoment(BaseModel):
    """One thing that happened to a letter; ``said`` is why it is void, the reason of a dismissal, or the letter's."""

    at: datetime
    doing: str
    officer: str | None
    said: str | None


class ApologyAnswer(BaseModel):
    """One letter for one broken promise.

    ``failing`` is the reason code, ``debtor`` who apologises, ``new_date`` whether the letter names one; ``reason``
    and ``new_due`` are the draft's until it is signed.
    """

    id: int
    number: str
    dossier: str
    order_number: str | None
    promise: str
    promised_on: date
    failing: str
    debtor: str
    state: str
    sign_by: date
    reason: str
    new_date: str
    new_due: date | datetime | None
    rule: str
    legal_source: str
    history: list[ApologyMoment]

    @classmethod
    def of(cls, session: Session, apology: Apology) -> ApologyAnswer:
        facts = facts_of(session, apology)
        owed = standing_of(facts).owed
        signed = next((fact.read() for fact in facts if fact.doing is Doing.SIGNED), {})
        moments = []
        for fact in facts:
            said = fact.read()
            why = said.get("reason") or said.get("why")
            moments.append(ApologyMoment(at=local(fact.at), doing=fact.doing, officer=said.get("officer"), said=why))
        return cls(
            id=apology.id,
            number=apology.number,
            dossier=apology.dossier_code,
            order_number=apology.order_number,
            promise=apology.promise,
            promised_on=owed.promised_on,
            failing=owed.failing,
            debtor=owed.debtor,
            state=apology.state,
            sign_by=owed.sign_by,
            reason=signed.get("reason") or drafted_reason(owed.failing),
            new_date=owed.new_date,
            new_due=signed.get("new_due") if signed else owed.proposed,
            rule=owed.rule,
            legal_source=owed.legal_source,
            history=moments,
        )


class ApologyList(BaseModel):
    """A page of letters: open ones by the day until which they are to be signed, else the newest first.

    ``next`` is given as ``after`` to see more, and empty at the end.
    """

    items: list[ApologyAnswer]
    next: int | None = None
