"""Stands for an SMS gateway (ASGI, Starlette): ``POST /sms``, and what it took in :attr:`SmsGatewaySimulator.taken`.

It keeps a text under its id once, however often it comes, and refuses numbers that no mobile has, as gateways do.
Over HTTP, ``GET /_control/texts`` shows what it took; ``POST /_control/answers``, a list of statuses, makes trouble.
"""

from __future__ import annotations

import secrets
import threading
from dataclasses import asdict, dataclass, field

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dispatch.channels.sms_length import measure
from dispatch.contacts import InvalidContact, parse_phone


@dataclass(frozen=True)
class Text:
    """An SMS as the gateway took it; ``segments`` as it counts them itself."""

    id: str
    to: str
    text: str
    sender: str
    segments: int


@dataclass
class SmsGatewaySimulator:
    """One gateway. ``answers`` are given, one each, instead of what it would say; a number is an HTTP status."""

    token: str
    answers: list[int] = field(default_factory=list)
    taken: dict[str, Text] = field(default_factory=dict)
    came: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def app(self) -> Starlette:
        """The ASGI application."""
        return Starlette(
            routes=[
                Route("/sms", self._take, methods=["POST"]),
                Route("/_control/texts", self._texts),
                Route("/_control/answers", self._answer_so, methods=["POST"]),
            ]
        )

    async def _texts(self, _request: Request) -> Response:
        with self._lock:
            return JSONResponse([asdict(text) for text in self.taken.values()])

    async def _answer_so(self, request: Request) -> Response:
        answers = [int(status) for status in await request.json()]
        with self._lock:
            self.answers = answers
        return JSONResponse(answers)

    async def _take(self, request: Request) -> Response:
        if not secrets.compare_digest(request.headers.get("authorization", ""), f"Bearer {self.token}"):
            return _said(401, "unauthorized")
        body = await request.json()
        with self._lock:
            self.came += 1
            if self.answers:
                return _said(self.answers.pop(0), "switched-on fault")
            return self._keep({name: str(body.get(name, "")) for name in ("id", "to", "text", "sender")})

    def _keep(self, body: dict[str, str]) -> Response:
        try:
            mobile = parse_phone(body["to"]).can_receive_sms
        except InvalidContact:
            mobile = False
        if not mobile or not body["text"]:
            return _said(422, "invalid_number" if body["text"] else "no_text")
        text = Text(segments=measure(body["text"]).segments, **body)
        self.taken.setdefault(text.id, text)
        return _said(202, "queued")


def _said(status: int, what: str) -> Response:
    return JSONResponse({"status": what}, status_code=status)
