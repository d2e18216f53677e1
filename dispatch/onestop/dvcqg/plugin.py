"""How the registry opens the portal."""

from __future__ import annotations

from config.accounts import OneStopSystem
from config.errors import ConfigurationError
from dispatch.onestop.contract import OneStop
from dispatch.onestop.dvcqg.client import NationalPortal, SearchablePortal
from dispatch.onestop.dvcqg.settings import read_portal
from dispatch.onestop.dvcqg.styles import SessionStyle, style_of
from dispatch.onestop.dvcqg.wire import Wire
from dispatch.onestop.plugin import ConnectorPlugin, Ties


def open_portal(system: OneStopSystem, ties: Ties) -> OneStop:
    """Open the portal in the style of its options.

    Raises:
        ConfigurationError: options or secrets are wrong, or there is no database to remember in.
    """
    portal, secrets = read_portal(system)
    if ties.database is None:
        raise ConfigurationError(f"one-stop '{system.id}' (dvcqg) needs the database: open it with a whole runtime")
    wire = Wire(portal, ties.network)
    style = style_of(portal, secrets, wire)
    if isinstance(style, SessionStyle):
        return SearchablePortal(system, ties, ties.database, portal, style, wire)
    return NationalPortal(system, ties, ties.database, portal, style, wire)


PLUGIN = ConnectorPlugin(
    name="dvcqg",
    title="National public service portal (Cổng Dịch vụ công quốc gia)",
    open=open_portal,
    capabilities=("tell", "copies", "check"),
    note="copies and check in the style 'session' alone",
)
