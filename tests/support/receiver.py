"""Our address for webhooks, small: what an operator's simulator meets when it really sends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from carriers.contract import Normalised, TrackingEvent
from carriers.simulation import SimulatedOperator
from carriers.webhooks import Verdict, WebhookReading, WebhookReply, WebhookRequest
from tests.support import ngsp
from tests.support.servers import serve


class Connector(Protocol):
    """What it needs of a connector."""

    def read_webhook(self, request: WebhookRequest) -> WebhookReading: ...
    def answer_webhook(self, request: WebhookRequest, verdict: Verdict) -> WebhookReply: ...
    def normalise(self, raw: Any, version: str | None = None) -> list[Normalised]: ...


@dataclass
class Receiver:
    """It keeps what it is sent, each document once, and says ``busy`` as often as it is told to."""

    carrier: Connector
    busy: int = 0
    verdicts: list[Verdict] = field(default_factory=list)
    kept: dict[str, Any] = field(default_factory=dict)
    bodies: list[bytes] = field(default_factory=list)
    """Those of the deliveries that were taken."""

    async def take(self, request: Request) -> Response:
        delivery = WebhookRequest(dict(request.headers), await request.body(), "", "127.0.0.1", ngsp.NOW)
        reading = self.carrier.read_webhook(delivery)
        verdict = reading.verdict
        if verdict is Verdict.TAKEN and self.busy:
            self.busy, verdict = self.busy - 1, Verdict.BUSY
        if verdict is Verdict.TAKEN:
            self.bodies.append(delivery.body)
            self.kept |= {document.id: document.raw for document in reading.documents}
        self.verdicts.append(verdict)
        reply = self.carrier.answer_webhook(delivery, verdict)
        return Response(reply.body, reply.status, media_type=reply.media_type)

    def events(self) -> list[TrackingEvent]:
        """Return what is known of the journey, in its own time."""
        results = [result for raw in self.kept.values() for result in self.carrier.normalise(raw)]
        told = [result for result in results if isinstance(result, TrackingEvent)]
        return sorted(told, key=lambda event: event.event_time)


@contextmanager
def told(carrier: Connector, operator: SimulatedOperator, *, busy: int = 0) -> Iterator[Receiver]:
    """Let an operator send its webhooks to a receiver of its own."""
    receiver = Receiver(carrier, busy)
    with serve(Starlette(routes=[Route("/hook", receiver.take, methods=["POST"])])) as url:
        operator.send_webhooks_to(f"{url}/hook")
        yield receiver
        assert operator.webhooks is not None
        operator.webhooks.close()
