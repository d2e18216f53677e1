"""MyVNPost keeps the contract in every way in which public material lets it answer, over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from carriers import registry
from carriers.conformance import Check, Harness, checks_for
from carriers.myvnpost.simulator import MyVnPostOperator, create_app
from tests.carriers.myvnpost import new_operator, opened
from tests.support import ngsp
from tests.support.servers import serve

_WAYS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "wrapped lists and HTTP 401": ({"lists": "wrapped", "expired_status": 401}, {}),
    "encrypted webhooks as hints": ({"scheme": "encrypt"}, {"webhooks": {"signature": "decrypt"}}),
    "encrypted webhooks as proof": (
        {"scheme": "encrypt"},
        {"webhooks": {"signature": "either", "decryption_proves": True}},
    ),
}


@dataclass(frozen=True)
class Office:
    """An operator that answers in one way, and what an account needs there beyond the usual options."""

    operator: MyVnPostOperator
    base_url: str
    options: dict[str, Any]


@pytest.fixture(scope="module", params=_WAYS)
def office(request: pytest.FixtureRequest) -> Iterator[Office]:
    way, options = _WAYS[request.param]
    operator = new_operator(**way)
    with serve(create_app(operator)) as base_url:
        yield Office(operator, base_url, options)
    operator.close()


@pytest.fixture
def harness(office: Office) -> Iterator[Harness]:
    with opened(office.base_url, **office.options) as (carrier, records):
        yield Harness(carrier, office.operator, records, lambda check: ngsp.order(f"H14.31-260302-0001-{check}"))


@pytest.mark.parametrize("check", checks_for(registry.describe("myvnpost").capabilities))
def test_the_contract_is_kept_in_every_way(harness: Harness, check: Check) -> None:
    check(harness)
