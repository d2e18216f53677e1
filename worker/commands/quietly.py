"""A runtime for one command whose answer a machine may read: of the logs only what has broken, on standard error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from config.logging import configure_logging
from worker.commands.training import settings_in_force
from worker.runtime import Runtime, opened_runtime


@contextmanager
def opened_quietly() -> Iterator[Runtime]:
    """Open the runtime of the system in force."""
    settings = settings_in_force()
    configure_logging(json=settings.log_json, level="ERROR")
    with opened_runtime(settings) as runtime:
        yield runtime
