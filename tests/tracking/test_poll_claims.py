"""Claims of what is due: the right items, each by one worker, and at a cost that does not grow with what exists."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import event, select, text, update
from sqlalchemy.orm import Session

from config.database import Database
from dispatch.shipments import URGENT, BookingState, Shipment
from tests.support.schema import empty_database, with_tables
from tests.tracking.conftest import ON_BOTH
from tracking import poll_claims
from tracking.poll_plan import Question, Tempo
from worker.bench.poll_shipments import ACCOUNT, DAY, NOW, fill

MANY, FEW = 20_000, 2_000
"""Live shipments, of which a tenth is due: on PostgreSQL, whose plans are looked at, and on SQLite."""
TEMPO = Tempo.of_items(timedelta(minutes=30), trusted=None)


@pytest.fixture(scope="module", params=ON_BOTH)
def full(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A database full of live shipments."""
    with ExitStack() as stack:
        url = empty_database(tmp_path_factory.mktemp("full") / "postal.db")
        if request.param == "postgresql":
            url = stack.enter_context(with_tables(request.getfixturevalue("postgres_url")))
        database = Database(url, Fernet.generate_key().decode())
        stack.callback(database.dispose)
        fill(database, FEW if request.param == "sqlite" else MANY)
        yield database


@pytest.fixture
def session(full: Database) -> Iterator[Session]:
    """A transaction of which nothing stays."""
    with full.write() as session:
        yield session
        session.rollback()


def claim(session: Session, limit: int = 50) -> list[poll_claims.Claimed]:
    return poll_claims.claim(session, ACCOUNT, TEMPO, NOW, limit)


def numbers(claimed: list[poll_claims.Claimed]) -> set[str]:
    return {one.known.order_number for one in claimed}


def plans(session: Session, which: set[str], *columns: Any) -> list[Any]:
    return list(session.execute(select(*columns).where(Shipment.order_number.in_(which))))


def change(session: Session, which: set[str], **values: object) -> None:
    session.execute(update(Shipment).where(Shipment.order_number.in_(which)).values(**values))


def test_what_is_due_is_claimed_oldest_first_after_all_whose_promise_is_close(session: Session) -> None:
    session.execute(update(Shipment).where(URGENT).values(poll_urgent=False))
    due = claim(session)
    assert [one.due.at for one in due] == sorted(one.due.at for one in due)
    assert due[0].due.at == DAY
    urgent = numbers(claim(session))
    poll_claims.give_back(session, due)
    change(session, urgent, poll_urgent=True, poll_at=NOW)
    assert numbers(claim(session)) == urgent


def test_a_claim_plans_the_next_question_so_that_nothing_is_claimed_twice(session: Session) -> None:
    before = poll_claims.count_due(session, ACCOUNT, NOW)
    first, second = claim(session), claim(session)
    assert not numbers(first) & numbers(second)
    assert poll_claims.count_due(session, ACCOUNT, NOW) == before - 100
    for poll_at, asked_at in plans(session, numbers(first), Shipment.poll_at, Shipment.asked_at):
        assert NOW < poll_at <= NOW + TEMPO.slow
        assert asked_at == NOW
    assert len({one.ours for one in first}) == len(first), "those that were due together part company"


@pytest.mark.parametrize(
    "fate",
    [
        {"live": False, "state": "cancelled", "booking": BookingState.CANCELLED},
        {"booking": BookingState.OUTCOME_UNKNOWN},
        {"account": "another"},
    ],
)
def test_what_is_not_booked_here_is_never_claimed(session: Session, fate: dict[str, Any]) -> None:
    others = numbers(claim(session, 20))
    change(session, others, poll_at=DAY - timedelta(days=1), poll_urgent=True, **fate)
    assert not numbers(claim(session, FEW)) & others
    change(session, others, poll_at=None)
    assert poll_claims.count_new(session, ACCOUNT) == 0


@pytest.mark.parametrize("state", ["delivered", "returned", "cancelled"])
def test_what_is_over_is_claimed_once_for_each_hint(session: Session, state: str) -> None:
    over = numbers(claim(session, 20))
    change(session, over, live=False, state=state, poll_at=None)
    assert poll_claims.count_new(session, ACCOUNT) == 0
    assert not numbers(claim(session, FEW)) & over
    change(session, over, poll_at=DAY - timedelta(days=1), poll_urgent=True)
    hinted = claim(session, 20)
    assert numbers(hinted) == over
    assert plans(session, over, Shipment.poll_at) == [(None,)] * 20
    poll_claims.give_back(session, hinted)
    assert numbers(claim(session, 20)) == over, "it was not asked about, so it still is to be"
    assert not numbers(claim(session, FEW)) & over


def test_a_lost_item_may_turn_up_and_is_claimed(session: Session) -> None:
    lost = numbers(claim(session, 3))
    change(session, lost, live=False, state="lost", poll_at=DAY - timedelta(days=1), poll_urgent=True)
    assert numbers(claim(session, 3)) == lost


def test_items_that_were_not_asked_about_are_due_as_they_were(session: Session) -> None:
    claimed = claim(session)
    poll_claims.give_back(session, claimed[10:])
    assert claim(session, 40) == claimed[10:]


@pytest.mark.parametrize("also", ["given back", "failed", "put off"])
def test_news_that_came_meanwhile_is_not_overwritten(session: Session, also: str) -> None:
    claimed = claim(session, 5)
    change(session, numbers(claimed), poll_at=None)  # as whoever applies news does
    if also == "given back":
        poll_claims.give_back(session, claimed)
    elif also == "failed":
        poll_claims.plan_again(session, claimed, TEMPO, NOW, failed=True)
    else:
        poll_claims.put_off(session, claimed, NOW + timedelta(hours=1))
    assert poll_claims.count_new(session, ACCOUNT) == 5
    assert poll_claims.plan_new(session, ACCOUNT, TEMPO, 100) == 5
    assert poll_claims.count_new(session, ACCOUNT) == 0


def test_failures_are_counted_and_forgotten(session: Session) -> None:
    (one,) = claim(session, 1)
    poll_claims.plan_again(session, [one], TEMPO, NOW, failed=True)
    columns = (Shipment.poll_failures, Shipment.poll_urgent, Shipment.poll_at)
    ((failures, urgent, poll_at),) = plans(session, numbers([one]), *columns)
    assert (failures, urgent) == (1, False)
    again = replace(one, planned=Question(poll_at, urgent=False))
    poll_claims.plan_again(session, [again], TEMPO, NOW, failed=False)
    assert plans(session, numbers([one]), Shipment.poll_failures) == [(0,)]


def test_counting_stops_at_a_limit(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(poll_claims, "COUNTED_AT_MOST", 30)
    assert poll_claims.count_due(session, ACCOUNT, NOW) == 30


@pytest.mark.parametrize("full", [ON_BOTH[1]], indirect=True)
def test_two_workers_at_once_claim_different_items_and_neither_waits(full: Database) -> None:
    with full.write() as one, full.write() as other:
        other.execute(text("SET LOCAL lock_timeout = '2s'"))
        assert not numbers(claim(one)) & numbers(claim(other))
        one.rollback()
        other.rollback()


@pytest.mark.parametrize("full", [ON_BOTH[1]], indirect=True)
def test_items_whose_news_is_being_applied_are_left_to_whoever_does_it(full: Database) -> None:
    with full.write() as session:
        claimed = claim(session, 5)
    with full.write() as applying, full.write() as other:
        change(applying, numbers(claimed), poll_at=None)
        other.execute(text("SET LOCAL lock_timeout = '2s'"))
        poll_claims.give_back(other, claimed)
        applying.rollback()
    with full.write() as session:
        assert not numbers(claim(session, 5)) & numbers(claimed)
        session.rollback()
    with full.write() as session:
        poll_claims.give_back(session, claimed)


QUESTIONS: dict[str, Callable[[Session], object]] = {
    "claim": claim,
    "plan new": lambda session: poll_claims.plan_new(session, ACCOUNT, TEMPO, 500),
    "any new": lambda session: poll_claims.is_any_new(session, ACCOUNT),
    "any due": lambda session: poll_claims.is_any_due(session, ACCOUNT, NOW),
    "count new": lambda session: poll_claims.count_new(session, ACCOUNT),
    "count due": lambda session: poll_claims.count_due(session, ACCOUNT, NOW),
}


@pytest.mark.parametrize("full", [ON_BOTH[1]], indirect=True)
@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
@pytest.mark.parametrize("question", QUESTIONS)
def test_postgresql_goes_down_the_index_of_what_is_due(session: Session, question: str, mode: str) -> None:
    """Whether it plans for the values of one question or, as it does when asked often, for any."""
    session.execute(text(f"SET LOCAL plan_cache_mode = {mode}"))
    with seen(session) as statements:
        QUESTIONS[question](session)
    plans = [explained(session, *statement) for statement in statements if statement[0].startswith("SELECT")]
    assert plans
    for plan in plans:
        assert "using ix_shipment_poll" in plan, plan
        assert "Seq Scan on shipment" not in plan, plan
        assert "Sort" not in plan, plan


@pytest.mark.parametrize("full", [ON_BOTH[0]], indirect=True)
def test_sqlite_goes_down_the_index_of_what_is_due(session: Session) -> None:
    with seen(session) as statements:
        claim(session)
    for sql, parameters in statements:
        if sql.startswith("SELECT"):
            rows = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", parameters)
            plan = " ".join(row[-1] for row in rows)
            assert "USING INDEX ix_shipment_poll" in plan or "USING COVERING INDEX ix_shipment_poll" in plan, plan
            assert "TEMP B-TREE" not in plan, plan


@contextmanager
def seen(session: Session) -> Iterator[list[tuple[str, Any]]]:
    """Note the statements that are sent, with their values."""
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, sql: str, parameters: Any, *_more: Any) -> None:
        sent.append((sql, parameters))

    connection = session.connection()
    event.listen(connection, "before_cursor_execute", note)
    yield sent
    event.remove(connection, "before_cursor_execute", note)


def explained(session: Session, sql: str, parameters: dict[str, Any]) -> str:
    """Return PostgreSQL's plan of a statement that is prepared once and executed with these values."""
    connection = session.connection().connection.driver_connection
    assert connection is not None
    rows = connection.execute(f"EXPLAIN {sql}", parameters, prepare=True).fetchall()
    return "\n".join(row[0] for row in rows)
