"""What an incident of lost papers does to the agency's time: what people tell counts as what the operator tells.

A loss stops the clock where it is the post's and a person has reported it; the operator's own report does so by the
journey. A person may find what either of them has told of as lost.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from dispatch.context import Context
from dispatch.dossiers import Dossier
from tracking.clock_facts import facts_of, recompute
from tracking.incidents.facts import FOUND_BY_OPERATOR, GONE, Found
from tracking.incidents.fold import Stated
from tracking.incidents.rows import IncidentRow
from tracking.losses import Teller, record_told_loss
from tracking.office import Office

BY_OPERATOR = "lost:"
"""How the causes of those incidents begin that an operator's own report has opened."""


def posts_loss(session: Session, row: IncidentRow) -> bool:
    """Whether an incident has been taken for papers that the post has lost."""
    if row.kind not in GONE:
        return False
    teller = _teller(row)
    known = facts_of(session, row.dossier_code)
    return row.order_number is not None or any(fact.id.startswith(teller.prefix) for fact in known)


def keep_time(
    session: Session,
    context: Context,
    office: Office,
    dossier: Dossier,
    row: IncidentRow,
    facts: Iterable[Stated],
    now: datetime,
) -> None:
    """Let the dossier's time stand still from the loss that the facts tell to the find (Decision 45/2016 Art. 14)."""
    lost_at = None if row.cause.startswith(BY_OPERATOR) else row.opened_at
    found_at = found_by_people(facts)
    if lost_at is not None and found_at is not None and found_at <= lost_at:
        lost_at = found_at = None  # they were there all the time
    fact = record_told_loss(session, office, dossier.code, _teller(row), lost_at, found_at, now)
    if fact is not None:
        recompute(session, office, context.accounts, dossier, fact.id, now)


def found_by_people(facts: Iterable[Stated]) -> datetime | None:
    """Return since when the papers are there by people's word; None where they are not, or only the operator says so.

    Whoever says once more that they are there does not make the time of the find later.
    """
    since: datetime | None = None
    for form in (one.form for one in facts):
        if isinstance(form, Found) and not form.fact_id.startswith(FOUND_BY_OPERATOR):
            since = (since or form.at) if form.found else None
    return since


def _teller(row: IncidentRow) -> Teller:
    return Teller(f"{row.id}:", row.id, "đã ghi nhận giấy tờ thất lạc", "đã ghi nhận tìm thấy giấy tờ")
