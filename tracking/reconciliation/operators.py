"""Asks an operator what it shows of our orders, and compares.

By its feed where it has one, read once from before the oldest of them; else item by item; and by our number where an
item says nothing. It is asked over the account's own connection, so the agreed rate, its pauses and its breaker hold;
nothing of the answers is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, defer

from carriers.capabilities import CanCheck, CanFindByReference, CanTrackFeed, CanTrackItems
from carriers.contract import Carrier, FeedItem, OrderRef, TrackingEvent
from carriers.outcomes import CarrierError, CircuitOpen, Rejected, Throttled, Unauthorized
from carriers.states import ShipmentState
from config.batch import among, batched
from dispatch.context import Context
from dispatch.feeds import FeedCursor
from dispatch.shipments import BEFORE_COLLECTION, ENDED, BookingState, Shipment
from tracking.events import CLOCK_SKEW, journey_events
from tracking.poll_accounts import PollAccount
from tracking.reconciliation import orders
from tracking.reconciliation.differences import Difference
from tracking.reconciliation.orders import Hearing, OurOrder, TheirOrder
from tracking.reconciliation.part import IN_A_ROW, Part

STAYS_IN_VIEW = timedelta(days=14)
"""How long a cancelled order is looked at: so long its operator might still move it."""

_BY_FEED, _BY_ITEM = 2_000, 20
"""Orders of one part: a feed is read once for all of them."""

_PAGE, _MOST_PAGES = 1_000, 200
_LONGEST_TEMPO = 12
"""Items are asked about at least every so many times the shortest interval (:mod:`tracking.poll_plan`)."""


@dataclass(frozen=True)
class OrderReader:
    """Compares with one account's operator."""

    context: Context
    account: str

    @property
    def note(self) -> str:
        """What cannot be compared there; empty where all can."""
        carrier = self.context.carriers.get(self.account)
        if isinstance(carrier, CanTrackFeed | CanTrackItems | CanFindByReference):
            return ""
        return f"not comparable: '{carrier.name}' cannot be asked about orders, it only reports them by itself"

    def part(self, position: str | None) -> Part:
        """Compare the orders after ``position``.

        Raises:
            CarrierError: the operator does not answer, or not as it should.
            ConfigurationError: the account cannot be used.
        """
        if self.note:
            return Part(frozenset(), (), None)
        carrier = self.context.carriers.get(self.account)
        most = _BY_FEED if isinstance(carrier, CanTrackFeed) else _BY_ITEM
        shipments = self._shipments(position, most)
        shown, note = self._shown(carrier, shipments)
        found = tuple(self._compared(carrier, shown))
        after = shipments[-1].order_number if len(shipments) == most else None
        unread = frozenset(one.order_number for one in shipments) - shown.keys()
        return Part(frozenset(shown), found, after, unread, note=note)

    def _shipments(self, position: str | None, most: int) -> list[Shipment]:
        query = select(Shipment).where(Shipment.account == self.account, _in_view(self.context.clock.now()))
        if position is not None:
            query = query.where(Shipment.order_number > position)
        with self.context.database.read() as session:
            lean = query.options(defer(Shipment.citizen), defer(Shipment.new_citizen))
            return list(session.scalars(lean.order_by(Shipment.order_number).limit(most)))

    def _shown(self, carrier: Carrier, shipments: Sequence[Shipment]) -> tuple[dict[str, TheirOrder], str]:
        if not shipments:
            return {}, ""
        if isinstance(carrier, CanTrackFeed):
            events, whole = _feed(carrier, carrier, shipments)
            silent = isinstance(carrier, CanFindByReference) or None
            shown = {one.order_number: _by_events(events[one.order_number], one, silent) for one in shipments}
            return (shown, "") if whole else (_incomplete(shown), _too_long())
        return self._asked_one_by_one(carrier, shipments)

    def _asked_one_by_one(self, carrier: Carrier, shipments: Sequence[Shipment]) -> tuple[dict[str, TheirOrder], str]:
        """Ask about each order; one of which the operator talks nonsense does not stop the round at its place."""
        shown: dict[str, TheirOrder] = {}
        failed: list[str] = []
        for place, one in enumerate(shipments):
            try:
                shown[one.order_number] = self._asked(carrier, one)
            except (Throttled, CircuitOpen, Unauthorized):
                raise
            except CarrierError as error:
                failed.append(f"{one.order_number} is not told of ({error})")
                if not isinstance(carrier, CanCheck):
                    raise
                if len(failed) == place + 1 == min(IN_A_ROW, len(shipments)):
                    carrier.check()  # raises where it is about more than these
        return shown, "; ".join(failed)

    def _asked(self, carrier: Carrier, shipment: Shipment) -> TheirOrder:
        """Ask about one order."""
        if isinstance(carrier, CanTrackItems):
            events = _events(carrier, _tracked(carrier, shipment.ref), [shipment])[shipment.order_number]
            if events:
                return _by_events(events, shipment, None)
        if not isinstance(carrier, CanFindByReference) or not (shipment.live or _is_in_doubt(shipment)):
            return TheirOrder(False if shipment.journey is not None and shipment.live else None)
        found = carrier.find(shipment.order_number, shipment.feed_position)
        return TheirOrder(found is not None, found.waybill if found else None)

    def _compared(self, carrier: Carrier, shown: Mapping[str, TheirOrder]) -> Iterator[Difference]:
        """Compare with our rows as they are after the question."""
        now = self.context.clock.now()
        with self.context.database.read() as session, batched(session, {Shipment: shown.keys()}):
            rows = {one.order_number: one for one in _rows(session, shown)}
            hearing = self._hearing(session, carrier)
            for number in sorted(rows):
                read_at = hearing.read_at or rows[number].asked_at
                heard = Hearing(hearing.trouble, read_at, hearing.patience)
                yield from orders.compare(_ours(session, rows[number]), shown[number], heard, now)

    def _hearing(self, session: Session, carrier: Carrier) -> Hearing:
        settings = self.context.settings
        if isinstance(carrier, CanTrackFeed):
            feed = session.get(FeedCursor, self.account)
            patience = max(timedelta(minutes=settings.poll_minutes * 3), CLOCK_SKEW)
            return Hearing((feed.trouble or "") if feed else "", feed.last_polled_at if feed else None, patience)
        asked = session.get(PollAccount, self.account)
        patience = timedelta(minutes=settings.item_poll_minutes * (_LONGEST_TEMPO + 1))
        return Hearing((asked.trouble or "") if asked else "", None, patience)


def feed_of(carrier: CanTrackFeed, position: str | None) -> Iterator[tuple[tuple[FeedItem, ...], bool]]:
    """Yield the pages of a feed after ``position``, at most so many, each with whether it is the last."""
    for _ in range(_MOST_PAGES):
        page = carrier.feed_page(position, _PAGE)
        last = not page.items or page.next_cursor == position
        yield page.items, last
        if last:
            return
        position = page.next_cursor


def events_among(carrier: Carrier, items: Iterable[FeedItem]) -> list[tuple[FeedItem, TrackingEvent]]:
    """Return the events of an account in what its operator has answered, each with its document."""
    customer = carrier.account.customer_code
    read = ((item, event) for item in items for event in carrier.normalise(item.raw))
    return [(item, one) for item, one in read if isinstance(one, TrackingEvent) and one.account_ref == customer]


def _in_view(now: datetime) -> ColumnElement[bool]:
    held = Shipment.booking.in_((BookingState.BOOKED, BookingState.PARKED))
    live = and_(Shipment.live, held)
    since = now - STAYS_IN_VIEW
    dead = and_(Shipment.state == ShipmentState.CANCELLED.value, Shipment.state_since >= since, Shipment.attempts > 0)
    return or_(live, dead)


def _feed(
    carrier: Carrier, feed: CanTrackFeed, shipments: Sequence[Shipment]
) -> tuple[dict[str, list[TrackingEvent]], bool]:
    """Return our orders' events in the feed since before the oldest order, and whether that is all of it.

    Cursors of the feeds that we know are numbers that grow, so the smallest is the oldest.
    """
    positions = [one.feed_position for one in shipments]
    oldest = None if None in positions else min(filter(None, positions), key=lambda at: (len(at), at))
    found: dict[str, list[TrackingEvent]] = {one.order_number: [] for one in shipments}
    for page, last in feed_of(feed, oldest):
        for number, events in _events(carrier, page, shipments).items():
            found[number] += events
        if last:
            return found, True
    return found, False


def _tracked(carrier: CanTrackItems, order: OrderRef) -> tuple[FeedItem, ...]:
    try:
        return carrier.track([order])
    except Rejected:
        return ()  # a no to this question is an answer about this item: nothing is shown of it


def _events(
    carrier: Carrier, items: Iterable[FeedItem], shipments: Sequence[Shipment]
) -> dict[str, list[TrackingEvent]]:
    """Return the events of each shipment, by its number or waybill, as they are placed when they come in."""
    by_waybill = {one.waybill: one.order_number for one in shipments if one.waybill}
    found: dict[str, list[TrackingEvent]] = {one.order_number: [] for one in shipments}
    for _, event in events_among(carrier, items):
        number = event.order_number if event.order_number in found else by_waybill.get(event.waybill or "")
        if number is not None:
            found[number].append(event)
    return found


def _by_events(events: Sequence[TrackingEvent], shipment: Shipment, silent: bool | None) -> TheirOrder:
    """Return what events say; ``silent``: True where the operator would show an order that it holds."""
    ours = sorted((e for e in events if e.event_time >= shipment.created_at - CLOCK_SKEW), key=lambda e: e.event_time)
    if not ours:
        return TheirOrder(False if silent or shipment.journey is not None else None)
    waybill = next((event.waybill for event in reversed(ours) if event.waybill), None)
    newest = next((event for event in reversed(ours) if event.state is not None and not event.money_only), None)
    if newest is None:
        return TheirOrder(True, waybill)
    return TheirOrder(True, waybill, newest.state, newest.event_time, newest.key, newest.state in ENDED)


def _incomplete(shown: Mapping[str, TheirOrder]) -> dict[str, TheirOrder]:
    """Return what is certain although the rest of the feed was not read: that an order is known."""
    return {number: TheirOrder(one.known or None) for number, one in shown.items()}


def _too_long() -> str:
    return (
        f"its feed since the oldest order has more than {_MOST_PAGES} pages of {_PAGE}; what lies behind was not read, "
        "so states and waybills are not compared"
    )


def _rows(session: Session, shown: Mapping[str, TheirOrder]) -> list[Shipment]:
    query = select(Shipment).where(among(session, Shipment.order_number, shown.keys()))
    return list(session.scalars(query.options(defer(Shipment.citizen), defer(Shipment.new_citizen))))


def _is_in_doubt(shipment: Shipment) -> bool:
    return shipment.booking is BookingState.PARKED and shipment.unknown_since is not None


def _cancelled_at(shipment: Shipment) -> datetime | None:
    """Return since when an order should be dead at its operator: since it was last told so."""
    if shipment.state != ShipmentState.CANCELLED or shipment.cancel_wanted:
        return None
    return max(shipment.state_since, shipment.call_started_at or shipment.state_since)


def _ours(session: Session, shipment: Shipment) -> OurOrder:
    # What is under way about it at this moment is the booking lane's: it is no doubt, and it is not live for us.
    quiet = shipment.booking is BookingState.BOOKED and not shipment.cancel_wanted
    return OurOrder(
        number=shipment.order_number,
        dossier=shipment.dossier_code,
        live=shipment.live and quiet,
        in_doubt=_is_in_doubt(shipment),
        booked_at=shipment.call_started_at or shipment.created_at,
        cancelled_at=_cancelled_at(shipment),
        journey=ShipmentState(shipment.journey) if shipment.journey else None,
        carried=shipment.journey not in BEFORE_COLLECTION,
        waybill=shipment.waybill,
        other_waybill=shipment.other_waybill,
        heard=frozenset(event.key for event in journey_events(session, shipment.order_number)),
    )
