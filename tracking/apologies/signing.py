"""An officer's word on a letter: signed, so that it is sent, or dismissed because no apology is owed.

Signing form 04 with its new date *is* the extension: it goes the way of the event ``extended``, and what the law says
of that decides. The same word again changes nothing; another one is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel
from sqlalchemy.orm import Session

from config.clock import local
from dispatch.context import Context
from dispatch.dossiers import Dossier, get_dossier
from dispatch.forms import DossierEventForm, EventKind
from tracking.apologies import refusals
from tracking.apologies.decision import Failing, NewDate, Owed, decide
from tracking.apologies.evidence import promises_of
from tracking.apologies.forms import ApologySignatureForm, DismissalForm
from tracking.apologies.keeping import bring_in_line
from tracking.apologies.letters import Letter, Signature, drafted_reason
from tracking.apologies.rows import Apology, ApologyFact, add_fact, facts_of, standing_of
from tracking.apologies.standing import Doing, Standing, State
from tracking.apologies.telling import Signed, tell
from tracking.clock_facts import ledger_of
from tracking.dossier_events import take_event
from tracking.event_facts import promised_moment
from tracking.office import Office

_CLOCK_SKEW = timedelta(minutes=5)


@dataclass(frozen=True)
class _Desk:
    session: Session
    context: Context
    office: Office
    dossier: Dossier
    apology: Apology
    facts: list[ApologyFact]
    now: datetime

    @property
    def standing(self) -> Standing:
        return standing_of(self.facts)

    def said_before(self, doing: Doing) -> dict[str, Any] | None:
        """Return the last word of this kind; None where there is none."""
        return next((fact.read() for fact in reversed(self.facts) if fact.doing is doing), None)


def sign(
    session: Session, context: Context, office: Office, apology_id: int, form: ApologySignatureForm, client: str
) -> Apology:
    """Sign a letter, as it is owed by the facts of this moment, and send it.

    Raises:
        Problem: there is no such letter, it is owed no longer, carries another signature, or may not name this date.
    """
    desk = _opened(session, context, office, apology_id)
    if desk.standing.state is State.SIGNED:
        return _same(desk, Doing.SIGNED, form, refusals.signed_otherwise(desk.apology.number))
    if form.signed_at > desk.now + _CLOCK_SKEW:
        raise refusals.not_signed_yet(form.signed_at, desk.now)
    owed = _owed(desk, form.signed_at)
    reason = form.reason or drafted_reason(owed.failing)
    new_due = _new_due(desk, owed, form, reason, client)
    letter = letter_of(desk.session, office, desk.dossier, desk.apology, owed, reason, new_due, form)
    content = {"letter": letter.text(), "officer": form.officer, "reason": reason, "new_due": new_due}
    content["form"] = form.model_dump_json()
    add_fact(session, desk.apology, Doing.SIGNED, content, form.signed_at, desk.now)
    tell(session, context, office, desk.dossier, Signed(desk.apology, owed, reason, form.officer, new_due), desk.now)
    return desk.apology


def dismiss(session: Session, context: Context, office: Office, apology_id: int, form: DismissalForm) -> Apology:
    """Record that no apology is owed, with the name of who says so.

    Raises:
        Problem: there is no such letter, it is signed or void, or was dismissed otherwise.
    """
    desk = _opened(session, context, office, apology_id)
    if desk.standing.state is State.DISMISSED:
        return _same(desk, Doing.DISMISSED, form, refusals.dismissed_otherwise(desk.apology.number))
    if desk.standing.state is State.SIGNED:
        raise refusals.signed_stays(desk.apology.number)
    if desk.standing.state is State.VOID:
        raise refusals.not_owed(desk.apology.number)
    content = {"form": form.model_dump_json(), "officer": form.officer, "reason": form.reason}
    add_fact(session, desk.apology, Doing.DISMISSED, content, desk.now, desk.now)
    return desk.apology


def get_apology(session: Session, apology_id: int) -> Apology:
    """Return an apology.

    Raises:
        Problem: there is none of this id.
    """
    apology = session.get(Apology, apology_id)
    if apology is None:
        raise refusals.unknown(apology_id)
    return apology


def letter_text(session: Session, office: Office, apology: Apology) -> str:
    """Return the letter as it was signed, or the draft as it stands."""
    facts = facts_of(session, apology)
    signed = next((fact.read() for fact in facts if fact.doing is Doing.SIGNED), None)
    if signed is not None:
        return str(signed["letter"])
    owed, dossier = standing_of(facts).owed, get_dossier(session, apology.dossier_code)
    return letter_of(session, office, dossier, apology, owed, drafted_reason(owed.failing), None, None).text()


def letter_of(
    session: Session,
    office: Office,
    dossier: Dossier,
    apology: Apology,
    owed: Owed,
    reason: str,
    new_due: datetime | None,
    form: ApologySignatureForm | None,
) -> Letter:
    """Return what a letter says, with the signature where there is one."""
    return Letter(
        number=apology.number,
        agency=dossier.agency_name,
        applicant=dossier.applicant_name,
        code=dossier.code,
        procedure=dossier.procedure_name,
        received_at=ledger_of(session, office, dossier).started_at,
        owed=owed,
        reason=reason,
        new_due=new_due or owed.proposed,
        signature=Signature(form.officer, form.title, form.signed_at) if form else None,
    )


def _opened(session: Session, context: Context, office: Office, apology_id: int) -> _Desk:
    """Take the letter in hand: nobody else decides about its dossier meanwhile, and the draft is today's."""
    apology, now = get_apology(session, apology_id), context.clock.now()
    dossier = get_dossier(session, apology.dossier_code, lock=True)
    bring_in_line(session, office, dossier, now)
    return _Desk(session, context, office, dossier, apology, facts_of(session, apology), now)


def _owed(desk: _Desk, signed_at: datetime) -> Owed:
    """Return what the letter is for: as it was when it was signed, if that was before the due day was over."""
    promises = promises_of(desk.session, desk.office, desk.dossier)
    now, then = (
        {one.promise: one for one in decide(promises, at, desk.office.rules, desk.office.working_time)}
        for at in (desk.now, signed_at)
    )
    promise = desk.apology.promise
    if promise not in now:
        raise refusals.not_owed(desk.apology.number)
    in_time = promise in then and then[promise].failing is Failing.WILL_BE_LATE
    return then[promise] if in_time else now[promise]


def _same(desk: _Desk, doing: Doing, form: BaseModel, otherwise: Exception) -> Apology:
    said = desk.said_before(doing)
    if said is None or said["form"] != form.model_dump_json():
        raise otherwise
    return desk.apology


def _new_due(desk: _Desk, owed: Owed, form: ApologySignatureForm, reason: str, client: str) -> datetime | None:
    """Return the new date that the letter promises; form 04 moves the due date to it."""
    if owed.new_date is NewDate.NEEDED:
        return _extend(desk, owed, form, reason, client)
    if form.new_due is None:
        return None
    rule = desk.office.rules.at(owed.rule, owed.promised_on)
    if owed.new_date is NewDate.NONE:
        raise refusals.no_new_date(desk.apology.number, rule)
    wanted = promised_moment(desk.office, form.new_due)
    if wanted <= form.signed_at:
        raise refusals.date_is_over(wanted, rule)
    return local(wanted)


def _extend(desk: _Desk, owed: Owed, form: ApologySignatureForm, reason: str, client: str) -> datetime:
    event = DossierEventForm(
        event_id=f"apology-{desk.apology.number}",
        type=EventKind.EXTENDED,
        at=form.signed_at,
        officer=form.officer,
        reason=reason,
        new_due=form.new_due or owed.proposed,
    )
    applied = take_event(desk.session, desk.context, desk.office, desk.dossier.code, event, client)
    if applied.contradiction is not None or applied.due is None:
        raise refusals.no_extension(
            applied.contradiction, desk.office.rules.at(owed.rule, local(form.signed_at).date())
        )
    return local(applied.due)
