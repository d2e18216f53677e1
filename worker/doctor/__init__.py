"""``postal doctor``: configuration, database, broker, processes, operators, and what to do about each trouble."""

from __future__ import annotations

from worker.doctor.examination import examine
from worker.doctor.finding import Finding

__all__ = ["Finding", "examine"]
