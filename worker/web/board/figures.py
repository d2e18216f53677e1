"""Figures with charts: how much came in, how punctual the post was, how long it took, which deadlines were kept."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import HTMLResponse, Response

from config.clock import local
from tracking.deadlines.promises import Zone
from tracking.reports.figures import Figures, Kept, Key, count, last_weeks, visible
from tracking.reports.lives import Channel
from tracking.reports.reading import Source
from worker.access.actor import Staff
from worker.access.roles import Permission
from worker.runtime import Runtime
from worker.web.board.entry import FigureStaff, operators_called, page
from worker.web.deps import RuntimeDep
from worker.web.pages.rendering import say

router = APIRouter(prefix="/board/figures", include_in_schema=False)

_ = str
_WEEKS = 12
_KEPT = 600.0
"""Seconds for which a count is good; counting reads every dossier of the period."""

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
}
_CHANNELS = {
    Channel.PUBLIC_POST: _("public post"),
    Channel.OTHER_POST: _("another operator"),
    Channel.COUNTER: _("at the counter"),
    Channel.ONLINE: _("online"),
    Channel.UNTOLD: _("not told"),
}
_VERDICTS = {
    Kept.FIRST: _("kept, as first promised"),
    Kept.SAVED: _("saved: a new day was given in time"),
    Kept.LOST: _("lost"),
}
_ZONES = {
    Zone.SAME_AREA: _("same area"),
    Zone.SAME_PROVINCE: _("same province"),
    Zone.SPECIAL_CITIES: _("special cities"),
    Zone.INTER_PROVINCE: _("between provinces"),
}
_BANDS = {
    "within_1": _("1 working day or less"),
    "within_2": _("2 working days"),
    "within_4": _("3 or 4 working days"),
    "beyond_4": _("more than 4 working days"),
}
Series = dict[str, list[float | None]]


@dataclass(frozen=True)
class Table:
    """What a chart draws, as its table says it: for who cannot see it, and for who wants the numbers."""

    labels: list[str]
    series: Series
    percent: bool = False


class Counted:
    """The figures of one process, counted by one at a time and kept for a while."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._lock = threading.Lock()
        self._figures: Figures | None = None
        self._at = 0.0

    def figures(self) -> Figures:
        """Return the figures of the last weeks."""
        context = self._runtime.context
        period = last_weeks(local(context.clock.now()).date(), _WEEKS)
        with self._lock:
            stale = self._figures is None or self._figures.period != period or time.monotonic() - self._at > _KEPT
            if self._figures is None or stale:
                public = frozenset(context.accounts.reports.public_operators)
                with context.database.read() as session:
                    source = Source(session, self._runtime.office, period, context.clock.now(), public)
                    self._figures = count(source)
                self._at = time.monotonic()
            return self._figures


def _counted(request: Request) -> Counted:
    counted: Counted = request.app.state.counted
    return counted


CountedDep = Annotated[Counted, Depends(_counted)]


@router.get("")
def figures(request: Request, staff: FigureStaff, runtime: RuntimeDep, counted: CountedDep) -> HTMLResponse:
    """The charts, each with its numbers below it."""
    found, translate = counted.figures(), say(request)
    tables = {name: make(found, staff, translate) for name, make in _MAKERS.items()}
    titles = {name: translate(title) for name, title in _TITLES.items()}
    return page(request, staff, "figures.html", here="figures", tables=tables, titles=titles, period=found.period)


@router.get("/{name}.svg")
def chart(
    request: Request,
    name: Annotated[str, Path(max_length=20)],
    staff: FigureStaff,
    counted: CountedDep,
    ground: Literal["light", "dark"] = "light",
) -> Response:
    """One chart. The page has each on both grounds, since an image cannot see whether its page is being printed."""
    from worker.web.board import charts  # pygal takes a while to load, and most pages have no chart

    if name not in _MAKERS:
        return Response(status_code=404)
    translate = say(request)
    table = _MAKERS[name](counted.figures(), staff, translate)
    draw = charts.shares if table.percent else charts.stacked
    colours = charts.DARK if ground == "dark" else charts.LIGHT
    svg = draw(translate(_TITLES[name]), table.labels, table.series, translate(_("Nothing to show yet")), colours)
    return Response(svg, media_type="image/svg+xml", headers=_HEADERS)


Translate = Callable[[str], str]


def _mine(counts: Counter[Key], staff: Staff) -> Counter[Key]:
    return visible(counts, staff.scope(Permission.SEE_FIGURES).covers)


def _weeks(found: Figures) -> list[str]:
    return [f"{date.fromisoformat(week):%d/%m}" for week in found.weeks]


def _volumes(found: Figures, staff: Staff, translate: Translate) -> Table:
    mine = _mine(found.volumes, staff)
    return Table(_weeks(found), _by_week(found, mine, {c.value: translate(w) for c, w in _CHANNELS.items()}))


def _deadlines(found: Figures, staff: Staff, translate: Translate) -> Table:
    mine = _mine(found.deadlines, staff)
    return Table(_weeks(found), _by_week(found, mine, {k.value: translate(w) for k, w in _VERDICTS.items()}))


def _by_week(found: Figures, counts: Counter[Key], names: dict[str, str]) -> Series:
    series: Series = {name: [counts[week, key] for week in found.weeks] for key, name in names.items()}
    return {name: values for name, values in series.items() if any(values)}


def _punctuality(found: Figures, staff: Staff, translate: Translate) -> Table:
    mine = _mine(found.punctuality, staff)
    operators = operators_called(operator for _, operator, _ in mine)
    return Table(
        _weeks(found),
        {
            called: [_percent(mine[week, name, "kept"], mine[week, name, "late"]) for week in found.weeks]
            for name, called in sorted(operators.items())
        },
        percent=True,
    )


def _transit(found: Figures, staff: Staff, translate: Translate) -> Table:
    mine = _mine(found.transit, staff)
    zones = [zone for zone in _ZONES if any(mine[zone.value, band] for band in _BANDS)]
    series: Series = {translate(w): [mine[zone.value, band] for zone in zones] for band, w in _BANDS.items()}
    return Table([translate(_ZONES[zone]) for zone in zones], {k: v for k, v in series.items() if any(v)})


def _percent(kept: int, late: int) -> float | None:
    return round(100 * kept / (kept + late), 1) if kept + late else None


_MAKERS: dict[str, Callable[[Figures, Staff, Translate], Table]] = {
    "volumes": _volumes,
    "punctuality": _punctuality,
    "transit": _transit,
    "deadlines": _deadlines,
}
_TITLES = {
    "volumes": _("Dossiers that came in, by week and way"),
    "punctuality": _("Share of shipments that arrived on time, by week and operator"),
    "transit": _("How many working days shipments took, by distance"),
    "deadlines": _("Due dates kept, saved and lost, by week"),
}
