"""What jobs and the board's pages ask of PostgreSQL costs by what is due, and not by what there is: shown by its plans.

The statements are not written down here. The jobs run, what they send is caught, and PostgreSQL is asked how it would
go about it with a province's rows in its tables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from dispatch.onestop import registry
from dispatch.onestop.dvcqg.simulator import PortalBooks, create_app
from dispatch.onestop.plugin import Ties
from dispatch.signed_post import SignedPost
from tests.support.board import Colleague, at_the_board, log_in
from tests.support.crowd import PHONE, Crowd
from tests.support.desk import ACCOUNT, TestDesk, opened_desk
from tests.support.portal import portal_system
from tests.support.schema import with_tables
from tests.support.servers import serve
from tests.support.web import visit
from tracking import retention
from tracking.reconciliation import rounds
from tracking.reconciliation.rows import rounds_of
from worker.access.roles import Role
from worker.health import Health
from worker.job_runs import HEARTBEAT
from worker.metrics import Figures
from worker.tasks import JOBS, Job

pytestmark = pytest.mark.needs_postgres

LARGE = "SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples > 1000 AND relname NOT LIKE 'pg\\_%%'"

Asked = dict[str, Any]


@pytest.fixture(scope="module")
def province(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestDesk]:
    folder: Path = tmp_path_factory.mktemp("province")
    with with_tables(postgres_url) as url, opened_desk(folder, url) as desk:
        Crowd().fill(desk.context.database)
        retention.keep_months_ahead(desk.context)
        with desk.context.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("ANALYZE")
        yield desk


@contextmanager
def asked_of(engine: Engine) -> Iterator[Asked]:
    """Catch the statements that are sent, each with its parameters of the first time."""
    caught: Asked = {}

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "UPDATE", "DELETE", "WITH")):
            caught.setdefault(statement, parameters[0] if many else parameters)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield caught
    finally:
        event.remove(engine, "before_cursor_execute", note)


def scans(desk: TestDesk, asked: Asked) -> dict[str, str]:
    """Return the tables with many rows that would be read from end to end, each with a statement that does it."""
    found: dict[str, str] = {}
    with desk.context.database.engine.connect() as connection:
        large = set(connection.exec_driver_sql(LARGE).scalars())
        for statement, parameters in asked.items():
            (plan,) = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters).scalar_one()
            for table in large.intersection(scanned(plan["Plan"])):
                found.setdefault(table, statement)
    return found


def scanned(node: dict[str, Any]) -> Iterator[str]:
    """Yield the tables that a plan reads from end to end."""
    if node["Node Type"] == "Seq Scan":
        yield node["Relation Name"]
    for part in node.get("Plans", ()):
        yield from scanned(part)


def run(desk: TestDesk, work: Callable[[], object]) -> Asked:
    with asked_of(desk.context.database.engine) as asked:
        work()
    assert asked
    return asked


# The third and the last ask nothing where no system is configured that shows its dossiers or keeps copies. Where one
# shows them, only its own rows are looked at; the dossiers of which one keeps copies are told once, by code.
# Reports count everything there is, once a month, and ask nothing where no folder is named for them.
NOT_SHOWN = (
    "postal.housekeeping.calendar",
    HEARTBEAT,
    "postal.polling.onestops",
    "postal.housekeeping.reports",
    "postal.housekeeping.copies",
)


@pytest.mark.parametrize("job", [job for job in JOBS if job.name not in NOT_SHOWN], ids=lambda j: j.name)
def test_no_job_reads_a_large_table_from_end_to_end(province: TestDesk, job: Job) -> None:
    assert scans(province, run(province, lambda: job.run(province.runtime))) == {}


def test_neither_does_comparing_with_a_system_and_an_operator(province: TestDesk, tmp_path: Path) -> None:
    books = PortalBooks(tmp_path / "portal.db")
    with serve(create_app(books)) as url:
        system = portal_system(url, "session").model_copy(update={"copies": ("x",)})  # of which the crowd's are
        ties = Ties(province.context.settings, SignedPost(5.0), lambda _code: None, province.context.database)
        portal = registry.build(system, ties)
        compare = partial(rounds.compare_now, province.context, province.office, [portal])
        assert scans(province, run(province, compare)) == {}
        portal.close()
    with province.read() as session:
        compared = {row.peer: (row.compared, row.trouble) for row in rounds_of(session)}
    assert compared == {"dvcqg-portal": (200, None), ACCOUNT: (200, None)}
    books.close()


def test_neither_does_the_health_check(province: TestDesk) -> None:
    assert scans(province, run(province, Health(province.context).readiness)) == {}


def test_neither_do_the_figures_that_every_scrape_asks_for(province: TestDesk) -> None:
    seen = Figures(province.runtime, Health(province.context))
    seen.render()
    assert scans(province, run(province, seen.render)) == {}


@pytest.fixture(scope="module")
def board(province: TestDesk) -> Iterator[Colleague]:
    """Somebody at the board who looks after all of the province, or after one agency of it."""
    with visit(province) as web, at_the_board(str(web.base_url), log_in(province, Role.SUPERVISOR, "*")) as colleague:
        colleague.page("/board/account")  # whose first page it is does not show what is being looked for
        yield colleague


AT_THE_BOARD = {
    "what needs a hand": "/board",
    "what needs a hand at one agency": "/board?agency=H14.7",
    "the newest shipments": "/board/shipments",
    "shipments of a state": "/board/shipments?state=in_transit",
    "delivered shipments": "/board/shipments?state=delivered",
    "shipments of an agency": "/board/shipments?agency=H14.7",
    "shipments of a state, way and agency": "/board/shipments?state=in_transit&leg=send&agency=H14.7",
    "shipments of an operator": "/board/shipments?operator=vnpost_ngsp",
    "shipments of some days": "/board/shipments?since=2026-01-07&until=2026-01-08",
    "a waybill": "/board/shipments?q=W19990",
    "an order number": "/board/shipments?q=D19990-S1",
    "a dossier": "/board/shipments?q=D19990",
    "nothing that is known": "/board/shipments?q=W0",
    "papers that come to an agency": "/board/handovers?agency=H14.7&direction=to_agency",
    "a later page of them": "/board/handovers?agency=H14.7&direction=to_agency&page=2",
    "results that leave an agency": "/board/handovers?agency=H14.7&direction=to_post",
    "a record": "/board/handovers/7",
    "results of an agency": "/board/results?agency=H14.7",
    "results of everybody": "/board/results",
    "a dossier's story": "/board/dossiers/D19990",
    "the operators": "/board/operators",
}


@pytest.mark.parametrize("what", AT_THE_BOARD)
def test_neither_does_a_page_of_the_board(province: TestDesk, board: Colleague, what: str) -> None:
    assert scans(province, run(province, lambda: board.page(AT_THE_BOARD[what]))) == {}


def test_neither_does_a_search_by_telephone(province: TestDesk, board: Colleague) -> None:
    page = board.page("/board/shipments")
    found = run(province, lambda: asserted(board.send(page, "/board/shipments/search", q=PHONE), "D20000-S1"))
    assert scans(province, found) == {}


def test_neither_does_a_scan_at_a_desk(province: TestDesk, board: Colleague) -> None:
    page = board.page("/board/handovers", agency="H14.30", direction="to_agency")
    desk = {"agency": "H14.30", "direction": "to_agency"}
    scan = lambda: asserted(board.send(page, "/board/handovers/scan", text="W19990", **desk), "verdict:D19990-S1")  # noqa: E731
    assert scans(province, run(province, scan)) == {}


def asserted(answer: httpx.Response, text: str) -> None:
    assert text in answer.text
