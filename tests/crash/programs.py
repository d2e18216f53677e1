"""The processes of a storm: each can be killed, stopped in the middle of its work, and started again."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any, Protocol

from tests.support.town import ROOT

_REST = 0.3
"""How long who ended by itself rests before it is started again, in seconds; a service manager does the same."""


class Startable(Protocol):
    """What a storm can take away and bring back."""

    @property
    def ended(self) -> bool:
        """Whether it runs no more."""

    def start(self) -> None:
        """Start it; it is of use a little later."""

    def kill(self) -> None:
        """Kill it with SIGKILL."""

    def stop(self) -> None:
        """Ask it to end."""


class Program:
    """``python -m`` with some words, which writes into ``log``."""

    def __init__(self, words: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self._words, self._environment, self._log = words, environment, log
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def ended(self) -> bool:
        return self._process is None or self._process.poll() is not None

    @property
    def pid(self) -> int:
        """The number of the process that was started last."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", *self._words],
                cwd=ROOT,
                env=dict(self._environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for the storm alone, which then ends everybody in order
            )

    def kill(self) -> None:
        self._signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()

    def freeze(self) -> None:
        """Stop it in the middle of whatever it does; it does not notice."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on where it stood."""
        self._signal(signal.SIGCONT)

    def stop(self) -> None:
        """Ask it to end, and make sure of it."""
        self.thaw()
        self._signal(signal.SIGTERM)
        try:
            if self._process is not None:
                self._process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self.kill()

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            os.kill(self._process.pid, number)


class Forked:
    """A function in a process of its own that need not import anything any more: it is there at once.

    Args:
        work: a function of a module, with its arguments.
        log: takes everything that it prints.
    """

    _context = multiprocessing.get_context("forkserver")

    def __init__(self, work: Callable[..., None], arguments: tuple[Any, ...], log: Path) -> None:
        self._work, self._arguments, self._log = work, arguments, log
        self._process: ForkServerProcess | None = None

    @classmethod
    def preload(cls, *modules: str) -> None:
        """Name what the processes to come are to have imported already."""
        cls._context.set_forkserver_preload(list(modules))

    @property
    def ended(self) -> bool:
        return self._process is None or not self._process.is_alive()

    def start(self) -> None:
        self._process = self._context.Process(
            target=_speak_into, args=(self._log, self._work, self._arguments), daemon=True
        )
        self._process.start()

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.join()

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.join(10)
            self.kill()


def _speak_into(log: Path, work: Callable[..., None], arguments: tuple[Any, ...]) -> None:
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    for stream in (1, 2):
        os.dup2(descriptor, stream)
    work(*arguments)


class Keeper:
    """Brings back whoever ended without having been taken away, as a service manager does, and counts how often."""

    def __init__(self, programs: Mapping[str, Startable]) -> None:
        self.programs = programs
        self.away: set[str] = set()
        self.came_back: dict[str, int] = {}
        self._seen_dead: dict[str, float] = {}

    def look(self) -> None:
        """Start who has been dead for a while."""
        for name, program in self.programs.items():
            if name in self.away or not program.ended:
                self._seen_dead.pop(name, None)
            elif time.monotonic() - self._seen_dead.setdefault(name, time.monotonic()) > _REST:
                self.came_back[name] = self.came_back.get(name, 0) + 1
                program.start()

    def take_away(self, name: str) -> None:
        """Kill one; it stays away until it is brought back."""
        self.away.add(name)
        self.programs[name].kill()

    def send_away(self, name: str) -> None:
        """Stop one; it stays away until it is brought back."""
        self.away.add(name)
        self.programs[name].stop()

    def bring_back(self, name: str) -> None:
        """Start one that was taken away."""
        if name in self.away:
            self.away.discard(name)
            self.programs[name].start()
