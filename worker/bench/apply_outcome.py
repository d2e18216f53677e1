"""What has become of the bench's dossiers, comparable between the ways; and the same rows again, for the ceiling."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, Table, Text, bindparam, insert, select, type_coerce, update
from sqlalchemy.orm import Session

from config.database import Base
from dispatch.custody import CustodyFact
from dispatch.dossiers import DossierPaper
from dispatch.outbox import OutboxMessage
from dispatch.shipments import Shipment
from tracking.clock_facts import ClockFactRow, DueVersion
from tracking.events import TrackingEventRow
from tracking.inbox import InboxDelivery, InboxState
from worker.bench.apply_world import World

_WRITTEN: tuple[tuple[type[Base], str], ...] = (
    (ClockFactRow, "dossier_code"),
    (DueVersion, "dossier_code"),
    (TrackingEventRow, "order_number"),
    (OutboxMessage, "subject"),
)
_WRITTEN_AT: dict[type[Base], str] = {
    ClockFactRow: "recorded_at",
    DueVersion: "computed_at",
    OutboxMessage: "created_at",
}
"""By which what was there before is left out."""
_MOVED = ("waybill", "journey", "state", "state_since", "live", "collected_at", "delivered_at", "failed_attempts")
_JUDGED = ("transit_due", "transit_kept", "anomalies", "booking")


def outcome(world: World, name: str) -> dict[str, list[tuple[Any, ...]]]:
    """Return journeys, events, papers, due dates and messages of a name's dossiers, without the name."""
    with world.context.database.read() as session:
        tables = {
            "shipments": _rows(session, name, _of(name, Shipment, "dossier_code", (*_MOVED, *_JUDGED))),
            "events": _rows(
                session, name, _of(name, TrackingEventRow, "order_number", ("code", "event_time", "state"))
            ),
            "facts": _rows(session, name, _of(name, ClockFactRow, "dossier_code", ("id", "kind"))),
            "due": _rows(session, name, _of(name, DueVersion, "dossier_code", ("revision", "state", "due", "cause"))),
            "papers": _rows(session, name, _hands(name)),
            "messages": [(*row[:3], json.loads(row[3])["data"]) for row in _rows(session, name, _messages(name))],
        }
    return {what: sorted(rows, key=repr) for what, rows in tables.items()}


def _of(name: str, model: type[Base], owner: str, columns: Sequence[str]) -> Select[Any]:
    table = Base.metadata.tables[model.__tablename__]
    return select(table.c[owner], *(table.c[column] for column in columns)).where(table.c[owner].startswith(f"{name}-"))


def _hands(name: str) -> Select[Any]:
    paper = DossierPaper
    what: tuple[Any, ...] = (paper.dossier_code, paper.name, CustodyFact.holder, CustodyFact.at, CustodyFact.evidence)
    return (
        select(*what)
        .join(CustodyFact, CustodyFact.paper_id == paper.id)
        .where(paper.dossier_code.startswith(f"{name}-"))
    )


def _messages(name: str) -> Select[Any]:
    columns: tuple[Any, ...] = (OutboxMessage.id, OutboxMessage.destination, OutboxMessage.type, OutboxMessage.payload)
    return select(*columns).where(OutboxMessage.subject.startswith(f"{name}-"))


def _rows(session: Session, name: str, query: Select[Any]) -> list[tuple[Any, ...]]:
    return [tuple(_without(name, value) for value in row) for row in session.execute(query)]


def _without(name: str, value: Any) -> Any:
    return value.replace(name, "") if isinstance(value, str) else value


@dataclass(frozen=True)
class Ceiling:
    """The rows that one way has written, to be written once more for other dossiers with nothing decided."""

    world: World
    pattern: str

    def rows_for(self, name: str) -> Callable[[], None]:
        """Prepare the rows of ``name``'s dossiers; what is returned writes them in one transaction."""
        with self.world.context.database.read() as session:
            batches = [
                (Base.metadata.tables[m.__tablename__], self._copied(session, m, owner, name)) for m, owner in _WRITTEN
            ]
            batches.append((Base.metadata.tables[CustodyFact.__tablename__], self._custody(session, name)))
            moved = self._moved(session, name)
        ids = self.world.delivery_ids(name)

        def write() -> None:
            with self.world.context.database.write() as session:
                for table, rows in batches:
                    session.connection().execute(insert(table), rows)
                shipments = Base.metadata.tables[Shipment.__tablename__]
                news: dict[str, Any] = {column: bindparam(column) for column in (*_MOVED, *_JUDGED)}
                statement = update(shipments).where(shipments.c.order_number == bindparam("number")).values(news)
                session.connection().execute(statement, moved)
                done = update(InboxDelivery).where(InboxDelivery.id.in_(ids)).values(state=InboxState.APPLIED)
                session.execute(done, execution_options={"synchronize_session": False})

        return write

    def _copied(self, session: Session, model: type[Base], owner: str, name: str) -> list[dict[str, Any]]:
        table = Base.metadata.tables[model.__tablename__]
        columns = [_as_stored(table, column.name) for column in table.columns if column.name != "id" or model in _NAMED]
        query = select(*columns).where(table.c[owner].startswith(f"{self.pattern}-"))
        if (written_at := _WRITTEN_AT.get(model)) is not None:
            query = query.where(table.c[written_at] > self.world.began)
        return [self._renamed(row, name) for row in session.execute(query)]

    def _custody(self, session: Session, name: str) -> list[dict[str, Any]]:
        papers = {
            which: session.scalars(
                select(DossierPaper.id)
                .where(DossierPaper.dossier_code.startswith(f"{which}-"))
                .order_by(DossierPaper.dossier_code, DossierPaper.id)
            ).all()
            for which in (self.pattern, name)
        }
        twin = dict(zip(papers[self.pattern], papers[name], strict=True))
        table = Base.metadata.tables[CustodyFact.__tablename__]
        query = select(*(column for column in table.columns if column.name != "id"))
        found = session.execute(query.where(table.c.paper_id.in_(twin)))
        return [self._renamed(row, name) | {"paper_id": twin[row.paper_id]} for row in found]

    def _moved(self, session: Session, name: str) -> list[dict[str, Any]]:
        rows = session.execute(_of(self.pattern, Shipment, "order_number", (*_MOVED, *_JUDGED)))
        return [{**(renamed := self._renamed(row, name)), "number": renamed.pop("order_number")} for row in rows]

    def _renamed(self, row: Row[Any], name: str) -> dict[str, Any]:
        return {
            column: value.replace(self.pattern, name) if isinstance(value, str) else value
            for column, value in row._mapping.items()
        }


_NAMED = (ClockFactRow, OutboxMessage)


def _as_stored(table: Table, column: str) -> Any:
    """A payload is copied as it lies there, encrypted."""
    return type_coerce(table.c[column], Text).label(column) if column == "payload" else table.c[column]
