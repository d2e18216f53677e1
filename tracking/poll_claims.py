"""Which items are asked about now: claims down the index of what is due, however many items there are.

A claim plans the next question of everything it takes, in the same transaction; so nothing it took is due any more, a
crash in between costs one wait, and no lease is needed. A plan is changed afterwards only as long as it is still the
claim's own: news that came meanwhile has cleared it, and the item is planned anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, TextClause, Update, bindparam, false, func, or_, select, true, update
from sqlalchemy.engine import Row
from sqlalchemy.orm import Session

from carriers.contract import OrderRef
from dispatch.distinct import distinct_values
from dispatch.shipments import ASKABLE, URGENT, Shipment
from tracking.poll_plan import Known, Question, Tempo, asked, next_question, promised_on

COUNTED_AT_MOST = 10_000

_FACTS = (
    Shipment.order_number,
    Shipment.waybill,
    Shipment.operator_id,
    Shipment.state,
    Shipment.state_since,
    Shipment.heard_at,
    Shipment.asked_at,
    Shipment.poll_at,
    Shipment.poll_urgent,
    Shipment.poll_failures,
    Shipment.pickup_on,
    Shipment.transit_due,
)
_ONE = Shipment.order_number == bindparam("number")
_STILL_OURS = Shipment.poll_at.is_not_distinct_from(bindparam("ours"))
_PLAN: dict[str, Any] = {"poll_at": bindparam("at"), "poll_urgent": bindparam("urgent")}
_SET_PLAN = update(Shipment).where(_ONE).values(_PLAN)
_CLAIM = update(Shipment).where(_ONE).values({**_PLAN, "asked_at": bindparam("asked")})
_GIVE_BACK = _CLAIM.where(_STILL_OURS)
_PLAN_AGAIN = update(Shipment).where(_ONE, _STILL_OURS).values({**_PLAN, "poll_failures": bindparam("failures")})


@dataclass(frozen=True, slots=True)
class Claimed:
    """An item to ask about: what is known of it, which question is due, and the next one, as planned by the claim."""

    ref: OrderRef
    known: Known
    due: Question
    planned: Question | None

    @property
    def ours(self) -> datetime | None:
        """When the next question is, as long as nobody has planned another."""
        return self.planned.at if self.planned else None


def plan_new(session: Session, account: str, tempo: Tempo, limit: int) -> int:
    """Plan the next questions about items that have no plan: just booked, or with news since; returns how many."""
    rows = session.execute(_locked(account, ASKABLE, Shipment.poll_at.is_(None)).limit(limit)).all()
    _write(session, _SET_PLAN, [_plan(row.order_number, next_question(_known(row), tempo)) for row in rows])
    return len(rows)


def claim(session: Session, account: str, tempo: Tempo, now: datetime, limit: int) -> list[Claimed]:
    """Take the items that are due, those first whose promise is close, and plan their next questions."""
    rows = _due(session, account, URGENT, now, limit)
    if len(rows) < limit:
        rows += _due(session, account, ASKABLE, now, limit - len(rows), Shipment.poll_urgent == false())
    claimed = [_claimed(row, tempo, now) for row in rows]
    _write(session, _CLAIM, [{**_plan(one.known.order_number, one.planned), "asked": now} for one in claimed])
    return claimed


def give_back(session: Session, claimed: Sequence[Claimed]) -> None:
    """Let items that were not asked about be due as they were."""
    rows = [
        {**_plan(one.known.order_number, one.due), "asked": one.known.asked_at, "ours": one.ours} for one in claimed
    ]
    _write(session, _GIVE_BACK, _free(session, rows))


def plan_again(session: Session, claimed: Sequence[Claimed], tempo: Tempo, now: datetime, *, failed: bool) -> None:
    """Plan the next questions about items by what became of this one: a failure more, or no failures any more."""
    rows = []
    for one in claimed:
        known = replace(asked(one.known, now), failures=one.known.failures + 1 if failed else 0)
        again = _plan(known.order_number, next_question(known, tempo))
        rows.append({**again, "failures": known.failures, "ours": one.ours})
    _write(session, _PLAN_AGAIN, _free(session, rows))


def put_off(session: Session, claimed: Sequence[Claimed], until: datetime) -> None:
    """Ask about these again at ``until``, as the operator wishes."""
    give_back(session, [replace(one, due=replace(one.due, at=until)) for one in claimed])


def accounts_with_work(session: Session, now: datetime) -> set[str]:
    """Return the accounts of which an item has no plan or is due: one look, however many accounts there are."""
    live = distinct_values(Shipment.account, ASKABLE).subquery()
    of_it = select(true()).where(Shipment.account == live.c.value, ASKABLE)
    work = or_(of_it.where(Shipment.poll_at.is_(None)).exists(), of_it.where(Shipment.poll_at <= now).exists())
    return set(session.scalars(select(live.c.value).where(work)))


def is_any_new(session: Session, account: str) -> bool:
    """Whether an item of the account has no plan."""
    return _count(session, account, Shipment.poll_at.is_(None), 1) > 0


def is_any_due(session: Session, account: str, now: datetime) -> bool:
    """Whether an item of the account is due."""
    return _count(session, account, Shipment.poll_at <= now, 1) > 0


def count_new(session: Session, account: str) -> int:
    """Return how many items have no plan; no more than :data:`COUNTED_AT_MOST` are counted."""
    return _count(session, account, Shipment.poll_at.is_(None), COUNTED_AT_MOST)


def count_due(session: Session, account: str, now: datetime) -> int:
    """Return how many items are due; no more than :data:`COUNTED_AT_MOST` are counted."""
    return _count(session, account, Shipment.poll_at <= now, COUNTED_AT_MOST)


def _count(session: Session, account: str, which: ColumnElement[bool], most: int) -> int:
    found = select(true().label("found")).where(Shipment.account == account, ASKABLE, which).limit(most)
    return session.scalar(select(func.count()).select_from(found.subquery())) or 0


def _locked(account: str, index: TextClause, *which: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    return select(*_FACTS).where(Shipment.account == account, index, *which).with_for_update(skip_locked=True)


def _due(
    session: Session, account: str, index: TextClause, now: datetime, limit: int, *which: ColumnElement[bool]
) -> list[Row[Any]]:
    query = _locked(account, index, Shipment.poll_at <= now, *which).order_by(Shipment.poll_at).limit(limit)
    return list(session.execute(query))


def _known(row: Row[Any]) -> Known:
    return Known(
        order_number=row.order_number,
        state=row.state,
        since=row.state_since,
        heard_at=row.heard_at,
        asked_at=row.asked_at,
        failures=row.poll_failures,
        promised_on=promised_on(row.state, row.state_since, row.pickup_on, row.transit_due),
    )


def _claimed(row: Row[Any], tempo: Tempo, now: datetime) -> Claimed:
    known = _known(row)
    return Claimed(
        ref=OrderRef(row.order_number, row.waybill, row.operator_id),
        known=known,
        due=Question(row.poll_at, row.poll_urgent),
        planned=next_question(asked(known, now), tempo),
    )


def _plan(number: str, question: Question | None) -> dict[str, Any]:
    if question is None:
        return {"number": number, "at": None, "urgent": False}
    return {"number": number, "at": question.at, "urgent": question.urgent}


def _free(session: Session, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out the items that somebody is working on: they may have news, and whoever waits for many may deadlock."""
    numbers = [row["number"] for row in rows]
    query = select(Shipment.order_number).where(Shipment.order_number.in_(numbers)).with_for_update(skip_locked=True)
    free = set(session.scalars(query))
    return [row for row in rows if row["number"] in free]


def _write(session: Session, statement: Update, rows: list[dict[str, Any]]) -> None:
    if rows:
        session.connection().execute(statement, rows)
