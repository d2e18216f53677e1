"""VNPost as it behaves through NGSP, for tests, demos and integrators; nothing in the product depends on it."""

from carriers.simulation import Access, Fault, FaultPlan, FaultRule, SimulatorPlugin
from carriers.vnpost_ngsp.simulator.accounts import account_options, account_secrets
from carriers.vnpost_ngsp.simulator.adapter import Client
from carriers.vnpost_ngsp.simulator.app import create_app
from carriers.vnpost_ngsp.simulator.operator import NgspOperator

_CLIENT = Client("C14000123", "key-of-the-simulator", "secret-of-the-simulator")

SIMULATOR = SimulatorPlugin(
    make=lambda *, now, database=None: NgspOperator(now=now, clients=[_CLIENT], database=database),
    app=create_app,
    access=lambda url: Access(_CLIENT.customer_code, account_options(url), account_secrets(_CLIENT)),
)

__all__ = [
    "SIMULATOR",
    "Client",
    "Fault",
    "FaultPlan",
    "FaultRule",
    "NgspOperator",
    "account_options",
    "account_secrets",
    "create_app",
]
