"""The restart in the middle: the system is killed without warning while it waits for an answer of the operator."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain

from worker.training.cases import Case
from worker.training.casting import Part, operator_for
from worker.training.view import View
from worker.training.world import World

NOTE = "restart"
_BOOKING_PARTS = (Part.LOST_ANSWER, Part.LOST_ORDER, Part.DUPLICATE, Part.THROTTLED, Part.OPERATOR_ERROR)


class Interruption:
    """Kills the system once, in the middle of a booking call, when half of the dossiers have been filed.

    The operator takes the victim's order and does not answer; then the system dies. After its restart nobody has told
    it whether the order exists.

    Args:
        restart: kills the system with SIGKILL and starts it again.
    """

    def __init__(self, world: World, restart: Callable[[], None]) -> None:
        self._world, self._restart = world, restart
        self._victim: str | None = None
        self._filed = -1
        self._over = bool(world.book.notes(NOTE))

    def consider(self) -> None:
        """Choose a victim when it is time, and strike when its order has reached the operator."""
        if self._over:
            return
        if self._victim is None or self._victim.rpartition("-")[0] in self._world.stories.refused_at_filing():
            self._victim = self._choose()
        elif self._world.post.holds_the_line(self._victim):
            self._over = True
            self._world.book.note(NOTE, self._victim)
            self._restart()

    def _choose(self) -> str | None:
        filed = len(self._world.book.begun())
        if filed == self._filed or 2 * (filed + 1) < len(self._world.cases):
            return None
        self._filed = filed
        views = list(self._world.stories.views(self._world.clock.now()))
        begun = {view.case.code for view in views}
        returns = (
            f"{view.case.code}-R1"
            for view in reversed(views)
            if _return_is_to_come(view) and self._goes_with_vnpost(view.case, view.part)
        )
        filings = (
            case.first_order
            for case in self._world.cases
            if case.code not in begun and self._goes_with_vnpost(case, None)
        )
        victim = next(chain(returns, filings), None)
        if victim is not None:
            self._world.post.hold_the_line(victim)
        return victim

    def _goes_with_vnpost(self, case: Case, part: Part | None) -> bool:
        """The call without an answer is set up there; ``part`` None: the dossier has not been dealt one yet."""
        return operator_for(self._world.cases, case, part, sorted(self._world.plot.other_ports)) is None


def _return_is_to_come(view: View) -> bool:
    """Whether a result has still to be booked, and no other part of the story disturbs that booking."""
    undisturbed = view.case.service == "both" or view.part not in _BOOKING_PARTS
    return view.case.service in ("receive", "both") and undisturbed and f"{view.case.code}-R1" not in view.orders
