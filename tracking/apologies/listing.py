"""Which letters there are, for staff."""

from __future__ import annotations

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from tracking.apologies.rows import OPEN, Apology
from tracking.apologies.signing import get_apology

MOST = 500
"""Letters in one page."""


def page(
    session: Session,
    *,
    only_open: bool = False,
    dossier: str | None = None,
    after: int | None = None,
    most: int = MOST,
    dossiers: Select[str] | None = None,
) -> tuple[list[Apology], int | None]:
    """Return a page of letters, and where the next one begins; None where nothing is left.

    Open ones come by the day until which they are to be signed, else the newest first. A page begins behind the letter
    ``after``, also where that has been signed since. ``dossiers`` is a query of the codes of whose letters are wanted.

    Raises:
        Problem: there is no such letter.
    """
    query = select(Apology).limit(most + 1)
    if dossier is not None:
        query = query.where(Apology.dossier_code == dossier)
    if dossiers is not None:
        query = query.where(Apology.dossier_code.in_(dossiers))
    last = get_apology(session, after) if after is not None else None
    if only_open:
        query = query.where(OPEN).order_by(Apology.sign_by, Apology.id)
        if last is not None:
            same_day = and_(Apology.sign_by == last.sign_by, Apology.id > last.id)
            query = query.where(or_(Apology.sign_by > last.sign_by, same_day))
    else:
        query = query.order_by(Apology.id.desc())
        if last is not None:
            query = query.where(Apology.id < last.id)
    found = list(session.scalars(query))
    return found[:most], found[most - 1].id if len(found) > most else None
