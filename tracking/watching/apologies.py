"""Letters that wait for a signature: until when, and those for which it is too late."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from dispatch.parties import Party
from tracking.apologies.decision import Failing
from tracking.apologies.letters import spoken, what_happened
from tracking.apologies.rows import OPEN, Apology
from tracking.watching.items import Attention, View, item


def letters(view: View) -> Iterator[Attention]:
    """Drafts to be signed. Before the last day for form 04 the closing window itself is what is shown."""
    for apology in view.session.scalars(select(Apology).where(OPEN)):
        if (kind := _kind(apology, view)) is None:
            continue
        about_vi, about_en = what_happened(apology.failing)
        values = {
            "number": apology.number,
            "about_vi": about_vi,
            "about_en": about_en,
            "who_vi": "bưu điện" if apology.debtor is Party.POST else "lãnh đạo cơ quan",
            "who_en": "the post" if apology.debtor is Party.POST else "the head of the agency",
            "sign_by": spoken(apology.sign_by),
            "order": apology.order_number,
        }
        key = f"{apology.number}:{apology.failing}:{apology.sign_by}"
        yield item(kind, key, apology.drafted_at, values, apology.dossier_code)


def _kind(apology: Apology, view: View) -> str | None:
    if view.today > apology.sign_by:
        return "apology-overdue"
    if apology.failing is not Failing.WILL_BE_LATE:
        return "apology-to-sign"
    return "apology-last-day" if view.today == apology.sign_by else None
