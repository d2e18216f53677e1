"""What every letter says of a dossier beside its news: unit and person in charge, reception, time limit, return."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config.clock import local
from dispatch.dossiers import Dossier
from dispatch.handover_lines import Handover, HandoverLine
from dispatch.shipments import Shipment
from tracking.clock_facts import ClockFactRow
from tracking.deadlines.facts import FactKind
from tracking.deadlines.terms import Term, Unit
from tracking.deadlines.wording import Text, term_text
from tracking.dossier_clocks import DossierClock
from tracking.inbox import InboxDelivery
from tracking.telling.kinds import frame


@dataclass(frozen=True, slots=True)
class Facts:
    """A dossier as a letter tells it.

    Attributes:
        officer: who took it in or handled it last; None where nobody was named.
        received: when the time limit began; None before.
        due: None where there is no date, or where another system tells it (``due_elsewhere``).
    """

    code: str
    agency: str
    officer: str | None
    received: datetime | None
    limit: Text
    due: datetime | None
    due_elsewhere: bool

    def spoken(self, language: str) -> dict[str, str]:
        """Return everything as it is written in a letter, with words for what is not known."""
        unknown = frame()["unknown"][language]
        no_date = unknown["due_of_source" if self.due_elsewhere else "due"]
        return {
            "code": self.code,
            "agency": self.agency,
            "officer": self.officer or unknown["officer"],
            "received": _moment(self.received) or unknown["received"],
            "limit": self.limit.vi if language == "vi" else self.limit.en,
            "due": _moment(self.due) or no_date,
        }


def facts_for(session: Session, dossier: Dossier) -> Facts:
    """Return a dossier's facts as they stand now."""
    clock = session.get(DossierClock, dossier.code)
    begun = (ClockFactRow.dossier_code == dossier.code, ClockFactRow.kind == FactKind.START)
    elsewhere = dossier.due_date_owner != "us"
    return Facts(
        code=dossier.code,
        agency=dossier.agency_name,
        officer=_officer(session, dossier.code),
        received=session.scalar(select(ClockFactRow.at).where(*begun).order_by(ClockFactRow.at.desc()).limit(1)),
        limit=term_text(Term(dossier.term_amount, Unit(dossier.term_unit))),
        due=clock.due if clock and not elsewhere else None,
        due_elsewhere=elsewhere,
    )


def _officer(session: Session, code: str) -> str | None:
    """Return who reported the last event of the dossier, else who signed for its papers."""
    events = (InboxDelivery.subject == code, func.substr(InboxDelivery.kind, 1, 8) == "dossier.")
    body = session.scalar(select(InboxDelivery.body).where(*events).order_by(InboxDelivery.id.desc()).limit(1))
    if body is not None and (named := _named_in(body)):
        return named
    signed = (
        select(Handover.officer)
        .join(HandoverLine, HandoverLine.handover_id == Handover.id)
        .join(Shipment, Shipment.order_number == HandoverLine.order_number)
        .where(Shipment.dossier_code == code, Handover.signed_at.is_not(None))
        .order_by(Handover.signed_at.desc())
    )
    return session.scalar(signed.limit(1))


def _named_in(body: str) -> str | None:
    """Return the officer whom an event names; systems that speak otherwise are kept as they came and name nobody."""
    try:
        said = json.loads(body)
    except ValueError:
        return None
    officer = said.get("officer") if isinstance(said, dict) else None
    return officer if isinstance(officer, str) else None


def _moment(instant: datetime | None) -> str:
    return f"{local(instant):%H:%M %d/%m/%Y}" if instant else ""
