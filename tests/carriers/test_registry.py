"""Operators are listed plainly, and outsiders can add theirs."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import EntryPoint
from typing import Any

import pytest

from carriers import registry, vnpost_ngsp
from carriers.contract import TrackingEvent
from carriers.plugin import CarrierPlugin, Runtime
from config.errors import ConfigurationError
from tests.support import ngsp

OUTSIDER = CarrierPlugin(
    name="outsider",
    title="Somebody else",
    open=vnpost_ngsp.PLUGIN.open,
    normalise=lambda raw, version: [],
    capabilities=(),
    tables=vnpost_ngsp.PLUGIN.tables,
)
NOT_A_PLUGIN = object()


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[EntryPoint]]:
    """Entry points of other packages, as if they were installed."""
    found: list[EntryPoint] = []
    monkeypatch.setattr(registry, "entry_points", lambda group: found)
    registry._all.cache_clear()
    yield found
    registry._all.cache_clear()


def _entry(name: str, target: str) -> EntryPoint:
    return EntryPoint(name, f"{__name__}:{target}", registry.ENTRY_POINTS)


def test_an_unknown_operator_is_answered_with_those_that_exist() -> None:
    unknown = ngsp.account({}).model_copy(update={"carrier": "pigeon"})
    with pytest.raises(ConfigurationError, match=r"no postal operator 'pigeon'; there are: .*vnpost_ngsp"):
        registry.build(unknown, Runtime(lambda record: None, timeout=1))


def test_an_outsiders_operator_is_found(installed: list[EntryPoint]) -> None:
    installed.append(_entry("outsider", "OUTSIDER"))
    assert {"outsider", "vnpost_ngsp"} < set(registry.names())
    assert registry.describe("outsider").title == "Somebody else"


def test_an_outsider_cannot_take_the_place_of_ours(installed: list[EntryPoint]) -> None:
    installed.append(_entry("vnpost_ngsp", "OUTSIDER"))
    with pytest.raises(ConfigurationError, match="claims operators that are ours: vnpost_ngsp"):
        registry.names()


def test_something_that_is_no_operator_is_refused(installed: list[EntryPoint]) -> None:
    installed.append(_entry("odd", "NOT_A_PLUGIN"))
    with pytest.raises(ConfigurationError, match="is not a CarrierPlugin"):
        registry.names()


def test_the_description_names_capabilities_and_table_versions() -> None:
    described = registry.describe("vnpost_ngsp")
    assert "find_by_reference" in described.capabilities
    assert described.current_version in described.status_versions


def test_raw_input_is_translated_without_an_account() -> None:
    raw: Any = {"OrderNumber": "H14-1", "StatusCode": "4", "EventTime": 1772742300000}
    (event,) = registry.normalise("vnpost_ngsp", raw)
    assert isinstance(event, TrackingEvent)
    assert event.state == "delivered"


def test_an_unknown_table_version_is_answered_with_those_that_exist() -> None:
    with pytest.raises(ConfigurationError, match="no status table '1999'; there are: 2026-11"):
        registry.normalise("vnpost_ngsp", {}, "1999")
