"""Whom we trust on the network, and what we show of ourselves: for operators and one-stops alike."""

from __future__ import annotations

import ssl
from functools import cache
from pathlib import Path
from typing import Self

from pydantic import BaseModel, model_validator


@cache
def system_trust() -> ssl.SSLContext:
    """Return the context that verifies a server by the machine's own certificates.

    One for the whole process: to read them takes tens of milliseconds, and a country has hundreds of accounts. Nobody
    may change it; whoever needs another authority or shows a certificate makes a context of its own.
    """
    return ssl.create_default_context()


class Certificates(BaseModel):
    """Part of the options of everybody who is spoken to over the network; certificates are always verified.

    Attributes:
        ca_file: private certificate authority of a state network, PEM.
        client_certificate: our certificate and, unless it is in the same file, ``client_key``, for mutual TLS.
    """

    ca_file: Path | None = None
    client_certificate: Path | None = None
    client_key: Path | None = None

    @model_validator(mode="after")
    def _files_can_be_read(self) -> Self:
        for file in (self.ca_file, self.client_certificate, self.client_key):
            if file is not None and not file.is_file():
                raise ValueError(f"cannot read {file}; give the path of a PEM file")
        return self

    def tls(self) -> ssl.SSLContext:
        """Return a context that verifies the other side and shows our certificate, if there is one."""
        if self.ca_file is None and self.client_certificate is None:
            return system_trust()
        context = ssl.create_default_context(cafile=self.ca_file)
        if self.client_certificate is not None:
            context.load_cert_chain(self.client_certificate, self.client_key)
        return context
