"""What every operator's simulator is built from: books, faults, a desk that answers HTTP, webhooks, postmen.

Simulators behave as public material says the real ones do. They are part of the product: an integrator starts one with
``postal simulator``, and every test of a connector runs against one over real HTTP.
"""

from carriers.simulation.books import Books, Event, Order, s10_number
from carriers.simulation.desk import Desk, json_object
from carriers.simulation.faults import Fault, FaultPlan, FaultRule
from carriers.simulation.operator import ProvesContent, SimulatedOperator
from carriers.simulation.plugin import Access, SimulatorPlugin, account_at, simulator_of
from carriers.simulation.webhooks import OutgoingWebhook, WebhookSender

__all__ = [
    "Access",
    "Books",
    "Desk",
    "Event",
    "Fault",
    "FaultPlan",
    "FaultRule",
    "Order",
    "OutgoingWebhook",
    "ProvesContent",
    "SimulatedOperator",
    "SimulatorPlugin",
    "WebhookSender",
    "account_at",
    "json_object",
    "s10_number",
    "simulator_of",
]
