"""Who hears of a signed apology: the citizen, the one-stop, and with a new date whoever comes for the result."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from dispatch.context import Context
from dispatch.dossiers import Dossier
from dispatch.parties import Party
from tracking.apologies.decision import Failing, Owed
from tracking.apologies.letters import spoken, what_happened
from tracking.apologies.rows import Apology
from tracking.notices import tell_citizen
from tracking.office import Office
from tracking.result_pickup import plan_pickup
from tracking.watching.items import item, tell_attention


@dataclass(frozen=True)
class Signed:
    """A letter that has just been signed."""

    apology: Apology
    owed: Owed
    reason: str
    officer: str
    new_due: datetime | None


def tell(session: Session, context: Context, office: Office, dossier: Dossier, signed: Signed, now: datetime) -> None:
    """Send it: once, under the letter's number. An extension has told citizen and one-stop of the new date itself."""
    if signed.owed.failing is Failing.LATE:
        _tell_of_late_result(session, office, dossier, signed, now)
    elif signed.owed.failing is not Failing.WILL_BE_LATE:
        _tell_of_carriage(session, dossier, signed, now)
    what_vi, what_en = what_happened(signed.owed.failing)
    values = {
        "number": signed.apology.number,
        "officer": signed.officer,
        "about_vi": what_vi,
        "about_en": what_en,
        "order": signed.owed.order_number,
    }
    tell_attention(session, context, item("apology-signed", signed.apology.number, now, values, dossier.code))


def _tell_of_late_result(session: Session, office: Office, dossier: Dossier, signed: Signed, now: datetime) -> None:
    about: dict[str, object] = {"due": signed.owed.due, "reason": signed.reason}
    about["legal_source"] = signed.owed.legal_source
    kind = "apology_late"
    if signed.new_due is not None:
        plan_pickup(session, office, dossier.code, signed.new_due)
        kind, about["new_due"] = "apology_late_dated", signed.new_due
    tell_citizen(session, dossier, kind, signed.apology.number, now, **about)


def _tell_of_carriage(session: Session, dossier: Dossier, signed: Signed, now: datetime) -> None:
    what_vi, what_en = what_happened(signed.owed.failing)
    by_post = signed.owed.debtor is Party.POST
    tell_citizen(
        session,
        dossier,
        "apology_for_carriage",
        signed.apology.number,
        now,
        who_vi="bưu điện" if by_post else dossier.agency_name,
        who_en="the post" if by_post else dossier.agency_name,
        what_vi=what_vi,
        what_en=what_en,
        promised=spoken(signed.owed.promised_on),
        order=signed.owed.order_number,
        reason=signed.reason,
        legal_source=signed.owed.legal_source,
    )
