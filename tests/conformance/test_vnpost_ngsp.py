"""VNPost NGSP keeps the contract through every adapter seen in the field, over real HTTP."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from carriers import registry
from carriers.conformance import Check, Harness, checks_for
from carriers.conformance.booking import duplicate_is_success
from carriers.vnpost_ngsp.dialects import Variant
from carriers.vnpost_ngsp.simulator import NgspOperator, create_app
from tests.support import ngsp
from tests.support.certificates import CertificateAuthority
from tests.support.servers import serve


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
def harness(office: Office) -> Iterator[Harness]:
    with ngsp.opened(office.operator, office.base_url, options=office.options) as connection:
        yield Harness(
            carrier=connection.carrier,
            operator=office.operator,
            records=connection.records,
            request=lambda check: ngsp.order(f"H14.31-260302-0001-{check}"),
            renews_token=office.operator.variant not in (Variant.STATIC_TOKEN, Variant.MTLS),
        )


@pytest.mark.parametrize("check", [*checks_for(registry.describe("vnpost_ngsp").capabilities), duplicate_is_success])
def test_vnpost_keeps_the_contract_through_every_adapter(harness: Harness, check: Check) -> None:
    check(harness)


def _mutual_tls(folders: pytest.TempPathFactory) -> tuple[dict[str, Any], dict[str, Any]]:
    authority = CertificateAuthority(folders.mktemp("certificates"))
    served = {
        "ssl_certfile": authority.issue("operator"),
        "ssl_ca_certs": authority.file,
        "ssl_cert_reqs": ssl.CERT_REQUIRED,
    }
    shown = {"ca_file": str(authority.file), "client_certificate": str(authority.issue("one-stop"))}
    return served, {"transport": shown}
