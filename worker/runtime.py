"""What a process needs to work: settings, database, carriers, office and connectors, put together in one place."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy.exc import IntegrityError

from carriers import registry
from carriers.contract import Carrier
from carriers.plugin import Runtime as CarrierRuntime
from config.accounts import CarrierAccount, load_accounts
from config.clock import open_clock
from config.database import Database, data_key_file
from config.settings import Settings
from dispatch.calls import recorder
from dispatch.context import CarrierPool, Context
from dispatch.messenger import Messenger
from tracking import polling, retention
from tracking.calendar_versions import keep_version
from tracking.office import Office, load_office
from tracking.onestop_standing import standings
from tracking.telling.spreading import citizens_of
from worker import job_runs, migrate
from worker.bus.publisher import opener
from worker.heart import Heart
from worker.spans import recording
from worker.tasks import JOBS


@dataclass(frozen=True)
class Runtime:
    """The context of the floors below, the office, the way out to the one-stop, and the sign of life."""

    context: Context
    office: Office
    messenger: Messenger
    heart: Heart = field(default_factory=Heart)

    def prepare(self) -> None:
        """Write down what the rows will refer to: jobs, feeds to read, months, the calendar in force."""
        retention.keep_months_ahead(self.context)
        for write_down in (self._expect_jobs, lambda: polling.prepare(self.context), self._keep_calendar):
            try:
                write_down()
            except IntegrityError:  # another process that starts at this moment was quicker
                write_down()

    def _expect_jobs(self) -> None:
        with self.context.database.write() as session:
            job_runs.expect(session, (job.name for job in JOBS))

    def _keep_calendar(self) -> None:
        with self.context.database.write() as session:
            keep_version(session, self.office.working_time.calendar, self.context.clock.now())

    def close(self) -> None:
        """Close every connection of this process."""
        self.context.carriers.close()
        self.messenger.close()
        self.context.database.dispose()


def open_database(settings: Settings) -> Database:
    """Open the configured database; the embedded one makes its own data key."""
    keys = settings.data_key.get_secret_value() or data_key_file(settings.home)
    return Database(settings.url, keys)


def current_database(settings: Settings) -> Database:
    """Open the configured database for a command that reads or mends what is in it.

    Raises:
        ConfigurationError: its schema is of another version, or nothing is there yet.
    """
    database = open_database(settings)
    migrate.require_current(database)
    return database


def build(settings: Settings, ring: Callable[[str], None]) -> Runtime:
    """Put everything together.

    Raises:
        ConfigurationError: a setting, account, calendar or rule cannot be used.
    """
    database = open_database(settings)
    accounts = load_accounts(settings.config)
    carrier_runtime = CarrierRuntime(record=recording(recorder(database)), timeout=settings.call_timeout)

    def open_account(account: CarrierAccount) -> Carrier:
        return registry.build(account, carrier_runtime)

    context = Context(
        database=database,
        clock=open_clock(settings.clock_file),
        settings=settings,
        accounts=accounts,
        carriers=CarrierPool(accounts, open_account),
        ring=ring,
    )
    for account in accounts.carrier_accounts:
        context.carriers.get(account.id)  # wrong options stop the boot, not the first booking
    office = load_office(settings, database)
    messenger = Messenger(
        accounts,
        settings,
        standings(database, office),
        database=database,
        citizens=citizens_of(context),
        open_bus=opener(settings),
    )
    return Runtime(context, office, messenger)


@contextmanager
def opened_runtime(settings: Settings) -> Iterator[Runtime]:
    """Open a runtime for one command; other processes find the work that it leaves at their next sweep."""
    runtime = build(settings, lambda _lane: None)
    try:
        migrate.require_current(runtime.context.database)
        yield runtime
    finally:
        runtime.close()


class LazyRuntime:
    """The process's runtime, built on first use: never before a fork, never twice."""

    def __init__(self, make: Callable[[], Runtime]) -> None:
        self._make = make
        self._runtime: Runtime | None = None
        self._lock = threading.Lock()

    def __call__(self) -> Runtime:
        with self._lock:
            if self._runtime is None:
                self._runtime = self._make()
            return self._runtime
