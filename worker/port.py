"""The address on which something is to be served, tried before anything else begins."""

from __future__ import annotations

import socket

from config.errors import ConfigurationError


def refuse_unusable_address(host: str, port: int, names: tuple[str, str]) -> None:
    """Try to listen on ``host`` and ``port``; ``names`` are those of the settings that say them.

    Raises:
        ConfigurationError: the host's name leads nowhere, or the port cannot be had.
    """
    host_name, port_name = names
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except socket.gaierror as error:
        raise ConfigurationError(f"{host_name} '{host}' is no address of this machine ({error.strerror})") from error
    family, kind, protocol, _, address = found[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            raise ConfigurationError(
                f"port {port} on {host} cannot be used ({error.strerror}): "
                f"stop what uses it, or choose another with {port_name}"
            ) from error
