"""VNPost through NGSP: the order interface of Circular 17/2017/TT-BTTTT Art. 15.2 that one-stop systems call."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from carriers.contract import Normalised
from carriers.plugin import CarrierPlugin, Runtime
from carriers.status_table import load_status_tables
from carriers.vnpost_ngsp import mapping
from carriers.vnpost_ngsp.client import NgspCarrier
from config.accounts import CarrierAccount

_TABLES = load_status_tables(files(__package__) / "statuses.toml")


def _open(account: CarrierAccount, runtime: Runtime) -> NgspCarrier:
    return NgspCarrier(account, runtime, _TABLES)


def _normalise(raw: Any, version: str | None) -> list[Normalised]:
    return mapping.normalise(raw, mapping.Reading(_TABLES.meanings(version)))


PLUGIN = CarrierPlugin(
    name=mapping.CARRIER,
    title="VNPost (NGSP)",
    open=_open,
    normalise=_normalise,
    capabilities=("cancel", "quote", "track_feed", "find_by_reference", "waybill_pool", "check"),
    tables=_TABLES,
)
