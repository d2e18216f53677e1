"""Who locks several rows does it in one order, so that two never wait for each other. On PostgreSQL, which locks rows.

Nothing here depends on luck: one has locked the first row, waits until the other stands before it, and goes on to the
second. Were that already the other's, PostgreSQL would have to end one of them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from dispatch.dossiers import get_dossier
from dispatch.money.books import books_of
from dispatch.money.statements.importing import import_statement
from dispatch.routing import note_price
from dispatch.shipment_queries import shipments_of
from tests.support.desk import ACCOUNT, MONDAY, TestDesk, opened_desk
from tests.support.schema import with_tables
from tests.tracking.case import COLLECTED, Case
from tests.tracking.test_replay import NINE, corrected, replayed

pytestmark = pytest.mark.needs_postgres

_WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")


@pytest.fixture
def desk(tmp_path: Path, postgres_url: str) -> Iterator[TestDesk]:
    """A desk of the test's own on PostgreSQL; within the province VNPost charges 30,000 đồng."""
    with with_tables(postgres_url) as url, opened_desk(tmp_path, url) as desk:
        with desk.context.database.write() as session:
            note_price(session, ACCOUNT, ("04", "04"), 30_000, MONDAY)
        yield desk


def sent(desk: TestDesk) -> Case:
    """Papers that the postman has collected on Monday, with the fee of 25,000 đồng."""
    case = Case.opened(desk)
    case.order("send", fee_route="by_post")
    case.reported(case.s1, COLLECTED, "2026-03-02 09:00")
    return case


def run_into(
    desk: TestDesk,
    act: Callable[[], object],
    first: Callable[[Session], object],
    then: Callable[[Session], object],
) -> None:
    """Let ``act`` run into what ``first`` has locked, and then lock what comes after that."""
    with ThreadPoolExecutor(max_workers=1) as hands:
        with desk.context.database.write() as session:
            first(session)
            other = hands.submit(act)
            until_somebody_waits(desk, other)
            then(session)
        other.result()


def until_somebody_waits(desk: TestDesk, other: Future[object]) -> None:
    """Wait until somebody waits for a lock, as ``other`` will."""
    patience = time.monotonic() + 30
    while not other.done() and time.monotonic() < patience:
        with desk.read() as session:
            if session.scalar(_WAITING):
                return
        time.sleep(0.02)
    raise AssertionError("it has run into nothing")


def test_two_imports_of_statements_with_the_same_orders_take_them_in_one_order(desk: TestDesk) -> None:
    """The file names the later order first; another import has taken the earlier one and goes on to the later."""
    one, two = sent(desk), sent(desk)
    desk.clock.forward(days=3)
    lines = [f"{number};02/03/2026;25000;30000;Công dân;25000" for number in (two.s1, one.s1)]
    head = "Số đơn hàng;Ngày thu;Phí, lệ phí thu hộ (đ);Cước (đ);Người trả cước;Đã nộp (đ)"
    content = "\n".join([head, *lines]).encode()
    run_into(
        desk,
        lambda: import_statement(desk.context, ACCOUNT, "T3.csv", content),
        lambda session: get_dossier(session, one.code, lock=True),
        lambda session: get_dossier(session, two.code, lock=True),
    )
    with desk.read() as session:
        assert [books_of(session, case.code).standing.settled for case in (one, two)] == [True, True]


def test_a_replay_and_whoever_decides_about_a_dossier_lock_the_dossier_first(desk: TestDesk) -> None:
    case = sent(desk)
    case.reported(case.s1, NINE, "2026-03-03 09:00")
    corrected(desk, NINE, state="out_for_delivery")
    run_into(
        desk,
        lambda: replayed(desk),
        lambda session: get_dossier(session, case.code, lock=True),
        lambda session: shipments_of(session, case.code, lock=True),
    )
    assert case.shipment(case.s1).state == "out_for_delivery"
