"""Which agencies have dossiers here or are sent papers of another's, and what they are called."""

from __future__ import annotations

from sqlalchemy import select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from dispatch.distinct import distinct_values
from dispatch.dossiers import Dossier
from dispatch.transfers import Transfer


def agencies(session: Session) -> dict[str, str]:
    """Return every agency's name by its code, the name being that of one of its dossiers.

    An agency that papers are carried to in a linked procedure may have no dossier of its own, and has its desk here.
    """
    receivers = _named(session, Transfer.to_agency, Transfer.to_name)
    return dict(sorted({**receivers, **_named(session, Dossier.agency_code, Dossier.agency_name)}.items()))


def _named(
    session: Session, code_of: InstrumentedAttribute[str], name_of: InstrumentedAttribute[str]
) -> dict[str, str]:
    codes = session.scalars(distinct_values(code_of, true())).all()
    # The first from there on in the order of the index: of the equal ones any would do, and would be looked for row by
    # row in the table, which for an agency that came late is all of it.
    first = select(name_of).order_by(code_of).limit(1)
    return {code: session.scalars(first.where(code_of >= code)).one() for code in codes}
