"""How figures are written down."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeVar

from prometheus_client.core import GaugeMetricFamily

Family = GaugeMetricFamily
Families = Iterator[GaugeMetricFamily]
Key = TypeVar("Key", bound=tuple[str, ...])


def gauge(name: str, what: str, labels: tuple[str, ...], values: Mapping[Key, float]) -> GaugeMetricFamily:
    """Return a gauge with one sample for each key, which holds the labels' values."""
    family = GaugeMetricFamily(name, what, labels=labels)
    for key, value in values.items():
        family.add_metric(key, value)
    return family
