"""Operators at rate, over real HTTP: everybody is answered, and only what is in the database is answered as taken."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest
from sqlalchemy import delete, event, func, select

from carriers.states import ShipmentState
from tests.support.desk import MONDAY, TestDesk, opened_desk
from tests.support.operators import joined
from tests.support.schema import with_tables
from tests.support.servers import serve
from tests.support.services import libpq_url
from tests.support.town import wait_for
from tests.tracking.conftest import ON_BOTH
from tracking import inbox
from tracking.inbox import InboxDelivery, InboxKey
from tracking.refusals import WebhookRefusal
from worker.web.app import Web, make_web

EMS = "/webhooks/ems/ems/path-secret-of-the-simulator"
_NUMBERS = count(1)


@dataclass
class House:
    """A desk with an account at EMS, and its interface as it is served."""

    desk: TestDesk
    web: Web
    url: str
    caller: httpx.Client

    def tell(self, transaction: str = "", secret: str = "path-secret-of-the-simulator") -> httpx.Response:
        """Send a delivery as EMS does, by default one that nobody has sent before."""
        headers = {"ems-transaction": transaction or f"t-{next(_NUMBERS)}"}
        return self.caller.post(f"/webhooks/ems/ems/{secret}", json={"tracking_code": "EA1"}, headers=headers)

    def kept(self) -> set[str]:
        """Return the transactions that are in the inbox."""
        with self.desk.read() as session:
            return {key.rpartition(":")[2] for key in session.scalars(select(InboxDelivery.key))}


@dataclass
class Gate:
    """Stands before every transaction of the inbox, and can be shut."""

    open: threading.Event = field(default_factory=threading.Event)
    arrived: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    gate, keep = Gate(), inbox.keep_many
    gate.open.set()

    def keep_behind_it(session: Any, incoming: Sequence[Any]) -> int:
        gate.arrived.set()
        gate.open.wait(10)
        return keep(session, incoming)

    monkeypatch.setattr(inbox, "keep_many", keep_behind_it)
    yield gate
    gate.open.set()


@contextmanager
def opened_house(folder: Path, database_url: str | None = None, **settings: Any) -> Iterator[House]:
    with opened_desk(folder, database_url, **settings) as desk, joined(desk, "ems"), joined(desk, "jt"):
        yield from served(desk)


def served(desk: TestDesk) -> Iterator[House]:
    web = make_web(desk.runtime)
    connections = httpx.Limits(max_connections=50)
    with serve(web, lifespan="on") as url, httpx.Client(base_url=url, timeout=30, limits=connections) as caller:
        yield House(desk, web, url, caller)


@pytest.fixture(scope="module", params=ON_BOTH)
def lasting_house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with ExitStack() as stack:
        url = None
        if request.param == "postgresql":
            url = stack.enter_context(with_tables(request.getfixturevalue("postgres_url")))
        yield stack.enter_context(opened_house(tmp_path_factory.mktemp("house"), url))


@pytest.fixture
def house(lasting_house: House) -> House:
    """A house on either database, which has kept nothing yet."""
    with lasting_house.desk.context.database.write() as session:
        session.execute(delete(InboxKey))
        session.execute(delete(InboxDelivery))
    return lasting_house


@pytest.fixture
def crowd() -> Iterator[ThreadPoolExecutor]:
    """Many who send at one moment."""
    with ThreadPoolExecutor(40) as crowd:
        yield crowd


def sent(crowd: ThreadPoolExecutor, house: House, number: int) -> dict[str, Future[httpx.Response]]:
    names = [f"c-{next(_NUMBERS)}" for _ in range(number)]
    return {name: crowd.submit(house.tell, name) for name in names}


# --- many at once ---


def test_many_deliveries_at_one_moment_are_a_few_commits(house: House, gate: Gate, crowd: ThreadPoolExecutor) -> None:
    commits: list[int] = []
    event.listen(house.desk.context.database.engine, "commit", lambda _connection: commits.append(1))
    gate.open.clear()
    answers = sent(crowd, house, 1)
    assert gate.arrived.wait(10)
    answers |= sent(crowd, house, 30)
    wait_for("all to wait", lambda: house.web.door.keeper.state().waiting == 31)
    gate.open.set()
    assert {answer.result().status_code for answer in answers.values()} == {200}
    assert house.kept() == set(answers)
    assert len(commits) <= 3  # the first alone, and the rest by as many hands as there are


def test_one_event_told_again_and_again_is_one_row_and_one_commit(house: House, crowd: ThreadPoolExecutor) -> None:
    assert house.tell("twin").status_code == 200
    commits: list[int] = []
    event.listen(house.desk.context.database.engine, "commit", lambda _connection: commits.append(1))
    answers = [crowd.submit(house.tell, "twin") for _ in range(40)]
    assert {answer.result().status_code for answer in answers} == {200}
    assert (house.kept(), commits) == ({"twin"}, [])


def test_a_server_that_stops_commits_and_answers_what_it_has_taken_in(
    tmp_path: Path, gate: Gate, crowd: ThreadPoolExecutor
) -> None:
    with opened_desk(tmp_path) as desk, joined(desk, "ems"), httpx.Client(timeout=30) as caller:
        web = make_web(desk.runtime)
        with serve(web, lifespan="on") as url:
            caller.base_url = httpx.URL(url)
            house = House(desk, web, url, caller)
            gate.open.clear()
            answers = sent(crowd, house, 25)
            wait_for("all to wait", lambda: web.door.keeper.state().waiting == 25)
            threading.Timer(0.3, gate.open.set).start()  # when the server has been told to stop
        assert {answer.result(10).status_code for answer in answers.values()} == {200}
        assert house.kept() == set(answers)


# --- too much ---


def test_who_finds_no_room_is_told_at_once_to_come_again_and_is_taken_then(
    tmp_path: Path, gate: Gate, crowd: ThreadPoolExecutor
) -> None:
    with opened_house(tmp_path, intake_queue=3) as house:
        gate.open.clear()
        answers = sent(crowd, house, 1)
        assert gate.arrived.wait(10)
        answers |= sent(crowd, house, 3)
        wait_for("a full queue", lambda: house.web.door.keeper.state().waiting == 4)
        refused = house.tell("one-too-many")
        assert (refused.status_code, refused.json()["code"]) == (503, "error")
        assert int(refused.headers["retry-after"]) > 0
        gate.open.set()
        assert {answer.result().status_code for answer in answers.values()} == {200}
        assert house.tell("one-too-many").status_code == 200
        assert house.kept() == {*answers, "one-too-many"}


def test_who_sends_without_proof_again_and_again_is_told_to_slow_down_and_the_operator_beside_it_is_not(
    tmp_path: Path,
) -> None:
    with opened_house(tmp_path, refusals_a_minute=5) as house:
        answers = [house.tell(secret="guessed") for _ in range(8)]
        assert [answer.status_code for answer in answers] == [403] * 5 + [429] * 3
        assert int(answers[-1].headers["retry-after"]) > 0
        assert answers[-1].json()["type"] == "urn:onestop-postal:problem:too-many-refused"
        assert house.tell("genuine").status_code == 200
        wait_for("all to be counted", lambda: _refused(house) == 8)
        assert house.kept() == {"genuine"}


def _refused(house: House) -> int:
    with house.desk.read() as session:
        return session.scalar(select(func.sum(WebhookRefusal.count))) or 0


@pytest.mark.parametrize("path", [EMS, "/v1/orders"])
def test_who_takes_too_long_to_send_is_told_so_and_hung_up_on(tmp_path: Path, path: str) -> None:
    with opened_house(tmp_path, body_seconds=0.3) as house:
        assert house.tell("first").status_code == 200  # so that the address is known, and the short way is taken
        where = urlsplit(house.url)
        with socket.create_connection((where.hostname, where.port or 0), timeout=10) as line:
            line.sendall(
                f"POST {path} HTTP/1.1\r\nHost: x\r\nems-transaction: slow\r\nContent-Length: 50\r\n\r\n{{".encode()
            )
            began = time.monotonic()
            answer = b"".join(iter(lambda: line.recv(65536), b""))
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert b"urn:onestop-postal:problem:too-slow" in answer
        assert 0.2 < time.monotonic() - began < 5
        assert house.kept() == {"first"}


# --- trouble of our own ---


def test_a_commit_that_does_not_end_is_not_waited_for_for_ever(
    tmp_path: Path, gate: Gate, crowd: ThreadPoolExecutor
) -> None:
    with opened_house(tmp_path, intake_patience=0.3) as house:
        gate.open.clear()
        answer = crowd.submit(house.tell, "stuck").result(10)
        assert (answer.status_code, answer.json()["code"]) == (503, "error")
        gate.open.set()
        assert house.tell("stuck").status_code == 200
        assert house.kept() == {"stuck"}


def test_a_database_that_can_only_be_read_is_told_as_busy_until_it_is_over(house: House) -> None:
    assert house.tell("before").status_code == 200
    with read_only(house.desk):
        refused = house.tell("meanwhile")
        assert (refused.status_code, refused.json()["code"]) == (503, "error")
        assert house.web.door.keeper.state().trouble in ("ReadOnlySqlTransaction", "OperationalError")
    assert house.tell("meanwhile").status_code == 200
    assert (house.kept(), house.web.door.keeper.state().trouble) == ({"before", "meanwhile"}, "")


@contextmanager
def read_only(desk: TestDesk) -> Iterator[None]:
    """Let every transaction that begins meanwhile be one that cannot write."""
    engine = desk.context.database.engine
    order = "PRAGMA query_only=ON" if engine.dialect.name == "sqlite" else "SET TRANSACTION READ ONLY"

    def forbid(connection: Any) -> None:
        connection.exec_driver_sql(order)

    event.listen(engine, "begin", forbid)
    try:
        yield
    finally:
        event.remove(engine, "begin", forbid)
        if engine.dialect.name == "sqlite":
            engine.dispose()
            event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("PRAGMA query_only=OFF"))


def test_a_full_disk_is_told_as_busy_and_nothing_is_half_kept(tmp_path: Path) -> None:
    with opened_house(tmp_path) as house:
        assert house.tell("before").status_code == 200
        engine = house.desk.context.database.engine
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("PRAGMA max_page_count=1"))
        statuses = {house.tell(f"t-{number}-{'x' * 80}").status_code for number in range(60)}
        assert 503 in statuses
        with house.desk.read() as session:
            keys = session.scalar(select(func.count()).select_from(InboxKey))
        assert keys == len(house.kept())


@pytest.mark.needs_postgres
def test_a_server_that_was_restarted_meanwhile_costs_no_delivery(postgres_url: str, tmp_path: Path) -> None:
    with with_tables(postgres_url) as url, opened_house(tmp_path, url) as house:
        assert house.tell("before").status_code == 200
        hang_up = (
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        with psycopg.connect(libpq_url(url), autocommit=True) as administrator:
            administrator.execute(hang_up)
        assert house.tell("after").status_code == 200
        assert house.kept() == {"before", "after"}


# --- clocks ---


@pytest.mark.parametrize(
    ("behind", "is_kept"),
    [
        (timedelta(minutes=4), True),
        (timedelta(hours=1), False),
        (-timedelta(hours=23), True),
        (-timedelta(hours=25), False),
    ],
    ids=["within the skew", "our clock jumped back", "late", "too late"],
)
def test_a_delivery_whose_time_is_too_far_from_ours_is_let_go_of_and_counted(
    tmp_path: Path, behind: timedelta, is_kept: bool
) -> None:
    """J&T is told that it is taken, and its tracking has the scan: nothing is lost when our clock is wrong."""
    with opened_desk(tmp_path) as desk, joined(desk, "jt") as operator:
        operator.report("H14.10-260302-0001-S1", ShipmentState.IN_TRANSIT, MONDAY)
        (told,) = operator.books.events_of(operator.default_customer, "H14.10-260302-0001-S1")
        delivery = operator.delivery(told, "/webhooks/jt/jt")
        assert delivery is not None
        desk.clock.at(MONDAY - behind)
        for house in served(desk):
            answer = house.caller.post("/webhooks/jt/jt", content=delivery.body, headers=dict(delivery.headers))
            assert (answer.status_code, answer.json()["code"]) == (200, "1")
        assert (len(house.kept()), _refused(house)) == ((1, 0) if is_kept else (0, 1))
