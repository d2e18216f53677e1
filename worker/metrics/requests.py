"""What this process alone knows: the requests that it answered. Each web process has to be scraped for them."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_EDGES = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Requests:
    """Counts requests by their route as it is written down, never by the path that came: that may be a secret."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._known: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self._answered = Counter(
            "postal_http_requests",
            "Requests answered by this process",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self._took = Histogram(
            "postal_http_request_duration_seconds",
            "How long requests took in this process",
            ["route"],
            buckets=_EDGES,
            registry=self.registry,
        )

    def note(self, method: str, route: str, status: int, took: float) -> None:
        """Count one answer."""
        method = method if method in _METHODS else "other"  # callers make up methods, and each would be a series
        key = (method, route, status)
        if key not in self._known:  # to look a label up by its name costs more than to count
            self._known[key] = (self._answered.labels(method, route, str(status)), self._took.labels(route))
        answered, duration = self._known[key]
        answered.inc()
        duration.observe(took)
