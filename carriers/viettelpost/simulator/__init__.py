"""Viettel Post as public material says it behaves, for tests, demos and integrators; no product code depends on it."""

from carriers.simulation import Access, SimulatorPlugin
from carriers.viettelpost.simulator.accounts import Client, account_options, account_secrets
from carriers.viettelpost.simulator.app import create_app
from carriers.viettelpost.simulator.operator import ViettelPostOperator

_CLIENT = Client("VTP14000123", "0912000123", "password-of-the-simulator", "secret-of-the-desk-for-webhooks")

SIMULATOR = SimulatorPlugin(
    make=lambda *, now, database=None: ViettelPostOperator(now=now, client=_CLIENT, database=database),
    app=create_app,
    access=lambda url: Access(_CLIENT.customer_code, account_options(url), account_secrets(_CLIENT)),
)

__all__ = ["SIMULATOR", "Client", "ViettelPostOperator", "account_options", "account_secrets", "create_app"]
