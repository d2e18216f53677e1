"""The memory of states that will end: iGate shows that a dossier waits for a supplement, later only that it does not.

Pure: what is remembered stands in the reading position, so it moves with the page that it comes from, or not at all. It
goes along with every later version too, so that a version which cannot be used takes nothing with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dispatch.onestop.contract import NotADossierError
from dispatch.onestop.igate import reading
from dispatch.onestop.igate.happenings import DOSSIER, SEEN, WAITED, WAITS, completed_at, status_since
from dispatch.onestop.igate.settings import IgateSettings, Meaning
from dispatch.onestop.igate.walk import Waiting

_MOST_ENDED = 1000
_MOST_OF_ONE = 10


class Waiters:
    """What is remembered while one page is read. ``seen_at``: iGate's time; :attr:`now`: the memory after it."""

    def __init__(
        self, remembered: Mapping[str, tuple[Waiting, ...]], settings: IgateSettings, seen_at: datetime
    ) -> None:
        self._known = dict(remembered)
        self._settings, self._seen_at = settings, seen_at

    @property
    def now(self) -> dict[str, tuple[Waiting, ...]]:
        """Whoever waits, and of those who have waited the last ones."""
        ended = [code for code, waits in self._known.items() if waits[-1].ended is not None]
        too_many = set(ended[: max(len(ended) - _MOST_ENDED, 0)])
        return {code: waits for code, waits in self._known.items() if code not in too_many}

    def kept(self, code: str, document: Any) -> dict[str, Any]:
        """Return a dossier as it is kept: itself, when it was seen, and for what it waits and has waited."""
        if code and isinstance(document, dict):
            self._remember(code, document)
        told = [one.model_dump(mode="json", exclude_none=True) for one in self._known.get(code, ())]
        return {DOSSIER: document, SEEN: self._seen_at.isoformat(), **({WAITED: told} if told else {})}

    def _remember(self, code: str, document: Mapping[str, Any]) -> None:
        try:
            meaning = reading.status_of(document, self._settings)
            since = status_since(document, self._settings, self._seen_at)
            completed = completed_at(document)
        except NotADossierError:
            return  # it is kept and shown; what was known of it before stands
        waits = after(self._known.get(code, ()), meaning, since, completed)
        if waits:
            self._known.pop(code, None)  # the latest stand at the end
            self._known[code] = waits[-_MOST_OF_ONE:]


def after(
    waits: tuple[Waiting, ...], meaning: Meaning, since: datetime, completed: datetime | None
) -> tuple[Waiting, ...]:
    """Return a dossier's waits after it was seen in a state that began at ``since``."""
    last = waits[-1] if waits and waits[-1].ended is None else None
    if last is not None and last.status == meaning:
        return waits
    if last is not None and meaning is not Meaning.WITHDRAWN:
        ended = max(min(since, completed or since), last.since)
        waits = (*waits[:-1], last.model_copy(update={"ended": ended}))
    return (*waits, Waiting(status=meaning, since=since)) if meaning in WAITS else waits
