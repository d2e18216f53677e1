"""What can happen to money, as values. Pure; amounts are whole đồng, and nothing is ever a float."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dispatch.parties import Party


class Ledger(StrEnum):
    """Which matter money belongs to."""

    POSTAGE = "postage"
    FEE = "fee"
    DAMAGES = "damages"


class MoneyKind(StrEnum):
    """What a fact says.

    ``DUE``: the debtor owes the creditor. ``PAID``: the debtor has paid the creditor. ``COLLECTED``: the debtor has
    paid ``via``, who now holds it for the creditor. ``WAIVED``: the creditor asks for it no more.
    """

    DUE = "due"
    PAID = "paid"
    COLLECTED = "collected"
    WAIVED = "waived"


class FeeRoute(StrEnum):
    """How the agency's fee is paid (Decision 45/2016/QĐ-TTg Art. 11).

    To the agency itself, to the postman for the agency, or another way that the agency accepts with a proof.
    """

    DIRECT = "direct"
    BY_POST = "by_post"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class MoneyFact:
    """One thing that happened to money.

    Attributes:
        id: the same for the same happening, so that it is recorded once.
        amount_vnd: whole đồng, more than nothing.
        evidence: the record, event, statement line or decision that says so.
        legal_source: the rule it follows from, where one does.
    """

    id: str
    ledger: Ledger
    kind: MoneyKind
    dossier_code: str
    debtor: Party
    creditor: Party
    amount_vnd: int
    at: datetime
    evidence: str
    order_number: str | None = None
    via: Party | None = None
    legal_source: str = ""

    def __post_init__(self) -> None:
        if self.amount_vnd <= 0:
            raise ValueError(f"{self.id}: {self.amount_vnd} đồng are no amount")
        if Party.NOBODY in (self.debtor, self.creditor, self.via) or self.debtor is self.creditor:
            raise ValueError(f"{self.id}: {self.debtor} cannot owe {self.creditor}")
        if (self.kind is MoneyKind.COLLECTED) is not (self.via is not None):
            raise ValueError(f"{self.id}: what is collected is collected by somebody, and nothing else is")
