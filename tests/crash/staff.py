"""A person at the agency: orders that the system cannot settle by itself are looked up at the operator, by phone."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from tests.support.town import run
from worker.training.client import SystemAwayError, dossier_path
from worker.training.world import World

_EVERY = 1.0
"""How often somebody looks, in seconds of real time."""

_FOR_A_PERSON = "booking-parked"


class Staff:
    """Reads the list of what needs a hand, and says with ``postal settle`` what the operator answers.

    Some operators can neither be asked about an order nor told to cancel it: when their answer to a booking is lost and
    they report nothing, the system puts the order before a person, who is part of the promise that nothing is lost.

    Args:
        environment: in which ``postal`` finds the system's database.

    Attributes:
        settled: how many orders a person has settled.
    """

    def __init__(self, world: World, environment: Mapping[str, str]) -> None:
        self.settled = 0
        self._world, self._environment = world, environment
        self._next_look = 0.0

    def look(self) -> None:
        """Settle what waits for a person; what fails while something is struck is tried at the next look."""
        if time.monotonic() < self._next_look:
            return
        with suppress(SystemAwayError):  # whoever is away comes back
            for item in self._world.client.get("/v1/attention")["items"]:
                if item["kind"] == _FOR_A_PERSON:
                    self._settle(item["dossier"], item["shipment"])
        self._next_look = time.monotonic() + _EVERY

    def _settle(self, dossier: str, number: str) -> None:
        shipments = self._world.client.get(dossier_path(dossier))["shipments"]
        carrier = next(one["carrier"] for one in shipments if one["order_number"] == number)
        held = self._order_at(carrier, number)
        words = ["--held", "--waybill", held["item_codes"][-1]] if held else ["--not-held"]
        self.settled += run(["settle", number, *words], self._environment).returncode == 0

    def _order_at(self, carrier: str, number: str) -> dict[str, Any] | None:
        operator = {"vnpost_ngsp": self._world.operator, **self._world.others}[carrier]
        return next((one for one in operator.orders() if one["order_number"] == number and one["live"]), None)
