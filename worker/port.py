"""The address on which the web interface is to be served, tried before anything else begins."""

from __future__ import annotations

import socket

from config.errors import ConfigurationError
from config.settings import Settings


def refuse_unusable_address(settings: Settings) -> None:
    """Try to listen where the web interface is to be.

    Raises:
        ConfigurationError: the host's name leads nowhere, or the port cannot be had.
    """
    host, port = settings.host, settings.port
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except socket.gaierror as error:
        raise ConfigurationError(f"POSTAL_HOST '{host}' is no address of this machine ({error.strerror})") from error
    family, kind, protocol, _, address = found[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            raise ConfigurationError(
                f"port {port} on {host} cannot be used ({error.strerror}): "
                "stop what uses it, or choose another with POSTAL_PORT"
            ) from error
