"""What the registry knows of a connector, and what a connector is given when a system is opened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import httpx

from config.accounts import OneStopSystem
from config.clock import wall_seconds
from config.database import Database
from config.settings import Settings
from dispatch.onestop.bus.connector import OpenBus
from dispatch.onestop.contract import OneStop
from dispatch.onestop.standing import Standing
from dispatch.signed_post import SignedPost


def _nobody(_source_system: str) -> tuple[OneStopSystem, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class Ties:
    """What the process gives every connector.

    Attributes:
        post: delivers signed messages.
        standing: how a dossier stands now, None where we do not know it; for whoever tells states and not news.
        database: where a connector remembers what it has told; None where there is none.
        network: what carries a connector's own requests, None for the real network; the simulation has its own.
        monotonic: seconds that never go back, for the ages of tokens.
        copies_of: which systems keep copies of the dossiers of a source system, and so are told of them as well.
        open_bus: opens the way onto a message bus, None in a process that has none.
    """

    settings: Settings
    post: SignedPost
    standing: Callable[[str], Standing | None]
    database: Database | None = None
    network: httpx.BaseTransport | None = None
    monotonic: Callable[[], float] = wall_seconds
    copies_of: Callable[[str], tuple[OneStopSystem, ...]] = _nobody
    open_bus: OpenBus | None = None


@dataclass(frozen=True, slots=True)
class ConnectorPlugin:
    """One kind of system. ``postal onestops`` shows its ``capabilities``, and in its ``note`` what it cannot do."""

    name: str
    title: str
    open: Callable[[OneStopSystem, Ties], OneStop]
    capabilities: tuple[str, ...]
    note: str = ""
