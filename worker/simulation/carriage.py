"""What everybody does who carries an order: he looks into his operator's books, comes, and reports."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import datetime, time, timedelta

from carriers.simulation import Order
from carriers.states import ShipmentState as State
from worker.simulation.faults import FaultKind
from worker.simulation.post import Branch
from worker.simulation.world import World


class Carriage(ABC):
    """One order on its way."""

    def __init__(self, world: World, branch: Branch, order: Order) -> None:
        self._world, self._branch, self._order, self._number = world, branch, order, order.number

    def plan(self) -> None:
        """Plan the first visit: at the citizen's door, or at the desk."""
        tomorrow = self._world.hours.after(self._world.now(), 1, time(8, 0))
        self._at(self._soon_after(tomorrow, 10, 400, "visit"), self._visit)

    @abstractmethod
    def _visit(self) -> None:
        """Somebody comes for the papers."""

    @property
    def _holder(self) -> str:
        return f"post:{self._branch.name}"

    def _is_live(self) -> bool:
        order = self._branch.operator.books.order_by_id(self._order.customer, self._order.id)
        return order is not None and order.live

    def _report(self, state: State, *, before: float = 0.0) -> None:
        """Tell the operator's books, which tell us in the operator's own way, if it tells of such at all."""
        operator = self._branch.operator
        if not operator.knows(state):
            return
        happened = self._told(self._world.now() - timedelta(minutes=before))
        self._world.story.tell(f"{self._branch.name}: {self._number} {state.value}")
        operator.report(self._number, state, happened)
        if self._world.faults.strikes(FaultKind.EVENT_TWICE, self._branch.name, self._number, state):
            operator.report(self._number, state, happened)

    def _told(self, at: datetime) -> datetime:
        """Return a time as the operator's clock shows it; most write no more than seconds."""
        return (at + self._branch.skew).replace(microsecond=0)

    def _luck(self, *what: object) -> float:
        return self._world.chance.share(*what, self._branch.name, self._number)

    def _soon_after(self, at: datetime, least: float, most: float, *what: object) -> datetime:
        minutes = self._world.chance.between(least, most, *what, self._branch.name, self._number)
        return at + timedelta(minutes=minutes)

    def _at(self, at: datetime, act: Callable[[], None]) -> None:
        self._world.agenda.add(at, act)
