"""Linked procedures: papers go by post to another agency and come back, while the dossier's time runs on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time

from carriers.simulation import Order
from carriers.states import ShipmentState as State
from worker.simulation.carriage import Carriage
from worker.simulation.load import Item
from worker.simulation.officer import Count, Officers
from worker.simulation.post import OTHER_AGENCY, Branch
from worker.simulation.truth import DossierTruth
from worker.simulation.world import World

_REJECTED = 0.25


class Transfer(Carriage):
    """One order from desk to desk."""

    def __init__(self, world: World, officers: Officers, truth: DossierTruth, branch: Branch, order: Order) -> None:
        super().__init__(world, branch, order)
        self._officers, self._item = officers, Item(truth, order.number)
        self._from, self._to = truth.case.agency, OTHER_AGENCY
        if truth.holder("submitted") == f"agency:{OTHER_AGENCY}":
            self._from, self._to = self._to, self._from

    def _visit(self) -> None:
        if not self._is_live():
            return
        self._item.truth.give("submitted", self._world.now(), self._holder)
        self._officers.sign(self._branch.name, "to_post", [Count(self._item)], self._carry, agency=self._from)

    def _carry(self) -> None:
        self._report(State.COLLECTING, before=30)
        self._report(State.IN_TRANSIT)
        arrival = self._soon_after(self._world.now(), 400, 2700, "arrival")
        self._at(self._world.hours.next_round(arrival, time(9, 0), time(14, 30)), self._arrive)

    def _arrive(self) -> None:
        self._report(State.OUT_FOR_DELIVERY, before=45)
        self._report(State.DELIVERED)
        if self._to == OTHER_AGENCY and self._luck("rejected") < _REJECTED:
            paper = str(self._item.truth.case.registration["papers"][0]["name"])
            self._sign(Count(self._item, [paper]), self._to, self._turn_back)
            return
        self._item.truth.give("submitted", self._world.minute(), f"agency:{self._to}")
        self._sign(Count(self._item), self._to, self._hand_in)

    def _sign(self, count: Count, agency: str, then: Callable[[], None]) -> None:
        self._officers.sign(self._branch.name, "to_agency", [count], then, agency=agency)

    def _turn_back(self) -> None:
        """What the other agency has not taken goes home, and the dossier is decided without it."""
        self._report(State.RETURNING)
        self._at(self._world.hours.after(self._world.now(), 1, time(9, 30)), self._bring_back)

    def _bring_back(self) -> None:
        self._report(State.RETURNED)
        truth = self._item.truth
        truth.give("submitted", self._world.minute(), f"agency:{self._from}")
        self._sign(Count(self._item), self._from, lambda: self._officers.finish_in_time(truth))

    def _hand_in(self) -> None:
        """The other agency works on the papers for a while; at home again, the dossier goes on."""
        truth = self._item.truth
        if self._to == OTHER_AGENCY:
            back = self._world.hours.after(self._world.now(), 2, time(10, 30))
            self._at(back, lambda: self._officers.send_on(truth, OTHER_AGENCY, truth.case.agency))
        else:
            self._officers.finish_in_time(truth)
