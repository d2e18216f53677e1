"""What a storm adds to the promises of the training world: every promise given to somebody outside, looked up again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from itertools import chain
from typing import Any

import psycopg

from carriers.states import ShipmentState
from tests.crash.outside import CHANGED
from tests.crash.scene import Scene
from tests.support.services import libpq_url
from worker.training.casting import Part
from worker.training.findings import DossierFindings, Findings
from worker.training.postman import UNEXPLAINED
from worker.training.promises import Promise

_TWICE_IN_THE_INBOX = "SELECT source, key, count(*) FROM inbox_delivery GROUP BY source, key HAVING count(*) > 1"
_TWICE_IN_A_JOURNEY = (
    "SELECT order_number, key, count(*) FROM tracking_event GROUP BY order_number, key HAVING count(*) > 1"
)


def hold_against(scene: Scene, findings: Findings) -> list[Promise]:
    """Judge what was promised in a storm; as in the training world, nothing to look at is a promise not kept."""
    return [
        _judged(1, "Every order that was accepted is there, under one id for each key", _accepted(scene, findings)),
        _judged(2, "No order is live at two operators, and none there is unknown to us", _known(scene, findings)),
        _judged(3, "Nothing stands twice in the inbox or in a journey", _doubles(scene)),
        _judged(3, "Each event that an operator got rid of is in its journey, once", _events(scene, findings)),
        _judged(5, "A callback that came again said the same", _callbacks(scene)),
        _judged(5, "The one-stop's copy of every shipment equals ours", _copies(findings)),
    ]


def _judged(number: int, text: str, results: Iterator[str | None]) -> Promise:
    looked_at = list(results)
    wrong = [result for result in looked_at if result is not None]
    evidence = "; ".join(wrong[:3]) + (f"; and {len(wrong) - 3} more" if len(wrong) > 3 else "")
    return Promise(number, text, bool(looked_at) and not wrong, evidence or f"{len(looked_at)} checked")


def _accepted(scene: Scene, findings: Findings) -> Iterator[str | None]:
    client, shown = scene.world.client, _shown(findings)
    for key, ids in client.orders.items():
        yield None if len(ids) == 1 else f"{key} led to {len(ids)} orders"
    for number in client.promised:
        yield None if number in shown else f"{number} was accepted and is not there"


def _known(scene: Scene, findings: Findings) -> Iterator[str | None]:
    live, shown = Counter[str](), _shown(findings)
    for order in _orders_of_ours(scene, findings):
        live[order["order_number"]] += order["live"]
    for number, times in live.items():
        yield None if times <= 1 else f"{number} is live {times} times"
        yield None if number in shown else f"an operator was called about {number}, which we do not know"


def _orders_of_ours(scene: Scene, findings: Findings) -> Iterator[dict[str, Any]]:
    """What operators hold because we called: what a clerk of VNPost keyed in from paper is not ours until we do."""
    by_hand = {dossier.case.first_order for dossier in findings.dossiers if dossier.part is Part.DUPLICATE}
    for order in scene.world.operator.orders():
        if order["order_number"] not in by_hand or order["create_calls"] > 1:
            yield order
    yield from chain.from_iterable(other.orders() for other in scene.world.others.values())


def _doubles(scene: Scene) -> Iterator[str | None]:
    with psycopg.connect(libpq_url(scene.database.url)) as connection:
        for query in (_TWICE_IN_THE_INBOX, _TWICE_IN_A_JOURNEY):
            yield None
            for row in connection.execute(query):
                yield f"{row[1]} of {row[0]} is there {row[2]} times"


def _events(scene: Scene, findings: Findings) -> Iterator[str | None]:
    """The postmen's reports beside the story that the system shows, in whole seconds, as some operators tell them."""
    for dossier in findings.dossiers:
        shown = Counter(_moments(dossier))
        happened = Counter(_reports(scene, dossier))
        for event, times in happened.items():
            yield None if shown[event] else f"{event[0]}: '{event[2]}' of {event[1]} is not in its journey"
            yield None if shown[event] <= times else f"{event[0]}: '{event[2]}' of {event[1]} stands there twice"
    yield "an operator has not got rid of its news" if scene.world.post.telling() else None


def _moments(dossier: DossierFindings) -> Iterator[tuple[str, datetime, str]]:
    for moment in dossier.shown["timeline"]:
        number, _, what = moment["what_en"].partition(" (")
        if "): " in what:
            said = what.partition("): ")[2].partition(" (")[0]
            state = UNEXPLAINED if said.startswith("unknown code") else said
            yield number, datetime.fromisoformat(moment["at"]).replace(microsecond=0), state


def _reports(scene: Scene, dossier: DossierFindings) -> Iterator[tuple[str, datetime, str]]:
    for number, told in dossier.reports.items():
        others = (one for one in scene.world.others.values() if one.books.customer_of(number) is not None)
        operator = next(others, scene.world.operator)
        for at, state in told:
            if state == UNEXPLAINED or operator.knows(ShipmentState(state)):
                yield number, at.replace(microsecond=0), state


def _callbacks(scene: Scene) -> Iterator[str | None]:
    yield from [None] * scene.world.onestop.deliveries.count("callbacks")
    notes = scene.home / CHANGED
    if notes.exists():
        yield from (f"another content under one id: {line[:400]}" for line in notes.read_text().splitlines())


def _copies(findings: Findings) -> Iterator[str | None]:
    for dossier in findings.dossiers:
        for shipment in dossier.shown["shipments"]:
            number, copy = shipment["order_number"], dossier.copy.shipment(shipment["order_number"])
            told = copy.state if copy else None
            same = told == shipment["state"] or (copy is None and shipment["state"] in ("requested", "booking"))
            yield None if same else f"{number} is {shipment['state']}, the one-stop was told {told}"


def _shown(findings: Findings) -> set[str]:
    shipments = chain.from_iterable(dossier.shown["shipments"] for dossier in findings.dossiers)
    return {shipment["order_number"] for shipment in shipments}
