"""Processes count their calls in one place; while that place is away, nothing is sent and nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
import respx

from carriers.breaker import BreakerState
from carriers.exchange import Call
from carriers.outcomes import Retryable, Throttled
from carriers.plugin import Runtime
from carriers.transport import NoCredentials, Transport
from carriers.transport_settings import TransportSettings
from tests.support import ngsp

_URL = "https://vnpost.example/order"
_NOBODY_LISTENS = "redis://127.0.0.1:1"


@pytest.fixture
def transport() -> Iterator[Transport]:
    settings = TransportSettings(rate="100/second", rate_storage=_NOBODY_LISTENS)
    transport = Transport(ngsp.account({}), settings, Runtime(lambda _record: None, 5.0, patient=False), frozenset())
    yield transport
    transport.close()


@respx.mock
def test_a_booking_that_cannot_be_counted_is_not_sent_and_may_be_sent_later(transport: Transport) -> None:
    operator = respx.post(_URL).mock(return_value=httpx.Response(200, json={}))
    with pytest.raises(Retryable, match=r"options\.transport\.rate_storage") as later:
        transport.write(Call("POST", _URL, json={}), NoCredentials(), operation="book", order_number="H14-1")
    assert later.value.code == "rate_storage"
    assert not isinstance(later.value, Throttled)
    assert operator.call_count == 0
    # It is our trouble: the operator gets no worse a name by it.
    assert transport.status().breaker is BreakerState.CLOSED
