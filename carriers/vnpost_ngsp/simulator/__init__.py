"""VNPost as it behaves through NGSP, for tests, demos and integrators; nothing in the product depends on it."""

from carriers.simulation import Fault, FaultPlan, FaultRule
from carriers.vnpost_ngsp.simulator.accounts import account_options, account_secrets
from carriers.vnpost_ngsp.simulator.adapter import Client
from carriers.vnpost_ngsp.simulator.app import create_app
from carriers.vnpost_ngsp.simulator.operator import NgspOperator

__all__ = [
    "Client",
    "Fault",
    "FaultPlan",
    "FaultRule",
    "NgspOperator",
    "account_options",
    "account_secrets",
    "create_app",
]
