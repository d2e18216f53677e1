"""What has happened to a dossier, from how it stands and from how it stood before. Pure, for any JSON value."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dispatch.onestop.contract import NotADossierError
from dispatch.onestop.igate import reading
from dispatch.onestop.igate.settings import IgateSettings, Meaning

DOSSIER, SEEN, WAITED = "dossier", "seen_at", "waited"
"""The parts of what is kept: the dossier, iGate's time when it was seen, and for what it waits and has waited."""

_SUSPENDS = {
    Meaning.SUPPLEMENT: ("supplement_requested", "Yêu cầu bổ sung giấy tờ"),
    Meaning.PAYMENT: ("suspended", "Yêu cầu thực hiện nghĩa vụ tài chính"),
    Meaning.STOPPED: ("suspended", "Dừng xử lý"),
}
_GOES_ON = {
    Meaning.SUPPLEMENT: "supplement_completed",
    Meaning.PAYMENT: "resumed",
    Meaning.STOPPED: "resumed",
}
WAITS = frozenset(_SUSPENDS)
"""States that will end, and of which iGate does not say when they have."""


def status_since(document: Mapping[str, Any], settings: IgateSettings, seen_at: datetime) -> datetime:
    """Return since when a dossier is in its state, as far as iGate tells; never later than it was seen.

    Raises:
        NotADossierError: a time in it is none.
    """
    moments = (reading.moment(document, path) for path in settings.since_fields)
    return min(next((one for one in moments if one is not None), seen_at), seen_at)


def events_of(
    raw: Mapping[str, Any], document: Mapping[str, Any], meaning: Meaning, settings: IgateSettings
) -> list[dict[str, Any]]:
    """Return what has happened, in order. Each id is made of the fact alone, so every version says the same."""
    seen_at = reading.moment(raw, SEEN)
    if seen_at is None:
        raise NotADossierError("it does not say when it was seen")
    since = status_since(document, settings, seen_at)
    accepted = reading.moment(document, "acceptedDate")
    events = [_happened("accepted", accepted, settings)] if accepted else []
    events += _waits(raw, meaning, since, settings)
    if meaning in (Meaning.FINISHED, Meaning.RETURNED):
        events.append(_result(completed_at(document) or since, settings))
    elif meaning is Meaning.WITHDRAWN:
        events.append(_happened("withdrawn", since, settings, "Công dân yêu cầu rút hồ sơ"))
    return events


def completed_at(document: Mapping[str, Any]) -> datetime | None:
    """Return when the result was ready, where iGate says it."""
    return reading.moment(document, "completedDate")


def _waits(raw: Mapping[str, Any], meaning: Meaning, since: datetime, settings: IgateSettings) -> list[dict[str, Any]]:
    """Return each time that the dossier began to wait and went on, by what is remembered of it."""
    remembered = raw.get(WAITED)
    waits = [_wait(one) for one in remembered if isinstance(one, dict)] if isinstance(remembered, list) else []
    if not waits and meaning in WAITS:
        waits = [(meaning, since, None)]
    events = []
    for waited, began, ended in waits:
        kind, reason = _SUSPENDS[waited]
        events.append(_happened(kind, began, settings, reason))
        if ended is not None:
            events.append(_happened(_GOES_ON[waited], ended, settings))
    return events


def _wait(remembered: Mapping[str, Any]) -> tuple[Meaning, datetime, datetime | None]:
    status, began = remembered.get("status"), reading.moment(remembered, "since")
    waited = next((one for one in WAITS if one == status), None)
    if waited is None or began is None:
        raise NotADossierError("what is remembered of it cannot be read")
    return waited, began, reading.moment(remembered, "ended")


def _result(at: datetime, settings: IgateSettings) -> dict[str, Any]:
    """Return that the result is there: one paper, which our interface wants named and iGate does not list."""
    paper = {"name": settings.result_paper, "originals": 1, "copies": 0}
    return {**_happened("result_ready", at, settings), "result_papers": [paper]}


def _happened(kind: str, at: datetime, settings: IgateSettings, reason: str | None = None) -> dict[str, Any]:
    body = {"event_id": f"{kind}:{at:%Y%m%dT%H%M%S}", "type": kind, "at": at.isoformat(), "officer": settings.officer}
    return {**body, "reason": reason} if reason else body
