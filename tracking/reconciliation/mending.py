"""What mends a difference for which nothing else is there: telling a system again, and listening to one again.

Each does what everyday work does, for one dossier or order: what is told goes through the outbox, what is heard through
the inbox.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from carriers.capabilities import CanTrackFeed, CanTrackItems
from carriers.contract import Carrier, FeedItem
from config.accounts import OneStopSystem
from dispatch.context import Context
from dispatch.dossiers import Dossier, get_dossier
from dispatch.news import tell_again
from dispatch.onestop import synced
from dispatch.onestop.contract import OneStop
from dispatch.problems import Problem
from dispatch.shipment_queries import get_shipment
from dispatch.shipments import Shipment
from tracking import inbox, onestop_importing
from tracking.apply import CARRIER_SOURCE, TRACKING
from tracking.clock_facts import told_of_due
from tracking.office import Office
from tracking.reconciliation.operators import events_among, feed_of


def tell(context: Context, office: Office, system_id: str, code: str) -> str:
    """Owe a system the news of how a dossier stands, whatever it was told before; returns the message's id.

    What we believed a system to hold that keeps states is forgotten, or nothing would be sent to it.

    Raises:
        Problem: the dossier or the system is unknown, or the system has nothing to do with it.
    """
    now = context.clock.now()
    with context.database.write() as session:
        dossier = get_dossier(session, code, lock=True)
        system = _system_of(context.accounts.onestops, system_id, dossier)
        synced.forget(session, system.id, code)
        message = tell_again(session, system, dossier, told_of_due(session, office, dossier), now)
    context.ring("notices")
    return message


def take_in(context: Context, onestops: Sequence[OneStop], system_id: str, code: str) -> bool:
    """Read a dossier from its own system once more, into the inbox; tells whether it came in another version.

    Raises:
        Problem: the system is unknown, shows no dossiers, or does not show this one.
        OneStopError: it does not answer, or not as it should.
    """
    onestop = next((one for one in onestops if one.system.id == system_id), None)
    if onestop is None:
        raise _unknown_system(system_id)
    return onestop_importing.take_one(context, onestop, code)


def listen(context: Context, number: str) -> int:
    """Ask an operator about an order now, and keep what it says; returns how many documents were new.

    Raises:
        Problem: there is no such order, or its operator cannot be asked.
        CarrierError: the operator does not answer, or not as it should.
        ConfigurationError: the account is not configured any more.
    """
    with context.database.read() as session:
        shipment = get_shipment(session, number)
    carrier = context.carriers.get(shipment.account)
    items = _said_of(carrier, shipment)
    now = context.clock.now()
    with context.database.write() as session:
        kept = inbox.keep_items(session, f"{CARRIER_SOURCE}{shipment.account}", TRACKING, items, now)
    context.ring("intake")
    return kept


def _said_of(carrier: Carrier, shipment: Shipment) -> Iterable[FeedItem]:
    if isinstance(carrier, CanTrackFeed):
        pages = (items for items, _ in feed_of(carrier, shipment.feed_position))
        return [
            item
            for items in pages
            for item, event in events_among(carrier, items)
            if event.order_number == shipment.order_number
        ]
    if isinstance(carrier, CanTrackItems):
        return carrier.track([shipment.ref])
    raise Problem(
        "operator-cannot-be-asked",
        "This operator cannot be asked",
        f"'{carrier.name}' only reports by itself; nothing was asked.",
        f"Call the operator with the number {shipment.order_number}.",
        next_step_vi="Gọi bưu điện và đọc số đơn.",
        status=409,
    )


def _system_of(onestops: Iterable[OneStopSystem], system_id: str, dossier: Dossier) -> OneStopSystem:
    system = next((one for one in onestops if one.id == system_id), None)
    if system is None:
        raise _unknown_system(system_id)
    if dossier.source_system not in (*system.source_systems, *system.copies):
        raise Problem(
            "not-its-dossier",
            "The system has nothing to do with this dossier",
            f"Dossier {dossier.code} is one of '{dossier.source_system}', of which '{system_id}' is not told.",
            "Name the system that owns it or keeps a copy, as `postal onestops` lists them.",
            next_step_vi="Chọn đúng hệ thống quản lý hoặc giữ bản sao của hồ sơ.",
            status=409,
        )
    return system


def _unknown_system(system_id: str) -> Problem:
    return Problem(
        "unknown-onestop",
        "No such one-stop system",
        f"There is no one-stop '{system_id}' in the configuration.",
        "Name one of those that `postal onestops` lists.",
        next_step_vi="Tra mã hệ thống bằng lệnh `postal onestops`.",
        status=404,
    )
