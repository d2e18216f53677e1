"""The world around the system: its one-stop, its postal operator, and everybody who acts, in one folder."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

from carriers import registry
from carriers.simulation import simulator_of
from carriers.vnpost_ngsp.simulator import NgspOperator, create_app
from config.calendars.load import load_calendar
from config.clock import DrivenClock
from dispatch.onestop.simulator import OneStopSimulator
from tracking.deadlines.working_time import WorkingTime
from worker.training import citizen
from worker.training.book import WorldBook
from worker.training.cases import PACKAGED, Case, load_cases
from worker.training.clerk import Clerk
from worker.training.client import Client
from worker.training.driver import Driver, Pace
from worker.training.performing import Performer
from worker.training.plot import Plot
from worker.training.post_office import PostOffice
from worker.training.servers import Server
from worker.training.stories import Stories
from worker.training.view import Hours

CASES = "dossiers.json"
OFFICE = "caobang"
ONESTOP_BOOKS = "onestop.db"
"""What the one-stop and the message gateway were sent, in the folder of a run."""


def tells_by_webhook(carrier: str) -> bool:
    """Whether an operator sends us news by itself."""
    return "webhook" in registry.describe(carrier).capabilities


def found_world(home: Path, dossiers: Path | None) -> Plot:
    """Lay out a new world in ``home``, which must not exist: dossiers, ports, secrets, configuration, clock, filings.

    Raises:
        MalformedFileError: the file of dossiers cannot be used; nothing is left behind.
    """
    cases = load_cases(dossiers)
    plot = Plot.new(cases, starts_at=cases[0].filed_at - timedelta(minutes=30))
    draft = home.with_name(f".{home.name}-{plot.system_port}")
    draft.mkdir(parents=True)
    (draft / CASES).write_bytes((dossiers or PACKAGED).read_bytes())
    plot.write_configuration(draft)
    DrivenClock(draft / "clock", start=plot.starts_at)
    book = WorldBook(draft / "world.db")
    book.plan(citizen.filings(cases))
    book.close()
    plot.write(draft)
    draft.rename(home)  # a world is there wholly, or not at all
    return plot


class World:
    """The world in ``home``, running from entering the context to leaving it; it goes on where it was left.

    Whoever serves the operators and the one-stop elsewhere, on the same files, replaces what looks at them from here.

    Raises:
        PortTakenError: somebody else uses a port of this run.
    """

    onestop_type: ClassVar[type[OneStopSimulator]] = OneStopSimulator
    post_office_type: ClassVar[type[PostOffice]] = PostOffice
    client_type: ClassVar[type[Client]] = Client

    def __init__(self, home: Path, plot: Plot) -> None:
        self.home, self.plot = home, plot
        self.cases: list[Case] = load_cases(home / CASES)
        self.clock = DrivenClock(home / "clock")
        self.calendar = load_calendar(OFFICE)
        self.book = WorldBook(home / "world.db")
        self.operator = NgspOperator(
            now=self.clock.now,
            clients=[plot.client_of(account) for account in plot.customers],
            database=home / "operator.db",
        )
        self.others = {
            carrier: simulator_of(carrier).make(now=self.clock.now, database=home / f"{carrier}.db")
            for carrier in plot.other_ports
        }
        self.onestop = self.onestop_type(
            home / ONESTOP_BOOKS, plot.callback_secret, plot.gateway_secret, now=self.clock.now
        )
        clients = {account: plot.client_of(account) for account in plot.customers}
        self.post = self.post_office_type(self.operator, clients, self.book, self.others)
        self.client = self.client_type(plot.system_url, plot.api_token)
        hours = Hours(WorkingTime(self.calendar))
        self.stories = Stories(self.cases, self.book, self.onestop, self.post, hours)
        self.performer = Performer(
            self.cases,
            self.book,
            self.client,
            self.onestop,
            self.post,
            lambda case: plot.account_of(case.agency),
            sorted(plot.other_ports),
        )
        self.clerk = Clerk(self.client, self.post, hours)
        self._running = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as starting:
            starting.callback(self.book.close)
            starting.callback(self.operator.close)
            starting.callback(self.onestop.deliveries.close)
            for other in self.others.values():
                starting.callback(other.close)
            starting.enter_context(self.client)
            self._serve(starting)
            self._running = starting.pop_all()
        self._set_traps_again()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._running.close()

    def driver(self, meanwhile: Callable[[], None], pace: Pace | None = None) -> Driver:
        """Return what moves this world's time forward."""
        people = (self.stories, self.performer, self.clerk)
        return Driver(self.clock, self.client, self.book, *people, self.post, meanwhile, pace)

    def _serve(self, starting: ExitStack) -> None:
        starting.enter_context(Server(create_app(self.operator), self.plot.operator_port))
        starting.enter_context(Server(self.onestop.app, self.plot.onestop_port))
        for carrier, account in self.plot.other_accounts().items():
            other = self.others[carrier]
            starting.enter_context(Server(simulator_of(carrier).app(other), self.plot.other_ports[carrier]))
            if tells_by_webhook(carrier):
                other.send_webhooks_to(self.plot.webhook_of(account))

    def finish(self) -> None:
        """Mark the run as finished: the next one may take its place."""
        self.plot = self.plot.model_copy(update={"finished": True})
        self.plot.write(self.home)

    def _set_traps_again(self) -> None:
        """The operator's traps live in memory: after a restart those that have not sprung are set again."""
        for code, part in self.book.begun().items():
            self.performer.arm(code, part)
