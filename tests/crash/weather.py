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

from tests.crash.outside import ONESTOP
from tests.crash.scene import LEASE_SECONDS, Scene
from tests.support.line import Mood

_TICK = 0.05
_MOODS = (Mood.REFUSE, Mood.SILENT, Mood.CUT_ANSWER, Mood.CUT_ANSWER, Mood.TRICKLE)
_SERVERS = ("broker", "database")

_BOOT, _RECOVERY = 8.0, 2.5

Back = Callable[[], None]


class Weather:
    """Strikes again and again, from :meth:`begin` until ``seconds`` are over or :meth:`calm` is called.

    Every kind of strike has its cards in a deck that is shuffled anew when it is empty, so that none is left out. A
    card that would hit something that is down already is kept for later. On a busy machine, where everything takes long
    to come up, all goes more slowly: a system that is never up is never struck either.

    Args:
        seed: the same seed deals the same cards; what they hit in the middle of is the processes' own affair.
        pause: mean time between two strikes, in seconds, on a machine where the system is up in :data:`_BOOT` seconds.
    """

    def __init__(self, scene: Scene, seed: int, seconds: float, pause: float) -> None:
        self.strikes: Counter[str] = Counter()
        self.raged = 0.0
        self._scene, self._seconds = scene, seconds
        slowness = max(1.0, scene.boot_seconds / _BOOT)
        self._pause, self._recovery = pause * slowness, _RECOVERY * slowness
        self._chance = random.Random(seed)
        self._deck: list[Callable[[], bool]] = []
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
        next_strike = began
        while time.monotonic() - began < self._seconds and not self._calm.is_set():
            if time.monotonic() >= next_strike:
                self._strike()
                next_strike = time.monotonic() + self._chance.expovariate(1 / self._pause)
            self._undo(until=time.monotonic())
            self._scene.keeper.look()
            time.sleep(_TICK)
        self.raged = time.monotonic() - began

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
            self._deck = [
                *[self._kill_web] * 2,
                *[self._kill_worker] * 3,
                self._kill_beat,
                *[self._kill_operator] * 2,
                self._kill_onestop,
                *[self._freeze_worker] * 2,
                *[self._take_server_away] * 4,
                *[self._empty_broker] * 2,
                self._kill_connection_of_database,
                *[self._disturb_line] * 8,
            ]
            self._chance.shuffle(self._deck)
        hit = next((card for card in self._deck if card()), None)
        if hit is not None:
            self._deck.remove(hit)

    # --- what strikes ---

    def _kill_web(self) -> bool:
        return self._kill("web", *self._scene.programs("web"))

    def _kill_worker(self) -> bool:
        return self._kill("worker", *self._scene.programs("worker"))

    def _kill_beat(self) -> bool:
        return self._kill("beat", *self._scene.programs("beat"))

    def _kill_operator(self) -> bool:
        return self._kill("operator", *(name for name in self._scene.outsiders if name != ONESTOP))

    def _kill_onestop(self) -> bool:
        return self._kill("one-stop", ONESTOP)

    def _kill(self, kind: str, *names: str) -> bool:
        name, pause = self._chance.choice(names), self._chance.uniform(0.1, 2.0)
        if self._is_struck(name):
            return False
        self.strikes[f"kill -9: {kind}"] += 1
        self._scene.keeper.take_away(name)
        self._later(pause, name, lambda: self._bring_back(name))
        return True

    def _freeze_worker(self) -> bool:
        """Beyond its lease: when it goes on, its rows belong to somebody else."""
        name, pause = self._chance.choice(self._scene.programs("worker")), self._chance.uniform(1.1, 2.0)
        if self._is_struck(name):
            return False
        self.strikes["stopped beyond the lease: worker"] += 1
        program = self._scene.program(name)
        program.freeze()
        self._later(pause * LEASE_SECONDS, name, program.thaw)
        return True

    def _take_server_away(self) -> bool:
        name, gently, pause = self._chance.choice(_SERVERS), self._chance.random() < 0.5, self._chance.uniform(0, 2.0)
        if self._is_struck(name):
            return False
        self.strikes[f"{'restarted' if gently else 'kill -9'}: {name}"] += 1
        if gently:
            self._scene.keeper.send_away(name)
        else:
            self._scene.keeper.take_away(name)
        self._later(pause, name, lambda: self._bring_back(name))
        return True

    def _empty_broker(self) -> bool:
        if self._is_struck("broker") or not self._scene.broker.empty(self._scene.queues):
            return False
        self.strikes["emptied: broker"] += 1
        return True

    def _kill_connection_of_database(self) -> bool:
        if self._is_struck("database") or not self._scene.database.kill_a_connection():
            return False
        self.strikes["kill -9: a database connection"] += 1
        return True

    def _disturb_line(self) -> bool:
        name, mood = self._chance.choice(list(self._scene.lines)), self._chance.choice(_MOODS)
        line, pause = self._scene.lines[name], self._chance.uniform(0.3, 3.0)
        what = f"line to {name}"
        if self._is_struck(what):
            return False
        self.strikes[f"line {mood.value}"] += 1
        line.become(mood)
        self._later(pause, what, lambda: line.become(Mood.PASS))
        return True

    # --- and what passes ---

    def _bring_back(self, name: str) -> None:
        """Start it, and leave it alone until it can be of use again."""
        self._scene.keeper.bring_back(name)
        self._later(self._recovery, name, _nothing)

    def _is_struck(self, what: str) -> bool:
        return any(struck == what for _, _, struck, _ in self._to_undo)

    def _later(self, seconds: float, what: str, back: Back) -> None:
        heapq.heappush(self._to_undo, (time.monotonic() + seconds, next(self._number), what, back))

    def _undo(self, until: float) -> None:
        while self._to_undo and self._to_undo[0][0] <= until:
            heapq.heappop(self._to_undo)[-1]()


def _nothing() -> None:
    """Nothing is left to be undone; a time is over."""
