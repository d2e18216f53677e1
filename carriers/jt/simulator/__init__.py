"""J&T Express Vietnam as public material has it, for tests, demos and integrators; no product code depends on it."""

from carriers.jt.simulator.app import create_app
from carriers.jt.simulator.customers import Customer, account_options, account_secrets
from carriers.jt.simulator.operator import JtOperator
from carriers.simulation import Access, SimulatorPlugin

_CUSTOMER = Customer(
    *("J0086000123", "640826271705595946", "private-key-of-the-simulator"),
    *("password-key-of-the-simulator", "suffix-of-the-simulator"),
)

SIMULATOR = SimulatorPlugin(
    make=lambda *, now, database=None: JtOperator(now=now, customer=_CUSTOMER, database=database),
    app=create_app,
    access=lambda url: Access(_CUSTOMER.code, account_options(url, _CUSTOMER), account_secrets(_CUSTOMER)),
)

__all__ = ["SIMULATOR", "Customer", "JtOperator", "account_options", "account_secrets", "create_app"]
