"""Every operator of ours keeps the contract, against its own simulator and over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from carriers import registry
from carriers.capabilities import capabilities_of
from carriers.conformance import Check, checks_for
from tests.support.operators import Office, harness, office, opened

CARRIERS = registry.names()


@pytest.fixture(scope="module")
def offices() -> Iterator[dict[str, Office]]:
    """Every operator, served as long as this module runs."""
    with ExitStack() as stack:
        yield {carrier: stack.enter_context(office(carrier)) for carrier in CARRIERS}


@pytest.mark.parametrize(
    ("carrier", "check"),
    [
        pytest.param(carrier, check, id=f"{carrier}-{check.__name__}")
        for carrier in CARRIERS
        for check in checks_for(registry.describe(carrier).capabilities)
    ],
)
def test_the_contract_is_kept(offices: dict[str, Office], carrier: str, check: Check) -> None:
    with harness(offices[carrier]) as one:
        check(one)


@pytest.mark.parametrize("carrier", CARRIERS)
def test_the_registry_tells_the_capabilities_that_the_connector_has(offices: dict[str, Office], carrier: str) -> None:
    with opened(offices[carrier]) as (connector, _):
        assert tuple(capabilities_of(connector)) == registry.describe(carrier).capabilities
