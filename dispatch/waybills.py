"""Waybill numbers that an operator has given us in advance, for accounts that must choose one when booking."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import String, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from config.database import Base
from dispatch.problems import Problem


class PoolWaybill(Base):
    """One pre-allocated waybill; free while no order holds it, spent once the operator has taken it.

    Those that came back with a refused order are taken last: perhaps the order was refused because of them.
    """

    __tablename__ = "pool_waybill"

    account: Mapped[str] = mapped_column(String(40), primary_key=True)
    waybill: Mapped[str] = mapped_column(String(40), primary_key=True)
    order_number: Mapped[str | None] = mapped_column(String(80), unique=True)
    refusals: Mapped[int] = mapped_column(default=0)


def fill(session: Session, account: str, waybills: Iterable[str]) -> int:
    """Add numbers to an account's pool; numbers already in it are left as they are. Returns how many are new."""
    known = set(session.scalars(select(PoolWaybill.waybill).where(PoolWaybill.account == account)))
    new = [waybill for waybill in dict.fromkeys(waybills) if waybill not in known]
    session.add_all(PoolWaybill(account=account, waybill=waybill) for waybill in new)
    return len(new)


def free_count(session: Session, account: str) -> int:
    """Return how many waybills of an account no order holds."""
    query = select(func.count()).where(PoolWaybill.account == account, PoolWaybill.order_number.is_(None))
    return session.scalar(query) or 0


def take(session: Session, account: str, order_number: str) -> str:
    """Reserve a waybill for an order; the same order gets the same waybill again.

    Raises:
        Problem: the pool is exhausted.
    """
    of_account = select(PoolWaybill).where(PoolWaybill.account == account)
    held = session.scalars(of_account.where(PoolWaybill.order_number == order_number)).first()
    free = (
        of_account.where(PoolWaybill.order_number.is_(None))
        .order_by(PoolWaybill.refusals, PoolWaybill.waybill)
        .limit(1)
    )
    row = held or session.scalars(free.with_for_update(skip_locked=True)).first()
    if row is None:
        raise Problem(
            "waybill-pool-exhausted",
            "No waybill left",
            f"The waybill pool of account '{account}' is empty.",
            "Ask the operator for a new range and load it with `postal waybills ACCOUNT --load FILE`; "
            "the order waits and is booked by itself.",
            next_step_vi="Đề nghị bưu điện cấp thêm dải mã vận đơn; đơn sẽ tự được đặt sau khi nạp mã.",
            status=503,
        )
    row.order_number = order_number
    session.flush()
    return row.waybill


def give_back(session: Session, account: str, order_number: str) -> None:
    """Return an order's waybill to the pool: the operator refused the order, or was never sent it."""
    session.execute(
        update(PoolWaybill)
        .where(PoolWaybill.account == account, PoolWaybill.order_number == order_number)
        .values(order_number=None, refusals=PoolWaybill.refusals + 1)
    )
