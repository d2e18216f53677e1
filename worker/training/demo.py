"""``postal demo``: the whole story from the first filing to the last delivery, and what came of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from rich.console import Console

from worker.training.cases import MalformedFileError
from worker.training.display import Display
from worker.training.driver import SystemGoneError
from worker.training.findings import find_out
from worker.training.homes import HomeInUseError, locked, make_room, unfinished_run
from worker.training.interruption import Interruption
from worker.training.plot import Plot
from worker.training.report import print_summary
from worker.training.servers import PortTakenError
from worker.training.summary import Summary, summarise, write_summary
from worker.training.system import SystemEndedError, SystemProcess
from worker.training.world import World, found_world

_TICK = 1.0

WRONG_INPUT = 2
"""Exit code: nothing was played, because the file or the folder cannot be used."""


def run_demo(home: Path, dossiers: Path | None, json_out: Path | None, console: Console, resume: bool) -> int:
    """Play a run in ``home`` with the system as a child process.

    Args:
        home: folder of the run. An unfinished run there is moved aside, or gone on with when ``resume``.
        dossiers: file of dossiers; None plays those that come with the package.
        json_out: where to write the findings for a machine; None writes none.

    Returns:
        The exit code: 0 when every story ended and all promises were kept, 1 when not, 2 for unusable input.
    """
    home = home.absolute()
    started = time.monotonic()
    try:
        plot = (unfinished_run(home) if resume else None) or _begin(home, dossiers, console)
        with locked(home):
            summary = _play(home, plot, console, started)
    except (MalformedFileError, HomeInUseError, PortTakenError) as error:
        console.print(f"Nothing was played. {error}", markup=False, highlight=False)
        return WRONG_INPUT
    except (SystemEndedError, SystemGoneError) as error:
        console.print(
            f"The run in {home} stopped: {error}\n`postal up` goes on with it.", markup=False, highlight=False
        )
        return 1
    print_summary(summary, console)
    if json_out is not None:
        write_summary(summary, json_out)
    return 0 if summary.good else 1


def resume_world(home: Path, say: Callable[[str], None]) -> bool:
    """Bring the world in ``home`` back beside a system that was started with its settings, in a thread of its own.

    An unfinished run is played to its end. After that the world stays, so that the system's operator and one-stop go on
    answering as long as this process lives.

    Args:
        say: called with a line for people when the run has come to its end, or cannot go on.

    Returns:
        Whether there is an unfinished run that goes on.
    """
    plot = Plot.read(home.absolute())
    if plot is None:
        return False
    threading.Thread(target=_stay, args=(home.absolute(), plot, say), name="training-world", daemon=True).start()
    return not plot.finished


def _begin(home: Path, dossiers: Path | None, console: Console) -> Plot:
    aside = make_room(home)
    if aside is not None:
        console.print(f"An earlier run was not finished; it was moved to {aside}.", highlight=False)
    return found_world(home, dossiers)


def _play(home: Path, plot: Plot, console: Console, started: float) -> Summary:
    system = SystemProcess(plot.environment(home), home / "system.log")
    with World(home, plot) as world, Display(console, world) as display:
        system.start()
        try:
            _drive(world, system, display)
            return _told(world, started)
        finally:
            system.stop()


def _drive(world: World, system: SystemProcess, display: Display) -> None:
    def restart() -> None:
        display.say("The system is killed (kill -9) in the middle of a booking, and started again.")
        system.kill()
        system.start()

    interruption = Interruption(world, restart)

    def meanwhile() -> None:
        interruption.consider()
        display.glance()
        if system.restart_if_ended():
            display.say("The system ended by itself and was started again; see system.log.")

    world.driver(meanwhile).run()
    world.finish()


def _stay(home: Path, plot: Plot, say: Callable[[str], None]) -> None:
    try:
        with locked(home), World(home, plot) as world:
            if not plot.finished:
                say(_play_on(world))
            while True:  # the world's servers work in threads of their own; its clock now goes as ours does
                time.sleep(_TICK)
                world.clock.advance_to(world.clock.now() + timedelta(seconds=_TICK))
    except (HomeInUseError, PortTakenError, SystemGoneError) as error:
        say(f"The training world in {home} cannot go on: {error}")


def _play_on(world: World) -> str:
    started = time.monotonic()
    world.driver(lambda: None).run()
    world.finish()
    summary, file = _told(world, started), world.home / "summary.json"
    write_summary(summary, file)
    return f"The run in {world.home} is finished: {summary.headline}. The details are in {file}."


def _told(world: World, started: float) -> Summary:
    return summarise(find_out(world, seconds=time.monotonic() - started), world.calendar)
