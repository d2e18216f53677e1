"""Which connectors there are: ours in a plain dictionary, outsiders' by entry point."""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points

from config.accounts import OneStopSystem
from config.errors import ConfigurationError
from dispatch.onestop.bus.connector import BusOneStop
from dispatch.onestop.contract import OneStop
from dispatch.onestop.dvcqg.plugin import PLUGIN as DVCQG
from dispatch.onestop.igate import client as igate
from dispatch.onestop.plugin import ConnectorPlugin, Ties
from dispatch.onestop.rest import RestOneStop

ENTRY_POINTS = "onestop_postal.onestops"

_OURS = {
    plugin.name: plugin
    for plugin in (
        ConnectorPlugin("rest", "Signed callbacks (Standard Webhooks)", RestOneStop, ("tell",)),
        DVCQG,
        igate.PLUGIN,
        ConnectorPlugin(
            "bus",
            "Message bus (RabbitMQ, CloudEvents)",
            lambda system, ties: BusOneStop(system, ties.open_bus),
            ("tell", "hear", "check"),
        ),
    )
}


def plugins() -> tuple[ConnectorPlugin, ...]:
    """Return every connector, by name."""
    return tuple(_all()[name] for name in sorted(_all()))


def plugin(name: str) -> ConnectorPlugin:
    """Return the connector called ``name``.

    Raises:
        ConfigurationError: there is none; the message names those there are.
    """
    try:
        return _all()[name]
    except KeyError:
        raise ConfigurationError(f"there is no connector '{name}'; there are: {', '.join(sorted(_all()))}") from None


def build(system: OneStopSystem, ties: Ties) -> OneStop:
    """Open ``system``; nothing is sent yet.

    Raises:
        ConfigurationError: the connector is unknown, or its options or secrets are wrong.
    """
    return plugin(system.connector).open(system, ties)


@cache
def _all() -> dict[str, ConnectorPlugin]:
    outsiders = {entry.name: _loaded(entry.name, entry.load()) for entry in entry_points(group=ENTRY_POINTS)}
    if taken := sorted(outsiders.keys() & _OURS.keys()):
        raise ConfigurationError(f"an installed package claims connectors that are ours: {', '.join(taken)}; remove it")
    return {**outsiders, **_OURS}


def _loaded(name: str, loaded: object) -> ConnectorPlugin:
    if isinstance(loaded, ConnectorPlugin):
        return loaded
    raise ConfigurationError(f"the entry point '{name}' in {ENTRY_POINTS} is no ConnectorPlugin; correct that package")
