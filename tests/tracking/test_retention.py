"""What goes when its time is over, and what stays however old it is; on PostgreSQL whole months."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, inspect, select, text

from config import partitions
from config.clock import wall_now
from dispatch.shipments import Shipment
from tests.support.desk import TestDesk, opened_desk
from tests.support.schema import with_tables
from tests.tracking.case import COLLECTED, DELIVERED
from tracking import inbox, retention
from tracking.events import EVENTS, TrackingEventRow
from tracking.inbox import DELIVERIES, InboxDelivery, InboxKey, InboxState

ON_BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.needs_postgres)]
KEPT: dict[str, Any] = {"delivery_days": 60, "event_days": 60}
LONG = timedelta(days=150)


@pytest.fixture(params=ON_BOTH)
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TestDesk]:
    if request.param == "sqlite":
        with opened_desk(tmp_path, **KEPT) as opened:
            yield opened
        return
    with with_tables(request.getfixturevalue("postgres_url")) as url, opened_desk(tmp_path, url, **KEPT) as opened:
        yield opened


@pytest.fixture
def months(postgres_url: str, tmp_path: Path) -> Iterator[TestDesk]:
    """A desk on PostgreSQL, where months are to be seen."""
    with with_tables(postgres_url) as url, opened_desk(tmp_path, url, **KEPT) as opened:
        yield opened


def story(desk: TestDesk, *, ended: bool) -> str:
    """Let an item move, and end if it should; returns its order number."""
    desk.register()
    (number,) = desk.order("send")
    desk.work()
    desk.report(number, COLLECTED)
    if ended:
        desk.report(number, DELIVERED, desk.clock.now() + timedelta(minutes=5))
    desk.poll()
    return number


def count(desk: TestDesk, table: type) -> int:
    with desk.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def grow_old(desk: TestDesk) -> None:
    """Let the years pass, for the ids that carry real time as well."""
    desk.clock.instant += LONG
    if partitions.has_partitions(desk.context.database):
        with desk.context.database.write() as session:
            earlier = {"seconds": int(LONG.total_seconds())}
            session.execute(text("UPDATE inbox_delivery SET id = id - (CAST(:seconds AS bigint) << 31)"), earlier)
    retention.keep_months_ahead(desk.context)


def test_deliveries_keys_and_events_go_when_their_time_is_over(desk: TestDesk) -> None:
    story(desk, ended=True)
    assert retention.drop_old(desk.context) == 0
    assert count(desk, TrackingEventRow) == 3
    grow_old(desk)
    assert retention.drop_old(desk.context) > 0
    assert [count(desk, table) for table in (TrackingEventRow, InboxDelivery, InboxKey)] == [0, 0, 0]
    assert retention.drop_old(desk.context) == 0


def test_the_events_of_a_shipment_under_way_stay_however_old_they_are(desk: TestDesk) -> None:
    number = story(desk, ended=False)
    grow_old(desk)
    retention.drop_old(desk.context)
    assert (count(desk, TrackingEventRow), desk.shipment(number).live) == (2, True)


def test_a_delivery_that_waits_stays_however_old_it_is(desk: TestDesk) -> None:
    with desk.context.database.write() as session:
        inbox.keep(session, source="carrier:ems", key="1", kind="tracking", body={}, now=desk.clock.now())
    grow_old(desk)
    retention.drop_old(desk.context)
    assert count(desk, InboxDelivery) == 1


def test_after_its_journey_is_gone_the_shipment_still_says_what_came_of_it(desk: TestDesk) -> None:
    number = story(desk, ended=True)
    grow_old(desk)
    retention.drop_old(desk.context)
    assert (desk.shipment(number).state, desk.shipment(number).delivered_at is not None) == ("delivered", True)


def test_months_are_made_ahead_and_every_row_lies_in_one(months: TestDesk) -> None:
    story(months, ended=True)
    assert set(retention.months_ahead(months.context).values()) == {4}
    with months.read() as session:
        for kept in (DELIVERIES, EVENTS):
            assert session.scalar(text(f"SELECT count(*) FROM {kept.table}_default")) == 0
    assert retention.keep_months_ahead(months.context) == 0


def test_a_row_whose_month_is_missing_is_kept_and_moves_when_the_month_is_made(months: TestDesk) -> None:
    number = story(months, ended=False)
    months.clock.instant = datetime(2030, 5, 5, 3, 0, tzinfo=UTC)  # nobody made a month for four years
    months.report(number, DELIVERED)
    months.poll()
    in_none = text("SELECT count(*) FROM tracking_event_default")
    with months.read() as session:
        assert session.scalar(in_none) == 1
    retention.keep_months_ahead(months.context)
    with months.read() as session:
        assert (session.scalar(in_none), count(months, TrackingEventRow)) == (0, 3)
    assert "tracking_event_2030_05" in inspect(months.context.database.engine).get_table_names()


def test_a_table_in_use_keeps_its_month_until_the_next_time(months: TestDesk) -> None:
    story(months, ended=True)
    old = partitions.months(wall_now().date(), 1)[0]
    with months.context.database.read() as reader:
        reader.scalar(select(func.count()).select_from(InboxDelivery))  # a report that takes its time
        assert not partitions.drop(months.context.database, DELIVERIES, old)
    assert partitions.drop(months.context.database, DELIVERIES, old)


def test_a_delivery_that_comes_again_after_its_key_is_gone_adds_nothing_to_the_journey(desk: TestDesk) -> None:
    number = story(desk, ended=True)
    with desk.context.database.write() as session:
        session.execute(text("DELETE FROM inbox_key"))
        body = session.scalars(select(InboxDelivery.body)).first()
        source = session.scalars(select(InboxDelivery.source)).first()
        assert body is not None and source is not None  # noqa: PT018
        assert inbox.keep(session, source=source, key="again", kind="tracking", body=body, now=desk.clock.now())
    desk.work()
    assert count(desk, TrackingEventRow) == 3
    assert desk.shipment(number).anomalies == []
    with desk.read() as session:
        assert set(session.scalars(select(InboxDelivery.state))) == {InboxState.APPLIED}
    with desk.read() as session:
        assert session.get_one(Shipment, number).state == "delivered"


def test_processes_that_start_at_one_moment_do_not_trip_over_the_same_months(months: TestDesk) -> None:
    for month in partitions.months(wall_now().date(), 4):
        partitions.drop(months.context.database, DELIVERIES, month)
    begin = threading.Barrier(6)

    def start(_process: int) -> int:
        begin.wait()
        return retention.keep_months_ahead(months.context)

    with ThreadPoolExecutor(6) as processes:
        assert sum(processes.map(start, range(6))) == 4
    assert retention.months_ahead(months.context)["inbox_delivery"] == 4
