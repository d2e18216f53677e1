"""The applicant withdraws the dossier: only before a decision (Decree 118/2025/NĐ-CP Art. 21, Circular 03/2025 Art. 7).

A withdrawal that comes after the result is kept as a contradiction under the name of the officer who reported it, and
stops nothing.
"""

from __future__ import annotations

from contextlib import suppress

from config.clock import local
from dispatch.generations import succeed
from dispatch.money.fees import fee_due
from dispatch.order_changes import ask_to_cancel
from dispatch.problems import Problem
from dispatch.recalls import ask_to_recall
from dispatch.settlements import announce_cancelled
from dispatch.shipment_queries import shipments_of
from tracking.deadlines.facts import Contradiction
from tracking.deadlines.rules import RuleId
from tracking.event_facts import Case
from tracking.money import is_let_off
from tracking.notices import tell_citizen
from tracking.stop_notices import issue

_DECIDED = (Contradiction.ALREADY_STOPPED, Contradiction.AFTER_STOP)


def withdraw(case: Case) -> None:
    """Stop what has not been collected and call back what has; papers under way are followed until they are back."""
    form, rule = case.form, case.office.rules.find(RuleId.STOP_WITHDRAWN, local(case.form.at).date())
    law = rule.legal_source if rule else ""
    line = next((one for one in case.ledger().lines if one.fact.id == case.fact_id), None)
    if line is not None and line.contradiction in _DECIDED:
        tell_citizen(case.session, case.dossier, "withdrawal_too_late", form.event_id, case.now, legal_source=law)
        return
    issue(case.session, case, law)
    if is_let_off(case.session, case.dossier):
        fee_due(case.session, case.dossier, 0, case.form.at, f"event {case.form.event_id}", case.now)
    shipments = shipments_of(case.session, case.dossier.code, lock=True)
    with suppress(Problem):  # everything is under way or has ended: there is nothing to stop
        ask_to_cancel(shipments, case.now)
    for shipment in shipments:
        announce_cancelled(case.session, case.context, shipment, case.now)
        succeed(case.session, shipment, case.now)
    tell_citizen(case.session, case.dossier, "withdrawn", form.event_id, case.now)
    for shipment in ask_to_recall(shipments, case.now):
        tell_citizen(case.session, case.dossier, "papers_recalled", shipment.order_number, case.now)
