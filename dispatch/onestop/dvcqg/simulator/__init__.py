"""Stands for the national portal, in all three styles at once (ASGI, Starlette)."""

from dispatch.onestop.dvcqg.simulator.app import PASSWORD, UNIT, USERNAME, create_app, options_at
from dispatch.onestop.dvcqg.simulator.books import PortalBooks
from dispatch.onestop.dvcqg.simulator.faults import PortalFault

__all__ = ["PASSWORD", "UNIT", "USERNAME", "PortalBooks", "PortalFault", "create_app", "options_at"]
