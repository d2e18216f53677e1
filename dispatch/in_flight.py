"""Calls to the outside, several at once: claimed in batches, made by threads, settled in batches as they come in.

A call that takes long holds up nobody: while it is out, others are claimed, made and settled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TypeVar

_GLANCE = 0.25
"""While calls are out and there is room for more, new work is looked for this often, in seconds."""

_BREATH = 0.02
"""While there is work ahead, calls that end within so many seconds are settled together."""

Claimed = TypeVar("Claimed")
Outcome = TypeVar("Outcome")

Claim = Callable[[int], Sequence[Claimed]]
"""Takes at most so many pieces of work, each under a lease of its own."""

Settle = Callable[[Sequence[tuple[Claimed, Outcome]]], object]


def work_off(
    claim: Claim[Claimed],
    call: Callable[[Claimed], Outcome],
    settle: Settle[Claimed, Outcome],
    *,
    at_once: int,
    limit: int,
    ahead: int = 0,
) -> int:
    """Work until there is nothing to claim and no call is out, or ``limit`` is reached; returns how much was claimed.

    ``at_once`` calls are out; ``ahead`` more are claimed before their turn, so that no call waits for a claim. These
    have threads too: one that waits for its operator must not hold up one that need not wait, so ``call`` itself keeps
    to ``at_once``. What a call raises ends the work once the calls beside it have been settled; its own work is left to
    its lease.
    """
    taken = 0
    out: dict[Future[Outcome], Claimed] = {}
    with ThreadPoolExecutor(at_once + ahead, thread_name_prefix="call") as threads:
        try:
            while True:
                room = min(at_once + ahead - len(out), limit - taken)
                claimed = claim(room) if room > 0 else ()
                out |= {threads.submit(call, one): one for one in claimed}
                taken += len(claimed)
                if not out:
                    return taken
                done = wait(out, _GLANCE if len(claimed) < room else None, FIRST_COMPLETED).done
                if len(out) > at_once:
                    done = wait(out, _BREATH).done
                _settle(out, done, settle)
        finally:
            if out:
                _settle(out, wait(out).done, settle)


def _settle(
    out: dict[Future[Outcome], Claimed], done: Iterable[Future[Outcome]], settle: Settle[Claimed, Outcome]
) -> None:
    answered = [(out.pop(future), future) for future in done]
    whole = [(one, future.result()) for one, future in answered if future.exception() is None]
    if whole:
        settle(whole)
    for _, future in answered:
        future.result()  # raises what the call raised
