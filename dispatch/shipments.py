"""Shipments: one leg of one dossier at one operator, under an order number that never changes.

What we know of a shipment has two sources: our own booking (``booking``) and the operator's events (``journey``). The
state people see is worked out from both in one place, :func:`refresh_state`.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, false, text
from sqlalchemy.orm import Mapped, mapped_column

from carriers.contract import OrderRef
from carriers.states import ShipmentState
from config.database import Base, EncryptedText, UtcDateTime
from dispatch.parties import Party


class Leg(StrEnum):
    """Which way the papers go: to the agency, back to the citizen, or from one agency to another."""

    SEND = "send"
    RETURN = "return"
    TRANSFER = "transfer"


class BookingState(StrEnum):
    """What we know of our own order, before the operator has said anything about the item."""

    REQUESTED = "requested"
    BOOKING = "booking"
    OUTCOME_UNKNOWN = "outcome_unknown"
    BOOKED = "booked"
    CANCELLED = "cancelled"
    PARKED = "parked"
    RIDING = "riding"
    """It has no order of its own: it lies in the parcel of another."""


class Successor(StrEnum):
    """When a leg is ordered again once its shipment is dead: at once, or when there is a result to collect."""

    AT_ONCE = "at_once"
    WAITING = "waiting"


UNSETTLED = (BookingState.REQUESTED, BookingState.BOOKING, BookingState.OUTCOME_UNKNOWN)
"""Bookings of which the operator may or may not know."""

ENDED = frozenset(
    {ShipmentState.DELIVERED, ShipmentState.RETURNED, ShipmentState.CANCELLED, ShipmentState.LOST},
)
"""States after which a leg may be ordered again, as a new generation."""

BEFORE_COLLECTION = frozenset({None, ShipmentState.BOOKED, ShipmentState.COLLECTING, ShipmentState.COLLECTION_FAILED})
"""What the operator may have said while the papers are still with their sender."""


ASKABLE = text("booking = 'booked' AND (state NOT IN ('delivered', 'returned', 'cancelled') OR poll_at IS NOT NULL)")
"""Which items are asked about, as the indexes of them say it and every query of them has to. Lost ones may turn up, and
of those whose journey is over somebody may have hinted at more.
"""

URGENT = text(f"{ASKABLE.text} AND poll_urgent")
"""Those of them whose promise is close, likewise."""


FIRST = text("next_at IS NOT NULL AND priority")
"""What is worked on before everything else of its account, likewise."""

SAME_DAY_LIVE = text("live AND priority")
"""What should be collected and delivered on one day, likewise."""


def _index_of(name: str, *columns: str, some: str) -> Index:
    """Return an index of some rows only: of those that are watched, not of all that there ever were."""
    return Index(name, *columns, sqlite_where=text(some), postgresql_where=text(some))


class Shipment(Base):
    """One order at an operator.

    Attributes:
        order_number: ``<dossier>-S<generation>``, ``-R`` or ``-T``; never random, so a retry is the same order.
        book_at: when to book; empty while the return leg waits for the result.
        pickup_on: the working day on which the postman should come.
        pickup_window: when on that day, as ``08:00-11:30``, where the citizen has chosen.
        new_citizen: another name and address of which the operator has yet to be told.
        next_at: when somebody should look at the booking again; empty when nothing is to be done.
        lease_until: until when (real time) one worker owns the booking.
        call_started_at: when an order or a cancellation was last sent; set before the call, so a crash cannot hide it.
        poll_at: when the operator is asked about the item, where items are asked for one by one; empty until that is
            planned (:mod:`tracking.poll_plan`), and empty again whenever news came, so that it is planned anew.
        poll_urgent: whether the next question serves a promise that is close.
        poll_failures: how many questions about this item in a row brought no answer.
        asked_at: when the operator was last asked about the item.
        heard_at: when we last heard news of the item, whether we had asked or not.
        operator_id: the operator's own id of the order, where that is not the waybill.
        unknown_since: since when the operator may hold the order without having told us; until it does, or denies it.
        withdrawn_at: since when a cancellation may have worked without our being told.
        hinted_waybill: a waybill by a report that nobody vouches for; a person asks the operator whose it is.
        other_waybill: a second waybill that the operator reports under our number: it may have made the order twice.
        feed_position: the operator's feed cursor before the first order call, from which a lost order is looked up.
        successor: whether and when the leg is ordered again once this shipment is dead.
        heir: the operator that the next generation goes to, as :func:`dispatch.generations.succeed` reads it.
        payer: who pays for this carriage: the party at fault where it is not the first (Decision 45/2016 Art. 12(4)).
        recall_wanted: whether the operator is yet to be told to bring the papers back.
        recall_asked_at: since when the papers are wanted back from an operator that has them.
        address_waits_since: since when the operator has yet to approve a new address.
        counted_at: when a signed record said what came of its papers at the desk.
        proof_wanted: whether its account requires a record of who received, and there is none yet.
        live: whether the leg is under way; at most one live shipment exists for a leg.
        citizen: who is at the other end from the account's desk; of a transfer, the desk of the other agency.
        slip_number: the signed slip by which the papers were taken at the citizen's door.
        rides_with: the order in whose parcel it lies; what happens to that parcel happens to it.
        carries: whether others lie in its parcel.
        priority: whether its procedure is settled on the same day, so that it goes before others.
    """

    __tablename__ = "shipment"
    __table_args__ = (
        Index(
            "uq_shipment_live_leg",
            "dossier_code",
            "leg",
            unique=True,
            sqlite_where=text("live"),
            postgresql_where=text("live"),
        ),
        _index_of("ix_shipment_due", "account", "next_at", some="next_at IS NOT NULL"),
        _index_of("ix_shipment_leased", "lease_until", some="lease_until IS NOT NULL"),
        _index_of("ix_shipment_live", "state", some="live"),
        _index_of("ix_shipment_unsettled", "booking", some="booking NOT IN ('booked', 'cancelled')"),
        _index_of("ix_shipment_odd", "state_since", some="CAST(anomalies AS TEXT) <> '[]'"),
        _index_of(
            "ix_shipment_uncounted", "state_since", some="counted_at IS NULL AND state IN ('delivered', 'returned')"
        ),
        Index("ix_shipment_poll", "account", "poll_at", sqlite_where=ASKABLE, postgresql_where=ASKABLE),
        Index("ix_shipment_poll_urgent", "account", "poll_at", sqlite_where=URGENT, postgresql_where=URGENT),
        _index_of("ix_shipment_recalled", "recall_asked_at", some="live AND recall_asked_at IS NOT NULL"),
        _index_of("ix_shipment_address_waits", "address_waits_since", some="live AND address_waits_since IS NOT NULL"),
        Index("ix_shipment_waybill", "carrier", "waybill"),
        Index("ix_shipment_created_at", "created_at", "order_number"),
        Index("ix_shipment_state", "state", "created_at", "order_number"),
        _index_of("ix_shipment_unproven", "delivered_at", some="proof_wanted"),
        _index_of("ix_shipment_rides_with", "rides_with", some="rides_with IS NOT NULL"),
        Index("ix_shipment_due_first", "account", "next_at", sqlite_where=FIRST, postgresql_where=FIRST),
        Index("ix_shipment_same_day", "state", sqlite_where=SAME_DAY_LIVE, postgresql_where=SAME_DAY_LIVE),
    )

    order_number: Mapped[str] = mapped_column(String(80), primary_key=True)
    order_id: Mapped[str] = mapped_column(ForeignKey("postal_order.id"), index=True)
    dossier_code: Mapped[str] = mapped_column(ForeignKey("dossier.code"), index=True)
    leg: Mapped[Leg]
    generation: Mapped[int]
    carrier: Mapped[str] = mapped_column(String(40))
    account: Mapped[str] = mapped_column(String(40))
    waybill: Mapped[str | None] = mapped_column(String(40))
    hinted_waybill: Mapped[str | None] = mapped_column(String(40))
    other_waybill: Mapped[str | None] = mapped_column(String(40))
    poll_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    poll_urgent: Mapped[bool] = mapped_column(default=False, server_default=false())
    poll_failures: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    heard_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    operator_id: Mapped[str | None] = mapped_column(String(80))
    booking: Mapped[BookingState]
    journey: Mapped[str | None] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20))
    state_since: Mapped[datetime] = mapped_column(UtcDateTime)
    live: Mapped[bool]
    citizen: Mapped[str] = mapped_column(EncryptedText)
    new_citizen: Mapped[str | None] = mapped_column(EncryptedText)
    contents: Mapped[list[Any]]
    cod_vnd: Mapped[int]
    book_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    pickup_on: Mapped[date | None]
    pickup_window: Mapped[str | None] = mapped_column(String(11))
    attempts: Mapped[int]
    next_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    call_started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    unknown_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    feed_position: Mapped[str | None] = mapped_column(String(80))
    cancel_wanted: Mapped[bool]
    successor: Mapped[Successor | None]
    heir: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    payer: Mapped[Party] = mapped_column(default=Party.CITIZEN, server_default=Party.CITIZEN.value)
    recall_wanted: Mapped[bool] = mapped_column(default=False, server_default=false())
    recall_asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    address_waits_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    trouble: Mapped[str | None] = mapped_column(String(1000))
    zone: Mapped[str] = mapped_column(String(20))
    collected_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    delivered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    transit_due: Mapped[date | None]
    transit_kept: Mapped[bool | None]
    failed_attempts: Mapped[list[Any]]
    anomalies: Mapped[list[Any]]
    counted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    proof_wanted: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    slip_number: Mapped[str | None] = mapped_column(String(100))
    rides_with: Mapped[str | None] = mapped_column(String(80))
    carries: Mapped[bool] = mapped_column(default=False, server_default=false())
    priority: Mapped[bool] = mapped_column(default=False, server_default=false())

    @property
    def ref(self) -> OrderRef:
        """The order by all the names under which its operator may know it."""
        return OrderRef(self.order_number, self.waybill, self.operator_id)

    @property
    def wants_work(self) -> bool:
        """Whether the operator is yet to be told of something."""
        told = not (self.cancel_wanted or self.recall_wanted) and self.new_citizen is None
        return self.booking in UNSETTLED or not told

    @property
    def waits_for_result(self) -> bool:
        """Whether this is a return leg that is booked only when there is a result to collect."""
        return self.live and self.booking is BookingState.REQUESTED and self.book_at is None

    @property
    def plans_pickup(self) -> bool:
        """Whether a pickup is still to be planned: for this shipment, or for the one that takes its place."""
        return self.waits_for_result or self.successor is Successor.WAITING

    def disinherit(self) -> None:
        """Let nothing take this shipment's place."""
        self.successor = self.heir = None


def order_number(dossier_code: str, leg: Leg, generation: int) -> str:
    """Return the number under which an operator knows this leg."""
    return f"{dossier_code}-{leg.value[0].upper()}{generation}"


def worked_out_state(booking: BookingState, journey: str | None) -> str:
    """Return the state people see.

    An event proves that the operator holds the order, whatever our own call seemed to say; only a cancellation
    stands against events that came before the papers were collected.
    """
    if journey is None:
        return booking.value
    if booking is BookingState.CANCELLED and journey in BEFORE_COLLECTION:
        return ShipmentState.CANCELLED.value
    return journey


def refresh_state(shipment: Shipment, at: datetime) -> bool:
    """Bring ``state`` and ``live`` in line with booking and journey; tells whether the state changed."""
    state = worked_out_state(BookingState(shipment.booking), shipment.journey)
    if state == shipment.state:
        return False
    shipment.state, shipment.state_since = state, at
    # A leg that has ended stays ended: its next generation may be on its way when the old parcel moves once more.
    shipment.live = shipment.live and state not in ENDED
    if state in ENDED:
        shipment.poll_at = None
    return True
