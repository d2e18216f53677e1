"""Trouble by seed: what strikes, when, whom, and for how long; everything that is taken away comes back."""

from __future__ import annotations

import heapq
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from itertools import count

import httpx

from tests.crash.scene import Scene
from tests.crash.strikes import Strikes

_TICK = 0.05

_SIGNS_OF_LIFE, _LONGEST_REST = 3, 12
_BOOT, _RECOVERY, _SLOWEST = 8.0, 2.5, 5.0

Back = Callable[[], None]


class Weather:
    """Strikes again and again, from :meth:`begin` until ``seconds`` or ``strikes`` are over or :meth:`calm` is called.

    Every kind of strike has its cards in a deck that is shuffled anew when it is empty, so that none is left out. A
    card that would hit something that is down already is kept for later. On a busy machine, where everything takes long
    to come up, all goes more slowly. After each strike the system is let answer a few times, or rest for long enough: a
    system that is never up is never struck either.

    Args:
        seed: the same seed deals the same cards; what they hit in the middle of is the processes' own affair.
        pause: mean time between two strikes, in seconds, on a machine where the system is up in :data:`_BOOT` seconds.
    """

    def __init__(self, scene: Scene, seed: int, seconds: float, strikes: int, pause: float) -> None:
        self.counts: Counter[str] = Counter()
        self.raged = 0.0
        self._scene, self._seconds, self._most = scene, seconds, strikes
        slowness = min(max(1.0, scene.boot_seconds / _BOOT), _SLOWEST)
        self._pause, self._recovery = pause * slowness, _RECOVERY * slowness
        self._chance = random.Random(seed)
        self._deck: list[Callable[[], bool]] = []
        self._strikes = Strikes(scene, self._chance, self)
        self._to_undo: list[tuple[float, int, str, Back]] = []
        self._number = count()
        self._calm = threading.Event()
        self._breakdown: BaseException | None = None
        self._thread = threading.Thread(target=self._rage_and_calm_down, name="weather", daemon=True)

    def begin(self) -> None:
        """Let the storm begin."""
        self._thread.start()

    def calm(self) -> None:
        """End the storm, bring everything back, and wait until everybody answers."""
        self._calm.set()
        self._thread.join(180)
        self.look_after()

    def look_after(self) -> None:
        """Go on starting whoever ends by itself when the storm is over.

        Raises:
            RuntimeError: the storm itself broke down, so that what it took away is still missing.
        """
        if self._breakdown is not None:
            raise RuntimeError("the storm itself broke down") from self._breakdown
        if not self._thread.is_alive():
            self._scene.keeper.look()

    def _rage_and_calm_down(self) -> None:
        try:
            self._rage()
            self._undo(until=float("inf"))  # what is started thereby is left alone for a while, and that is undone too
            self._reconcile()
        except BaseException as error:  # noqa: BLE001 - whoever looks after the storm raises it
            self._breakdown = error

    def _rage(self) -> None:
        began = time.monotonic()
        next_strike, at_the_latest, answers = began, began, 0
        while time.monotonic() - began < self._seconds and not self._is_enough():
            now, answered = time.monotonic(), self._scene.world.client.answers
            if now >= next_strike and (answered - answers >= _SIGNS_OF_LIFE or now >= at_the_latest):
                self._strike()
                next_strike = now + self._chance.expovariate(1 / self._pause)
                at_the_latest, answers = next_strike + _LONGEST_REST * self._pause, answered
            self._undo(until=time.monotonic())
            self._scene.keeper.look()
            time.sleep(_TICK)
        self.raged = time.monotonic() - began

    def _is_enough(self) -> bool:
        return self._calm.is_set() or self.counts.total() >= self._most

    def _reconcile(self) -> None:
        """The operators' own trouble ends too, as soon as they answer."""
        give_up_at = time.monotonic() + 60
        while True:
            self._scene.keeper.look()
            try:
                self._scene.end_trouble_of_operators()
            except httpx.HTTPError:
                assert time.monotonic() < give_up_at, "an operator does not come back"
                time.sleep(_TICK)
            else:
                return

    def _strike(self) -> None:
        """Play the first card that hits something."""
        if not self._deck:
            self._deck = self._strikes.deck()
            self._chance.shuffle(self._deck)
        hit = next((card for card in self._deck if card()), None)
        if hit is not None:
            self._deck.remove(hit)

    def bring_back(self, name: str) -> None:
        """Start it, and leave it alone until it can be of use again."""
        self._scene.keeper.bring_back(name)
        self.later(self._recovery, name, _nothing)

    def is_struck(self, what: str) -> bool:
        """Whether something is away, disturbed, or only just back."""
        return any(struck == what for _, _, struck, _ in self._to_undo)

    def later(self, seconds: float, what: str, back: Back) -> None:
        """Let ``back`` undo after some seconds what was done to ``what``, which counts as struck until then."""
        heapq.heappush(self._to_undo, (time.monotonic() + seconds, next(self._number), what, back))

    def _undo(self, until: float) -> None:
        while self._to_undo and self._to_undo[0][0] <= until:
            heapq.heappop(self._to_undo)[-1]()


def _nothing() -> None:
    """Nothing is left to be undone; a time is over."""
