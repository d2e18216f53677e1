"""What we answer about results that cannot be delivered, come back, or wait at the counter."""

from __future__ import annotations

from datetime import date, datetime
from typing import Self

from pydantic import BaseModel

from config.clock import local
from dispatch.money.unnamed import UnnamedPostage
from dispatch.shipments import Shipment
from tracking.counter_facts import CounterFact
from tracking.undeliverable import Standing


class StandingAnswer(BaseModel):
    """Where an undeliverable result stands; ``may_go_back_on`` is the first day on which the post may bring it back.

    ``reason`` is why it is undeliverable without invitations: ``refused`` or ``postage_unpaid``.
    """

    order_number: str
    stage: str
    since: datetime
    invitations: list[date]
    second_invitation_from: date | None
    may_go_back_on: date | None
    reason: str | None
    turned_back_early: bool

    @classmethod
    def of(cls, found: tuple[Shipment, Standing] | None) -> Self | None:
        if found is None:
            return None
        shipment, standing = found
        return cls(
            order_number=shipment.order_number,
            stage=standing.stage,
            since=local(standing.since),
            invitations=list(standing.invitations),
            second_invitation_from=standing.second_invitation_from,
            may_go_back_on=standing.may_go_back_on,
            reason=standing.reason,
            turned_back_early=standing.turned_back_early,
        )


class CounterPickupAnswer(BaseModel):
    """A result that was taken at the counter; of the paper that was shown only what is kept."""

    dossier: str
    order_number: str
    at: datetime
    officer: str | None
    id_kind: str | None
    id_last: str | None

    @classmethod
    def of(cls, code: str, fact: CounterFact) -> Self:
        return cls(
            dossier=code,
            order_number=fact.order_number,
            at=local(fact.at),
            officer=fact.officer,
            id_kind=fact.id_kind,
            id_last=fact.id_last,
        )


class PostageAnswer(BaseModel):
    """Postage of which a person has named the amount."""

    id: str
    dossier: str
    order_number: str
    debtor: str
    amount_vnd: int

    @classmethod
    def of(cls, row: UnnamedPostage, amount_vnd: int) -> Self:
        return cls(
            id=row.id,
            dossier=row.dossier_code,
            order_number=row.order_number,
            debtor=row.debtor,
            amount_vnd=amount_vnd,
        )
