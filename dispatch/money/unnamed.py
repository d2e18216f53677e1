"""Postage that falls due by a decision and not by a pickup: owed at once, or once a person has named the amount.

The citizen pays (Decision 45/2016/QĐ-TTg Art. 12(3)); where papers are carried again, the party at fault does (12(4)).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from carriers.states import ShipmentState
from config.accounts import Accounts
from config.database import Base, UtcDateTime
from dispatch.citizens import Citizen
from dispatch.money.facts import MoneyFactRow, money_of, record_money
from dispatch.money.kinds import Ledger, MoneyFact, MoneyKind
from dispatch.money.postage import (
    CITIZEN_PAYS,
    FAULT_PAYS,
    charged,
    paid,
    postage_id,
    postage_paid,
    postage_waived,
)
from dispatch.money.refunds import follow_lateness
from dispatch.parties import Party
from dispatch.problems import Problem
from dispatch.routing import LastPrice
from dispatch.shipment_queries import get_shipment
from dispatch.shipments import Leg, Shipment

_UNNAMED = text("named_at IS NULL")


class UnnamedPostage(Base):
    """Postage that is owed and of which nobody has told the amount. ``id`` becomes that of the money's fact."""

    __tablename__ = "unnamed_postage"
    __table_args__ = (Index("ix_unnamed_postage_open", "at", sqlite_where=_UNNAMED, postgresql_where=_UNNAMED),)

    id: Mapped[str] = mapped_column(String(200), primary_key=True)
    dossier_code: Mapped[str] = mapped_column(ForeignKey("dossier.code"), index=True)
    order_number: Mapped[str] = mapped_column(ForeignKey("shipment.order_number"))
    debtor: Mapped[Party]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    evidence: Mapped[str] = mapped_column(String(300))
    legal_source: Mapped[str] = mapped_column(String(300))
    named_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


@dataclass(frozen=True, slots=True)
class Charge:
    """Why a carriage costs somebody something: who, since when, by which record and rule."""

    debtor: Party
    at: datetime
    evidence: str
    legal_source: str


def owe_postage(
    session: Session, accounts: Accounts, shipment: Shipment, charge: Charge, now: datetime, *, fact: str | None = None
) -> None:
    """Record that the debtor owes the post a shipment's postage, or that a person must name the amount.

    The post owes itself nothing: what it carries at its own fault costs nobody anything. ``fact`` is the id where it is
    not the carriage itself that costs.
    """
    if charge.debtor in (Party.POST, Party.NOBODY):
        return
    id = fact or postage_id(shipment.order_number, MoneyKind.DUE)
    amount = last_postage(session, accounts, shipment)
    if amount:
        record_money(session, _due(id, shipment.dossier_code, shipment.order_number, charge, amount), now)
    elif session.get(UnnamedPostage, id) is None:
        unnamed = UnnamedPostage(
            id=id,
            dossier_code=shipment.dossier_code,
            order_number=shipment.order_number,
            debtor=charge.debtor,
            at=charge.at,
            evidence=charge.evidence[:300],
            legal_source=charge.legal_source,
        )
        session.add(unnamed)
        session.flush()


def not_carried(session: Session, shipment: Shipment, now: datetime) -> None:
    """Let go of what a shipment would have cost that was cancelled before anybody collected it."""
    if shipment.collected_at is not None:
        return
    postage_waived(session, shipment, shipment.state_since, f"{shipment.order_number} cancelled", now)
    row = session.get(UnnamedPostage, postage_id(shipment.order_number, MoneyKind.DUE))
    if row is not None:
        row.named_at = row.named_at or now


def goes_along(session: Session, shipment: Shipment, now: datetime) -> None:
    """A shipment lies in another's parcel: the carriage is that one's, and is charged once."""
    left = charged(session, shipment) - paid(session, shipment)
    if left > 0:
        evidence = f"{shipment.order_number} goes in the parcel of {shipment.rides_with}"
        record_money(session, _shared(session, shipment, MoneyKind.WAIVED, left, evidence, now), now)
    row = session.get(UnnamedPostage, postage_id(shipment.order_number, MoneyKind.DUE))
    if row is not None:
        row.named_at = row.named_at or now


def goes_alone(session: Session, shipment: Shipment, now: datetime) -> None:
    """It is carried by itself after all: what was let go of with the parcel is charged again, or is yet to be named."""
    let_go = sum(
        fact.amount_vnd * (1 if fact.kind is MoneyKind.WAIVED else -1) for fact in _shared_facts(session, shipment)
    )
    if let_go > 0:
        evidence = f"{shipment.order_number} goes by itself"
        record_money(session, _shared(session, shipment, MoneyKind.DUE, let_go, evidence, now), now)
    row = session.get(UnnamedPostage, postage_id(shipment.order_number, MoneyKind.DUE))
    if row is not None and session.get(MoneyFactRow, row.id) is None:
        row.named_at = None


def waits_for_amount(session: Session, order_number: str) -> bool:
    """Whether a person has yet to name what the carriage of a shipment costs."""
    row = session.get(UnnamedPostage, postage_id(order_number, MoneyKind.DUE))
    return row is not None and row.named_at is None


def name_postage(session: Session, id: str, amount_vnd: int, officer: str, now: datetime) -> UnnamedPostage:
    """Take the amount that a person names; the same amount again changes nothing.

    Raises:
        Problem: nothing waits under this id, the amount is none, or another was named before.
    """
    row = session.get(UnnamedPostage, id, with_for_update=True)
    if row is None or amount_vnd <= 0:
        raise nothing_to_name(id)
    charge = Charge(row.debtor, row.at, f"{row.evidence}; {officer}"[:300], row.legal_source)
    new = record_money(session, _due(id, row.dossier_code, row.order_number, charge, amount_vnd), now)
    row.named_at = row.named_at or now
    _catch_up(session, get_shipment(session, row.order_number), now)
    if not new and not _was_named(session, id, amount_vnd):
        raise Problem(
            "postage-named",
            "Another amount was named before",
            f"What is owed under '{id}' is known already.",
            "What happened to money is never changed: record what is waived or owed besides.",
            next_step_vi="Số tiền đã được ghi nhận; ghi nhận thêm khoản miễn hoặc khoản phát sinh nếu cần.",
            status=409,
        )
    return row


def _catch_up(session: Session, shipment: Shipment, now: datetime) -> None:
    """Let follow what would have followed had the amount been known: not carried, paid at the door, or late."""
    if shipment.state == ShipmentState.CANCELLED:
        not_carried(session, shipment, now)
    if shipment.rides_with is not None:
        goes_along(session, shipment, now)
    if shipment.delivered_at is not None and shipment.payer is Party.CITIZEN:
        postage_paid(session, shipment, shipment.delivered_at, f"{shipment.order_number} delivered", now)
    if shipment.transit_kept is False:
        follow_lateness(session, shipment, shipment.delivered_at or now, now)


def last_postage(session: Session, accounts: Accounts, shipment: Shipment) -> int | None:
    """Return what the operator last charged between the desk and where the citizen wants it, as far as it told us."""
    desk = accounts.carrier_account_by_id(shipment.account).desk.province_code
    ends = (Citizen.from_text(shipment.new_citizen or shipment.citizen).province_code, desk)
    known = session.get(LastPrice, (shipment.account, *(ends if shipment.leg is Leg.SEND else ends[::-1])))
    return known.vnd if known is not None else None


def _shared_facts(session: Session, shipment: Shipment) -> list[MoneyFact]:
    """Return what was let go of, and charged again, because a shipment lay in another's parcel."""
    prefix = f"{shipment.order_number}:in-a-parcel:"
    return [fact for fact in money_of(session, shipment.dossier_code) if fact.id.startswith(prefix)]


def _shared(
    session: Session, shipment: Shipment, kind: MoneyKind, amount: int, evidence: str, now: datetime
) -> MoneyFact:
    id = f"{shipment.order_number}:in-a-parcel:{len(_shared_facts(session, shipment))}"
    charge = Charge(shipment.payer, now, evidence, FAULT_PAYS if shipment.payer is not Party.CITIZEN else CITIZEN_PAYS)
    return replace(_due(id, shipment.dossier_code, shipment.order_number, charge, amount), kind=kind)


def _due(id: str, dossier_code: str, order_number: str, charge: Charge, amount: int) -> MoneyFact:
    return MoneyFact(
        id=id,
        ledger=Ledger.POSTAGE,
        kind=MoneyKind.DUE,
        dossier_code=dossier_code,
        debtor=charge.debtor,
        creditor=Party.POST,
        amount_vnd=amount,
        at=charge.at,
        evidence=charge.evidence[:300],
        order_number=order_number,
        legal_source=charge.legal_source,
    )


def _was_named(session: Session, id: str, amount_vnd: int) -> bool:
    known = session.get(MoneyFactRow, id)
    return known is not None and known.amount_vnd == amount_vnd


def nothing_to_name(id: str) -> Problem:
    """No postage of this id waits for its amount."""
    return Problem(
        "unknown-postage",
        "No postage waits for its amount there",
        f"Nothing is owed under '{id}' without an amount, or the amount named is none.",
        "Take the id from the attention list, and name an amount of at least 1 đồng.",
        next_step_vi="Lấy mã trong danh sách việc cần xử lý và nhập số tiền từ 1 đồng.",
        status=404,
    )
