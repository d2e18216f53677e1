"""The folder of a run: one process at a time, an unfinished run is never lost, a finished one makes room."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from worker.training.plot import Plot


class HomeInUseError(Exception):
    """Another process plays in this folder, or something else lives there."""


@contextmanager
def locked(home: Path) -> Iterator[None]:
    """Hold the folder's lock for the length of the block; the kernel lets go of it however this process ends.

    Raises:
        HomeInUseError: another process holds it.
    """
    descriptor = os.open(home / "world.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise HomeInUseError(f"another process plays in {home}; wait for it, end it, or give another --home") from error
    try:
        yield
    finally:
        os.close(descriptor)


def unfinished_run(home: Path) -> Plot | None:
    """Return the plot of the run in ``home`` that has not come to its end, or None."""
    plot = Plot.read(home)
    return plot if plot is not None and not plot.finished else None


def make_room(home: Path) -> Path | None:
    """Clear ``home`` for a new run; returns where an unfinished one was moved to, or None.

    Raises:
        HomeInUseError: the folder is being played in, or holds files that are not a run's.
    """
    if not home.exists() or (home.is_dir() and not any(home.iterdir())):
        if home.exists():
            home.rmdir()
        return None
    plot = Plot.read(home)
    if plot is None:
        raise HomeInUseError(f"{home} holds something that is not a demo's run; give another --home")
    with locked(home):
        if plot.finished:
            shutil.rmtree(home)
            return None
        aside = next(name for n in count(1) if not (name := home.with_name(f"{home.name}-unfinished-{n}")).exists())
        home.rename(aside)
        return aside
