"""What the operators' postmen do with an order, from the first visit to the last signature, and what they report."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta

from carriers.simulation import Order
from carriers.states import ShipmentState as State
from worker.simulation.citizen import Citizens
from worker.simulation.faults import FaultKind
from worker.simulation.officer import Officers
from worker.simulation.post import Branch
from worker.simulation.truth import CITIZEN, DossierTruth
from worker.simulation.world import World

_MISSES, _REJECTED, _LOST, _FAILS, _FAILS_AGAIN = 0.08, 0.1, 0.04, 0.18, 0.4


class Postmen:
    """All postmen. They go by their operator's books and by what lies before them, never by our system."""

    def __init__(self, world: World, officers: Officers, citizens: Citizens) -> None:
        self._world, self._officers, self._citizens = world, officers, citizens

    def look_at_books(self) -> None:
        """Plan the rounds for what has been ordered since the last look."""
        for branch in self._world.post:
            for order in branch.new_orders():
                truth = self._world.truth.of_order(order.number)
                if truth is not None:
                    _Parcel(self._world, self._officers, self._citizens, truth, branch, order).plan()


class _Parcel:
    """One order on its way."""

    def __init__(
        self,
        world: World,
        officers: Officers,
        citizens: Citizens,
        truth: DossierTruth,
        branch: Branch,
        order: Order,
    ) -> None:
        self._world, self._officers, self._citizens = world, officers, citizens
        self._truth, self._branch, self._order, self._number = truth, branch, order, order.number
        self._sends = "-S" in order.number[len(truth.case.code) :]

    def plan(self) -> None:
        """Plan the first visit: at the citizen's door, or at the desk for a result."""
        tomorrow = self._world.hours.after(self._world.now(), 1, time(8, 0))
        self._at(self._soon_after(tomorrow, 10, 400, "visit"), self._visit)

    def _visit(self) -> None:
        if not self._is_live():
            return  # cancelled before anybody came
        if self._luck("misses") < _MISSES:
            self._report(State.COLLECTION_FAILED)
            self._at(self._world.hours.after(self._world.now(), 1, time(9, 0)), self._take)
            return
        self._take()

    def _take(self) -> None:
        if not self._is_live():
            return
        if self._sends:
            self._truth.give("submitted", self._world.now(), self._holder)
            self._carry()
            return
        if self._world.now() < self._ready_at():
            self._report(State.COLLECTION_FAILED)  # there is no result (any more): it was struck out
            return
        now = self._world.now()
        for papers in ("submitted", "result"):
            self._truth.give(papers, now, self._holder)
        self._officers.sign(self._truth, self._branch.name, self._number, "to_post", [], self._carry)

    def _carry(self) -> None:
        self._report(State.COLLECTING, before=30)
        self._report(State.IN_TRANSIT)
        if self._luck("lost") < _LOST:
            self._at(self._soon_after(self._world.now(), 300, 900, "lost"), self._lose)
        else:
            self._at(self._soon_after(self._world.now(), 200, 1200, "road"), self._move)

    def _lose(self) -> None:
        self._report(State.LOST)
        self._at(self._soon_after(self._world.now(), 2000, 8000, "found"), self._move)

    def _move(self) -> None:
        self._report(State.IN_TRANSIT)
        if self._world.faults.strikes(FaultKind.UNKNOWN_CODE, self._branch.name, self._number):
            self._world.truth.unknown_codes.add(self._number)
            operator = self._branch.operator
            operator.push_event(self._number, operator.unlisted_code, self._told(self._world.now()))
        arrival = self._soon_after(self._world.now(), 200, 1500, "arrival")
        self._at(self._world.hours.next_round(arrival, time(9, 0), time(14, 30)), self._arrive)

    def _arrive(self) -> None:
        self._report(State.OUT_FOR_DELIVERY, before=45)
        if self._sends:
            self._at_desk()
        else:
            self._at_door(1)

    # --- at the desk, with the citizen's papers ---

    def _at_desk(self) -> None:
        first = self._number.endswith("-S1")
        missing = self._truth.case.registration["papers"][:1] if first and self._luck("rejected") < _REJECTED else []
        names = [str(paper["name"]) for paper in missing]
        at = self._world.minute()
        if self._luck("reports at the door") < 0.5:
            self._report(State.DELIVERED)
        then = self._rejected if names else lambda: self._accepted(at)
        if not names:
            self._truth.give("submitted", at, f"agency:{self._truth.case.agency}")
        self._officers.sign(self._truth, self._branch.name, self._number, "to_agency", names, then)

    def _accepted(self, at: datetime) -> None:
        if self._luck("reports at the door") >= 0.5:
            self._report(State.DELIVERED)
        self._officers.start_work(self._truth, at)

    def _rejected(self) -> None:
        self._report(State.RETURNING)
        self._at(self._world.hours.after(self._world.now(), 1, time(11, 0)), self._back_home)

    def _back_home(self) -> None:
        now = self._world.now()
        self._truth.give("submitted", now, CITIZEN)
        self._report(State.RETURNED)
        self._world.later(lambda: self._citizens.order_again(self._truth, self._number), hours=20)

    # --- at the citizen's door, with the result ---

    def _at_door(self, attempt: int) -> None:
        fails = self._luck("fails", attempt) < (_FAILS if attempt == 1 else _FAILS_AGAIN)
        if not fails:
            for papers in ("submitted", "result"):
                self._truth.give(papers, self._world.now(), CITIZEN)
            self._report(State.DELIVERED)
            self._truth.ended = "the result is with the citizen"
        elif attempt == 1:
            self._report(State.DELIVERY_FAILED)
            self._at(self._world.hours.after(self._world.now(), 2, time(10, 0)), lambda: self._at_door(2))
        else:
            self._report(State.DELIVERY_FAILED)
            self._at(self._world.hours.after(self._world.now(), 2, time(11, 0)), self._turn_back)

    def _turn_back(self) -> None:
        self._report(State.RETURNING)
        self._at(self._world.hours.after(self._world.now(), 1, time(9, 0)), self._bring_back)

    def _bring_back(self) -> None:
        now, agency = self._world.now(), f"agency:{self._truth.case.agency}"
        self._report(State.RETURNED)
        for papers in ("submitted", "result"):
            self._truth.give(papers, now, agency)

        def signed() -> None:
            self._truth.ended = "the result came back to the desk"

        self._officers.sign(self._truth, self._branch.name, self._number, "to_agency", [], signed)

    # --- how it is told ---

    @property
    def _holder(self) -> str:
        return f"post:{self._branch.name}"

    def _is_live(self) -> bool:
        order = self._branch.operator.books.order_by_id(self._order.customer, self._order.id)
        return order is not None and order.live

    def _ready_at(self) -> datetime:
        ready = self._truth.did("result_ready")
        return ready.at if ready is not None else self._world.now() + timedelta(days=1)

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
