"""Webhooks: proof is asked for, the very bytes are read, the answer is in the operator's own words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx

from carriers.conformance.harness import URL, Check, Harness, expect
from carriers.contract import TrackingEvent, Undecodable
from carriers.simulation import Event, ProvesContent
from carriers.webhooks import Verdict, WebhookRequest

_WRONG: tuple[Any, ...] = (..., None, {}, [], "", "\u202e<script>\x00", -1, 10**30, True)
_UNREADABLE = (b"", b"\xff\xfe{", b"{", b"null", b"[]", b'"x"', b"7", b'{"data":', b"a=b&c=d", b"[" * 5000)


def delivery_is_read_and_answered(harness: Harness) -> None:
    """A genuine delivery is taken, becomes the event that happened, and its answer satisfies the operator."""
    event, request = _sent(harness, "webhook")
    reading = harness.receiver().read_webhook(request)
    expect(reading.verdict is Verdict.TAKEN, f"a genuine delivery is not taken: {reading.reason}")
    events = [one for document in reading.documents for one in harness.carrier.normalise(document.raw)]
    (told,) = [one for one in events if isinstance(one, TrackingEvent)]
    # An operator whose proof covers the item and not our number is read by its item.
    by_item = event.item_code is not None and told.waybill == event.item_code
    expect(told.order_number == event.number or by_item, "the delivery is about another order")
    expect(told.code == event.code, "the delivery bears another code")
    expect(abs(told.event_time - event.happened) < timedelta(minutes=1), "the delivery bears another time")
    expect(harness.operator.satisfied(event, _answer(harness, request, Verdict.TAKEN)), "the answer is not understood")


def repeated_delivery_has_the_same_ids(harness: Harness) -> None:
    """The same delivery again gives the same documents under the same ids."""
    _, request = _sent(harness, "webhook-twice")
    first, second = (harness.receiver().read_webhook(request).documents for _ in range(2))
    expect([one.id for one in first] == [one.id for one in second], "a repeated delivery has other ids")


def forgery_moves_nothing(harness: Harness) -> None:
    """News without the operator's proof is refused, or is no more than a hint; without the secret nothing counts."""
    event, request = _sent(harness, "webhook-forged")
    forged = harness.operator.forgery(event, URL)
    attempts = [replace(request, path_secret="guessed")] if harness.path_secret else []
    if forged is not None:
        attempts.append(harness.delivered(forged))
    for attempt in attempts:
        reading = harness.receiver().read_webhook(attempt)
        counts = reading.verdict is Verdict.TAKEN and any(document.confirmed for document in reading.documents)
        expect(not counts, "a forged delivery counts")
        if reading.verdict is Verdict.FORGED:
            answer = _answer(harness, attempt, Verdict.FORGED)
            expect(not harness.operator.satisfied(event, answer), "a forger is told that all is well")
    expect(bool(attempts) or not _confirms(harness, request), "an operator without any proof is believed")


def unreadable_bodies_are_answered(harness: Harness) -> None:
    """Bytes that are no delivery are judged and answered; nothing is raised and nothing is taken."""
    _, request = _sent(harness, "webhook-unreadable")
    for body in _UNREADABLE:
        broken = replace(request, body=body)
        reading = harness.receiver().read_webhook(broken)
        expect(reading.verdict is not Verdict.TAKEN or not reading.documents, f"{body[:20]!r} is taken for news")
        answer = _answer(harness, broken, reading.verdict)
        expect(200 <= answer.status_code < 600, "there is no answer")


def every_field_may_be_wrong(harness: Harness) -> None:
    """Fields that are missing, null, of another kind or hostile never raise; what is kept is an event or says why."""
    for request in _varied(harness):
        reading = harness.receiver().read_webhook(request)
        for document in reading.documents:
            results = harness.carrier.normalise(document.raw)
            kinds = all(isinstance(result, TrackingEvent | Undecodable) for result in results)
            expect(kinds, "normalise gives something that is neither an event nor undecodable")


def absurd_times_are_not_believed(harness: Harness) -> None:
    """An event of 1970 is no event."""
    order = harness.booked("webhook-1970")
    long_ago = harness.operator.now() - timedelta(days=365 * 55)
    event = harness.happen(order.order_number, harness.operator.unlisted_code, long_ago)
    reading = harness.receiver().read_webhook(harness.delivered(harness.operator.delivery(event, URL)))
    events = [one for document in reading.documents for one in harness.carrier.normalise(document.raw)]
    expect(not any(isinstance(one, TrackingEvent) for one in events), "an event of 1970 is believed")


def each_verdict_has_an_answer(harness: Harness) -> None:
    """Every verdict is answered; only a delivery that was kept satisfies the operator."""
    event, request = _sent(harness, "webhook-answers")
    for verdict in Verdict:
        answer = _answer(harness, request, verdict)
        satisfied = harness.operator.satisfied(event, answer)
        if verdict is Verdict.TAKEN:
            expect(satisfied, "a kept delivery comes again")
        if verdict is Verdict.BUSY:
            expect(not satisfied, "a delivery that was not kept does not come again")


CHECKS: tuple[Check, ...] = (
    delivery_is_read_and_answered,
    repeated_delivery_has_the_same_ids,
    forgery_moves_nothing,
    unreadable_bodies_are_answered,
    every_field_may_be_wrong,
    absurd_times_are_not_believed,
    each_verdict_has_an_answer,
)


def _sent(harness: Harness, check: str) -> tuple[Event, WebhookRequest]:
    order = harness.booked(check)
    event = harness.happen(order.order_number, harness.operator.unlisted_code)
    return event, harness.delivered(harness.operator.delivery(event, URL))


def _answer(harness: Harness, request: WebhookRequest, verdict: Verdict) -> httpx.Response:
    reply = harness.receiver().answer_webhook(request, verdict)
    return httpx.Response(reply.status, content=reply.body, headers={"content-type": reply.media_type})


def _confirms(harness: Harness, request: WebhookRequest) -> bool:
    return any(document.confirmed for document in harness.receiver().read_webhook(request).documents)


def _varied(harness: Harness) -> Iterator[WebhookRequest]:
    """Yield deliveries with each value in turn wrong, the proof as it was and, where it covers them, anew."""
    event, request = _sent(harness, "webhook-fields")
    for body in _bodies(request.body):
        yield replace(request, body=body)
    operator = harness.operator
    if isinstance(operator, ProvesContent):
        for wrong in _variations(operator.content(event)):
            yield harness.delivered(operator.proven(wrong, URL))


def _bodies(body: bytes) -> Iterator[bytes]:
    try:
        whole = json.loads(body)
    except ValueError:  # a form: it is varied as text
        yield from (body.replace(b"=", b""), body + b"&" + body, body[: len(body) // 2])
        return
    yield from (json.dumps(wrong).encode() for wrong in _variations(whole))


def _variations(whole: Any) -> Iterator[Any]:
    """Yield a JSON value with each value inside in turn missing, null, of another kind, or hostile."""
    for path in list(_paths(whole)):
        for value in _WRONG:
            yield _changed(whole, path, value)


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield (*path, key)
        yield from _paths(child, (*path, key))


def _changed(whole: Any, path: tuple[Any, ...], value: Any) -> Any:
    copy = json.loads(json.dumps(whole))
    place = copy
    for key in path[:-1]:
        place = place[key]
    if value is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return copy
