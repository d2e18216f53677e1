"""The postal operators of a run: each with its own clock, its customer's account at us, and its books."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from carriers import registry
from carriers.contract import Certainty
from carriers.simulation import Order, SimulatedOperator, account_at, simulator_of
from carriers.states import ShipmentState
from carriers.status_table import StatusMeaning, StatusVersion
from config.accounts import CarrierAccount, Desk
from tracking.undeliverable import UNPAID
from worker.simulation.clock import VirtualClock
from worker.simulation.stations import Station

_UNPAID = {"vnpost_ngsp": "85", "myvnpost": "85", "ems": "990085", "viettelpost": "585", "jt": "185"}
"""The code of each operator for a result that is not paid for at the door, by the list that it has signed off."""

DESK = Desk(phone="02063852136", address="Trung tâm Phục vụ hành chính công", province_code="04")
OTHER_AGENCY = "H14.30"
"""The tax office, to which papers go in linked procedures."""

_HOST = "{}.test"


@dataclass
class Branch:
    """One operator.

    Attributes:
        account: how we know it.
        skew: how far its clock is ahead of ours.
        seen: id of the newest order that its postmen know of.
    """

    name: str
    operator: SimulatedOperator
    account: CarrierAccount
    station: Station
    skew: timedelta
    seen: int = 0

    @property
    def is_feed(self) -> bool:
        """Whether everything it tells can be read at any time, so that nothing is ever lost."""
        return "track_feed" in registry.plugin(self.name).capabilities

    @property
    def webhook(self) -> str:
        """The address that it was given for its webhooks."""
        secret = self.account.secrets.get("path_secret")
        end = f"/{secret.get_secret_value()}" if secret else ""
        return f"https://postal.test/webhooks/{self.name}/{self.account.id}{end}"

    @property
    def unpaid_code(self) -> str:
        """What is told of a result whose postage nobody pays at the door."""
        return _UNPAID[self.name]

    def state_of(self, code: str) -> ShipmentState | None:
        """Return what a code means by the operator's own table; None for one that it does not list."""
        tables = registry.plugin(self.name).tables
        meaning = tables.confirmed_by(_signed_off(self.name)).meanings().get(code)
        return meaning.state if meaning is not None else None

    def new_orders(self) -> list[Order]:
        """Return the orders that have come in since the last time."""
        orders = self.operator.books.orders_after(self.seen)
        self.seen = orders[-1].id if orders else self.seen
        return orders

    def reports(self, number: str) -> list[tuple[datetime, ShipmentState | None]]:
        """Return everything that was reported of an order, in the order of its times, with what it means."""
        customer = self.operator.default_customer
        events = self.operator.books.events_of(customer, number)
        return [(event.happened, self.state_of(event.code)) for event in events]

    def is_live(self, number: str) -> bool:
        """Whether an order stands in the books and was not cancelled."""
        order = self.operator.books.order(self.operator.default_customer, number)
        return order is not None and order.live

    def close(self) -> None:
        """Close the books."""
        self.operator.close()


class Post:
    """All operators by name."""

    def __init__(self, branches: dict[str, Branch]) -> None:
        self.branches = branches

    def __iter__(self) -> Iterator[Branch]:
        return iter(self.branches.values())

    def live(self, dossier: str) -> list[tuple[Branch, Order]]:
        """Return the live orders of a dossier at all operators."""
        return [(branch, order) for branch in self for order in branch.operator.books.live_orders(dossier)]

    def holder_of(self, number: str) -> Branch | None:
        """Return the operator that has, or had, an order of this number."""
        return next((branch for branch in self if branch.operator.books.customer_of(number) is not None), None)


def open_branch(name: str, clock: VirtualClock, skew: timedelta) -> Branch:
    """Open an operator whose clock is ``skew`` ahead of everybody else's."""
    simulator = simulator_of(name)
    operator = simulator.make(now=lambda: clock.now() + skew)
    account = account_at(name, f"https://{_HOST.format(host_of(name))}", account_id=host_of(name), desk=DESK)
    confirmed = {"confirmed_statuses": _signed_off(name).model_dump(mode="json")}
    account = account.model_copy(update={"options": {**account.options, **confirmed}, "bulk_sealed": True})
    station = Station(name, simulator.app(operator), operator)
    return Branch(name, operator, account, station, skew)


def _signed_off(name: str) -> StatusVersion:
    """Return the one line that an operator has confirmed: no public list of any of them has a code for it."""
    unpaid = StatusMeaning(
        code=_UNPAID[name],
        state=ShipmentState.DELIVERY_FAILED,
        reason=UNPAID,
        certainty=Certainty.CONFIRMED,
        source="the operator's letter",
    )
    return StatusVersion(name="2026-12", issued=date(2026, 12, 1), codes=(unpaid,))


def host_of(name: str) -> str:
    """Return an operator's name as hosts and accounts are written."""
    return name.replace("_", "-")
