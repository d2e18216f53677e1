"""A look at something that may hang: a database behind a dead network answers neither yes nor no.

Probes come every few seconds and must be answered at once. A look that hangs is left to itself in a thread of its own;
until it comes back nobody starts another one, and everybody is told that it hangs.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

T = TypeVar("T")

PATIENCE = 3.0
"""Seconds. Load balancers commonly give up after five."""


class HangsError(Exception):
    """There was no answer in time."""


class Probe(Generic[T]):
    """One look at a time, each waited for as long as :data:`PATIENCE`. Thread-safe."""

    def __init__(self, look: Callable[[], T], patience: float = PATIENCE) -> None:
        self._look = look
        self._patience = patience
        self._lock = threading.Lock()
        self._hanging: Future[T] | None = None

    def __call__(self) -> T:
        """Look.

        Raises:
            HangsError: no answer in time.
            Exception: whatever the look itself raises.
        """
        with self._lock:
            if self._hanging is not None and not self._hanging.done():
                raise HangsError(f"no answer for more than {self._patience:g} seconds")
            self._hanging = None
        future = self._started()
        try:
            return future.result(self._patience)
        except TimeoutError as error:
            if not future.done():
                with self._lock:
                    self._hanging = future
                raise HangsError(f"no answer within {self._patience:g} seconds") from error
            raise

    def _started(self) -> Future[T]:
        future: Future[T] = Future()

        def look() -> None:
            try:
                future.set_result(self._look())
            except BaseException as error:  # noqa: BLE001 - handed on to whoever asked
                future.set_exception(error)

        threading.Thread(target=look, name="probe", daemon=True).start()
        return future
