"""The monitoring clerk: reads what needs a hand once a day, and does what it says there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time

from dispatch.findings import FindingForm, note_finding
from dispatch.outbox import send_again
from dispatch.problems import Problem
from tracking import calendar_change
from tracking.watch import attention
from tracking.watching.items import IN_DOUBT, Attention
from worker.runtime import Runtime
from worker.simulation.world import World

_ROUNDS = (time(8, 15),)


class Clerk:
    """Looks at the list of what needs a person and at nothing else; then asks the operator on the telephone."""

    def __init__(self, world: World) -> None:
        self._world = world

    def begin(self) -> None:
        """Plan the next look."""
        self._world.agenda.add(self._world.hours.next_round(self._world.now(), *_ROUNDS), self._look)

    def _look(self) -> None:
        self._world.insist("the clerk reads what needs a hand", _list, self._act)
        self.begin()

    def _act(self, items: list[Attention]) -> None:
        for item in items:
            if item.kind in IN_DOUBT and item.shipment:
                self._settle(item.shipment)
            elif item.kind == "message-undelivered":
                self._send_again(item.key.partition(":")[2])
            elif item.kind == "calendar-changed":
                self._confirm_calendar()

    def _settle(self, number: str) -> None:
        """Ask the operator whether it holds an order, and say so (``postal settle``)."""
        branch = self._world.post.holder_of(number)
        orders = branch.operator.books.live_orders(number.rpartition("-")[0]) if branch else []
        found = next((order for order in orders if order.number == number), None)
        waybill = found.item_code if found else None
        self._try(
            f"the clerk finds out that {number} is {'there' if found else 'not there'}",
            lambda runtime: note_finding(runtime.context, number, FindingForm(held=bool(found), waybill=waybill)),
        )

    def _send_again(self, message: str) -> None:
        def again(runtime: Runtime) -> None:
            with runtime.context.database.write() as session:
                send_again(session, message, runtime.context.clock.now())

        self._try(f"the clerk has {message} sent again", again)

    def _confirm_calendar(self) -> None:
        def confirm(runtime: Runtime) -> None:
            calendar_change.confirm(
                runtime.context, runtime.office, officer="Hà Thị Mai", document="Công văn 1/UBND-NC", codes=None
            )

        def confirmed(_answer: None) -> None:
            self._world.truth.confirmed_at = self._world.truth.confirmed_at or self._world.now()

        self._world.insist("the clerk confirms the calendar in force", confirm, confirmed)

    def _try(self, what: str, act: Callable[[Runtime], None]) -> None:
        """What comes to nothing is on the list again at the next look."""
        self._world.insist(what, act, refused=_never_mind)


def _list(runtime: Runtime) -> list[Attention]:
    with runtime.context.database.read() as session:
        return attention(session, runtime.context, runtime.office)


def _never_mind(_problem: Problem) -> None:
    """Nothing about it is in doubt any more, or somebody works on it at this moment."""
