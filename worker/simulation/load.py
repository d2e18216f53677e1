"""What lies in one order at an operator: the papers of the dossier that ordered it, and of those that ride with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from dispatch.shipments import Shipment
from worker.simulation.truth import CITIZEN, DossierTruth
from worker.simulation.world import World


@dataclass(frozen=True)
class Item:
    """The papers of one dossier, under the number of their own shipment."""

    truth: DossierTruth
    number: str

    @property
    def sends(self) -> bool:
        return leg_of(self.truth.case.code, self.number) == "S"


@dataclass(frozen=True)
class Load:
    """All that a postman has in his hands, the dossier with the order first."""

    items: tuple[Item, ...]

    def __iter__(self) -> Iterator[Item]:
        return iter(self.items)

    def give(self, at: datetime, holder: str) -> None:
        """All of it changes hands: a result goes with the papers that are handed back with it.

        What was lost on the way home and made again is the citizen's already.
        """
        for item in self.items:
            back = ("submitted", "result") if item.truth.holder("submitted") != CITIZEN else ("result",)
            for papers in ("submitted",) if item.sends else back:
                item.truth.give(papers, at, holder)


def leg_of(code: str, number: str) -> str:
    """Return the letter of the leg to which an order number belongs."""
    return number[len(code) + 1]


def load_of(world: World, own: Item) -> Load:
    """Return what is handed to the postman who comes for an order: what its slip lists, and is there.

    The list is our system's, as it is on the slip. What may stand on it is known from those who put parcels together.
    """
    with world.system.web.runtime.context.database.read() as session:
        query = select(Shipment.order_number).where(Shipment.rides_with == own.number, Shipment.live)
        numbers = list(session.scalars(query.order_by(Shipment.order_number)))
    riders = [Item(truth, number) for number in numbers if (truth := world.truth.of_order(number)) is not None]
    load = Load((own, *(rider for rider in riders if _is_there(rider))))
    _judge(world, load)
    return load


def _is_there(item: Item) -> bool:
    """Whether the papers are where the postman comes for them."""
    truth = item.truth
    return truth.holder("submitted") == CITIZEN if item.sends else truth.holder("result") == _desk(truth)


def _judge(world: World, load: Load) -> None:
    """A parcel moves together: nothing lies in it uninvited or twice, and nothing is left behind (promises 2 and 6)."""
    own, *riders = load
    leg = leg_of(own.truth.case.code, own.number)
    aboard = {item.truth.case.code for item in load}
    asked = [parcel for parcel in world.truth.parcels if parcel.leg == leg and aboard & parcel.codes]
    for rider in riders:
        wanted = any(rider.truth.case.code in parcel.codes for parcel in asked)
        world.verdict.holds(6, wanted, f"{rider.number} lies in the parcel of {own.number}, and nobody put it there")
        alone = _has_its_own_order(world, rider.truth, leg)
        world.verdict.holds(2, not alone, f"{rider.number} lies in the parcel of {own.number} and has an order as well")
    for parcel in asked:
        for code in sorted(parcel.codes - aboard) if parcel.formed and not parcel.moved else ():
            left = _is_left_behind(world, world.truth.dossiers[code], leg)
            world.verdict.holds(6, not left, f"the parcel of {own.number} is taken, and {code} is left behind")
        parcel.moved = True


def _is_left_behind(world: World, truth: DossierTruth, leg: str) -> bool:
    if truth.cancels or truth.withdrawn or truth.at_counter or _has_its_own_order(world, truth, leg):
        return False
    return _is_there(Item(truth, f"{truth.case.code}-{leg}"))


def _has_its_own_order(world: World, truth: DossierTruth, leg: str) -> bool:
    return any(leg_of(truth.case.code, order.number) == leg for _, order in world.post.live(truth.case.code))


def _desk(truth: DossierTruth) -> str:
    return f"agency:{truth.case.agency}"
