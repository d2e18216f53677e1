"""VNPT-iGate 2 over the gateway that its own pages use: ``GET /pa/dossier/search``, read only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from carriers.exchange import Answer, Call
from carriers.oauth import RenewedToken
from carriers.reading import digest, text
from config.accounts import OneStopSystem
from config.clock import wall_now
from dispatch.onestop import line
from dispatch.onestop.contract import Changes, Imported, NotADossierError, OneStopError, Statement, TheirCopy
from dispatch.onestop.igate import mapping, reading, walk
from dispatch.onestop.igate.happenings import DOSSIER, WAITED
from dispatch.onestop.igate.settings import ENDS, load_settings
from dispatch.onestop.igate.token import token_request
from dispatch.onestop.igate.waiting import Waiters
from dispatch.onestop.igate.writing_back import WritingBack, bringer
from dispatch.onestop.plugin import ConnectorPlugin, Ties
from dispatch.outbox_rows import Delivery, OutboxMessage

TITLE = "VNPT-iGate"
_LOGGABLE = frozenset({"page", "size", "sort", "spec", "code", "last", "error"})
_CHANGED = "updatedDate"


class IgateOneStop:
    """One installation."""

    def __init__(self, system: OneStopSystem, ties: Ties) -> None:
        self._settings = settings = load_settings(system)
        self._system = system
        self._source_system = settings.source_system or system.source_systems[0]
        self._back = WritingBack(bringer(system, settings, ties), ties, self._shown)
        self._transport = line.open_transport(system, settings.transport, ties, _LOGGABLE)
        self._auth = RenewedToken(self._transport, token_request(settings, system), "s", ties.monotonic)

    @property
    def system(self) -> OneStopSystem:
        return self._system

    @property
    def every(self) -> timedelta:
        return timedelta(minutes=self._settings.every_minutes)

    def tell(self, message: OutboxMessage) -> Delivery:
        return self._back.tell(message)

    def changes(self, position: str | None) -> Changes:
        known = walk.read_position(position)
        under_way = walk.begun(known, self._settings)
        answer = self._search({"page": str(under_way.page), "sort": f"{_CHANGED},desc"})
        found, theirs = _content(answer), _their_time(answer)
        dossiers = [self._kept(one) for one in found if not self._is_too_old(one)]
        waiters = Waiters(known.waiting, self._settings, theirs)
        imported = tuple(self._imported(one, waiters) for one in dossiers)
        changed = [_changed_at(one) for one in found]
        last = _is_last(answer, found, self._settings.page_size)
        position_after = walk.stepped(known, under_way, changed, theirs, last=last)
        after = position_after.model_copy(update={"waiting": waiters.now})
        return Changes(imported, after.model_dump_json(exclude_none=True), after.walk is not None)

    def understand(self, raw: Any) -> Sequence[Statement]:
        return mapping.understand(raw, self._settings, self._source_system)

    def copies(self, codes: Sequence[str]) -> dict[str, TheirCopy]:
        shown = {code: self._shown(code) for code in codes}
        return {code: copy for code, copy in shown.items() if copy is not None}

    def check(self) -> str:
        found = _content(self._search({"page": "0", "sort": f"{_CHANGED},desc"}))
        if not found:
            return f"{TITLE} answers, and shows this client no dossier: ask VNPT which agencies it may read."
        newest = _changed_at(found[0])
        when = f"last changed {newest.isoformat()}" if newest else f"without '{_CHANGED}', so every look reads all"
        return f"{TITLE} answers and shows dossiers, the first one {when}."

    def close(self) -> None:
        self._transport.close()

    def _shown(self, code: str) -> TheirCopy | None:
        for one in _content(self._search({"page": "0", "code-match": code})):
            if isinstance(one, dict) and text(one.get("code")) == code:
                return TheirCopy(code, _due(one), _state(one), self._is_ended(one), _changed_at(one))
        return None

    def _is_ended(self, document: Mapping[str, Any]) -> bool | None:
        try:
            return reading.status_of(document, self._settings) in ENDS
        except NotADossierError:
            return None

    def _search(self, params: Mapping[str, str]) -> Answer:
        asked = {"spec": "slice", "size": str(self._settings.page_size), **params}
        call = Call("GET", f"{self._settings.api.rstrip('/')}/pa/dossier/search", params=asked)
        return line.ask(self._transport, call, self._auth, TITLE, "search")

    def _is_too_old(self, document: Any) -> bool:
        changed = _changed_at(document)
        return changed is not None and changed < self._settings.import_from

    def _kept(self, document: Any) -> Any:
        if not isinstance(document, dict):
            return document
        return {name: value for name, value in document.items() if name not in self._settings.ignored_fields}

    def _imported(self, document: Any, waiters: Waiters) -> Imported:
        code = text(document.get("code") or document.get("id"))[:80] if isinstance(document, dict) else ""
        raw = waiters.kept(code, document)
        return Imported(code or "?", _version(raw), raw, _changed_at(document))


def _version(raw: Mapping[str, Any]) -> str:
    """Return the digest of what is kept, less when it was seen.

    For what it has waited counts: a dossier that goes back to where it stood before may look the same as then.
    """
    return digest({name: raw[name] for name in (DOSSIER, WAITED)} if WAITED in raw else raw[DOSSIER])


def _content(answer: Answer) -> list[Any]:
    content = answer.body.get("content")
    if isinstance(content, list):
        return content
    raise OneStopError(
        f"{TITLE} answers without a list of dossiers; it is asked again by itself. If this lasts, correct options.api "
        "in the configuration.",
        status=answer.status,
    )


def _is_last(answer: Answer, found: Sequence[Any], size: int) -> bool:
    told = answer.body.get("last")
    return not found or (told if isinstance(told, bool) else len(found) < size)


def _their_time(answer: Answer) -> datetime:
    """Return what time it is at iGate, by its own clock where its answer shows it."""
    try:
        told = parsedate_to_datetime(answer.headers.get_list("date")[-1])  # the nearest to it, where a proxy adds one
    except (IndexError, ValueError, TypeError):
        return wall_now()
    return told if told.tzinfo is not None else wall_now()


def _changed_at(document: Any) -> datetime | None:
    return _moment_or_none(document, _CHANGED)


def _due(document: Any) -> datetime | None:
    return _moment_or_none(document, "appointmentDate")


def _moment_or_none(document: Any, path: str) -> datetime | None:
    try:
        return reading.moment(document, path)
    except NotADossierError:
        return None


def _state(document: Mapping[str, Any]) -> str:
    status = document.get("dossierStatus")
    return reading.name_of(status) or text(status.get("id") if isinstance(status, dict) else status)


PLUGIN = ConnectorPlugin(
    "igate",
    "VNPT-iGate 2",
    IgateOneStop,
    ("import", "copies", "check"),
    "Reads dossiers, statuses and due dates. iGate has no public interface through which a due date could be written "
    "into it: another system brings it there (options.due_dates), or a clerk types it in and iGate is asked until it "
    "shows it.",
)
