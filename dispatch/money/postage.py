"""Postage of each leg: what was shown before, who pays it, when it falls due and when it is paid.

The citizen pays it (Decision 45/2016/QĐ-TTg Art. 12(3)), or the party at fault where it has to be carried again (Art.
12(4)). It falls due when the post accepts the papers, and is paid with that; for a result, on delivery.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String, and_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from config.accounts import PostageReduction
from config.batch import RowsOf, among
from config.clock import local
from config.database import Base, EncryptedText
from dispatch.money.facts import money_of, record_money
from dispatch.money.kinds import Ledger, MoneyFact, MoneyKind
from dispatch.money.prices import groups, relief
from dispatch.parties import Party
from dispatch.problems import Problem
from dispatch.shipments import Leg, Shipment

CITIZEN_PAYS = "Decision 45/2016/QĐ-TTg Art. 12(3)"
FAULT_PAYS = "Decision 45/2016/QĐ-TTg Art. 12(4)"


class PostageTerms(Base):
    """What was agreed about the postage of one leg of an order; its later generations keep to it.

    ``quoted_vnd`` is None where the operator told no price. Which group somebody belongs to is personal data.
    """

    __tablename__ = "postage_terms"

    order_id: Mapped[str] = mapped_column(ForeignKey("postal_order.id"), primary_key=True)
    leg: Mapped[Leg] = mapped_column(primary_key=True)
    quoted_vnd: Mapped[int | None] = mapped_column(BigInteger)
    reduction_vnd: Mapped[int] = mapped_column(BigInteger)
    claimed_group: Mapped[str | None] = mapped_column(EncryptedText)
    group_proof: Mapped[str | None] = mapped_column(EncryptedText)
    legal_source: Mapped[str] = mapped_column(String(300))

    @property
    def payable_vnd(self) -> int | None:
        """What the payer pays."""
        return None if self.quoted_vnd is None else self.quoted_vnd - self.reduction_vnd


def check_group(group: str | None) -> None:
    """Refuse a group that nobody has heard of.

    Raises:
        Problem: it lists those there are.
    """
    if group is not None and group not in groups():
        raise Problem(
            "postage-group",
            "Nobody of this group is known to pay less postage",
            f"'{group}' is none of: {', '.join(groups())}.",
            "Choose one of the groups, or leave the field out.",
            next_step_vi="Chọn một nhóm đối tượng trong danh mục, hoặc bỏ trống.",
        )


def check_claim(group: str | None, proof: str | None) -> None:
    """Refuse a claim that nobody could check.

    Raises:
        Problem: the group is unknown, or nothing shows that the citizen belongs to it.
    """
    check_group(group)
    if group is not None and not proof:
        raise Problem(
            "postage-group-proof",
            "Less postage needs a proof",
            f"The order claims '{group}' and names no paper that shows it.",
            "Give postage_group_proof: which paper was seen, with number and date.",
            next_step_vi="Ghi tên, số và ngày của giấy tờ chứng minh đối tượng được giảm cước.",
        )


def agree(
    session: Session,
    shipment: Shipment,
    quoted_vnd: int | None,
    agreed: tuple[PostageReduction, ...],
    claim: tuple[str | None, str | None],
    now: datetime,
) -> PostageTerms:
    """Keep the terms of a leg as they were shown; ``claim`` is the group and its proof."""
    group, proof = claim
    less = relief(agreed, group, quoted_vnd or 0, local(now).date())
    terms = PostageTerms(
        order_id=shipment.order_id,
        leg=shipment.leg,
        quoted_vnd=quoted_vnd,
        reduction_vnd=less.reduction_vnd,
        claimed_group=group,
        group_proof=proof,
        legal_source="; ".join(filter(None, (CITIZEN_PAYS, less.legal_source))),
    )
    session.add(terms)
    return terms


def postage_id(order_number: str, kind: MoneyKind) -> str:
    """Return the id of what happens to a shipment's postage first: it falls due once, whatever makes it happen."""
    return f"{order_number}:postage:{kind}"


def terms_of(session: Session, shipment: Shipment) -> PostageTerms | None:
    """Return what was agreed about a shipment's postage; None for orders of a time before terms were kept."""
    return next(iter(_TERMS.of(session, shipment.order_number)), None)


def charged(session: Session, shipment: Shipment) -> int:
    """Return what has been charged its payer for a shipment so far, in đồng."""
    signs = {MoneyKind.DUE: 1, MoneyKind.WAIVED: -1}
    return sum(
        signs.get(fact.kind, 0) * fact.amount_vnd
        for fact in money_of(session, shipment.dossier_code)
        if _is_postage(fact, shipment)
    )


def paid(session: Session, shipment: Shipment) -> int:
    """Return what has been paid of it so far, in đồng."""
    return sum(
        fact.amount_vnd
        for fact in money_of(session, shipment.dossier_code)
        if _is_postage(fact, shipment) and fact.kind is MoneyKind.PAID
    )


def postage_due(
    session: Session, shipment: Shipment, at: datetime, evidence: str, now: datetime, *, amount_vnd: int | None = None
) -> None:
    """Record that postage fell due, once; ``amount_vnd`` where only the operator's statement tells it."""
    terms, payer = terms_of(session, shipment), shipment.payer
    amount = amount_vnd if amount_vnd is not None else terms.payable_vnd if terms else None
    if amount and payer not in (Party.POST, Party.NOBODY):
        source = FAULT_PAYS if payer is not Party.CITIZEN else terms.legal_source if terms else CITIZEN_PAYS
        record_money(session, _fact(shipment, MoneyKind.DUE, payer, amount, at, evidence, source), now)


def postage_paid(session: Session, shipment: Shipment, at: datetime, evidence: str, now: datetime) -> None:
    """Record that all that was charged has been paid."""
    left = charged(session, shipment) - paid(session, shipment)
    if left > 0:
        _answer(session, shipment, MoneyKind.PAID, left, at, evidence, now)


def postage_waived(session: Session, shipment: Shipment, at: datetime, evidence: str, now: datetime) -> None:
    """Record that nothing is asked for any more: it was not carried."""
    left = charged(session, shipment) - paid(session, shipment)
    if left > 0:
        _answer(session, shipment, MoneyKind.WAIVED, left, at, evidence, now)


def _answer(
    session: Session, shipment: Shipment, kind: MoneyKind, amount: int, at: datetime, evidence: str, now: datetime
) -> None:
    """Record that so much more is paid, or asked for no more: a charge may be named when another has been answered."""
    first = postage_id(shipment.order_number, kind)
    ids = [fact.id for fact in money_of(session, shipment.dossier_code)]
    before = sum(id == first or id.startswith(f"{first}:") for id in ids)
    fact = _fact(shipment, kind, shipment.payer, amount, at, evidence, "")
    record_money(session, replace(fact, id=f"{first}:{before}") if before else fact, now)


def _fact(
    shipment: Shipment, kind: MoneyKind, payer: Party, amount: int, at: datetime, evidence: str, source: str
) -> MoneyFact:
    return MoneyFact(
        id=postage_id(shipment.order_number, kind),
        ledger=Ledger.POSTAGE,
        kind=kind,
        dossier_code=shipment.dossier_code,
        debtor=payer,
        creditor=Party.POST,
        amount_vnd=amount,
        at=at,
        evidence=evidence[:300],
        order_number=shipment.order_number,
        legal_source=source[:300],
    )


def _is_postage(fact: MoneyFact, shipment: Shipment) -> bool:
    """Whether a fact is about what the payer owes the post; who had it sent elsewhere may be somebody else."""
    ours = fact.ledger is Ledger.POSTAGE and fact.order_number == shipment.order_number
    return ours and fact.debtor is shipment.payer and fact.creditor is Party.POST


def _read(session: Session, order_numbers: Collection[str]) -> Iterable[tuple[str, PostageTerms]]:
    same_leg = and_(PostageTerms.order_id == Shipment.order_id, PostageTerms.leg == Shipment.leg)
    query = select(Shipment.order_number, PostageTerms).join(PostageTerms, same_leg)
    found = session.execute(query.where(among(session, Shipment.order_number, order_numbers)))
    return ((number, terms) for number, terms in found)


_TERMS = RowsOf(Shipment, _read)
