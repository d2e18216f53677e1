"""What the operators' postmen do with an order, from the first visit to the last signature, and what they report."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from functools import partial
from typing import Any

from carriers.simulation import Order
from carriers.states import ShipmentState as State
from dispatch.problems import Problem
from worker.runtime import Runtime
from worker.simulation import hard_requests
from worker.simulation.carriage import Carriage
from worker.simulation.citizen import Citizens
from worker.simulation.counter import wait_at_the_counter
from worker.simulation.faults import FaultKind
from worker.simulation.load import Item, Load, leg_of, load_of
from worker.simulation.losses import lose_for_ever
from worker.simulation.officer import Count, Officers
from worker.simulation.post import Branch
from worker.simulation.transfers import Transfer
from worker.simulation.truth import CITIZEN, DossierTruth
from worker.simulation.world import World

_MISSES, _REJECTED, _LOST, _FAILS, _FAILS_AGAIN = 0.08, 0.1, 0.04, 0.18, 0.4
_UNPAID, _NEVER_FOUND, _SEALED, _IN_PERSON = 0.07, 0.4, 0.2, 0.4
_SLIP, _DIFFERS, _ASKS_FOR_A_CARD, _SHOWS_NONE, _STRANGER, _AT_THE_DOOR = 0.4, 0.06, 0.3, 0.06, 0.05, 0.5
_REVERSED_AFTER = 14
"""How often somebody tries to reverse a delivery of which the system may not have heard yet, every few hours."""


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
                    self._carry(truth, branch, order)

    def _carry(self, truth: DossierTruth, branch: Branch, order: Order) -> None:
        if leg_of(truth.case.code, order.number) == "T":
            Transfer(self._world, self._officers, truth, branch, order).plan()
        else:
            _Parcel(self._world, self._officers, self._citizens, truth, branch, order).plan()


class _Parcel(Carriage):
    """One order between a citizen and the desk."""

    def __init__(
        self,
        world: World,
        officers: Officers,
        citizens: Citizens,
        truth: DossierTruth,
        branch: Branch,
        order: Order,
    ) -> None:
        super().__init__(world, branch, order)
        self._officers, self._citizens = officers, citizens
        self._own = Item(truth, order.number)
        self._load = Load((self._own,))

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
        load = load_of(self._world, self._own)
        if not self._own.sends and self._world.now() < max(_ready_at(item, self._world.now()) for item in load):
            self._report(State.COLLECTION_FAILED)  # there is no result (any more): it was struck out
            return
        self._load = load
        load.give(self._world.now(), self._holder)
        if self._own.sends:
            for item in load:
                self._sign_slip(item)
            self._carry()
        else:
            counts, sealed = [Count(item) for item in load], self._luck("sealed") < _SEALED
            self._officers.sign(self._branch.name, "to_post", counts, self._carry, sealed=sealed)

    def _sign_slip(self, item: Item) -> None:
        """Some postmen's slips are entered as well; the operator's own word comes besides."""
        if self._luck_of(item, "slip") < _SLIP:
            papers, at = item.truth.case.registration["papers"], self._world.minute()
            self._world.insist(f"the slip of {item.number}", hard_requests.slip(item.number, at, papers))

    def _carry(self) -> None:
        self._report(State.COLLECTING, before=30)
        self._report(State.IN_TRANSIT)
        if self._luck("lost") < _LOST:
            self._at(self._soon_after(self._world.now(), 300, 900, "lost"), self._lose)
        else:
            self._at(self._soon_after(self._world.now(), 200, 1200, "road"), self._move)

    def _lose(self) -> None:
        self._report(State.LOST)
        if self._luck("never found") < _NEVER_FOUND and self._branch.operator.knows(State.LOST):
            lose_for_ever(self._world, self._load)
            return
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
        if self._own.sends:
            self._at_desk()
        else:
            self._at_door(1)

    # --- at the desk, with the citizen's papers ---

    def _at_desk(self) -> None:
        """Each dossier has its own line, and is taken in or not by what lies in it."""
        at, counts = self._world.minute(), [self._count(item) for item in self._load]
        if self._luck("reports at the door") < _AT_THE_DOOR:
            self._report(State.DELIVERED)
        for one in counts:
            if not one.missing:
                one.item.truth.give("submitted", at, _desk(one.item))
        self._sign("to_agency", counts, lambda: self._counted(at, counts))

    def _count(self, item: Item) -> Count:
        first = item.number.endswith("-S1")
        rejected = first and self._luck_of(item, "rejected") < _REJECTED
        missing = [str(item.truth.case.registration["papers"][0]["name"])] if rejected else []
        differs = not missing and self._luck_of(item, "differs") < _DIFFERS
        return Count(item, missing, "thừa một bản sao" if differs else None)

    def _counted(self, at: datetime, counts: list[Count]) -> None:
        rejected = [one.item for one in counts if one.missing]
        if len(rejected) == len(counts):
            self._report(State.RETURNING)
        elif self._luck("reports at the door") >= _AT_THE_DOOR:
            self._report(State.DELIVERED)
        for one in counts:
            if not one.missing:
                self._officers.start_work(one.item.truth, at)
        if rejected:
            whole = len(rejected) == len(counts)
            tomorrow = self._world.hours.after(self._world.now(), 1, time(11, 0))
            self._at(tomorrow, lambda: self._back_home(rejected, whole))

    def _back_home(self, rejected: list[Item], whole: bool) -> None:
        """What the desk did not take goes home; of a part of a parcel the operator has nothing to tell."""
        for item in rejected:
            item.truth.give("submitted", self._world.now(), CITIZEN)
            self._world.later(partial(self._think_again, item, whole), hours=20)
        if whole:
            self._report(State.RETURNED)

    def _think_again(self, item: Item, whole: bool) -> None:
        """What came home out of a parcel is brought in person by some, and by those who want no post any more."""
        in_person = item.truth.cancels or self._luck_of(item, "in person") < _IN_PERSON
        if in_person and not whole:
            self._officers.take_at_counter(item.truth)
        else:
            self._citizens.order_again(item.truth, item.number)

    # --- at the citizen's door, with the result ---

    def _at_door(self, attempt: int) -> None:
        if self._luck("unpaid") < _UNPAID:
            self._take_it_back_unpaid()
            return
        fails = self._luck("fails", attempt) < (_FAILS if attempt == 1 else _FAILS_AGAIN)
        if not fails and self._luck("stranger") < _STRANGER:
            self._give_to_a_stranger()
        elif not fails:
            self._deliver()
        elif attempt == 1:
            self._report(State.DELIVERY_FAILED)
            self._at(self._world.hours.after(self._world.now(), 2, time(10, 0)), lambda: self._at_door(2))
        else:
            self._report(State.DELIVERY_FAILED)
            self._at(self._world.hours.after(self._world.now(), 2, time(11, 0)), self._turn_back)

    def _take_it_back_unpaid(self) -> None:
        """What is not paid for need not be delivered, and nobody is invited (Postal Law Art. 11(1)(c), 17(1)(đ))."""
        for item in self._load:
            item.truth.unpaid = self._number
        self._world.story.tell(f"{self._branch.name}: nobody pays for {self._number}")
        now = self._told(self._world.now())
        self._branch.operator.push_event(self._number, self._branch.unpaid_code, now)
        self._at(self._world.hours.after(self._world.now(), 1, time(11, 0)), self._turn_back)

    def _deliver(self) -> None:
        at, luck = self._world.minute(), self._luck("card")
        if luck < _SHOWS_NONE:  # a record without a paper is an attempt in vain; he comes back with one
            self._try(f"{self._number}: nothing is shown", hard_requests.door_record(self._number, at, shown=False))
        self._load.give(self._world.now(), CITIZEN)
        if luck < _ASKS_FOR_A_CARD:
            later = self._world.now().replace(microsecond=0)
            self._try(f"{self._number}: a card is shown", hard_requests.door_record(self._number, later, shown=True))
        self._report(State.DELIVERED)
        for item in self._load:
            item.truth.ended = "the result is with the citizen"

    def _give_to_a_stranger(self) -> None:
        """It is noticed a day later; the postman has fetched the papers by then."""
        self._load.give(self._world.now(), "stranger")
        self._report(State.DELIVERED)
        self._world.later(lambda: self._reverse(0), hours=26)

    def _reverse(self, tries: int) -> None:
        at = self._world.minute()
        self._load.give(at, self._holder)

        def not_yet(problem: Problem) -> None:
            if tries >= _REVERSED_AFTER:
                self._world.verdict.violated(6, f"{self._number} cannot be reversed: {problem.detail}")
            self._world.later(lambda: self._reverse(tries + 1), hours=9)

        def reversed_(_answer: object) -> None:
            self._at(self._world.hours.after(self._world.now(), 1, time(10, 0)), self._bring_to_the_right_door)

        what = f"{self._number} went to a stranger"
        self._world.insist(what, hard_requests.reverse(self._number, at), reversed_, not_yet)

    def _bring_to_the_right_door(self) -> None:
        self._report(State.OUT_FOR_DELIVERY, before=45)
        self._deliver()

    def _try(self, what: str, act: Callable[[Runtime], Any]) -> None:
        self._world.insist(what, act, refused=lambda _problem: None)

    def _turn_back(self) -> None:
        self._report(State.RETURNING)
        self._at(self._world.hours.after(self._world.now(), 1, time(9, 0)), self._bring_back)

    def _bring_back(self) -> None:
        self._report(State.RETURNED)
        self._load.give(self._world.now(), _desk(self._own))
        self._sign("to_agency", [Count(item) for item in self._load], self._leave_at_the_counter)

    def _leave_at_the_counter(self) -> None:
        for item in self._load:
            wait_at_the_counter(self._world, item)

    def _sign(self, direction: str, counts: list[Count], then: Callable[[], None]) -> None:
        self._officers.sign(self._branch.name, direction, counts, then)

    def _luck_of(self, item: Item, what: str) -> float:
        return self._world.chance.share(what, self._branch.name, item.number)


def _desk(item: Item) -> str:
    return f"agency:{item.truth.case.agency}"


def _ready_at(item: Item, now: datetime) -> datetime:
    ready = item.truth.did("result_ready")
    return ready.at if ready is not None else now + timedelta(days=1)
