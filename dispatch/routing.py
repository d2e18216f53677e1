"""Which operator carries a leg, under which account, and why: every choice is kept with its reasons.

What is asked for or preferred comes first, unless that operator is being left alone; then how well an operator has kept
J+n, then its last known price, then the order in which the accounts are configured.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol

from sqlalchemy import ForeignKey, String, case, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from carriers.contract import PickupWindow
from config.accounts import Accounts, CarrierAccount
from config.database import Base, UtcDateTime
from dispatch.problems import Problem
from dispatch.shipments import Leg, Shipment

_LOOK_BACK = timedelta(days=90)
_ENOUGH = 20
"""Parcels of which an operator's punctuality can be told; fewer say nothing."""


class Operators(Protocol):
    """What the operators behind our accounts are like at the moment."""

    def is_left_alone(self, account_id: str) -> bool:
        """Whether an account cannot be used now."""
        ...

    def serves(self, account_id: str, province: str) -> bool:
        """Whether an account can book from or to a province (GSO code), as far as that is known beforehand."""
        ...

    def pickup_windows(self, account_id: str) -> tuple[PickupWindow, ...]:
        """Return when on a day an operator collects, as far as it lets the citizen choose."""
        ...


IsLeftAlone = Callable[[str], bool]
"""Tells of an account id whether its operator cannot be called at the moment."""

Serves = Callable[[str, str], bool]
"""Tells of an account id and a province whether orders from or to there can be booked."""


class RoutingDecision(Base):
    """One choice of an operator for a shipment. ``considered`` has every account that was looked at, best first."""

    __tablename__ = "routing_decision"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_number: Mapped[str] = mapped_column(ForeignKey("shipment.order_number"), index=True)
    account: Mapped[str] = mapped_column(String(40))
    asked_for: Mapped[bool]
    considered: Mapped[list[Any]]
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)


class LastPrice(Base):
    """What an account last charged between two provinces, in đồng."""

    __tablename__ = "last_price"

    account: Mapped[str] = mapped_column(String(40), primary_key=True)
    sender_province: Mapped[str] = mapped_column(String(2), primary_key=True)
    receiver_province: Mapped[str] = mapped_column(String(2), primary_key=True)
    vnd: Mapped[int]
    told_at: Mapped[datetime] = mapped_column(UtcDateTime)


@dataclass(frozen=True)
class Need:
    """What is to be carried: ``carrier`` when somebody asked for one; ``without`` are accounts that were tried."""

    agency: str
    leg: Leg
    citizen_province: str
    carrier: str | None = None
    without: Collection[str] = ()


class Reason(NamedTuple):
    """What speaks for or against an account, in both languages."""

    vi: str
    en: str


@dataclass(frozen=True)
class Candidate:
    """An account that could carry it, and what speaks for and against it. ``rank`` sorts best first."""

    account: CarrierAccount
    reasons: tuple[Reason, ...]
    excluded: bool
    rank: tuple[float, ...]


@dataclass(frozen=True)
class Choice:
    """The account that was chosen, among all that were considered, best first."""

    account: CarrierAccount
    asked_for: bool
    considered: tuple[Candidate, ...]


def choose(
    session: Session,
    accounts: Accounts,
    need: Need,
    now: datetime,
    is_left_alone: IsLeftAlone,
    serves: Serves,
) -> Choice:
    """Choose the account to book under.

    Raises:
        Problem: no account fits.
    """
    looked_at = [
        _judged(session, accounts, need, account, place, now, is_left_alone, serves)
        for place, account in enumerate(_accounts_for(accounts, need))
    ]
    best = sorted(looked_at, key=lambda one: (one.excluded, one.rank))
    if not best or best[0].excluded:
        raise _nobody(need, best)
    return Choice(best[0].account, need.carrier is not None, tuple(best))


def record(session: Session, order_number: str, choice: Choice, now: datetime) -> None:
    """Keep a choice with its reasons."""
    considered = [
        {"account": one.account.id, "excluded": one.excluded, "reasons": [reason._asdict() for reason in one.reasons]}
        for one in choice.considered
    ]
    session.add(
        RoutingDecision(
            order_number=order_number,
            account=choice.account.id,
            asked_for=choice.asked_for,
            considered=considered,
            decided_at=now,
        )
    )


def record_wish(session: Session, order_number: str, account: str, why: str, now: datetime) -> None:
    """Keep a choice that a person made, with that person's reason."""
    reasons = [Reason(f"được yêu cầu: {why}", f"asked for: {why}")._asdict()]
    session.add(
        RoutingDecision(
            order_number=order_number,
            account=account,
            asked_for=True,
            considered=[{"account": account, "excluded": False, "reasons": reasons}],
            decided_at=now,
        )
    )


def decision_about(session: Session, order_number: str) -> RoutingDecision | None:
    """Return the newest choice for a shipment."""
    query = select(RoutingDecision).where(RoutingDecision.order_number == order_number)
    return session.scalars(query.order_by(RoutingDecision.id.desc())).first()


def note_price(session: Session, account: str, ends: tuple[str, str], vnd: int, now: datetime) -> None:
    """Remember what an operator charges between two provinces (sender, receiver)."""
    sender, receiver = ends
    session.merge(LastPrice(account=account, sender_province=sender, receiver_province=receiver, vnd=vnd, told_at=now))


def last_price(session: Session, account: CarrierAccount, need: Need) -> int | None:
    """Return what an account last charged for such a need, in đồng; None where it has told no price."""
    ends = (need.citizen_province, account.desk.province_code)
    known = session.get(LastPrice, (account.id, *(ends if need.leg is Leg.SEND else ends[::-1])))
    return known.vnd if known is not None else None


def _accounts_for(accounts: Accounts, need: Need) -> list[CarrierAccount]:
    """Return one account of each operator: the agency's own, else the provincial default."""
    names = dict.fromkeys(account.carrier for account in accounts.carrier_accounts)
    asked = [need.carrier] if need.carrier else list(names)
    found = (accounts.carrier_account(name, need.agency) for name in asked)
    return [account for account in found if account is not None and account.id not in need.without]


def _judged(
    session: Session,
    accounts: Accounts,
    need: Need,
    account: CarrierAccount,
    place: int,
    now: datetime,
    is_left_alone: IsLeftAlone,
    serves: Serves,
) -> Candidate:
    zone = zone_between(account, need.citizen_province)
    against = [*_against(account, need, zone), *_unserved(account, need, serves)]
    left_alone = is_left_alone(account.id)
    wanted = accounts.preferred_carriers(need.agency)
    wish = wanted.index(account.carrier) if account.carrier in wanted else len(wanted)
    kept = _share_kept(session, account.id, zone, now)
    price = last_price(session, account, need)
    said = [
        *against,
        *_wishes(need, wish, len(wanted)),
        *([_LEFT_ALONE] if left_alone else []),
        *_record(kept, zone, price),
    ]
    rank = (left_alone, wish, -(kept if kept is not None else 0.5), price if price is not None else 10**9, place)
    return Candidate(account, tuple(said) or (_CONFIGURED,), bool(against), rank)


_CONFIGURED = Reason("đã cấu hình", "configured")
_LEFT_ALONE = Reason("tạm dừng vì đang gặp sự cố", "left alone at the moment: it has been failing")


def _wishes(need: Need, wish: int, wishes: int) -> Iterable[Reason]:
    if need.carrier:
        yield Reason("được yêu cầu", "asked for")
    if wish < wishes:
        yield Reason(f"ưu tiên thứ {wish + 1} của {need.agency}", f"preferred, number {wish + 1} for {need.agency}")


def _record(kept: float | None, zone: str, price: int | None) -> Iterable[Reason]:
    if kept is not None:
        yield Reason(
            f"đúng thời gian toàn trình {kept:.0%} bưu gửi gần đây (vùng {zone})",
            f"kept J+n for {kept:.0%} of the last parcels in zone {zone}",
        )
    if price is not None:
        yield Reason(f"giá gần nhất {price} đ", f"last price {price} đ")


def zone_between(account: CarrierAccount, citizen_province: str) -> str:
    """Return how far a parcel goes between the desk and a citizen, in the terms of Circular 17/2017 Art. 7(2)."""
    return "same_province" if citizen_province == account.desk.province_code else "inter_province"


def _against(account: CarrierAccount, need: Need, zone: str) -> Iterable[Reason]:
    if account.legs and need.leg.value not in account.legs:
        yield Reason(f"không phục vụ chặng '{need.leg}'", f"does not carry the leg '{need.leg}'")
    if account.zones and zone not in account.zones:
        yield Reason(f"không phục vụ vùng '{zone}'", f"does not serve the zone '{zone}'")


def _unserved(account: CarrierAccount, need: Need, serves: Serves) -> Iterable[Reason]:
    """Where an order could not even be written down for the operator, it would be parked instead of carried."""
    for province in dict.fromkeys((need.citizen_province, account.desk.province_code)):
        if not serves(account.id, province):
            yield Reason(
                f"tài khoản chưa có mã của đơn vị cho tỉnh '{province}'",
                f"the account has no code of the operator's for province '{province}'",
            )


def _share_kept(session: Session, account: str, zone: str, now: datetime) -> float | None:
    """Return the share of parcels that kept their transit promise (Circular 17/2017/TT-BTTTT Art. 7)."""
    kept = func.sum(case((Shipment.transit_kept.is_(True), 1), else_=0))
    query = select(func.count(), kept).where(
        Shipment.account == account,
        Shipment.zone == zone,
        Shipment.transit_kept.is_not(None),
        Shipment.created_at >= now - _LOOK_BACK,
    )
    count, good = session.execute(query).one()
    return float(good) / count if count >= _ENOUGH else None


def _nobody(need: Need, looked_at: list[Candidate]) -> Problem:
    why = "; ".join(f"{one.account.id}: {', '.join(reason.en for reason in one.reasons)}" for one in looked_at)
    operator = need.carrier or "any operator"
    return Problem(
        "no-carrier-account",
        "No postal operator for this agency",
        why or f"Agency '{need.agency}' has no account at {operator}, and the province has no default.",
        "Ask operations to add a [[carrier_accounts]] entry for the agency, or name another operator.",
        next_step_vi="Đề nghị bộ phận vận hành bổ sung tài khoản bưu chính cho cơ quan, hoặc chọn đơn vị khác.",
    )
