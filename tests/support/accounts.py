"""Another account for a desk: other options, a pool of waybills, and a say in what happens while a call is out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from carriers import registry
from carriers.call_log import CallRecord
from carriers.plugin import Runtime
from carriers.vnpost_ngsp.simulator import NgspOperator, account_options, create_app
from dispatch.context import CarrierPool
from tests.support.desk import CUSTOMER, TestDesk, opened_desk
from tests.support.servers import serve


def change_account(
    desk: TestDesk,
    /,
    *,
    options: dict[str, Any] | None = None,
    meanwhile: Callable[[CallRecord], None] = lambda record: None,
    **fields: Any,
) -> None:
    """Open the desk's account anew: ``options`` are added to its own, ``fields`` replace the account's.

    ``meanwhile`` runs when the operator has answered and nobody has taken note of it yet. Pauses, token ages and the
    breaker go by the desk's clock.
    """
    before = desk.context.accounts.carrier_accounts[0]
    account = before.model_copy(update={"options": {**before.options, **(options or {})}, **fields})
    accounts = desk.context.accounts.model_copy(update={"carrier_accounts": (account,)})
    runtime = Runtime(meanwhile, timeout=2.0, patient=False, monotonic=lambda: desk.clock.now().timestamp())
    pool = CarrierPool(accounts, lambda account: registry.build(account, runtime))
    desk.context.carriers.close()
    desk.context = replace(desk.context, accounts=accounts, carriers=pool)


@contextmanager
def opened_pool_desk(folder: Path) -> Iterator[TestDesk]:
    """Open a desk whose operator gave it a range of waybills; the pool is empty."""
    with opened_desk(folder) as desk:
        desk.operator = NgspOperator(now=desk.clock.now, clients=[CUSTOMER], item_codes="preallocated")
        with serve(create_app(desk.operator)) as url:
            change_account(desk, options={**account_options(url), "with_item_code": True})
            yield desk
        desk.operator.close()
