"""MyVNPost as public integrations describe it, for tests, demos and integrators; nothing in the product needs it."""

from carriers.myvnpost.simulator.app import create_app
from carriers.myvnpost.simulator.keys import PRIVATE_KEY, public_key
from carriers.myvnpost.simulator.operator import Customer, MyVnPostOperator
from carriers.simulation import Access, SimulatorPlugin

CUSTOMER = Customer("C14000123", "user-of-the-simulator", "password-of-the-simulator")


def access(url: str) -> Access:
    """Return the account of :data:`CUSTOMER` at a simulator that is served at ``url``."""
    return Access(
        CUSTOMER.code,
        {"base_url": url, "contract_code": "HD-1", "service_code": "ETN011"},
        {
            "username": CUSTOMER.username,
            "password": CUSTOMER.password,
            "webhook_public_key": public_key(),
            "webhook_private_key": PRIVATE_KEY,
        },
    )


SIMULATOR = SimulatorPlugin(
    make=lambda *, now, database=None: MyVnPostOperator(now=now, customer=CUSTOMER, database=database),
    app=create_app,
    access=access,
)

__all__ = ["CUSTOMER", "SIMULATOR", "Customer", "MyVnPostOperator", "access", "create_app"]
