"""Where postal operators tell us of events. Each is answered in its own dialect.

The one path that has to be quick: a plain route, which reads the body for itself and lets what is proven be committed
together with whatever else arrives at this moment.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

import structlog
from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.routing import Match, Route
from starlette.types import Receive, Scope, Send

from carriers.capabilities import ReceivesWebhooks
from carriers.webhooks import Verdict, WebhookReading, WebhookReply, WebhookRequest
from dispatch.context import Context
from tracking import intake
from worker.web.keeper import Keeper
from worker.web.limits import BodyReader, BodyTooLongError, refuse
from worker.web.problems import answer, internal_error, not_a_name, too_many_refused, too_slow
from worker.web.request_ids import sent_id
from worker.web.senders import Allowance
from worker.web.webhook_page import ACCOUNT_ID, ADDRESS, CARRIER_NAME, described

_NAMES = (re.compile(CARRIER_NAME), re.compile(ACCOUNT_ID))
PREFIX = "/webhooks/"
SHORT_WAY = f"{PREFIX}…"
"""How requests to any operator's address are counted together."""
_SHORT = 32 * 1024
"""Bytes up to which a body is read in the event loop itself."""
_COME_AGAIN = ((b"retry-after", b"5"),)

Headers = Iterable[tuple[bytes, bytes]]
log = structlog.get_logger()


class Address(NamedTuple):
    """Where a delivery came to: whose it is, and what stands behind the account."""

    receiver: ReceivesWebhooks
    account: str
    path_secret: str


class WebhookDoor:
    """The ASGI endpoint of every operator's webhooks."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._reader = BodyReader(context.settings.max_body_bytes, context.settings.body_seconds)
        self._allowance = Allowance(context.settings.refusals_a_minute)
        self._receivers: dict[tuple[str, str], ReceivesWebhooks] = {}
        self.keeper = Keeper(context)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take what comes to an address for the first time, as the endpoint of a route."""
        path = scope["path_params"]
        receiver = self._receiver(path["carrier"], path["account"])
        await self._take(Address(receiver, path["account"], path.get("path_secret", "")), scope, receive, send)

    async def takes(self, scope: Scope, receive: Receive, send: Send) -> int | None:
        """Take what comes to an address that is known; returns the status of the answer, or None where it is not.

        That spares it all that the rest of the interface needs, which is more than all that is done here.
        """
        address = self._known(scope)
        if address is None:
            return None
        try:
            return await self._take(address, scope, receive, send)
        except Exception as error:  # noqa: BLE001 - outside of the application, nobody else would answer
            end = "/{path_secret}" if address.path_secret else ""
            await internal_error("POST", f"{ADDRESS}{end}", error)(scope, receive, send)
            return 500

    def _known(self, scope: Scope) -> Address | None:
        parts = scope["path"].split("/") if scope["type"] == "http" and scope["method"] == "POST" else []
        if not 4 <= len(parts) <= 5 or not parts[-1] or parts[1] != PREFIX[1:-1]:
            return None
        receiver = self._receivers.get((parts[2], parts[3]))
        return Address(receiver, parts[3], parts[4] if len(parts) == 5 else "") if receiver else None

    def _receiver(self, carrier: str, account: str) -> ReceivesWebhooks:
        if not all(pattern.fullmatch(name) for pattern, name in zip(_NAMES, (carrier, account), strict=True)):
            raise not_a_name()
        found = intake.receiver_of(self._context, carrier, account)
        self._receivers[carrier, account] = found
        return found

    async def _take(self, address: Address, scope: Scope, receive: Receive, send: Send) -> int:
        """Take a delivery: verified, kept once, and answered in the operator's own words; returns the status."""
        try:
            request = self._request(address, scope, await self._reader.read(receive))
            # Up to a certain length, reading takes less than handing it to a thread and back.
            by_itself = len(request.body) <= _SHORT
            reader = address.receiver.read_webhook
            reading = reader(request) if by_itself else await run_in_threadpool(reader, request)
        except ClientDisconnect:
            return 400
        except TimeoutError:
            await refuse(too_slow(self._reader.seconds), scope, receive, send)
            return 408
        except BodyTooLongError:
            request = self._request(address, scope, b"")
            reading = WebhookReading(Verdict.MALFORMED, reason=f"longer than {self._reader.limit} bytes")
        verdict, reason = await self._settled(address.account, request, reading)
        if intake.is_refusal(verdict) and (wait := self._refused(address.account, verdict, reason, request)):
            response = answer(too_many_refused(wait))
            response.headers["Retry-After"] = str(wait)
            await response(scope, receive, send)
            return response.status_code
        reply = address.receiver.answer_webhook(request, verdict)
        await _send(send, reply)
        return reply.status

    def _request(self, address: Address, scope: Scope, body: bytes) -> WebhookRequest:
        client = scope["client"]
        return WebhookRequest(
            headers={name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
            body=body,
            path_secret=address.path_secret,
            sender=client[0] if client else "",
            received_at=self._context.clock.now(),
        )

    async def _settled(self, account: str, request: WebhookRequest, reading: WebhookReading) -> tuple[Verdict, str]:
        if reading.verdict is not Verdict.TAKEN:
            return reading.verdict, reading.reason
        sent = request.headers.get("x-request-id")
        name = sent_id(sent.encode("latin-1")) if sent else ""
        return await self.keeper.keep(intake.delivery_of(account, reading.documents, request, name)), intake.UNKEEPABLE

    def _refused(self, account: str, verdict: Verdict, reason: str, request: WebhookRequest) -> int:
        """Count a refusal; returns after how many seconds its sender may come again when there were too many."""
        self.keeper.refuse(intake.refusal(account, verdict, reason, request))
        wait = self._allowance.spend(request.sender)
        if not wait:  # a flood must not fill the log either
            log.warning("webhook_refused", account=account, verdict=verdict.value, reason=reason)
        return wait


async def _send(send: Send, reply: WebhookReply) -> None:
    headers = [(b"content-type", reply.media_type.encode()), (b"content-length", b"%d" % len(reply.body))]
    if reply.status == 503:
        headers += _COME_AGAIN
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})


class _NamedRoute(Route):
    """A plain route that says which it is, as FastAPI's own do: what is logged and answered is its path alone."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        match, found = super().matches(scope)
        return match, {**found, "route": self}


def install(app: FastAPI, door: WebhookDoor) -> None:
    """Add the door's addresses to an application and to its documentation.

    The second is for operators that prove who they are by knowing the address alone.
    """
    for path in (ADDRESS, f"{ADDRESS}/{{path_secret}}"):
        app.router.routes.append(_NamedRoute(path, door, methods=["POST"]))
    documented = app.openapi
    app.openapi = lambda: described(documented())  # type: ignore[method-assign]
