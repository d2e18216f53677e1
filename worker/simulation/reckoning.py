"""The end of a story held against what a public desk answers for: every paper, every đồng, every promise."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import select
from sqlalchemy.orm import Session

from carriers.states import ShipmentState
from config.clock import local
from dispatch.money.books import books_of
from dispatch.money.facts import MoneyFactRow
from dispatch.money.kinds import Ledger, MoneyKind
from dispatch.money.statements.importing import BY_ITSELF
from dispatch.money.statements.matching import Cause
from dispatch.money.statements.rows import Statement, differences_of
from dispatch.money.unnamed import UnnamedPostage
from dispatch.parties import Party
from dispatch.shipments import Shipment
from tracking.apologies.keeping import broken_promises_without_apology
from tracking.apologies.rows import Apology
from tracking.apologies.standing import State
from tracking.incidents.facts import IncidentKind
from tracking.incidents.records import standings
from tracking.incidents.rows import incidents_of, listed
from worker.runtime import Runtime
from worker.simulation.truth import DossierTruth, StatementTruth
from worker.simulation.world import World


class Reckoning:
    """Looks at money, incidents and apologies once all has settled. These are promises 1 and 6 of the design."""

    def __init__(self, world: World, runtime: Runtime) -> None:
        self._world, self._runtime = world, runtime
        self._holds = world.verdict.holds

    def pass_(self, session: Session) -> None:
        """Check everything."""
        for truth in self._world.truth.dossiers.values():
            if truth.registered:
                self._money_balances(session, truth)
                self._what_is_unpaid_is_owed(session, truth)
                self._losses_are_answered_for(session, truth)
        for said in self._world.truth.statements:
            self._every_error_of_a_statement_is_found(session, said)
        self._incidents_have_ended(session)
        self._broken_promises_are_apologised_for(session)

    def _money_balances(self, session: Session, truth: DossierTruth) -> None:
        code = truth.case.code
        books = books_of(session, code)
        sums: Counter[str] = Counter()
        for entry in books.entries:
            sums[entry.ledger] += entry.signed_vnd
        for ledger, left in sums.items():
            self._holds(6, left == 0, f"the books of {code} do not balance: {left} đồng ({ledger})")
        claimed = any(row.closed_at is None for row in incidents_of(session, code))
        for debt in books.standing.debts:
            unpaid = debt.ledger is Ledger.POSTAGE and debt.debtor is Party.CITIZEN and truth.unpaid is not None
            stands = unpaid or (debt.ledger is Ledger.DAMAGES and claimed)
            what = f"{code}: {debt.debtor} owes {debt.creditor} {debt.amount_vnd} đồng ({debt.ledger}) at the end"
            self._holds(6, stands, what)

    def _what_is_unpaid_is_owed(self, session: Session, truth: DossierTruth) -> None:
        """Postage that nobody paid is a debt, or waits for its amount; of a parcel it is charged once."""
        code = truth.case.code
        mine = (MoneyFactRow.dossier_code == code, MoneyFactRow.ledger == Ledger.POSTAGE)
        charged = {fact.order_number for fact in session.scalars(select(MoneyFactRow).where(*mine))}
        waiting = select(UnnamedPostage).where(UnnamedPostage.dossier_code == code)
        charged |= {row.order_number for row in session.scalars(waiting)}
        if truth.unpaid is not None and truth.unpaid.startswith(code):
            self._holds(6, truth.unpaid in charged, f"{truth.unpaid} was not paid for, and nobody owes it")
        for shipment in session.scalars(select(Shipment).where(Shipment.dossier_code == code)):
            twice = shipment.rides_with is not None and shipment.order_number in charged
            self._holds(6, not twice, f"{shipment.order_number} rides with {shipment.rides_with}, and costs besides")

    def _losses_are_answered_for(self, session: Session, truth: DossierTruth) -> None:
        """Each order of which the operator told a loss has an incident of it."""
        code = truth.case.code
        known = {row.order_number for row in incidents_of(session, code) if row.kind is IncidentKind.LOST}
        for shipment in session.scalars(select(Shipment).where(Shipment.dossier_code == code)):
            branch = self._world.post.branches[shipment.carrier]
            reports = branch.reports(shipment.rides_with or shipment.order_number)
            lost = any(state is ShipmentState.LOST for _, state in reports)
            if lost and (branch.is_feed or shipment.state == ShipmentState.LOST.value):
                what = f"{shipment.order_number} was lost, and there is no incident of it"
                self._holds(6, shipment.order_number in known, what)

    def _every_error_of_a_statement_is_found(self, session: Session, said: StatementTruth) -> None:
        """What was written wrong is a difference, and nothing else is one that facts have not explained since.

        A line that was left out is missed by a fact that was there when the statement was taken in: of an order of
        which we had not heard by then, the fee itself is what is missed.
        """
        query = select(Statement).where(Statement.account == said.account, Statement.name == said.name)
        statement = session.scalars(query).first()
        if statement is None:
            self._holds(1, False, f"the statement {said.name} is never taken in")
            return
        found = {one.key: one for one in differences_of(session, statement)}
        spoilt = {order for one in self._world.truth.statements for order in one.spoilt}
        for key in sorted(said.wrong):
            needed = not key.startswith(f"{Cause.NOT_IN_STATEMENT}:") or _was_known(session, statement, key)
            by_itself = key in found and found[key].settled_by == BY_ITSELF
            self._holds(6, key in found or not needed, f"{said.name}: {key} is not found")
            self._holds(6, not by_itself, f"{said.name}: {key} is explained by facts, and was an error")
        for key, one in sorted(found.items()):
            fine = key in said.wrong or one.settled_by == BY_ITSELF or one.order_number in spoilt
            self._holds(6, fine, f"{said.name}: {key} is a difference, and nobody has made that error")

    def _incidents_have_ended(self, session: Session) -> None:
        for one in standings(session, self._runtime.office, listed(session, open_ones=True)):
            self._holds(1, bool(one.incident.owner) and one.next is not None, f"{one.row.id} is nobody's")
            self._holds(1, False, f"{one.row.id} ({one.incident.kind}) never ends: {one.next}")

    def _broken_promises_are_apologised_for(self, session: Session) -> None:
        now = self._world.now()
        for promise in broken_promises_without_apology(session, self._runtime.office, now):
            self._holds(1, False, f"nobody apologises for {promise}")
        signed = Counter(
            (row.dossier_code, row.promise)
            for row in session.scalars(select(Apology).where(Apology.state == State.SIGNED))
        )
        for (code, promise), times in sorted(signed.items()):
            self._holds(1, times == 1, f"{code}: {promise} is apologised for {times} times")


def _was_known(session: Session, statement: Statement, key: str) -> bool:
    """Whether a fee was known to be collected in the period of a statement when that was taken in."""
    query = select(MoneyFactRow).where(
        MoneyFactRow.order_number == key.rpartition(":")[2],
        MoneyFactRow.kind == MoneyKind.COLLECTED,
        MoneyFactRow.recorded_at <= statement.imported_at,
    )
    days = [local(fact.at).date() for fact in session.scalars(query)]
    return any(statement.period_from <= day <= statement.period_to for day in days)
