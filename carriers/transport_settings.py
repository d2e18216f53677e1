"""How an account is spoken to over the network: time-outs, limits, certificates."""

from __future__ import annotations

from typing import Annotated

import httpx
from limits import parse
from pydantic import AfterValidator, ConfigDict, Field

from carriers.breaker import BreakerPolicy
from config.tls import Certificates

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def _secure_url(text: str) -> str:
    url = httpx.URL(text)
    if url.scheme == "https" or (url.scheme == "http" and url.host in _LOOPBACK):
        return text
    raise ValueError("must be an https address (plain http is for simulators on this machine only)")


def _rate(text: str) -> str:
    try:
        parse(text)
    except ValueError as error:
        raise ValueError("must read like '10/second' or '300/minute'") from error
    return text


SecureUrl = Annotated[str, AfterValidator(_secure_url)]


class TransportSettings(Certificates):
    """Part of every operator's options; certificates are always verified.

    Attributes:
        connect_timeout: seconds for the connection alone; the whole operation has the process-wide call time-out.
        read_timeout: longest silence within an answer, in seconds; None: the rest of the operation's time.
        concurrency: most calls of this process that are under way at once.
        rate: what the operator agreed to (``"10/second"``). Empty when it publishes none: a guess becomes an outage.
            Questions about items take half of it at most, so that bookings find the other half free.
        rate_storage: where the rate is counted; give a Redis address when several processes share an account.
        max_response_bytes: an answer longer than this counts as malformed.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    connect_timeout: float = Field(default=5.0, gt=0)
    read_timeout: float | None = Field(default=None, gt=0)
    concurrency: int = Field(default=16, ge=1)
    rate: Annotated[str, AfterValidator(_rate)] | None = None
    rate_storage: str = "memory://"
    max_response_bytes: int = Field(default=4 * 1024 * 1024, gt=0)
    breaker: BreakerPolicy = BreakerPolicy()
