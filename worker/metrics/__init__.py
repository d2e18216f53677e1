"""Figures for Prometheus: read from the rows when they are asked for, so they survive a restart and cannot drift.

Every process of the system sees the same rows, so any one web process tells of all of them. What a scrape costs does
not grow with all that there is: see :mod:`worker.metrics.work` and :mod:`worker.metrics.operators`. What one process
alone knows is in its own counters (:mod:`worker.metrics.requests`).
"""

from __future__ import annotations

from worker.metrics.exposition import Figures

__all__ = ["Figures"]
