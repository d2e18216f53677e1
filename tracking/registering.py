"""A dossier is registered or brought up to date: the same whether it came over HTTP or from a one-stop's own words."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from config.accounts import Accounts
from dispatch.dossiers import Dossier, put_dossier
from dispatch.forms import DossierForm
from dispatch.news import tell_copies
from tracking.clock_facts import keep_printed_term
from tracking.money import fee_registered


def register(session: Session, accounts: Accounts, code: str, form: DossierForm, now: datetime) -> tuple[Dossier, bool]:
    """Register a dossier or bring it up to date in the caller's transaction; tells whether it is new.

    Whoever keeps copies of it hears that there is something to copy.

    Raises:
        Problem: something in the form cannot be used, or would change what the receipt was printed with.
    """
    keep_printed_term(session, code, form)
    dossier, new = put_dossier(session, code, form, now)
    fee_registered(session, dossier, now)
    tell_copies(session, accounts, dossier, f"registered:{dossier.revision}", now)
    return dossier, new
