"""How stories end that do not end by themselves: papers are brought or fetched in person, or all is withdrawn."""

from __future__ import annotations

from datetime import timedelta

from worker.simulation import requests
from worker.simulation.officer import Officers
from worker.simulation.truth import CITIZEN, DossierTruth
from worker.simulation.world import World
from worker.web.answers import DossierView

_LOOKS_AFTER = timedelta(hours=23)


class Endings:
    """Looks at every open dossier once a day."""

    def __init__(self, world: World, officers: Officers) -> None:
        self._world, self._officers = world, officers

    def begin(self) -> None:
        """Plan the next look."""
        self._world.agenda.add(self._world.now() + _LOOKS_AFTER, self._look)

    def unfinished(self) -> dict[str, str]:
        """Return the dossiers whose story is not over, with what is missing."""
        return {code: _missing(truth) for code, truth in self._world.truth.dossiers.items() if truth.ended is None}

    def _look(self) -> None:
        for truth in self._world.truth.dossiers.values():
            if truth.ended is None and truth.order_ids:
                self._think_of(truth)
        self.begin()

    def _think_of(self, truth: DossierTruth) -> None:
        if not truth.case.sends:
            self._officers.take_at_counter(truth)
        if self._is_under_way(truth):
            return
        if truth.withdrawn:
            truth.ended = "the dossier is withdrawn"
        elif truth.cancels or truth.gone:
            what = f"the citizen of {truth.case.code} asks where things stand"
            self._world.insist(what, requests.view(truth.case.code), lambda view: self._come_in_person(truth, view))

    def _come_in_person(self, truth: DossierTruth, view: DossierView) -> None:
        newest = {shipment.leg: shipment.state for shipment in view.shipments}
        alive = {leg for leg, state in newest.items() if state not in ("cancelled", "returned", "lost")}
        if truth.ended is not None or self._is_under_way(truth):
            return
        if truth.did("started") is None and "send" not in alive and self._may_be_brought(truth):
            self._officers.take_at_counter(truth)
        elif truth.ready and "return" not in alive:
            truth.ended = "the result waits at the desk"

    def _may_be_brought(self, truth: DossierTruth) -> bool:
        """Whether the citizen has papers at home, or must get others in the place of those that were lost."""
        return truth.holder("submitted") == CITIZEN or bool(truth.gone)

    def _is_under_way(self, truth: DossierTruth) -> bool:
        lost = bool(truth.gone) and truth.did("started") is None
        held = any((truth.holder(papers) or "").startswith("post:") for papers in ("submitted", "result"))
        return held and not lost


def _missing(truth: DossierTruth) -> str:
    if not truth.order_ids:
        return "the order was never acknowledged"
    if truth.did("started") is None:
        return f"the clock never started; the papers are with {truth.holder('submitted')}"
    return f"ready: {truth.ready}; the result is with {truth.holder('result')}"
