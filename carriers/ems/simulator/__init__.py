"""EMS Vietnam as its public pages describe it, for tests, demos and integrators; nothing in the product needs it."""

from carriers.ems.simulator.app import create_app
from carriers.ems.simulator.operator import EmsOperator, Merchant
from carriers.simulation import Access, SimulatorPlugin

_MERCHANT = Merchant("EMS0004", "merchant-token-of-the-simulator")

SIMULATOR = SimulatorPlugin(
    make=lambda *, now, database=None: EmsOperator(now=now, merchant=_MERCHANT, database=database),
    app=create_app,
    access=lambda url: Access(
        _MERCHANT.customer_code,
        {"base_url": f"{url}/api/v1", "service": 1, "provinces": "gso"},
        {"merchant_token": _MERCHANT.token, "path_secret": "path-secret-of-the-simulator"},
    ),
)

__all__ = ["SIMULATOR", "EmsOperator", "Merchant", "create_app"]
