"""One run: a world from a seed, played to its end and judged."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import SecretStr

from carriers.capabilities import CanAskForWebhooks, CanTrackItems
from config.accounts import Accounts, ApiClient, MessageGateway, OneStopSystem
from config.clock import wall_time
from config.settings import Settings
from dispatch.onestop.simulator import OneStopSimulator
from worker.lanes import Lane
from worker.simulation.agenda import Agenda
from worker.simulation.boundaries import Boundaries
from worker.simulation.calendar import announce, unchanged
from worker.simulation.cases import draw_cases, first_day
from worker.simulation.chance import Chance
from worker.simulation.citizen import Citizens
from worker.simulation.clerk import Clerk
from worker.simulation.clock import VirtualClock
from worker.simulation.digest import digest
from worker.simulation.due import due_by_lane
from worker.simulation.endings import Endings
from worker.simulation.faults import FaultKind, Faults, Injected
from worker.simulation.grounds import Ground
from worker.simulation.judgement import Judgement
from worker.simulation.limits import Limits
from worker.simulation.officer import Officers
from worker.simulation.post import Branch, Post, host_of, open_branch
from worker.simulation.postbag import Postbag
from worker.simulation.postman import Postmen
from worker.simulation.processes import Process
from worker.simulation.safety import Safety
from worker.simulation.stations import Station
from worker.simulation.story import Story
from worker.simulation.system import System
from worker.simulation.truth import Truth
from worker.simulation.world import Verdict, Violation, World
from worker.training.view import Hours

OPERATORS = ("vnpost_ngsp", "myvnpost", "ems", "viettelpost", "jt")

_SECRET = "whsec_c2ltdWxhdGlvbi1zZWNyZXQtb2YtdGhlLW9uZS1zdG9w"
_TROUBLE_LASTS = timedelta(days=40)
_LONGEST = timedelta(days=150)
_SETTLES = timedelta(days=3)
"""What is still to be told and asked about when the last story has ended, is done within this time."""

_PATIENCE = (timedelta(seconds=5), timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=20))
_LONGEST_SLEEP = timedelta(hours=24)
_SWEEP = 60
"""The longest time between two sweeps, in minutes. What rings is done at once."""

_HOUSEKEEPING = 24.0
_ONESTOP = "onestop"


@dataclass(frozen=True)
class Play:
    """What is to be played.

    Attributes:
        only: ids of the faults that strike; None lets the seed decide.
        cast: numbers of the dossiers that take part; empty: all.
        operators: whose accounts we have.
        impatient: stop at the first promise that is broken, and do not judge the end.
    """

    seed: int
    dossiers: int
    kinds: tuple[FaultKind, ...]
    only: frozenset[str] | None = None
    cast: frozenset[int] = frozenset()
    operators: tuple[str, ...] = OPERATORS
    impatient: bool = False


@dataclass(frozen=True)
class Outcome:
    """What came of a run."""

    play: Play
    virtual_days: float
    steps: int
    calls: int
    faults: dict[str, int]
    injected: tuple[Injected, ...]
    checks: int
    violations: tuple[Violation, ...]
    digest: str
    story: Story

    @property
    def good(self) -> bool:
        return not self.violations


def play(play: Play, ground: Ground) -> Outcome:
    """Play one story to its end and judge it."""
    random.seed(play.seed)  # the outbox draws its jitter there
    with _opened(play, ground) as director:
        return director.run()


class _Director:
    """Moves time from one thing to do to the next."""

    def __init__(self, play: Play, world: World, safety: Safety, boundaries: Boundaries) -> None:
        self._play, self._world, self._safety, self._boundaries = play, world, safety, boundaries
        self._officers = Officers(world)
        self._citizens = Citizens(world)
        self._postmen = Postmen(world, self._officers, self._citizens)
        self._postbag = Postbag(world)
        self._endings = Endings(world, self._officers)
        self._began = world.now()
        self._calendars = unchanged()
        carriers = world.system.web.runtime.context.carriers
        accounts = [branch.account.id for branch in world.post]
        self._followed = [one for one in accounts if isinstance(carriers.get(one), CanTrackItems | CanAskForWebhooks)]
        self._idle = self._steps = self._seen = 0

    def run(self) -> Outcome:
        """Play until all has ended and settled, and judge."""
        world, cases = self._world, draw_cases(self._world.chance, self._play.dossiers, list(self._play.operators))
        for case in cases:
            if not self._play.cast or int(case.code.rpartition("-")[2]) in self._play.cast:
                self._citizens.expect(case)
        Clerk(world).begin()
        self._endings.begin()
        self._keep_house()
        world.agenda.add(cases[-1].filed_at + _TROUBLE_LASTS, self._end_trouble)
        if world.faults.strikes(FaultKind.CALENDAR_CHANGED, "day off"):
            world.later(self._change_calendar, hours=world.chance.between(100, 500, "announced"))
        settled_at = None
        while settled_at is None or world.now() < settled_at:
            self._step()
            if self._play.impatient and world.verdict.violations:
                return self._outcome()
            if settled_at is None and self._is_over():
                self._end_trouble()
                settled_at = world.now() + _SETTLES
        self._judge()
        return self._outcome()

    def _step(self) -> None:
        """Do the next thing: somebody acts, or a sweep comes by where rows are due."""
        world = self._world
        self._steps += 1
        sweep_at, lanes = self._next_sweep()
        act_at = world.agenda.next_at()
        if act_at is not None and act_at <= sweep_at:
            world.clock.advance_to(act_at)
            while (act := world.agenda.take_due(world.now())) is not None:
                act()
                self._after()
        else:
            world.clock.advance_to(sweep_at)
            world.system.sweep(lanes)
            self._after()

    def _after(self) -> None:
        self._world.system.answer_rings()
        self._postmen.look_at_books()
        self._postbag.collect()
        commits = sum(process.commits for process in (self._world.system.web, *self._world.system.workers))
        if commits != self._seen:
            self._seen = commits
            with self._world.system.web.runtime.context.database.read() as session:
                self._safety.look(session)

    def _next_sweep(self) -> tuple[datetime, list[Lane]]:
        """Return when a sweep finds something to do, and in which lanes: some come at once, some a little later."""
        world, now = self._world, self._world.now()
        with world.system.web.runtime.context.database.read() as session:
            due = due_by_lane(session, self._followed)
        first = min(due.values(), default=now + _LONGEST_SLEEP)
        if first <= now:  # due, and not done: its operator is left alone, or a doorbell was lost just now
            first = now + _PATIENCE[min(self._idle, len(_PATIENCE) - 1)]
            self._idle += 1
        else:
            self._idle = 0
            first += timedelta(minutes=int(world.chance.between(0, _SWEEP, "sweep", self._steps)))
        return first, [lane for lane, at in due.items() if at <= first]

    def _is_over(self) -> bool:
        late = self._world.now() > self._began + _LONGEST
        begun = len(self._world.truth.dossiers) == (len(self._play.cast) or self._play.dossiers)
        return late or (begun and not self._endings.unfinished())

    def _end_trouble(self) -> None:
        world = self._world
        if not world.faults.over:
            world.faults.end()
            world.story.tell("all trouble is over")
            for station in self._boundaries.stations.values():
                station.away.clear()
                station.failing_until = None

    def _keep_house(self) -> None:
        self._world.system.sweep()
        self._world.system.keep_house()
        self._world.later(self._keep_house, hours=_HOUSEKEEPING)

    def _change_calendar(self) -> None:
        """A day off is announced: the new calendar is put in place, and every process starts again with it."""
        world, web = self._world, self._world.system.web
        folder = web.settings.home / "calendars"
        self._calendars = announce(folder, world.chance, world.now(), web.runtime.office.working_time.is_working_day)
        for process in (web, *world.system.workers):
            process.restart(process.settings.model_copy(update={"calendars": folder}))
        _prepare(web, world.faults)
        world.hours = Hours(web.runtime.office.working_time)
        world.story.tell("a working day is declared off; every process starts again with the new calendar")

    def _judge(self) -> None:
        runtime = self._world.system.web.runtime
        Judgement(self._world, runtime, self._calendars).pass_(self._endings.unfinished())

    def _outcome(self) -> Outcome:
        world = self._world
        with world.system.web.runtime.context.database.read() as session:
            final = digest(session, world.onestop)
        return Outcome(
            play=self._play,
            virtual_days=round((world.now() - self._began) / timedelta(days=1), 1),
            steps=self._steps,
            calls=self._boundaries.calls,
            faults=world.faults.counts(),
            injected=tuple(world.faults.injected),
            checks=world.verdict.checks + self._boundaries.limits.checks,
            violations=tuple(world.verdict.violations),
            digest=final,
            story=world.story,
        )


@contextmanager
def _opened(play: Play, ground: Ground) -> Iterator[_Director]:
    ground.clear()
    chance = Chance(play.seed)
    clock = VirtualClock(first_day(chance))
    story = Story(clock.now)
    faults, verdict = Faults(chance, play.kinds, play.only, story), Verdict(clock.now, story)
    with ExitStack() as closing:
        closing.enter_context(wall_time(clock))
        folder = Path(closing.enter_context(TemporaryDirectory(prefix="postal-simulation-")))
        post = Post({name: _branch(name, clock, chance, faults) for name in play.operators})
        for branch in post:
            closing.callback(branch.close)
        onestop = OneStopSimulator(folder / "onestop.db", _SECRET, _SECRET, now=clock.now)
        closing.callback(onestop.deliveries.close)
        truth = Truth()
        safety = Safety(post, truth, verdict)
        stations = _stations(post, onestop, safety)
        _plan_absences(stations, chance, faults, clock.now())
        settings, accounts = _settings(folder, chance, ground), _accounts(post)
        boundaries = Boundaries(
            clock,
            chance,
            faults,
            stations,
            Limits(clock.now, verdict.violated),
            timeout=settings.call_timeout,
            oversleep=settings.lease_seconds + 5,
        )
        processes = [
            Process(name, ground, settings, accounts, clock, boundaries) for name in ("web", "worker-1", "worker-2")
        ]
        for process in processes:
            closing.callback(process.close)
        _prepare(processes[0], faults)
        system = System(processes[0], tuple(processes[1:]), boundaries, chance, story, verdict.violated)
        boundaries.meanwhile = system.meanwhile
        hours = Hours(processes[0].runtime.office.working_time)
        world = World(clock, chance, faults, story, Agenda(), system, post, onestop, truth, hours, verdict)
        yield _Director(play, world, safety, boundaries)


def _branch(name: str, clock: VirtualClock, chance: Chance, faults: Faults) -> Branch:
    skewed = faults.strikes(FaultKind.CLOCK_SKEW, name)
    minutes = round(chance.between(-25, 25, "skew", name)) if skewed else 0
    return open_branch(name, clock, timedelta(minutes=minutes))


def _stations(post: Post, onestop: OneStopSimulator, safety: Safety) -> dict[str, Station]:
    stations = {f"{host_of(branch.name)}.test": branch.station for branch in post}
    for station in stations.values():
        station.heard = safety.operator_heard
    stations[f"{_ONESTOP}.test"] = Station(_ONESTOP, onestop.app, heard=safety.onestop_heard)
    return stations


def _plan_absences(stations: dict[str, Station], chance: Chance, faults: Faults, start: datetime) -> None:
    """Let operators and the one-stop be down for hours or days, some time in the first month."""
    for station in stations.values():
        kind = FaultKind.OPERATOR_DOWN if station.operator else FaultKind.ONESTOP_DOWN
        if faults.strikes(kind, station.name):
            begin = start + timedelta(hours=chance.between(10, 600, "down", station.name))
            station.away.append((begin, begin + timedelta(hours=chance.between(1, 80, "down for", station.name))))


def _prepare(process: Process, faults: Faults) -> None:
    before, faults.over = faults.over, True  # a system is set up in peace
    process.runtime.prepare()
    faults.over = before


def _settings(folder: Path, chance: Chance, ground: Ground) -> Settings:
    poll_minutes = chance.of("poll").choice((480, 960, 1440))
    return Settings(
        home=folder,
        database_url=ground.url,
        data_key=SecretStr(ground.key),
        call_timeout=20,
        lease_seconds=90,
        poll_minutes=poll_minutes,
        item_poll_minutes=poll_minutes / 8,
        booking_in_flight=1,  # one call after another: what is done at once comes in no order
        notices_in_flight=1,
        silence_hours=24,
    )


def _accounts(post: Post) -> Accounts:
    return Accounts(
        carrier_accounts=tuple(branch.account for branch in post),
        onestops=(
            OneStopSystem(
                id=_ONESTOP,
                source_systems=("igate", "dvcqg"),
                callback_url=f"https://{_ONESTOP}.test/callbacks",
                signing_secret=SecretStr(_SECRET),
            ),
        ),
        api_clients=(ApiClient(name="one-stop", token=SecretStr("a-token-of-the-one-stop")),),
        message_gateway=MessageGateway(
            url=f"https://{_ONESTOP}.test/gateway/messages", signing_secret=SecretStr(_SECRET)
        ),
    )
