"""One run: a world from a seed, played to its end and judged."""

from __future__ import annotations

import random
from datetime import datetime, time, timedelta

from carriers.capabilities import CanAskForWebhooks, CanTrackItems
from worker.lanes import Lane
from worker.simulation.accountants import Accountants
from worker.simulation.calendar import announce, unchanged
from worker.simulation.cases import draw_cases
from worker.simulation.citizen import Citizens
from worker.simulation.clerk import Clerk
from worker.simulation.digest import digest
from worker.simulation.due import due_by_lane
from worker.simulation.endings import Endings
from worker.simulation.faults import FaultKind
from worker.simulation.grounds import Ground
from worker.simulation.judgement import Judgement
from worker.simulation.officer import Officers
from worker.simulation.plays import Outcome, Play
from worker.simulation.postbag import Postbag
from worker.simulation.postman import Postmen
from worker.simulation.staff import Staff
from worker.simulation.stage import Stage, opened, prepare
from worker.training.view import Hours

_TROUBLE_LASTS = timedelta(days=40)
_LONGEST = timedelta(days=150)
_SETTLES = timedelta(days=3)
_SETTLES_ROUNDS = 2
"""What is still to be told and asked about when the last story has ended, is done within this time.

Staff have seen to its money by then as well, which they do once a working day.
"""

_PATIENCE = (timedelta(seconds=5), timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=20))
_LONGEST_SLEEP = timedelta(hours=24)
_SWEEP = 60
"""The longest time between two sweeps, in minutes. What rings is done at once."""

_HOUSEKEEPING = 24.0


def play(play: Play, ground: Ground) -> Outcome:
    """Play one story to its end and judge it."""
    random.seed(play.seed)  # the outbox draws its jitter there
    with opened(play, ground) as stage:
        return _Director(stage).run()


class _Director:
    """Moves time from one thing to do to the next."""

    def __init__(self, stage: Stage) -> None:
        self._play, self._world, self._safety = stage.play, stage.world, stage.safety
        self._boundaries, world = stage.boundaries, stage.world
        self._officers = Officers(world)
        self._cases = draw_cases(world.chance, self._play.dossiers, list(self._play.operators))
        self._citizens = Citizens(world, [case for case in self._cases if self._play.casts(case.code)])
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
        world = self._world
        self._citizens.begin()
        Clerk(world).begin()
        Staff(world).begin()
        Accountants(world).begin()
        self._endings.begin()
        self._keep_house()
        world.agenda.add(self._cases[-1].filed_at + _TROUBLE_LASTS, self._end_trouble)
        if world.faults.strikes(FaultKind.CALENDAR_CHANGED, "day off"):
            world.later(self._change_calendar, hours=world.chance.between(100, 500, "announced"))
        settled_at = None
        while settled_at is None or world.now() < settled_at:
            self._step()
            if self._play.impatient and world.verdict.violations:
                return self._outcome()
            if not self._is_over():
                settled_at = None  # a lost result that is issued again takes its story up once more
            elif settled_at is None:
                self._end_trouble()
                rounds = world.hours.after(world.now(), _SETTLES_ROUNDS, time(17))
                settled_at = max(world.now() + _SETTLES, rounds)
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
        prepare(web, world.faults)
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
