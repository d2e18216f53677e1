"""Reports that should be there by now and could not be made."""

from __future__ import annotations

from collections.abc import Iterator

from tracking.reports.runs import failing
from tracking.watching.items import Attention, View, item


def not_made(view: View) -> Iterator[Attention]:
    """Where no folder is named any more, nobody waits for them."""
    if view.context.settings.reports_dir is None:
        return
    for run in failing(view.session):
        period, trouble = run.period.name, (run.trouble or "").rstrip(".")
        values = {"report": run.name, "period": period, "trouble": trouble}
        yield item("report-failing", f"{run.name}:{period}", run.failing_since or view.now, values)
