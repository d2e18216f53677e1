"""What we answer about money: amounts in whole đồng."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import BaseModel

from config.clock import local
from dispatch.money.books import Books
from dispatch.money.kinds import MoneyFact
from dispatch.money.remittances import Remittance, RemittanceLine


class MoneyFactAnswer(BaseModel):
    """One thing that happened to money. Of what is ``collected``, ``via`` holds it for the creditor."""

    id: str
    ledger: str
    kind: str
    debtor: str
    creditor: str
    via: str | None
    amount_vnd: int
    at: datetime
    order: str | None
    evidence: str
    legal_source: str

    @classmethod
    def of(cls, fact: MoneyFact) -> MoneyFactAnswer:
        return cls(
            id=fact.id,
            ledger=fact.ledger,
            kind=fact.kind,
            debtor=fact.debtor,
            creditor=fact.creditor,
            via=fact.via,
            amount_vnd=fact.amount_vnd,
            at=local(fact.at),
            order=fact.order_number,
            evidence=fact.evidence,
            legal_source=fact.legal_source,
        )


class EntryAnswer(BaseModel):
    """One line of the books, with the fact that it follows from."""

    fact: str
    ledger: str
    account: str
    side: str
    amount_vnd: int
    at: datetime


class BalanceAnswer(BaseModel):
    """Of one account: above nothing it is owed to the party, below nothing by it."""

    ledger: str
    account: str
    balance_vnd: int


class DebtAnswer(BaseModel):
    """Who owes whom what, since when."""

    ledger: str
    debtor: str
    creditor: str
    amount_vnd: int
    since: datetime


class MoneyAnswer(BaseModel):
    """The books of a dossier; it is settled when there are no debts."""

    dossier: str
    settled: bool
    debts: list[DebtAnswer]
    balances: list[BalanceAnswer]
    facts: list[MoneyFactAnswer]
    entries: list[EntryAnswer]

    @classmethod
    def of(cls, code: str, books: Books) -> MoneyAnswer:
        return cls(
            dossier=code,
            settled=books.standing.settled,
            debts=[
                DebtAnswer(
                    ledger=debt.ledger,
                    debtor=debt.debtor,
                    creditor=debt.creditor,
                    amount_vnd=debt.amount_vnd,
                    since=local(debt.since),
                )
                for debt in books.standing.debts
            ],
            balances=[
                BalanceAnswer(ledger=ledger, account=party, balance_vnd=balance)
                for (ledger, party), balance in books.balances.items()
            ],
            facts=[MoneyFactAnswer.of(fact) for fact in books.facts],
            entries=[
                EntryAnswer(
                    fact=entry.fact,
                    ledger=entry.ledger,
                    account=entry.account,
                    side=entry.side,
                    amount_vnd=entry.amount_vnd,
                    at=local(entry.at),
                )
                for entry in books.entries
            ],
        )


class RemittanceLineAnswer(BaseModel):
    """What an order had in a receipt. ``open_vnd`` was missing of it afterwards; below nothing, too much came."""

    order: str
    amount_vnd: int
    open_vnd: int


class RemittanceAnswer(BaseModel):
    """A receipt of the agency for collected fees."""

    id: int
    agency: str
    reference: str
    received_on: date
    amount_vnd: int
    lines: list[RemittanceLineAnswer]

    @classmethod
    def of(cls, receipt: Remittance, lines: list[RemittanceLine]) -> RemittanceAnswer:
        return cls(
            id=receipt.id,
            agency=receipt.agency_code,
            reference=receipt.reference,
            received_on=receipt.received_on,
            amount_vnd=receipt.amount_vnd,
            lines=[
                RemittanceLineAnswer(order=line.order_number, amount_vnd=line.amount_vnd, open_vnd=line.open_vnd)
                for line in lines
            ],
        )
