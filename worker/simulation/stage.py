"""Where a run takes place: the operators, the one-stop and the system's processes, opened from a seed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import SecretStr

from config.accounts import Accounts, AgencyDesk, ApiClient, Desk, MessageGateway, OneStopSystem
from config.clock import wall_time
from config.settings import Settings
from dispatch.onestop.simulator import OneStopSimulator
from worker.simulation.agenda import Agenda
from worker.simulation.boundaries import Boundaries
from worker.simulation.cases import AGENCIES, first_day
from worker.simulation.chance import Chance
from worker.simulation.clock import VirtualClock
from worker.simulation.faults import FaultKind, Faults
from worker.simulation.grounds import Ground
from worker.simulation.limits import Limits
from worker.simulation.plays import Play
from worker.simulation.post import OTHER_AGENCY, Branch, Post, host_of, open_branch
from worker.simulation.processes import Process
from worker.simulation.safety import Safety
from worker.simulation.stations import Station
from worker.simulation.story import Story
from worker.simulation.system import System
from worker.simulation.truth import Truth
from worker.simulation.world import Verdict, World
from worker.training.view import Hours

_SECRET = "whsec_c2ltdWxhdGlvbi1zZWNyZXQtb2YtdGhlLW9uZS1zdG9w"
_ONESTOP = "onestop"


@dataclass(frozen=True)
class Stage:
    """What a run is played on."""

    play: Play
    world: World
    safety: Safety
    boundaries: Boundaries


@contextmanager
def opened(play: Play, ground: Ground) -> Iterator[Stage]:
    """Open the world of a seed, and close it afterwards."""
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
        prepare(processes[0], faults)
        system = System(processes[0], tuple(processes[1:]), boundaries, chance, story, verdict.violated)
        boundaries.meanwhile = system.meanwhile
        hours = Hours(processes[0].runtime.office.working_time)
        world = World(clock, chance, faults, story, Agenda(), system, post, onestop, truth, hours, verdict)
        yield Stage(play, world, safety, boundaries)


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


def prepare(process: Process, faults: Faults) -> None:
    """Set a system up, in peace."""
    before, faults.over = faults.over, True
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


def _desk_of(agency: str) -> Desk:
    """Return where linked procedures bring papers; citizens' papers go to the desk of the account."""
    return Desk(phone="02063870123", address=f"Bộ phận một cửa {agency}", province_code="04")


def _accounts(post: Post) -> Accounts:
    return Accounts(
        carrier_accounts=tuple(branch.account for branch in post),
        agency_desks=tuple(AgencyDesk(agency=agency, desk=_desk_of(agency)) for agency in (*AGENCIES, OTHER_AGENCY)),
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
