"""The books of one dossier: facts, the entries that follow from them, balances, and who owes whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from dispatch.dossiers import get_dossier
from dispatch.money.entries import Entry, Standing, balances, entries_of, standing
from dispatch.money.facts import money_of
from dispatch.money.kinds import Ledger, MoneyFact
from dispatch.parties import Party


@dataclass(frozen=True)
class Books:
    """Everything about the money of a dossier, in the order in which it happened."""

    facts: list[MoneyFact]
    entries: list[Entry]
    balances: Mapping[tuple[Ledger, Party], int]
    standing: Standing


def books_of(session: Session, dossier_code: str) -> Books:
    """Return the books of a dossier.

    Raises:
        Problem: the dossier is unknown.
    """
    get_dossier(session, dossier_code)
    facts = money_of(session, dossier_code)
    return Books(facts, entries_of(facts), balances(facts), standing(facts))
