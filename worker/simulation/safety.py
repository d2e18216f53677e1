"""The promises that hold at every moment, looked at whenever something has happened that could break them."""

from __future__ import annotations

import json
from collections import Counter

import httpx
from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from carriers.states import ShipmentState
from dispatch.custody import SUPERSEDED, CustodyFact
from dispatch.dossiers import DossierPaper
from tracking.inbox import InboxDelivery
from worker.simulation.post import Post
from worker.simulation.truth import CITIZEN, Truth
from worker.simulation.world import Verdict

_OVER = {ShipmentState.DELIVERED, ShipmentState.RETURNED, ShipmentState.LOST}


class Safety:
    """Watches while the story goes on."""

    def __init__(self, post: Post, truth: Truth, verdict: Verdict) -> None:
        self._post, self._truth, self._verdict = post, truth, verdict
        self._bodies: dict[str, bytes] = {}
        self._kept: set[tuple[str, str]] = set()
        self._last_hand = 0

    def operator_heard(self, request: httpx.Request, _response: httpx.Response) -> None:
        """An operator has done something: it must not hold two live orders for a leg (promise 2)."""
        if request.method != "POST":
            return
        for code in self._truth.dossiers:
            self.one_live_order(code)

    def one_live_order(self, code: str) -> None:
        """Hold the books of all operators against promise 2."""
        legs = Counter(
            order.number.rpartition("-")[2][0]
            for branch, order in self._post.live(code)
            if not _OVER & {state for _, state in branch.reports(order.number)}
        )
        for leg, count in legs.items():
            self._verdict.holds(2, count <= 1, f"{code}: {count} live orders for leg {leg}")

    def onestop_heard(self, request: httpx.Request, response: httpx.Response) -> None:
        """The one-stop was told something: an id has one content for ever (promise 5)."""
        message = request.headers.get("webhook-id", "")
        body = request.content
        known = self._bodies.setdefault(message, body)
        self._verdict.holds(5, known == body, f"message {message} has two contents")
        self._verdict.holds(5, json.loads(body)["id"] == message, f"message {message} names itself otherwise")
        self._verdict.holds(5, response.status_code < 400, f"message {message} is answered {response.status_code}")

    def look(self, session: Session) -> None:
        """Look at what the last step has written."""
        self._look_at_inbox(session)
        self._look_at_hands(session)

    def _look_at_inbox(self, session: Session) -> None:
        """What was acknowledged is kept, once (promise 3)."""
        fresh = sorted(self._truth.taken - self._kept)
        if not fresh:
            return
        key = tuple_(InboxDelivery.source, InboxDelivery.key)
        query = select(InboxDelivery.source, InboxDelivery.key, func.count()).where(key.in_(fresh))
        counted = {
            (source, name): count
            for source, name, count in session.execute(query.group_by(InboxDelivery.source, InboxDelivery.key))
        }
        for source, name in fresh:
            count = counted.get((source, name), 0)
            self._verdict.holds(
                3, count == 1, f"delivery {name} of {source} was acknowledged and is kept {count} times"
            )
        self._kept.update(fresh)

    def _look_at_hands(self, session: Session) -> None:
        """Papers are only ever where they truly have been (promise 6)."""
        query = (
            select(CustodyFact, DossierPaper)
            .join(DossierPaper, DossierPaper.id == CustodyFact.paper_id)
            .where(CustodyFact.id > self._last_hand)
            .order_by(CustodyFact.id)
        )
        for fact, paper in session.execute(query).all():
            self._last_hand = fact.id
            truth = self._truth.dossiers[paper.dossier_code]
            gone = [SUPERSEDED] if truth.gone else []
            holders = {hand.holder for hand in truth.hands if hand.papers == paper.kind.value} | {CITIZEN, *gone}
            what = f"{paper.dossier_code}: '{paper.name}' is said to be with {fact.holder} ({fact.evidence})"
            self._verdict.holds(6, fact.holder in holders, what)
