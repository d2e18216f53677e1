"""A change of the calendar over very many stored ledgers, on PostgreSQL, end to end: read, compute again, list moves.

It works in a database of its own, which it makes beside the one it is given and drops again.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from cryptography.fernet import Fernet
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from config.calendars import DayOff, OfficeCalendar
from config.calendars.model import Certainty
from config.database import Database
from config.errors import ConfigurationError
from tracking.calendar_change import dated_otherwise, impact
from tracking.deadlines.facts import ClockFact, FactKind
from tracking.deadlines.ledger import fold
from tracking.deadlines.rules import RuleId, load_rules
from tracking.deadlines.terms import DueTime, Term
from tracking.deadlines.working_time import WorkingTime
from tracking.office import Office
from worker import migrate

_STARTS = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
_SURPRISE = datetime(2026, 3, 20, tzinfo=UTC).date()
_TEMPLATES = 2000


@dataclass(frozen=True)
class Recalculation:
    """What a run measured. ``database_share``: what the same rows take to be read and thrown away, of the whole."""

    ledgers: int
    moved: int
    seconds: float
    rows_a_second: float
    database_share: float
    fold_rows_a_second: float


def run(url: str, calendar: OfficeCalendar, ledgers: int) -> Recalculation:
    """Store ``ledgers`` open ledgers, declare one working day off, and find whose date moves.

    Raises:
        ConfigurationError: ``url`` is no PostgreSQL database.
    """
    if not make_url(url).get_backend_name().startswith("postgresql"):
        raise ConfigurationError("this bench needs PostgreSQL: give --database postgresql+psycopg://user@host/postgres")
    before, after = WorkingTime(calendar), WorkingTime(_with_a_surprise(calendar))
    with _own_database(url) as database:
        migrate.upgrade(database)
        _store(database, before, ledgers)
        return _measure(database, Office(after, load_rules(), DueTime.END_OF_DAY, after), before, ledgers)


def _with_a_surprise(calendar: OfficeCalendar) -> OfficeCalendar:
    off = DayOff(_SURPRISE, "Nghỉ đột xuất", "Unexpected day off", "bench", None, Certainty.LOW)
    years = tuple(
        replace(year, days_off=(*year.days_off, off)) if year.year == _SURPRISE.year else year
        for year in calendar.years
    )
    return replace(calendar, years=years)


@contextmanager
def _own_database(url: str) -> Iterator[Database]:
    name = f"onestop_postal_bench_{secrets.token_hex(4)}"
    server = create_engine(url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    database = Database(
        make_url(url).set(database=name).render_as_string(hide_password=False), Fernet.generate_key().decode()
    )
    try:
        yield database
    finally:
        database.dispose()
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        server.dispose()


def _store(database: Database, working_time: WorkingTime, ledgers: int) -> None:
    """Compute some due dates by the calendar as it was, and multiply them inside the database."""
    templates = [_template(number, working_time) for number in range(_TEMPLATES)]
    with database.engine.begin() as connection:
        connection.execute(
            text("CREATE TEMP TABLE template (n int, amount int, basis_at timestamptz, due timestamptz)")
        )
        connection.execute(text("INSERT INTO template VALUES (:n, :amount, :basis_at, :due)"), templates)
        connection.execute(text(_DOSSIERS), {"ledgers": ledgers})
        connection.execute(
            text(_CLOCKS), {"ledgers": ledgers, "templates": _TEMPLATES, "version": working_time.calendar.version}
        )
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE dossier_clock"))


def _template(number: int, working_time: WorkingTime) -> dict[str, object]:
    basis_at = _STARTS + timedelta(minutes=number * 11)
    amount = 1 + number % 30
    due = working_time.due(basis_at, Term.parse(amount, "working_days"))
    return {"n": number, "amount": amount, "basis_at": basis_at, "due": due}


_DOSSIERS = """
INSERT INTO dossier (code, source_system, due_date_owner, procedure_code, procedure_name, term_amount, term_unit,
    postal_submission, postal_return, agency_code, agency_name, applicant_name, applicant_phone, phone_index, fee_vnd,
    filed_at, registered_at, revision)
SELECT 'B-' || i, 'bench', 'us', '1', '1', 1, 'working_days', true, true, 'H14', 'H14', '', '', '', 0, now(), now(), 1
FROM generate_series(1, :ledgers) AS i
"""
_CLOCKS = """
INSERT INTO dossier_clock (dossier_code, state, due, term_amount, term_unit, accepted_on, extensions, basis_at,
    calendar_version)
SELECT 'B-' || i, 'running', due, amount, 'working_days', basis_at::date, 0, basis_at, :version
FROM generate_series(1, :ledgers) AS i JOIN template ON n = i % :templates
"""


def _measure(database: Database, office: Office, before: WorkingTime, ledgers: int) -> Recalculation:
    started = time.perf_counter()
    with database.read() as session:
        moved = sum(1 for _ in impact(session, office))
    seconds = time.perf_counter() - started
    started = time.perf_counter()
    with database.read() as session:
        for _ in session.execute(dated_otherwise(office)):
            pass
    reading = time.perf_counter() - started
    return Recalculation(
        ledgers=ledgers,
        moved=moved,
        seconds=round(seconds, 2),
        rows_a_second=round(ledgers / seconds),
        database_share=round(reading / seconds, 2),
        fold_rows_a_second=round(_fold_rate(before)),
    )


def _fold_rate(working_time: WorkingTime) -> float:
    """Return how many whole histories of three facts are folded a second: the cost without the stored basis."""
    rules, term = load_rules(), Term.parse(10, "working_days")
    facts = [
        ClockFact("1", FactKind.START, _STARTS, RuleId.START_HANDOVER, "bench", _STARTS),
        ClockFact("2", FactKind.SUSPEND, _STARTS + timedelta(days=1), RuleId.SUPPLEMENT_REQUEST, "bench", _STARTS),
        ClockFact("3", FactKind.RESTART, _STARTS + timedelta(days=3), RuleId.SUPPLEMENT_RESTART, "bench", _STARTS),
    ]
    started, rounds = time.perf_counter(), 5000
    for _ in range(rounds):
        fold(facts, term, working_time, rules)
    return rounds / (time.perf_counter() - started)
