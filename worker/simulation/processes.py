"""The processes of the system: each has connections and a memory of its own, which are gone when it is killed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NoReturn, Protocol

import httpx
from sqlalchemy import Engine

from carriers import registry
from carriers.contract import Carrier
from carriers.plugin import Runtime as CarrierRuntime
from config.accounts import Accounts, CarrierAccount
from config.clock import Clock
from config.database import Database
from config.settings import Settings
from dispatch.calls import recorder
from dispatch.context import CarrierPool, Context
from dispatch.messenger import Messenger
from tracking.onestop_standing import standings
from worker.runtime import Runtime
from worker.simulation.grounds import Ground, office_on


class Killed(BaseException):
    """The process is dead: nothing of it runs on. No ``except Exception`` may hold this up."""


class Surroundings(Protocol):
    """What meets a process from outside at the two boundaries at which it can be hit: its commits and its calls."""

    def before_commit(self, process: Process) -> None: ...

    def after_commit(self, process: Process) -> None: ...

    def call(self, process: Process, request: httpx.Request) -> httpx.Response: ...

    def ring(self, lane: str) -> None: ...


class Process:
    """One process of the system, which can be killed at any of its boundaries and comes back with an empty memory.

    Attributes:
        job: what it is doing, for the story.
        life: counts its lives.
    """

    def __init__(
        self, name: str, ground: Ground, settings: Settings, accounts: Accounts, clock: Clock, around: Surroundings
    ) -> None:
        self.name, self.job, self.life = name, "", 1
        self._ground, self.settings, self._accounts = ground, settings, accounts
        self._clock, self._around = clock, around
        self._dead = False
        self.commits = 0
        self.runtime = self._born()

    def must_live(self) -> None:
        """Let nothing happen after death, whatever ``finally`` clauses still try."""
        if self._dead:
            raise Killed

    def kill(self) -> NoReturn:
        """End it here; :meth:`restart` brings it back."""
        self._dead = True
        raise Killed

    def restart(self, settings: Settings | None = None) -> None:
        """Throw its memory away and begin anew on the same database."""
        self.runtime.close()
        self.settings = settings or self.settings
        self._dead, self.life = False, self.life + 1
        self.runtime = self._born()

    def close(self) -> None:
        """End it for good."""
        self.runtime.close()

    def _born(self) -> Runtime:
        database = self._ground.database(self.name)
        _watch_commits(database.engine, self)
        lines = _Lines(self, self._around)
        office = office_on(self.settings, database)
        messenger = Messenger(self._accounts, self.settings, standings(database, office), lines, database)
        return Runtime(self._context(database, lines), office, messenger)

    def _context(self, database: Database, lines: httpx.BaseTransport) -> Context:
        runtime = CarrierRuntime(
            record=recorder(database),
            timeout=self.settings.call_timeout,
            patient=False,
            network=lambda _settings: lines,
        )

        def open_account(account: CarrierAccount) -> Carrier:
            return registry.build(account, runtime)

        pool = CarrierPool(self._accounts, open_account)
        return Context(database, self._clock, self.settings, self._accounts, pool, ring=self._around.ring)

    def about_to_commit(self) -> None:
        """Meet whatever is due to meet it before a commit."""
        self.must_live()
        self._around.before_commit(self)

    def has_committed(self) -> None:
        """Meet whatever is due to meet it after a commit, of which it has not heard yet."""
        self.commits += 1
        self._around.after_commit(self)


class _Lines(httpx.BaseTransport):
    """What carries a process's calls."""

    def __init__(self, process: Process, around: Surroundings) -> None:
        self._process, self._around = process, around

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self._process.must_live()
        return self._around.call(self._process, request)


def _watch_commits(engine: Engine, process: Process) -> None:
    """Stand at every commit: SQLAlchemy tells of it beforehand only, so the driver's own is wrapped."""
    commit: Callable[[Any], None] = partial(type(engine.dialect).do_commit, engine.dialect)

    def watched(connection: Any) -> None:
        process.about_to_commit()
        commit(connection)
        process.has_committed()

    vars(engine.dialect)["do_commit"] = watched
