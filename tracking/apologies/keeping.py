"""The apologies of a dossier kept in line with its promises, and the round of the watch that sees to it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, exists, select
from sqlalchemy.orm import Session

from carriers.states import ShipmentState
from config.clock import local
from dispatch.context import Context
from dispatch.dossiers import Dossier, get_dossier
from dispatch.shipments import Shipment
from tracking.apologies.decision import Failing, comes_near, decide, is_broken
from tracking.apologies.evidence import promises_of
from tracking.apologies.rows import (
    OPEN,
    Apology,
    ApologyLook,
    add_apology,
    add_fact,
    apologies_of,
    draft_again,
    facts_of,
    standing_of,
)
from tracking.apologies.standing import Doing, Draft, State, Void, next_steps
from tracking.deadlines.clock import ClockState
from tracking.dossier_clocks import DossierClock
from tracking.office import Office

_LOOK_AHEAD = timedelta(days=30)
"""Longer than any holiday: due dates beyond it cannot be so close that a letter is drafted."""


def sweep(context: Context, office: Office) -> int:
    """Draft every letter that is owed and let go of those that are not. Returns how many there were of both."""
    with context.database.read() as session:  # looking takes long where there is much, and must not hold the write lock
        looks, now = set(session.scalars(select(ApologyLook.dossier_code))), context.clock.now()
        codes = sorted(code for code in _candidates(session, office, now) if _plan(session, office, code, now)[1])
    return sum(_keep_in_line(context, office, code) for code in sorted(looks.union(codes)))


def bring_in_line(session: Session, office: Office, dossier: Dossier, now: datetime) -> int:
    """Draft and void what the facts of a locked dossier call for; returns how many letters that touched."""
    known, steps = _plan(session, office, dossier.code, now)
    for step in steps:
        _take(session, dossier, known, step, now)
    return len(steps)


def broken_promises_without_apology(session: Session, office: Office, now: datetime) -> list[str]:
    """Return every broken promise of every dossier for which no letter was drafted; it reads everything there is.

    One round of the watch after the last news, there is none.
    """
    found = []
    for dossier in session.scalars(select(Dossier).order_by(Dossier.code)):
        owed = decide(promises_of(session, office, dossier), now, office.rules, office.working_time)
        there = {one.promise for one in apologies_of(session, dossier.code) if one.state is not State.VOID}
        found += [f"{dossier.code}: {one.promise}" for one in owed if is_broken(one) and one.promise not in there]
    return found


def _keep_in_line(context: Context, office: Office, code: str) -> int:
    with context.database.write() as session:
        done = bring_in_line(session, office, get_dossier(session, code, lock=True), context.clock.now())
        session.execute(delete(ApologyLook).where(ApologyLook.dossier_code == code))
    return done


def _plan(
    session: Session, office: Office, code: str, now: datetime
) -> tuple[dict[str, Apology], tuple[Draft | Void, ...]]:
    promises = promises_of(session, office, get_dossier(session, code))
    known = {apology.promise: apology for apology in apologies_of(session, code)}
    standings = {promise: standing_of(facts_of(session, apology)) for promise, apology in known.items()}
    owed = decide(promises, now, office.rules, office.working_time)
    return known, next_steps(owed, standings, promises)


def _take(session: Session, dossier: Dossier, known: dict[str, Apology], step: Draft | Void, now: datetime) -> None:
    if isinstance(step, Void):
        add_fact(session, known[step.promise], Doing.VOIDED, {"why": step.why}, now, now)
    elif (apology := known.get(step.owed.promise)) is not None:
        draft_again(session, apology, step.owed, now)
    else:
        add_apology(session, dossier.code, step.owed, now)


def _candidates(session: Session, office: Office, now: datetime) -> set[str]:
    """Return the dossiers of which a letter may be owed or owed no longer, each found down a small index."""
    waiting = session.scalars(select(Apology.dossier_code).where(OPEN).distinct())
    return {*waiting, *_running_out(session, office, now), *_late_parcels(session, now), *_lost_parcels(session)}


def _running_out(session: Session, office: Office, now: datetime) -> Iterator[str]:
    has_its_letter = (
        (Apology.dossier_code == DossierClock.dossier_code)
        & (Apology.due == DossierClock.due)
        & ((Apology.state == State.SIGNED) | (Apology.failing == Failing.LATE) & (Apology.state != State.VOID))
    )
    query = select(DossierClock.dossier_code, DossierClock.due, DossierClock.extensions).where(
        DossierClock.state == ClockState.RUNNING, DossierClock.due <= now + _LOOK_AHEAD, ~exists().where(has_its_letter)
    )
    for code, due, extensions in session.execute(query):
        if due is not None and comes_near(due, extensions, now, office.rules, office.working_time):
            yield code


def _late_parcels(session: Session, now: datetime) -> Iterator[str]:
    query = select(Shipment.dossier_code).where(
        Shipment.live,
        Shipment.transit_due < local(now).date(),
        Shipment.transit_kept.is_(None),
        ~_apology_for(Failing.CARRIED_LATE),
    )
    yield from session.scalars(query)


def _lost_parcels(session: Session) -> Iterator[str]:
    lost = Shipment.state == ShipmentState.LOST.value
    yield from session.scalars(select(Shipment.dossier_code).where(lost, ~_apology_for(Failing.LOST)))


def _apology_for(failing: Failing) -> ColumnElement[bool]:
    return exists().where(
        (Apology.dossier_code == Shipment.dossier_code)
        & (Apology.order_number == Shipment.order_number)
        & (Apology.failing == failing)
        & (Apology.state != State.VOID)
    )
