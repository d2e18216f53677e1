from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait

import pytest

from worker.turnstile import Turnstile


class Gate:
    """Work that stays inside until it is let out, and counts how many were inside at once."""

    def __init__(self) -> None:
        self.runs = 0
        self.inside = 0
        self.most_inside = 0
        self.entered = threading.Semaphore(0)
        self.let_out = threading.Semaphore(0)
        self._lock = threading.Lock()

    def work(self) -> None:
        with self._lock:
            self.runs += 1
            self.inside += 1
            self.most_inside = max(self.most_inside, self.inside)
        self.entered.release()
        assert self.let_out.acquire(timeout=10)
        with self._lock:
            self.inside -= 1


def ring(turnstile: Turnstile, work: Callable[[], None], threads: ThreadPoolExecutor, times: int) -> None:
    wait([threads.submit(turnstile.run, work) for _ in range(times)], timeout=10)


def test_a_hundred_rings_during_a_run_make_one_more_run_and_wait_for_nothing() -> None:
    gate, turnstile = Gate(), Turnstile(1)
    with ThreadPoolExecutor(8) as threads:
        first = threads.submit(turnstile.run, gate.work)
        assert gate.entered.acquire(timeout=10)
        ring(turnstile, gate.work, threads, 100)
        assert not first.done()
        gate.let_out.release(2)
        first.result(timeout=10)
    assert (gate.runs, gate.most_inside) == (2, 1)


def test_as_many_run_at_once_as_have_a_place() -> None:
    gate, turnstile = Gate(), Turnstile(2)
    with ThreadPoolExecutor(8) as threads:
        running = [threads.submit(turnstile.run, gate.work) for _ in range(2)]
        assert all(gate.entered.acquire(timeout=10) for _ in running)
        turnstile.run(gate.work)  # no place: returns at once
        gate.let_out.release(3)
        wait(running, timeout=10)
    assert (gate.runs, gate.most_inside) == (3, 2)


def test_a_run_that_fails_gives_its_place_back() -> None:
    turnstile = Turnstile(1)

    def fail() -> None:
        raise ValueError("broken")

    for _ in range(2):
        with pytest.raises(ValueError, match="broken"):
            turnstile.run(fail)
    done: list[str] = []
    turnstile.run(lambda: done.append("worked"))
    assert done == ["worked"]


def test_no_ring_is_lost_however_the_threads_meet() -> None:
    """Whoever rings after putting something down finds it taken up by somebody, at once or a little later."""
    turnstile, put_down, taken_up = Turnstile(2), iter(range(10_000)), set[int]()
    waiting: list[int] = []
    lock = threading.Lock()

    def take_up_all() -> None:
        with lock:
            taken_up.update(waiting)
            waiting.clear()

    def put_down_and_ring() -> None:
        with lock:
            waiting.append(next(put_down))
        turnstile.run(take_up_all)

    with ThreadPoolExecutor(16) as threads:
        wait([threads.submit(put_down_and_ring) for _ in range(3000)], timeout=60)
    assert taken_up == set(range(3000))
