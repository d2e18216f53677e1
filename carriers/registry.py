"""Which operators there are: ours in a plain dictionary, outsiders' by entry point."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from typing import Any

from carriers import ems, jt, myvnpost, viettelpost, vnpost_ngsp
from carriers.contract import Carrier, Normalised
from carriers.plugin import CarrierPlugin, Runtime
from config.accounts import CarrierAccount
from config.errors import ConfigurationError

ENTRY_POINTS = "onestop_postal.carriers"

_OURS = {
    plugin.name: plugin for plugin in (vnpost_ngsp.PLUGIN, ems.PLUGIN, viettelpost.PLUGIN, myvnpost.PLUGIN, jt.PLUGIN)
}


@dataclass(frozen=True, slots=True)
class Description:
    """What ``postal carriers`` shows of an operator."""

    name: str
    title: str
    capabilities: tuple[str, ...]
    status_versions: tuple[str, ...]
    current_version: str


def names() -> tuple[str, ...]:
    """Return the names of all operators, sorted."""
    return tuple(sorted(_all()))


def plugin(name: str) -> CarrierPlugin:
    """Return the operator called ``name``.

    Raises:
        ConfigurationError: there is none; the message names those there are.
    """
    try:
        return _all()[name]
    except KeyError:
        raise ConfigurationError(f"there is no postal operator '{name}'; there are: {', '.join(names())}") from None


def build(account: CarrierAccount, runtime: Runtime) -> Carrier:
    """Open ``account`` at its operator; nothing is sent yet.

    Raises:
        ConfigurationError: the operator is unknown, or its options or secrets are wrong.
    """
    return plugin(account.carrier).open(account, runtime)


def normalise(name: str, raw: Any, version: str | None = None) -> list[Normalised]:
    """Translate raw input of the operator ``name`` without any account.

    Raises:
        ConfigurationError: no such operator, or no such version of its status table.
    """
    chosen = plugin(name)
    if version is not None and version not in chosen.tables.versions:
        known = ", ".join(chosen.tables.versions)
        raise ConfigurationError(f"{name} has no status table '{version}'; there are: {known}")
    return chosen.normalise(raw, version)


def describe(name: str) -> Description:
    """Return what the operator ``name`` can do.

    Raises:
        ConfigurationError: there is none.
    """
    chosen = plugin(name)
    return Description(chosen.name, chosen.title, chosen.capabilities, chosen.tables.versions, chosen.tables.current)


@cache
def _all() -> dict[str, CarrierPlugin]:
    outsiders = {entry.name: _loaded(entry.name, entry.load()) for entry in entry_points(group=ENTRY_POINTS)}
    if taken := sorted(outsiders.keys() & _OURS.keys()):
        raise ConfigurationError(f"an installed package claims operators that are ours: {', '.join(taken)}; remove it")
    return {**outsiders, **_OURS}


def _loaded(name: str, loaded: object) -> CarrierPlugin:
    if isinstance(loaded, CarrierPlugin):
        return loaded
    raise ConfigurationError(f"the entry point '{name}' in {ENTRY_POINTS} is not a CarrierPlugin; correct that package")
