"""From facts to double entries: every fact is booked twice, with debit and credit of one sum. Pure.

There is an account for each party within each ledger. A debit is a claim that grows or a debt that shrinks, a credit
the other way round; so a balance above nothing is owed to the party, one below nothing is owed by it, and all
balances of a ledger add up to nothing, whatever happened in whatever order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dispatch.money.kinds import Ledger, MoneyFact, MoneyKind
from dispatch.parties import Party


class Side(StrEnum):
    """Of an account."""

    DEBIT = "debit"
    CREDIT = "credit"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the books. ``fact`` is the id of what it follows from; the amount is above nothing."""

    fact: str
    dossier_code: str
    ledger: Ledger
    account: Party
    side: Side
    amount_vnd: int
    at: datetime

    @property
    def signed_vnd(self) -> int:
        """Debits count up, credits down."""
        return self.amount_vnd if self.side is Side.DEBIT else -self.amount_vnd


@dataclass(frozen=True, slots=True)
class Debt:
    """What one party owes another in one ledger, and since when without a break."""

    ledger: Ledger
    debtor: Party
    creditor: Party
    amount_vnd: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """How the money of a dossier stands: settled when nobody owes anybody anything."""

    debts: tuple[Debt, ...]

    @property
    def settled(self) -> bool:
        """Whether nothing is open."""
        return not self.debts


def entries_of(facts: Iterable[MoneyFact]) -> list[Entry]:
    """Return the entries of facts, two for each, in the facts' order."""
    return [entry for fact in facts for entry in _booked(fact)]


def balances(facts: Iterable[MoneyFact]) -> dict[tuple[Ledger, Party], int]:
    """Return the balance of every account that was touched: above nothing it is owed to the party, below by it."""
    sums: dict[tuple[Ledger, Party], int] = {}
    for entry in entries_of(facts):
        account = (entry.ledger, entry.account)
        sums[account] = sums.get(account, 0) + entry.signed_vnd
    return sums


def standing(facts: Iterable[MoneyFact]) -> Standing:
    """Return who owes whom what since when. Payments count in the order in which they happened."""
    owed: dict[tuple[Ledger, Party, Party], Debt] = {}
    for fact in sorted(facts, key=lambda one: (one.at, one.id)):
        for debtor, creditor, grown in _claims(fact):
            _grow(owed, fact, debtor, creditor, grown)
    return Standing(tuple(sorted(owed.values(), key=lambda debt: (debt.since, debt.ledger, debt.debtor))))


def _booked(fact: MoneyFact) -> Sequence[Entry]:
    up, down = {
        MoneyKind.DUE: (fact.creditor, fact.debtor),
        MoneyKind.COLLECTED: (fact.debtor, fact.via or fact.creditor),
    }.get(fact.kind, (fact.debtor, fact.creditor))
    return tuple(
        Entry(fact.id, fact.dossier_code, fact.ledger, account, side, fact.amount_vnd, fact.at)
        for account, side in ((up, Side.DEBIT), (down, Side.CREDIT))
    )


def _claims(fact: MoneyFact) -> Iterable[tuple[Party, Party, int]]:
    """Return by how much each debt between two parties grows."""
    if fact.kind is MoneyKind.DUE:
        return ((fact.debtor, fact.creditor, fact.amount_vnd),)
    less = (fact.debtor, fact.creditor, -fact.amount_vnd)
    if fact.via is None or fact.via is fact.creditor:
        return (less,)
    return (less, (fact.via, fact.creditor, fact.amount_vnd))


def _grow(
    owed: dict[tuple[Ledger, Party, Party], Debt], fact: MoneyFact, debtor: Party, creditor: Party, grown: int
) -> None:
    """What is paid beyond a debt is owed back."""
    there, back = (fact.ledger, debtor, creditor), (fact.ledger, creditor, debtor)
    before = owed.pop(there, None)
    owed_back = owed.pop(back, None)
    sum_now = (before.amount_vnd if before else 0) - (owed_back.amount_vnd if owed_back else 0) + grown
    if sum_now > 0:
        owed[there] = Debt(fact.ledger, debtor, creditor, sum_now, before.since if before else fact.at)
    elif sum_now < 0:
        owed[back] = Debt(fact.ledger, creditor, debtor, -sum_now, owed_back.since if owed_back else fact.at)
