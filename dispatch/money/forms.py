"""What people tell us about money: bodies of the HTTP interface."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from dispatch.forms import Code, Instant, Reference, Text
from dispatch.money.kinds import Ledger
from dispatch.parties import Party

Paid = Annotated[int, Field(gt=0, le=1_000_000_000)]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PaymentForm(_Form):
    """``POST /v1/dossiers/{code}/payments``: what a person saw paid, or waived.

    ``payment_id`` is the sender's own; the same id is taken once. ``proof`` names the receipt, transfer or decision
    that shows it. ``order`` is the order number, for postage and refunds. Without ``debtor`` and ``creditor`` it is the
    citizen who pays: the fee to the agency, postage to the post.
    """

    payment_id: Reference
    ledger: Ledger
    kind: Literal["paid", "waived"] = "paid"
    amount_vnd: Paid
    at: Instant
    told_by: Text
    proof: Text | None = None
    order: Text | None = None
    debtor: Party = Party.CITIZEN
    creditor: Party | None = None


class RemittanceLineForm(_Form):
    """What one order has in a remittance, in đồng."""

    order: Text
    amount_vnd: Paid


class RemittanceForm(_Form):
    """``POST /v1/remittances``: the agency has got collected fees from the post.

    ``reference`` is the agency's own number of the receipt; ``amount_vnd`` is what came, and the lines say for what
    (Decision 45/2016/QĐ-TTg Art. 7(5), 15(2)).
    """

    agency: Code
    reference: Reference
    received_on: date
    amount_vnd: Paid
    officer: Text
    lines: Annotated[list[RemittanceLineForm], Field(min_length=1, max_length=500)]
