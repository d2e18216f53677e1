"""What differed when our copy was last compared with those of one-stops and operators."""

from __future__ import annotations

from collections.abc import Iterator

from dispatch.dossiers import Dossier
from tracking.reconciliation.rows import ReconciliationDifference, Side, differences_of
from tracking.reconciliation.wording import worded
from tracking.watching.items import Attention, View, item


def differences(view: View) -> Iterator[Attention]:
    """Differences that the last look has left; the next one that finds them mended takes them away."""
    for one in differences_of(view.session):
        yield _shown(view, one)


def _shown(view: View, one: ReconciliationDifference) -> Attention:
    kind = "copy-differs" if one.side is Side.ONESTOP else "order-differs"
    about = {**worded(one), "subject": one.subject, "mend": one.mend, "order": one.order_number}
    known = one.dossier_code is not None and view.session.get(Dossier, one.dossier_code) is not None
    key = f"{one.peer}:{one.subject}:{one.kind}:{one.since.isoformat()}"
    return item(kind, key, one.since, about, one.dossier_code if known else None)
