"""What travels in a query reaches the call log like everything else: only what was agreed to be shown."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
import respx

from carriers.call_log import CallRecord
from carriers.exchange import Call
from carriers.outcomes import Unauthorized
from carriers.plugin import Runtime
from carriers.transport import NoCredentials, Transport
from carriers.transport_settings import TransportSettings
from carriers.vnpost_ngsp.dialects import Variant
from carriers.vnpost_ngsp.simulator import Client
from tests.support import ngsp

_FEED = "https://vnpost.example/tracking"


@respx.mock
def test_a_token_in_a_query_is_hidden_and_what_clerks_search_for_is_shown() -> None:
    respx.get(_FEED).mock(return_value=httpx.Response(200, json={}))
    records: list[CallRecord] = []
    runtime = Runtime(records.append, timeout=5.0, patient=False)
    transport = Transport(ngsp.account({}), TransportSettings(), runtime, frozenset({"lastId"}))
    call = Call("GET", _FEED, params={"lastId": "66f0a141", "access_token": "nobody-may-see-this"})
    transport.read(call, NoCredentials(), operation="feed")
    transport.close()
    (record,) = records
    assert record.request_excerpt == "GET {lastId=66f0a141, +1 hidden}"
    assert "nobody-may-see-this" not in repr(record)


@pytest.fixture
def office() -> Iterator[ngsp.Connection]:
    """An account whose key travels in the query of its token requests."""
    with ngsp.connection(ngsp.new_operator(Variant.KEY_TOKEN), options={"grant_in": "query"}) as office:
        yield office


def test_a_key_that_is_sent_in_the_query_of_a_token_request_leaves_no_trace(office: ngsp.Connection) -> None:
    office.carrier.check()
    asked = office.records[0]
    assert (asked.operation, asked.outcome) == ("token", "ok")
    assert asked.request_excerpt == "POST {grant_type=client_credentials, +1 hidden}"
    assert ngsp.CLIENT.secret not in repr(office.records)


def test_a_key_that_is_refused_leaves_no_trace_either(office: ngsp.Connection) -> None:
    mistyped = Client(ngsp.CLIENT.customer_code, ngsp.CLIENT.key, "a-mistyped-key")
    records: list[CallRecord] = []
    account = ngsp.account(office.carrier.account.options, mistyped)
    carrier = type(office.carrier)(account, Runtime(records.append, timeout=5.0, patient=False), office.carrier.tables)
    with pytest.raises(Unauthorized) as refusal:
        carrier.check()
    carrier.close()
    assert {record.operation for record in records} == {"token"}
    assert mistyped.secret not in f"{records} {refusal.value}"
