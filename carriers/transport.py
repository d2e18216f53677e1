"""The only door to an operator: time-outs, rate, breaker, renewal of credentials, redacted call log.

Reads and token requests repeat themselves a little (tenacity). A write is sent once: whether it may be sent again
is for the outbox to decide, after a look-up.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import httpx
from tenacity import (
    Retrying,
    retry_if_exception,
    stop_after_attempt,
    stop_before_delay,
    wait_none,
    wait_random_exponential,
)

from carriers.breaker import CircuitBreaker
from carriers.call_log import CallRecord, excerpt
from carriers.contract import ConnectionStatus
from carriers.exchange import Answer, Call, MalformedAnswerError, decode, not_understood, refused
from carriers.outcomes import CarrierError, CircuitOpen, OutcomeUnknown, Retryable, Throttled, Unauthorized
from carriers.pace import Pace, Slots
from carriers.plugin import Runtime
from carriers.time_limit import at_most
from carriers.transport_settings import TransportSettings
from config.clock import wall_now

_READ_ATTEMPTS = 3
_LOG = logging.getLogger(__name__)


class Named(Protocol):
    """Who is spoken to, as the call log names it: an operator's account, or a one-stop system."""

    @property
    def id(self) -> str: ...
    @property
    def carrier(self) -> str: ...


class Authoriser(Protocol):
    """Where credentials come from. ``deadline`` is in the runtime's monotonic seconds."""

    def headers(self, deadline: float) -> Mapping[str, str]:
        """Return headers with a credential that is good as far as we know; may call the operator."""
        ...

    def discard(self, refused: Mapping[str, str]) -> bool:
        """Forget the credential in ``refused``; False when there is no other to be had."""
        ...


class Judge(Protocol):
    """What an answer comes to, by its HTTP status and, at operators that hide errors in a success, by its body."""

    def __call__(self, answer: Answer, *, writes: bool) -> CarrierError | None: ...


class NoCredentials:
    """For requests that carry their own, such as the token request."""

    def headers(self, deadline: float) -> Mapping[str, str]:
        return {}

    def discard(self, refused: Mapping[str, str]) -> bool:
        return False


@dataclass(slots=True)
class _Attempt:
    """What one exchange leaves behind for the breaker and the call log."""

    operation: str
    order_number: str | None
    call: Call
    answer: Answer | None = None
    outcome: str = "ok"
    started_at: datetime = field(default_factory=wall_now)
    clock: float = field(default_factory=time.perf_counter)


class Transport:
    """One account's connection. Thread-safe; keep one per account and process."""

    def __init__(
        self,
        account: Named,
        settings: TransportSettings,
        runtime: Runtime,
        loggable: frozenset[str],
        judge: Judge = refused,
    ) -> None:
        self._account = account
        self._judge = judge
        self._settings = settings
        self._runtime = runtime
        self._loggable = loggable
        self._client = httpx.Client(transport=runtime.network(settings), follow_redirects=False, trust_env=False)
        self._breaker = CircuitBreaker(settings.breaker, runtime.monotonic)
        self._pace = Pace(account.id, settings, runtime.monotonic)
        self._slots = Slots(settings.concurrency)

    def write(self, call: Call, auth: Authoriser, *, operation: str, order_number: str) -> Answer:
        """Send a call that changes something at the operator, once (twice only when the first was refused unread).

        Raises:
            Retryable: certainly nothing happened.
            Unauthorized, Rejected: the operator refused.
            OutcomeUnknown: sent, and the answer is lost, unreadable, a server error or a reference to elsewhere.
        """
        return self._authorised(call, auth, operation, order_number, self.deadline(), writes=True)

    def read(self, call: Call, auth: Authoriser, *, operation: str, deadline: float | None = None) -> Answer:
        """Ask the operator something, a few times if need be, until ``deadline`` (None: the usual time-out from now).

        Raises:
            Retryable: no usable answer within attempts and time.
            Unauthorized, Rejected: the operator refused.
        """
        until = self.deadline() if deadline is None else deadline
        retrying = Retrying(
            retry=retry_if_exception(_worth_repeating),
            stop=stop_after_attempt(_READ_ATTEMPTS) | stop_before_delay(max(until - self._runtime.monotonic(), 0.0)),
            wait=wait_random_exponential(multiplier=0.3, max=3.0) if self._runtime.patient else wait_none(),
            reraise=True,
        )
        return retrying(self._authorised, call, auth, operation, None, until, writes=False)

    def deadline(self) -> float:
        """Return when an operation that begins now has to be over, in monotonic seconds."""
        return self._runtime.monotonic() + self._runtime.timeout

    def status(self) -> ConnectionStatus:
        """Return how the connection stands, for staff."""
        enforced = not self._settings.breaker.dry_run
        slots = {"under_way": self._slots.taken, "at_once": self._settings.concurrency}
        rate = self._pace.calls_a_minute
        return ConnectionStatus(self._breaker.state, self._pace.paused_for, enforced, **slots, calls_a_minute=rate)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _authorised(
        self, call: Call, auth: Authoriser, operation: str, order_number: str | None, deadline: float, *, writes: bool
    ) -> Answer:
        credentials = auth.headers(deadline)
        try:
            return self._guarded(_Attempt(operation, order_number, call), credentials, deadline, writes=writes)
        except Unauthorized:
            # 401 and 403 are said before the request is looked at, so a fresh credential may carry it once more.
            if not auth.discard(credentials):
                raise
        fresh = auth.headers(deadline)
        return self._guarded(_Attempt(operation, order_number, call), fresh, deadline, writes=writes)

    def _guarded(self, attempt: _Attempt, credentials: Mapping[str, str], deadline: float, *, writes: bool) -> Answer:
        if deadline <= self._runtime.monotonic():
            raise Retryable("There was no time left to send this; it is tried again by itself.", code="out_of_time")
        with self._slots.one():
            return self._permitted(attempt, credentials, deadline, writes=writes)

    def _permitted(self, attempt: _Attempt, credentials: Mapping[str, str], deadline: float, *, writes: bool) -> Answer:
        probe = self._breaker.permit()
        try:
            self._pace.permit()  # after the breaker: what is not sent must not use up the agreed rate
        except CarrierError:
            self._breaker.give_back(probe=probe)
            raise
        healthy = False
        try:
            attempt.answer = self._exchange(attempt.call, credentials, deadline, writes=writes)
            refusal = self._judge(attempt.answer, writes=writes)
            healthy = attempt.answer.status < 500 and not _is_hidden_failure(attempt.answer, refusal)
            if refusal is not None:
                raise refusal
            return attempt.answer
        except CarrierError as error:
            self._pace.heed(error)
            attempt.outcome = _snake(type(error).__name__)
            raise
        finally:
            self._breaker.record(probe=probe, healthy=healthy)
            self._log(attempt)

    def _exchange(self, call: Call, credentials: Mapping[str, str], deadline: float, *, writes: bool) -> Answer:
        left = max(deadline - self._runtime.monotonic(), 0.001)
        request = self._client.build_request(
            call.method,
            call.url,
            params=call.params or None,
            headers={**call.headers, **credentials},
            json=call.json,
            data=call.form,
            timeout=httpx.Timeout(
                left,
                connect=min(self._settings.connect_timeout, left),
                read=min(self._settings.read_timeout or left, left),
            ),
        )
        try:
            with at_most(left):
                return self._answer(request)
        except (httpx.TransportError, httpx.DecodingError, MalformedAnswerError) as problem:
            raise not_understood(problem, writes=writes) from problem

    def _answer(self, request: httpx.Request) -> Answer:
        response = self._client.send(request, stream=True)
        try:
            return decode(response, self._content(response))
        finally:
            response.close()

    def _content(self, response: httpx.Response) -> bytes:
        content = bytearray()
        for chunk in response.iter_bytes():
            content += chunk
            if len(content) > self._settings.max_response_bytes:
                raise MalformedAnswerError(f"the answer is longer than {self._settings.max_response_bytes} bytes")
        return bytes(content)

    def _log(self, attempt: _Attempt) -> None:
        try:
            self._runtime.record(self._record(attempt))
        except Exception:  # noqa: BLE001 - a log that cannot be written must not turn a booking into a failure
            _LOG.exception("the record of a call to %s could not be kept", self._account.id)

    def _record(self, attempt: _Attempt) -> CallRecord:
        call, answer = attempt.call, attempt.answer
        return CallRecord(
            carrier=self._account.carrier,
            account=self._account.id,
            operation=attempt.operation,
            order_number=attempt.order_number,
            started_at=attempt.started_at,
            duration_ms=round((time.perf_counter() - attempt.clock) * 1000),
            status=answer.status if answer else None,
            outcome=attempt.outcome,
            request_excerpt=f"{call.method} {excerpt(call.named_values, self._loggable)}",
            response_excerpt=excerpt(answer.body, self._loggable) if answer else "",
        )


def _is_hidden_failure(answer: Answer, refusal: CarrierError | None) -> bool:
    """Whether the operator is failing although HTTP says that all is well."""
    failing = isinstance(refusal, OutcomeUnknown | Retryable) and not isinstance(refusal, Throttled)
    return answer.status < 300 and failing


def _worth_repeating(error: BaseException) -> bool:
    return isinstance(error, Retryable) and not isinstance(error, Throttled | CircuitOpen)


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")
