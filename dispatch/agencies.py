"""Which agencies have dossiers here, and what they are called."""

from __future__ import annotations

from sqlalchemy import select, true
from sqlalchemy.orm import Session

from dispatch.distinct import distinct_values
from dispatch.dossiers import Dossier


def agencies(session: Session) -> dict[str, str]:
    """Return every agency's name by its code; the name is that of one of its dossiers."""
    found = {}
    for code in session.scalars(distinct_values(Dossier.agency_code, true())):
        name = select(Dossier.agency_name).where(Dossier.agency_code == code).limit(1)
        found[code] = session.scalars(name).one()
    return dict(sorted(found.items()))
