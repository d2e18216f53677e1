"""How much of what may be guessed by whom, and the answer to who guesses too much."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import Request

from dispatch.problems import Problem
from worker.web.citizen.pace import Allowed, Pace

_MINUTE = 60

_EVENLY = 0.15
"""Seconds; most answers take a tenth of it. The paces keep threads from waiting in numbers."""

MISS = 2
"""Points that a look-up costs beside its own one when there is no such dossier."""


class Guard:
    """The paces of one process, for each kind of guess.

    Attributes:
        lookups: codes of dossiers. They follow a pattern, so what is found counts as well.
        digits: digits of a telephone; each right guess makes one ring.
        codes: one-time codes, beside the five tries that each of them has.
        actions: what an open dossier asks of operators, by dossier and not by address.
    """

    def __init__(self) -> None:
        self.lookups = Pace(Allowed(30, 10), Allowed(900, 300))
        self.digits = Pace(Allowed(6, 1, first_wait=60), Allowed(120, 60))
        self.codes = Pace(Allowed(12, 4, first_wait=30), Allowed(300, 120))
        self.actions = Pace(Allowed(20, 6), Allowed(600, 200))


def guard_of(request: Request) -> Guard:
    """Return the guard of the interface that a request came to."""
    guard: Guard = request.app.state.guard
    return guard


def slow_down(pace: Pace, sender: str, points: int = 1) -> None:
    """Count a guess.

    Raises:
        Problem: there were too many.
    """
    seconds = pace.wait(sender, points)
    if seconds:
        raise _too_many(seconds)


@contextmanager
def evenly() -> Iterator[None]:
    """Take the same time whatever is found: how long an answer takes must not tell what it does not say."""
    until = time.monotonic() + _EVENLY
    try:
        yield
    finally:
        time.sleep(max(0.0, until - time.monotonic()))


def sender_of(request: Request) -> str:
    """Return by which address somebody calls; a reverse proxy has to tell it (``FORWARDED_ALLOW_IPS``)."""
    return request.client.host if request.client else "unknown"


def _too_many(seconds: int) -> Problem:
    minutes = -(-seconds // _MINUTE)
    vi, en = (
        (f"{seconds} giây", f"{seconds} seconds") if seconds <= _MINUTE else (f"{minutes} phút", f"{minutes} minutes")
    )
    return Problem(
        "too-many-tries",
        "Too many tries",
        "This was tried too often from here, or by too many people at once.",
        f"Wait {en}, then try again; or call the one-stop desk.",
        next_step_vi=f"Đã thử quá nhiều lần. Xin đợi {vi} rồi thử lại, hoặc gọi bộ phận một cửa.",
        status=429,
        retry_after=seconds,
    )
