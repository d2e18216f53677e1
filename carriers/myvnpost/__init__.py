"""MyVNPost: VNPost's commercial customer API, with signed webhooks and the full list of status codes."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from carriers.contract import Normalised
from carriers.myvnpost import mapping
from carriers.myvnpost.client import MyVnPostCarrier
from carriers.plugin import CarrierPlugin, Runtime
from carriers.status_table import load_status_tables
from config.accounts import CarrierAccount

_TABLES = load_status_tables(files(__package__) / "statuses.toml")


def _open(account: CarrierAccount, runtime: Runtime) -> MyVnPostCarrier:
    return MyVnPostCarrier(account, runtime, _TABLES)


def _normalise(raw: Any, version: str | None) -> list[Normalised]:
    return mapping.normalise(raw, mapping.Reading(_TABLES.meanings(version)))


PLUGIN = CarrierPlugin(
    name=mapping.CARRIER,
    title="MyVNPost",
    open=_open,
    normalise=_normalise,
    capabilities=(
        "cancel",
        "change_address",
        "quote",
        "label",
        "pickup_windows",
        "track_items",
        "webhook",
        "find_by_reference",
        "check",
    ),
    tables=_TABLES,
)
