"""What the one-stop tells us of a dossier: kept first, then a clock fact, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from dispatch.context import Context
from dispatch.dossiers import get_dossier
from dispatch.forms import DossierEventForm
from dispatch.news import tell_copies
from dispatch.problems import Problem
from tracking import inbox
from tracking.clock_facts import latest_version, ledger_of, recompute, record_fact
from tracking.event_effects import follow
from tracking.event_facts import Case, check_event, fact_of
from tracking.office import Office


@dataclass(frozen=True)
class Applied:
    """What an event did: ``contradiction`` names why it could not take its usual effect; it is kept all the same."""

    contradiction: str | None
    due: datetime | None
    revision: int


def take_event(
    session: Session, context: Context, office: Office, code: str, form: DossierEventForm, client: str
) -> Applied:
    """Apply an event of the one-stop; the same event id again changes nothing and gets today's answer.

    An event that contradicts the others (a second extension, a resumption without a suspension) is kept as a fact,
    shown to staff and reported in the answer; it never moves the date in silence.

    Raises:
        Problem: the dossier is unknown, the event lacks what its type needs, or its id was used for another event.
    """
    now = context.clock.now()
    dossier = get_dossier(session, code, lock=True)
    check_event(form, now)
    case = Case(session, context, office, dossier, form, client, now)
    if _keep(case):
        _apply(case)
    return _answer(case)


def was_told(session: Session, code: str, event_id: str, client: str) -> bool:
    """Whether a client has told an event with this id already."""
    return inbox.kept_body(session, *_names(client, code, event_id), code) is not None


def _names(client: str, code: str, event_id: str) -> tuple[str, str]:
    return f"onestop:{client}", f"{code}:{event_id}"


def _apply(case: Case) -> None:
    if (fact := fact_of(case)) is not None:
        record_fact(case.session, case.dossier.code, fact)
    accounts = case.context.accounts
    _, version = recompute(case.session, case.office, accounts, case.dossier, case.fact_id, case.now)
    follow(case, version.due if version else None)
    if version is None:  # a due date that is not ours, or a step that did not move it
        tell_copies(case.session, accounts, case.dossier, f"{case.client}:{case.form.event_id}", case.now)


def _keep(case: Case) -> bool:
    session, dossier, form = case.session, case.dossier, case.form
    source, key = _names(case.client, dossier.code, form.event_id)
    body = form.as_kept()
    if inbox.kept_body(session, source, key, dossier.code) not in (None, body):
        raise Problem(
            "event-id",
            "event_id used for another event",
            f"Event '{form.event_id}' of dossier {dossier.code} was sent before with another content.",
            "Send a new event under an id of its own; what was sent before stands.",
            next_step_vi="Gửi sự kiện mới với mã sự kiện riêng; sự kiện đã gửi vẫn giữ nguyên.",
            status=409,
        )
    return inbox.keep(
        session,
        source=source,
        key=key,
        kind=f"dossier.{form.type}",
        body=body,
        now=case.now,
        subject=dossier.code,
        state=inbox.InboxState.APPLIED,
    )


def _answer(case: Case) -> Applied:
    ledger = ledger_of(case.session, case.office, case.dossier)
    line = next((one for one in ledger.lines if one.fact.id == case.fact_id), None)
    contradiction = line.contradiction.value if line is not None and line.contradiction else None
    version = latest_version(case.session, case.dossier.code)
    return Applied(contradiction, version.due if version else None, version.revision if version else 0)
