"""How a process that works ends: it claims nothing more, calls under way may finish, and what takes too long is left.

To leave a job in the middle is what ``kill -9`` does all the time in the tests: its row is taken up by somebody else
when the lease has run out, and a call whose answer nobody waited for is looked up before anything is sent again.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from types import FrameType
from typing import Any

import structlog
from celery.signals import worker_ready, worker_shutting_down

from config.settings import Settings
from dispatch.context import Context

_MARGIN = 5.0

log = structlog.get_logger()


def grace(settings: Settings) -> float:
    """Return how many seconds jobs have to end: what a call takes at most, and a little to write down its outcome.

    Whoever supervises the process has to wait longer than this before it kills.
    """
    return settings.call_timeout + _MARGIN


def end_in_time(context: Context) -> None:
    """Let a worker of Celery claim nothing more once it is told to stop or to start anew, and end in time."""

    def close(**_: Any) -> None:
        context.closing.set()
        leave_after(grace(context.settings))

    def before_starting_anew(**_: Any) -> None:
        by_celery = signal.getsignal(signal.SIGHUP)

        def start_anew(number: int, frame: FrameType | None) -> None:
            context.closing.set()
            if callable(by_celery):
                by_celery(number, frame)

        signal.signal(signal.SIGHUP, start_anew)

    worker_shutting_down.connect(close, weak=False)
    worker_ready.connect(before_starting_anew, weak=False)


def leave_after(seconds: float) -> None:
    """End this process after some time, whatever it is doing then; does nothing when it has ended by itself."""

    def leave() -> None:
        time.sleep(seconds)
        log.warning("left_to_leases", reason=f"a job was still under way {seconds:g} s after the order to stop")
        os._exit(0)

    threading.Thread(target=leave, name="leave-after", daemon=True).start()
