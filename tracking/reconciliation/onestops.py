"""Asks a one-stop system what it holds of our dossiers, some at a time, and compares.

Looked at are dossiers that are open, and those whose end is no older than :data:`STAYS_IN_VIEW`. What has been filed
away there since then is its own affair.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select, true
from sqlalchemy.orm import Session

from config.accounts import OneStopSystem
from config.batch import among, batched
from dispatch.context import Context
from dispatch.dossiers import Dossier
from dispatch.news import DUE_DATE, ONESTOP
from dispatch.onestop.contract import (
    CanBeChecked,
    ImportsDossiers,
    OneStop,
    OneStopError,
    SaysHowOften,
    ShowsCopies,
    TheirCopy,
)
from dispatch.outbox import OutboxMessage, OutboxState
from tracking.clock_facts import ClockFactRow, latest_version, ledger_of
from tracking.deadlines.clock import ClockState, Happening
from tracking.deadlines.facts import FactKind
from tracking.deadlines.ledger import Ledger
from tracking.dossier_clocks import DossierClock
from tracking.inbox import UNDONE, InboxDelivery, InboxState
from tracking.office import Office
from tracking.onestop_importing import newest
from tracking.onestop_lines import IMPORTED, STATEMENT
from tracking.reconciliation import copies
from tracking.reconciliation.copies import Looked, OurDossier, TheirDossier, Traffic, Undelivered
from tracking.reconciliation.differences import Difference
from tracking.reconciliation.part import IN_A_ROW, Part

STAYS_IN_VIEW = timedelta(days=14)
_AT_ONCE, _WINDOW = 20, 100
_MANY = 5
_SHORTEST_PATIENCE = timedelta(hours=1)
_LOOKS = 3
"""Looks for changes in which a dossier may be missed before that is worth a word."""


@dataclass(frozen=True)
class CopyReader:
    """Compares with one system."""

    context: Context
    office: Office
    onestop: OneStop

    @property
    def note(self) -> str:
        """What cannot be compared there; empty where all can."""
        if isinstance(self.onestop, ShowsCopies):
            return ""
        connector = self.onestop.system.connector
        return f"not comparable: the connector '{connector}' cannot show what the system holds"

    def part(self, position: str | None) -> Part:
        """Compare the dossiers after ``position``, and at the end look for those that are missing here.

        Raises:
            OneStopError: the system does not answer, or not as it should.
        """
        if not isinstance(self.onestop, ShowsCopies):
            return Part(frozenset(), (), None)
        codes, after = self._codes(position)
        asked_at = self.context.clock.now()
        theirs, note = _asked(self.onestop, codes)
        unread = frozenset(codes) - theirs.keys()
        codes = [code for code in codes if code in theirs]
        self._doubt_blindness(codes, [one for one in theirs.values() if one is not None])
        found = list(self._compared(codes, theirs, asked_at))
        if after is not None:
            return Part(frozenset(codes), tuple(found), after, unread, note=note)
        shown = self._missing_here()
        return Part(
            frozenset(codes) | shown.keys(), (*found, *filter(None, shown.values())), None, unread, len(codes), note
        )

    def _doubt_blindness(self, codes: Sequence[str], theirs: Collection[TheirCopy]) -> None:
        """Refuse to call many dossiers deleted where their own system shows none: it may show us nothing any more.

        Raises:
            OneStopError: so it is.
        """
        if self.onestop.system.source_systems and len(codes) >= _MANY and not theirs:
            raise OneStopError(
                f"'{self.onestop.system.id}' shows none of {len(codes)} of its own dossiers, so nothing is concluded: "
                "ask its operator whether our client may still read them."
            )

    def _codes(self, position: str | None) -> tuple[list[str], str | None]:
        """Return the next dossiers to compare, and where the next part goes on; None at the end of all there are.

        Window by window, because most of what there is has long been done with.
        """
        since = self.context.clock.now() - STAYS_IN_VIEW
        with self.context.database.read() as session:
            while True:
                after = Dossier.code > position if position else true()
                window = session.scalars(select(Dossier.code).where(after).order_by(Dossier.code).limit(_WINDOW)).all()
                codes = _in_view(session, self.onestop.system, window, since)
                if len(codes) > _AT_ONCE:
                    return codes[:_AT_ONCE], codes[_AT_ONCE - 1]
                position = window[-1] if len(window) == _WINDOW else None
                if codes or position is None:
                    return codes, position

    def _compared(
        self, codes: Sequence[str], theirs: Mapping[str, TheirCopy | None], asked_at: datetime
    ) -> Iterator[Difference]:
        """Compare with our rows as they are after the question: what moved meanwhile is seen by its message."""
        system = self.onestop.system
        with self.context.database.read() as session, batched(session, {Dossier: codes}):
            for dossier in session.scalars(select(Dossier).where(Dossier.code.in_(codes)).order_by(Dossier.code)):
                owns = dossier.source_system in system.source_systems
                ours = _ours(session, self.office, dossier)
                copy = theirs[dossier.code]
                shown = TheirDossier(copy.due, copy.state, copy.ended, copy.changed_at) if copy else None
                traffic = _traffic(session, system.id, dossier.code, owns=owns)
                yield from copies.compare(ours, shown, traffic, self._looked(asked_at, owns=owns))

    def _missing_here(self) -> dict[str, Difference | None]:
        """Return what the newest changes there show and we do not have, by code."""
        if not isinstance(self.onestop, ImportsDossiers):
            return {}
        shown = {one.code: one for one in newest(self.onestop)}
        looked = self._looked(self.context.clock.now(), owns=True)
        with self.context.database.read() as session:
            known = set(session.scalars(select(Dossier.code).where(among(session, Dossier.code, shown.keys()))))
            missing = {code: one for code, one in shown.items() if code not in known}
            return {
                code: copies.missing_here(code, one.changed_at, _heard(session, looked.system, code), looked)
                for code, one in missing.items()
            }

    def _looked(self, at: datetime, *, owns: bool) -> Looked:
        usual = timedelta(minutes=self.context.settings.poll_minutes)
        every = self.onestop.every if isinstance(self.onestop, SaysHowOften) else usual
        return Looked(self.onestop.system.id, owns, at, max(_SHORTEST_PATIENCE, every * _LOOKS))


def _asked(onestop: ShowsCopies, codes: Sequence[str]) -> tuple[dict[str, TheirCopy | None], str]:
    """Return the copies of ``codes``, None where there is none, and what could not be read, in English.

    Where they cannot be read together they are read one by one, so that one of which the system talks nonsense does not
    stop the round at its place for ever.

    Raises:
        OneStopError: it asks for a pause, or does not answer.
    """
    try:
        shown = onestop.copies(codes) if codes else {}
    except OneStopError as error:
        if error.retry_after is not None:
            raise
    else:
        return {code: shown.get(code) for code in codes}, ""
    read: dict[str, TheirCopy | None] = {}
    failed: list[str] = []
    for place, code in enumerate(codes):
        try:
            read[code] = onestop.copies([code]).get(code)
        except OneStopError as refusal:
            failed.append(f"{code} cannot be read there ({refusal})")
            if refusal.retry_after is not None or not isinstance(onestop, CanBeChecked):
                raise
            if len(failed) == place + 1 == min(IN_A_ROW, len(codes)):
                onestop.check()  # raises where it is about more than these
    return read, "; ".join(failed)


def _in_view(session: Session, system: OneStopSystem, window: Sequence[str], since: datetime) -> list[str]:
    """Return those of a window that the system should hold as we do, in order."""
    sources = Dossier.source_system.in_((*system.source_systems, *system.copies))
    codes = session.scalars(select(Dossier.code).where(sources, among(session, Dossier.code, window))).all()
    clock = select(DossierClock.dossier_code, DossierClock.state)
    states = dict(session.execute(clock.where(among(session, DossierClock.dossier_code, codes))).all())
    open_ = {code for code, state in states.items() if state is not ClockState.STOPPED}
    rest = set(codes) - open_
    ended = select(ClockFactRow.dossier_code).where(
        among(session, ClockFactRow.dossier_code, rest), ClockFactRow.kind == FactKind.STOP
    )
    long_ago = set(session.scalars(ended.where(ClockFactRow.recorded_at < since)))
    return sorted(open_ | (rest - long_ago))


def _ours(session: Session, office: Office, dossier: Dossier) -> OurDossier:
    ledger = ledger_of(session, office, dossier)
    version = latest_version(session, dossier.code)
    sets_due = dossier.due_date_owner == "us"
    return OurDossier(
        code=dossier.code,
        sets_due=sets_due,
        due=ledger.current_due if sets_due else None,
        due_since=version.computed_at if version else None,
        ended_at=ledger.stopped_at if ledger.state is ClockState.STOPPED else None,
        ended_by=_ended_by(dossier.code, ledger),
    )


def _ended_by(code: str, ledger: Ledger) -> tuple[str, str] | None:
    """Return who told the end, and its id of that event, as :mod:`tracking.event_facts` makes ids of facts."""
    ends = (line.fact.id for line in reversed(ledger.lines) if line.happening is Happening.STOPPED)
    sender, _, event = next(ends, "").removeprefix(f"{code}:event:").partition(":")
    return (sender, event) if event else None


def _traffic(session: Session, system: str, code: str, *, owns: bool) -> Traffic:
    """Return what passed between us; a dossier's own system is told of much more than of its due date."""
    names = ("id", "state", "attempts", "created_at", "trouble", "sent_at")
    about = (OutboxMessage.subject == code, OutboxMessage.destination == f"{ONESTOP}{system}")
    query = select(*(getattr(OutboxMessage, name) for name in names)).where(*about).order_by(OutboxMessage.written)
    rows = session.execute(query.where(OutboxMessage.type == DUE_DATE) if owns else query).all()
    waits = next((row for row in rows if row.state is not OutboxState.SENT), None)
    undelivered = None
    if waits is not None:
        parked = waits.state is OutboxState.PARKED
        undelivered = Undelivered(waits.id, parked, waits.attempts, waits.created_at, waits.trouble or "")
    told_at = max((row.sent_at for row in rows if row.sent_at is not None), default=None)
    return replace(_heard(session, system, code), undelivered=undelivered, told_at=told_at)


def _heard(session: Session, system: str, code: str) -> Traffic:
    """Return what a system has told of a dossier and nobody has applied."""
    about = (InboxDelivery.subject == code, InboxDelivery.source == f"{ONESTOP}{system}")
    columns = (InboxDelivery.id, InboxDelivery.state, InboxDelivery.reason)
    query = select(*columns).where(UNDONE, InboxDelivery.kind.in_((STATEMENT, IMPORTED)), *about)
    rows = session.execute(query.order_by(InboxDelivery.id)).all()
    parked = next((row for row in reversed(rows) if row.state is InboxState.PARKED), None)
    return Traffic(
        waiting=parked.id if parked else None,
        why=(parked.reason or "") if parked else "",
        on_its_way=any(row.state is InboxState.NEW for row in rows),
    )
