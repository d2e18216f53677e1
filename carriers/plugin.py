"""What the registry knows of an operator, and what an operator is given when an account is opened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from carriers.call_log import Recorder
from carriers.contract import Carrier, Normalised
from carriers.status_table import StatusTables
from carriers.time_limit import TimedTransport
from carriers.transport_settings import TransportSettings
from config.accounts import CarrierAccount
from config.clock import wall_seconds


@dataclass(frozen=True, slots=True)
class Runtime:
    """What the process gives every account.

    Attributes:
        record: takes one call record per HTTP exchange.
        timeout: longest duration of one operation, in seconds, token requests and repeats included.
        patient: whether repeated reads wait in between; tests say no.
        monotonic: seconds that never go back, for time-outs, token ages and the breaker.
        network: what carries an account's requests; the simulation has its own.
    """

    record: Recorder
    timeout: float
    patient: bool = True
    monotonic: Callable[[], float] = wall_seconds
    network: Callable[[TransportSettings], httpx.BaseTransport] = lambda settings: TimedTransport(settings.tls())


@dataclass(frozen=True, slots=True)
class CarrierPlugin:
    """One operator: how to open an account, and its pure mapping, which needs none.

    ``normalise`` takes the raw value and a status-table version (None: current) and never raises on any JSON value.
    """

    name: str
    title: str
    open: Callable[[CarrierAccount, Runtime], Carrier]
    normalise: Callable[[Any, str | None], list[Normalised]]
    capabilities: tuple[str, ...]
    tables: StatusTables
