"""How an account is spoken to over the network: time-outs, limits, certificates."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Annotated, Self

import httpx
from limits import parse
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from carriers.breaker import BreakerPolicy

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


class TransportSettings(BaseModel):
    """Part of every operator's options; certificates are always verified.

    Attributes:
        connect_timeout: seconds for the connection alone; the whole operation has the process-wide call time-out.
        read_timeout: longest silence within an answer, in seconds; None: the rest of the operation's time.
        concurrency: most calls of this process that are under way at once.
        rate: what the operator agreed to (``"10/second"``). Empty when it publishes none: a guess becomes an outage.
            Questions about items take half of it at most, so that bookings find the other half free.
        rate_storage: where the rate is counted; give a Redis address when several processes share an account.
        max_response_bytes: an answer longer than this counts as malformed.
        ca_file: private certificate authority of a state network, PEM.
        client_certificate: our certificate and, unless it is in the same file, ``client_key``, for mutual TLS.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    connect_timeout: float = Field(default=5.0, gt=0)
    read_timeout: float | None = Field(default=None, gt=0)
    concurrency: int = Field(default=16, ge=1)
    rate: Annotated[str, AfterValidator(_rate)] | None = None
    rate_storage: str = "memory://"
    max_response_bytes: int = Field(default=4 * 1024 * 1024, gt=0)
    ca_file: Path | None = None
    client_certificate: Path | None = None
    client_key: Path | None = None
    breaker: BreakerPolicy = BreakerPolicy()

    @model_validator(mode="after")
    def _files_can_be_read(self) -> Self:
        for file in (self.ca_file, self.client_certificate, self.client_key):
            if file is not None and not file.is_file():
                raise ValueError(f"cannot read {file}; give the path of a PEM file")
        return self

    def tls(self) -> ssl.SSLContext:
        """Return a context that verifies the operator and shows our certificate, if there is one."""
        context = ssl.create_default_context(cafile=self.ca_file)
        if self.client_certificate is not None:
            context.load_cert_chain(self.client_certificate, self.client_key)
        return context
