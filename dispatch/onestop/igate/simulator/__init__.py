"""A simulated iGate: its Keycloak, its dossiers as its pages read them, and the trouble that a gateway makes."""

from dispatch.onestop.igate.simulator.app import create_app
from dispatch.onestop.igate.simulator.office import IgateOffice

__all__ = ["IgateOffice", "create_app"]
