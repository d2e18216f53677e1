"""The postal operators as the world drives them: their postmen's reports, and the traps that are set at VNPost's."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from itertools import chain
from typing import Any

from carriers.simulation import SimulatedOperator
from carriers.states import ShipmentState
from carriers.vnpost_ngsp.simulator import Client, Fault, FaultRule, NgspOperator
from worker.training.book import WorldBook
from worker.training.casting import Part
from worker.training.postman import UNEXPLAINED

RETRY_AFTER = 1.0
"""What the operator asks for when it throttles, in seconds of real time: the driven clock waits for it."""

_TRAPS: dict[Part, FaultRule] = {
    Part.LOST_ANSWER: FaultRule(fault=Fault.TIMEOUT_AFTER, seconds=0),
    Part.LOST_ORDER: FaultRule(fault=Fault.TIMEOUT_BEFORE, seconds=0),
    Part.THROTTLED: FaultRule(fault=Fault.THROTTLED, seconds=RETRY_AFTER),
    Part.OPERATOR_ERROR: FaultRule(fault=Fault.ERROR_BEFORE),
}


class PostOffice:
    """The post's side of the world.

    Args:
        operator: VNPost, which keeps orders, calls and the feed in a file of its own; it alone has traps.
        others: the other operators by name.
        clients: account id by which the system knows each customer of the operator.
        book: where sprung traps are remembered, so that a resumed run does not set them again.
    """

    def __init__(
        self,
        operator: NgspOperator,
        clients: dict[str, Client],
        book: WorldBook,
        others: Mapping[str, SimulatedOperator] | None = None,
    ) -> None:
        self._operator, self._clients, self._book = operator, clients, book
        self._others = others or {}
        self._paused_until = 0.0

    def live_orders(self) -> dict[str, dict[str, datetime]]:
        """Return the live order numbers of each dossier, and when each was created."""
        found: dict[str, dict[str, datetime]] = {}
        for dossier, orders in self.books().items():
            live = {number: order["ordered_at"] for number, order in orders.items() if order["live"]}
            found[dossier] = {number: datetime.fromisoformat(at) for number, at in live.items()}
        return found

    def books(self) -> dict[str, dict[str, Any]]:
        """Return, per dossier and order number, what the operator holds and every call it had about it."""
        found: dict[str, dict[str, Any]] = defaultdict(dict)
        for order in chain.from_iterable(operator.orders() for operator in (self._operator, *self._others.values())):
            found[order["order_number"].rpartition("-")[0]][order["order_number"]] = order
        return found

    def feed_lengths(self) -> dict[str, int]:
        """Return how many lines VNPost's feeds have, by account."""
        return {
            account: self._operator.books.count_events(client.customer_code)
            for account, client in self._clients.items()
        }

    def events_of_others(self) -> dict[str, int]:
        """Return how many events each of the other operators has had, by its name."""
        return {
            carrier: operator.books.count_events(operator.default_customer)
            for carrier, operator in self._others.items()
        }

    def telling(self) -> bool:
        """Whether an operator has news that it has not got rid of yet."""
        return any(other.webhooks is not None and other.books.untold(1) for other in self._others.values())

    def report(self, number: str, state: str, at: datetime) -> None:
        """Let the operator that holds the order tell of an event, each in its own way, if it tells of such at all."""
        holders = (other for other in self._others.values() if other.books.customer_of(number) is not None)
        operator = next(holders, self._operator)
        if state == UNEXPLAINED:
            operator.push_event(number, operator.unlisted_code, at)
        elif operator.knows(ShipmentState(state)):
            operator.report(number, ShipmentState(state), at)

    def arm(self, part: Part, number: str, account: str) -> None:
        """Set the trap of a part for an order number, unless it has sprung before."""
        if part is Part.DUPLICATE:
            self._key_in_by_hand(number, account)
        elif part in _TRAPS:
            self._set(_TRAPS[part], number)

    def hold_the_line(self, number: str) -> None:
        """Let the next call for this order take effect and stay without an answer for some seconds."""
        self._set(FaultRule(fault=Fault.TIMEOUT_AFTER, seconds=10), number)

    def holds_the_line(self, number: str) -> bool:
        """Whether such a call has come in: the order exists, and its caller waits for an answer."""
        wanted = f"{Fault.TIMEOUT_AFTER.value}:{number}"
        return any(rule.times == 0 and _name(rule) == wanted for rule in self._operator.faults.rules)

    def remember_sprung(self) -> None:
        """Write down which traps have sprung since the last time."""
        known = self.sprung()
        for rule in self._operator.faults.rules:
            if rule.times == 0 and (trap := _name(rule)) not in known:
                self._book.note("sprung", f"{trap} {self._operator.now().isoformat()}")
                if rule.fault is Fault.THROTTLED:
                    self._paused_until = time.monotonic() + rule.seconds

    def sprung(self) -> dict[str, datetime]:
        """Return the traps that have sprung, as ``fault:order number``, with the time in the story."""
        notes = (note.rsplit(" ", 1) for note in self._book.notes("sprung"))
        return {trap: datetime.fromisoformat(at) for trap, at in notes}

    @property
    def pausing(self) -> bool:
        """Whether a pause that the operator asked for is not over yet, in real time."""
        return time.monotonic() < self._paused_until

    def _set(self, rule: FaultRule, number: str) -> None:
        trap = rule.model_copy(update={"order": number, "exact": True, "operation": "order", "times": 1})
        if _name(trap) not in self.sprung():
            others = [known for known in self._operator.faults.rules if _name(known) != _name(trap)]
            self._operator.faults.replace([*others, trap])

    def _key_in_by_hand(self, number: str, account: str) -> None:
        """A clerk at the post office enters the order from the citizen's paper slip, before we call."""
        if number in self.live_orders().get(number.rpartition("-")[0], {}):
            return
        client = self._clients[account]
        slip = {"CustomerCode": client.customer_code, "OrderNumber": number}
        for side in ("Sender", "Receiver"):
            slip |= {f"{side}{what}": "theo phiếu" for what in ("Name", "Address", "Tel")} | {f"{side}Province": "04"}
        self._operator.create(client, slip)


def _name(rule: FaultRule) -> str:
    return f"{rule.fault.value}:{rule.order}"
