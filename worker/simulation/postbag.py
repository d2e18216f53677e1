"""The operators' webhooks on their way to us: late, twice, out of order, lost, forged, astray."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

import httpx

from carriers.capabilities import ReceivesWebhooks
from carriers.simulation import Event, OutgoingWebhook
from carriers.webhooks import Verdict, WebhookReading, WebhookReply, WebhookRequest
from tracking import intake
from worker.runtime import Runtime
from worker.simulation.faults import FaultKind
from worker.simulation.post import Branch
from worker.simulation.system import AwayError
from worker.simulation.world import World

_PATIENCE = (10, 60, 360, 720, 1440, 1440)
"""Minutes until an operator that was not answered as it wants comes again; then it gives up."""


class Postbag:
    """Carries what operators have to tell."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._under_way: set[tuple[str, int]] = set()

    def collect(self) -> None:
        """Send off the news that has not been sent off."""
        for branch in self._world.post:
            for event in branch.operator.books.untold():
                if (branch.name, event.id) not in self._under_way:
                    self._send_off(branch, event)

    def _send_off(self, branch: Branch, event: Event) -> None:
        message = branch.operator.delivery(event, branch.webhook)
        where = (branch.name, event.number, event.code, event.id)
        faults = self._world.faults
        if message is None or faults.strikes(FaultKind.WEBHOOK_LOST, *where):
            branch.operator.books.tell(event)
            return
        self._under_way.add((branch.name, event.id))
        delay = self._delay(where)
        self._world.later(lambda: self._deliver(branch, event, 0), minutes=delay)
        if faults.strikes(FaultKind.WEBHOOK_TWICE, *where):
            self._world.later(lambda: self._deliver(branch, event, 0), minutes=delay * 2)
        self._disturb(branch, event, message, where)

    def _delay(self, where: tuple[object, ...]) -> float:
        chance, faults = self._world.chance, self._world.faults
        if faults.strikes(FaultKind.WEBHOOK_LATE, *where):
            return chance.between(300, 4000, "late", *where)
        if faults.strikes(FaultKind.WEBHOOK_REORDERED, *where):
            return chance.between(20, 300, "reordered", *where)
        return chance.between(0.05, 2, "delay", *where)

    def _deliver(self, branch: Branch, event: Event, attempt: int) -> None:
        """Bring a delivery; written anew each time, as it bears the time of sending."""
        message = branch.operator.delivery(event, branch.webhook)
        if message is None:
            return
        counts = self._reading(branch, message).verdict is Verdict.TAKEN  # what is stale is acknowledged, and no more
        reply = self._bring(branch, message, f"{branch.name} tells {event.code} of {event.number}")
        if reply is not None and branch.operator.satisfied(event, _as_answer(reply)):
            self._told(branch, event)
            if counts:
                self._world.truth.told.add((event.number, event.code, event.happened.replace(microsecond=0)))
        elif attempt < len(_PATIENCE):
            again = lambda: self._deliver(branch, event, attempt + 1)  # noqa: E731 - said once, needed once
            self._world.later(again, minutes=_PATIENCE[attempt])
        else:
            self._told(branch, event)

    def _told(self, branch: Branch, event: Event) -> None:
        branch.operator.books.tell(event)
        self._under_way.discard((branch.name, event.id))

    def _bring(self, branch: Branch, message: OutgoingWebhook, what: str) -> WebhookReply | None:
        request = self._request(message)
        account = urlsplit(message.url).path.split("/")[3]
        try:
            reply = self._world.system.ask(what, lambda runtime: _take(runtime, branch, account, request))
        except AwayError:
            self._world.story.tell(f"no answer to: {what}")
            return None
        self._note_taken(branch, account, request, reply, what)
        return reply

    def _note_taken(
        self, branch: Branch, account: str, request: WebhookRequest, reply: WebhookReply, what: str
    ) -> None:
        """Remember what was acknowledged, and see that it is kept at this very moment."""
        receiver = self._world.system.web.runtime.context.carriers.get(account)
        assert isinstance(receiver, ReceivesWebhooks)  # noqa: S101 - else there would have been no delivery
        reading = receiver.read_webhook(request)
        if reading.verdict is not Verdict.TAKEN or reply != receiver.answer_webhook(request, Verdict.TAKEN):
            self._world.story.tell(f"{what}: {reading.verdict.value}, answered {reply.status}")
            return
        self._world.story.tell(what)
        for document in reading.documents:
            key = (f"carrier:{account}", f"webhook:{document.id}")
            self._world.truth.taken.add(key)
            if not document.confirmed:
                self._world.truth.hints.add(key)

    def _request(self, message: OutgoingWebhook) -> WebhookRequest:
        path = urlsplit(message.url).path.split("/")
        return WebhookRequest(
            headers={name.lower(): value for name, value in message.headers.items()},
            body=message.body,
            path_secret=path[4] if len(path) > 4 else "",
            sender="203.0.113.7",
            received_at=self._world.now(),
        )

    # --- deliveries that nobody should have sent ---

    def _disturb(self, branch: Branch, event: Event, message: OutgoingWebhook, where: tuple[object, ...]) -> None:
        faults = self._world.faults
        if faults.strikes(FaultKind.WEBHOOK_FORGED, *where):
            forged = branch.operator.forgery(event, branch.webhook)
            if forged is not None:
                self._refused(branch, forged, f"somebody forges {branch.name}'s news of {event.number}")
        if faults.strikes(FaultKind.WEBHOOK_MALFORMED, *where):
            torn = replace(message, body=message.body[: len(message.body) // 2])
            self._refused(branch, torn, f"half a delivery of {branch.name} about {event.number}")
        if faults.strikes(FaultKind.WEBHOOK_FOREIGN, *where):
            self._foreign(branch, event)
        if faults.strikes(FaultKind.WEBHOOK_ASTRAY, *where):
            self._astray(branch, message, event)

    def _refused(self, branch: Branch, message: OutgoingWebhook, what: str) -> None:
        """Nothing vouches for it, so it must not be acknowledged as news (promise 8)."""
        self._world.later(lambda: self._bring_bad(branch, message, what), minutes=1)

    def _reading(self, branch: Branch, message: OutgoingWebhook) -> WebhookReading:
        """Return what we make of a delivery at this moment."""
        receiver = self._world.system.web.runtime.context.carriers.get(branch.account.id)
        assert isinstance(receiver, ReceivesWebhooks)  # noqa: S101 - else there would be no delivery
        return receiver.read_webhook(self._request(message))

    def _bring_bad(self, branch: Branch, message: OutgoingWebhook, what: str) -> None:
        reading = self._reading(branch, message)
        proven = reading.verdict is Verdict.TAKEN and all(document.confirmed for document in reading.documents)
        reply = self._bring(branch, message, what)
        self._world.verdict.holds(8, not proven, f"{what}: it counts as proven")
        if reply is not None:
            self._world.verdict.holds(8, reply.status < 500, f"{what}: answered {reply.status}")

    def _foreign(self, branch: Branch, event: Event) -> None:
        """News of an item that nobody here ordered: kept, shown, and answered like any other."""
        number = f"H14.99-260101-{event.id:04d}-S1"
        foreign = replace(event, number=number, item_code=f"XX{event.id:09d}VN")
        message = branch.operator.delivery(foreign, branch.webhook)
        if message is not None:
            what = f"{branch.name} tells of an item that is nobody's"
            self._world.later(lambda: self._bring_foreign(branch, message, what), minutes=2)

    def _bring_foreign(self, branch: Branch, message: OutgoingWebhook, what: str) -> None:
        before = set(self._world.truth.taken)
        self._bring(branch, message, what)
        self._world.truth.foreign |= self._world.truth.taken - before

    def _astray(self, branch: Branch, message: OutgoingWebhook, event: Event) -> None:
        """A delivery at the address of another operator's account."""
        others = [other for other in self._world.post if other is not branch and other.operator.delivery(event, "x")]
        if not others:
            return
        other = self._world.chance.of("astray", event.id).choice(others)
        stray, what = replace(message, url=other.webhook), f"news of {branch.name} comes to {other.name}'s address"

        def bring() -> None:
            self._bring(other, stray, what)

        self._world.later(bring, minutes=1)


def _take(runtime: Runtime, branch: Branch, account: str, request: WebhookRequest) -> WebhookReply:
    return intake.take(runtime.context, branch.name, account, request)


def _as_answer(reply: WebhookReply) -> httpx.Response:
    return httpx.Response(reply.status, content=reply.body)


def retry_span() -> timedelta:
    """Return for how long an operator comes again with what was not answered."""
    return timedelta(minutes=sum(_PATIENCE))
