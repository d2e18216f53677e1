"""VNPost NGSP keeps the contract through every adapter seen in the field, over real HTTP."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from carriers import conformance, registry
from carriers.call_log import CallRecord
from carriers.capabilities import capabilities_of
from carriers.conformance import Check, Trouble
from carriers.contract import BookingRequest, Carrier
from carriers.vnpost_ngsp.dialects import Variant
from carriers.vnpost_ngsp.simulator import Fault, FaultRule, NgspOperator, create_app
from tests.support import ngsp
from tests.support.certificates import CertificateAuthority
from tests.support.servers import serve

_FAULTS = {
    Trouble.ANSWER_LOST: Fault.TIMEOUT_AFTER,
    Trouble.REQUEST_LOST: Fault.TIMEOUT_BEFORE,
    Trouble.SERVER_ERROR_AFTER: Fault.ERROR_AFTER,
    Trouble.MALFORMED: Fault.MALFORMED,
    Trouble.TOKEN_EXPIRED: Fault.EXPIRED_TOKEN,
    Trouble.THROTTLED: Fault.THROTTLED,
}
_UNKNOWN_CODE = "9"


class NgspHarness:
    def __init__(self, connection: ngsp.Connection) -> None:
        self._connection = connection

    @property
    def carrier(self) -> Carrier:
        return self._connection.carrier

    @property
    def records(self) -> Sequence[CallRecord]:
        return self._connection.records

    @property
    def renews_token(self) -> bool:
        return self._connection.operator.variant not in (Variant.STATIC_TOKEN, Variant.MTLS)

    def request(self, check: str) -> BookingRequest:
        return ngsp.order(f"H14.31-260302-0001-{check}")

    def inject(self, trouble: Trouble, order_number: str) -> None:
        # Zero cuts the connection at once; what a real time-out does is tried in tests/carriers.
        seconds = 1.0 if trouble is Trouble.THROTTLED else 0.0
        rule = FaultRule(fault=_FAULTS[trouble], order=order_number, exact=True, times=1, seconds=seconds)
        self._connection.operator.faults.replace([rule])

    def created(self, order_number: str) -> int:
        return self._books(order_number)["created"]

    def live(self, order_number: str) -> int:
        return self._books(order_number)["live"]

    def push_unknown_code(self, order_number: str) -> str:
        self._connection.operator.push_event(order_number, int(_UNKNOWN_CODE), ngsp.NOW)
        return _UNKNOWN_CODE

    def _books(self, order_number: str) -> dict[str, int]:
        found = [row for row in self._connection.operator.orders() if row["order_number"] == order_number]
        return found[0] if found else {"created": 0, "live": 0}


@dataclass(frozen=True)
class Office:
    """An operator behind one adapter, and the options an account needs there beyond the usual ones."""

    operator: NgspOperator
    base_url: str
    options: dict[str, Any]


@pytest.fixture(scope="module", params=list(Variant))
def office(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    variant: Variant = request.param
    operator = ngsp.new_operator(variant)
    tls, options = _mutual_tls(tmp_path_factory) if variant is Variant.MTLS else ({}, {})
    with serve(create_app(operator), **tls) as base_url:
        yield Office(operator, base_url, options)
    operator.close()


@pytest.fixture
def harness(office: Office) -> Iterator[NgspHarness]:
    with ngsp.opened(office.operator, office.base_url, options=office.options) as connection:
        yield NgspHarness(connection)


@pytest.mark.parametrize("check", conformance.checks_for(registry.describe("vnpost_ngsp").capabilities))
def test_vnpost_keeps_the_contract(harness: NgspHarness, check: Check) -> None:
    check(harness)


def test_the_registry_tells_the_capabilities_that_the_connector_has() -> None:
    with ngsp.connection(ngsp.new_operator()) as connection:
        assert tuple(capabilities_of(connection.carrier)) == registry.describe("vnpost_ngsp").capabilities


def _mutual_tls(folders: pytest.TempPathFactory) -> tuple[dict[str, Any], dict[str, Any]]:
    authority = CertificateAuthority(folders.mktemp("certificates"))
    served = {
        "ssl_certfile": authority.issue("operator"),
        "ssl_ca_certs": authority.file,
        "ssl_cert_reqs": ssl.CERT_REQUIRED,
    }
    shown = {"ca_file": str(authority.file), "client_certificate": str(authority.issue("one-stop"))}
    return served, {"transport": shown}
