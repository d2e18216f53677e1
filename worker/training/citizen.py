"""What the citizen does: files the dossier and orders the post, and orders again when the papers came back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import time

from worker.training.book import Act
from worker.training.cases import Case
from worker.training.view import View


def filings(cases: Iterable[Case]) -> Iterator[Act]:
    """Return the first act of every dossier: it is filed and the post is ordered."""
    for case in cases:
        yield Act(f"{case.code}/file", case.filed_at, "file", case.code)


def plan(view: View) -> Iterator[Act]:
    """Decide what the citizen does next; the same view gives the same acts."""
    refused = {h.order_number for h in view.copy.handovers if h.direction == "to_agency" and not h.accepted}
    for shipment in view.shipments("send"):
        if shipment.order_number in refused and shipment.state == "returned":
            at = view.hours.after(view.now, 1, time(10, 0))
            yield Act(f"{view.case.code}/order_again:{shipment.order_number}", at, "order_again", view.case.code)
