"""Keeps the portal's copy of a dossier at the newest state; a message only says that there may be news.

At sending, the dossier's standing is taken as it is now and held against what the portal certainly has: the same, and
nothing is called. So ten changes while the portal is away cost one call, and no order of messages can bring it back to
an older state (ADR 0027).
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from carriers.time_limit import at_most
from config.accounts import OneStopSystem
from config.database import Database
from dispatch.onestop.contract import OneStopError, TheirCopy
from dispatch.onestop.dvcqg import mapping
from dispatch.onestop.dvcqg.settings import Portal
from dispatch.onestop.dvcqg.styles import SessionStyle, Style
from dispatch.onestop.dvcqg.verdicts import Judged, Verdict
from dispatch.onestop.dvcqg.wire import Wire
from dispatch.onestop.plugin import Ties
from dispatch.onestop.standing import Standing, Step
from dispatch.onestop.synced import Synced, SyncedStates
from dispatch.outbox_rows import Delivery, OutboxMessage

_SHARE_OF_LEASE = 0.9
_CONFLICT = 409


class _Refused(Exception):  # noqa: N818 - the portal's answer, not an error of ours
    """The portal has answered and said no; ``words`` are its own."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


class NationalPortal:
    """Any style. Thread-safe; one per process."""

    def __init__(
        self, system: OneStopSystem, ties: Ties, database: Database, portal: Portal, style: Style, wire: Wire
    ) -> None:
        self._system, self._standing = system, ties.standing
        self._portal, self._style, self._wire = portal, style, wire
        # All calls for one message fit into its lease: who takes it over afterwards must find nobody at work.
        self._limit = ties.settings.lease_seconds * _SHARE_OF_LEASE
        self._synced = SyncedStates(database, system.id, ties.settings.lease_seconds)

    @property
    def system(self) -> OneStopSystem:
        return self._system

    def tell(self, message: OutboxMessage) -> Delivery:
        started = time.monotonic()
        delivered, status, answer, pause = self._outcome(message.subject)
        return Delivery(delivered, status, answer, round((time.monotonic() - started) * 1000), retry_after=pause)

    def close(self) -> None:
        self._wire.close()

    def _outcome(self, code: str) -> tuple[bool, int | None, str, float | None]:
        standing = self._standing(code)
        if standing is None:
            return True, None, "nothing is known of this dossier any more, so there is nothing to tell", None
        known = self._synced.look(code)
        if known.digest == mapping.digest_of(self._fields(standing)) and not _untold(standing, known.steps):
            return True, None, "nothing has changed since the portal was last told", None
        claimed = self._synced.claim(code)
        if claimed is None:
            return False, _CONFLICT, "the portal is being told of this dossier at this moment; tried again", None
        try:
            with at_most(self._limit):
                return True, 200, self._bring_up_to_date(code, *claimed), None
        except _Refused as no:
            return False, 200, f"Cổng DVCQG: {no.words}", None
        except OneStopError as error:
            return False, error.status, str(error), error.retry_after

    def _bring_up_to_date(self, code: str, claim: datetime, known: Synced) -> str:
        """Send what the portal lacks, by the state of this moment: nobody else sends anything of this dossier now."""
        digest, lost = known.digest, False
        try:
            standing = self._standing(code)
            if standing is None:
                return "nothing is known of this dossier any more"
            fields = self._fields(standing)
            if (wanted := mapping.digest_of(fields)) != known.digest:
                digest = None
                lost = self._synchronise(standing, fields, existed=known.existed)
                digest = wanted
                self._synced.keep(code, claim, existed=True)
            told = self._tell_steps(standing, claim, frozenset() if lost else known.steps)
            return f"brought up to date, {told} steps told"
        finally:
            self._synced.release(code, claim, digest)

    def _synchronise(self, standing: Standing, fields: Mapping[str, Any], *, existed: bool) -> bool:
        """Add or update the dossier; tells whether the portal has lost it, and its history with it."""
        judged = self._style.synchronise([fields], updating=existed)
        lost = existed and judged.verdict is Verdict.MISSING
        if lost or (not existed and judged.verdict is Verdict.EXISTS):
            judged = self._style.synchronise([fields], updating=not existed)
        elif judged.verdict is Verdict.DOUBTFUL and not existed:
            # It may have been added: a whole state can be sent twice, and the second answer tells more.
            judged = self._style.synchronise([fields], updating=True)
        if judged.verdict is not Verdict.DOUBTFUL or not self._has(standing, fields):
            _require(judged)
        return lost

    def _has(self, standing: Standing, fields: Mapping[str, Any]) -> bool:
        """Whether the portal's copy says what we have sent, where it can be asked; words and code are at odds."""
        found = self._style.find(standing.code)
        return found is not None and all(
            str(found.get(name) or "") == fields.get(name, "") for name in ("TrangThaiHoSo", "NgayHenTra")
        )

    def _tell_steps(self, standing: Standing, claim: datetime, told: frozenset[str]) -> int:
        """Tell the steps that the portal has not confirmed, each once; a chunk whose answer is lost goes again."""
        untold = _untold(standing, told)
        for first in range(0, len(untold), mapping.CHUNK):
            chunk = untold[first : first + mapping.CHUNK]
            judged = self._style.progress([mapping.progress_row(standing, step) for step in chunk])
            if judged.verdict is not Verdict.EXISTS:
                _require(judged)
            told |= {mapping.step_digest(step) for step in chunk}
            self._synced.keep_steps(standing.code, claim, list(told))
        return len(untold)

    def _fields(self, standing: Standing) -> dict[str, Any]:
        sector = self._portal.sectors.get(standing.procedure_code)
        return mapping.dossier_fields(
            standing,
            sector=(sector.code, sector.name) if sector else None,
            fixed=self._portal.fixed,
            channel=self._portal.other_channel,
        )


class SearchablePortal(NationalPortal):
    """The style ``session``, which can be asked what it holds, and logged in to without changing anything."""

    def __init__(
        self, system: OneStopSystem, ties: Ties, database: Database, portal: Portal, style: SessionStyle, wire: Wire
    ) -> None:
        super().__init__(system, ties, database, portal, style, wire)
        self._sessions = style

    def copies(self, codes: Sequence[str]) -> dict[str, TheirCopy]:
        return {code: copy for code in codes if (copy := self._copy(code)) is not None}

    def check(self) -> str:
        with at_most(self._limit):
            self._sessions.login()
        return "the login is accepted"

    def _copy(self, code: str) -> TheirCopy | None:
        with at_most(self._limit):
            found = self._sessions.find(code)
        if found is None:
            return None
        try:
            due = mapping.read_time(str(found.get("NgayHenTra") or ""))
        except ValueError as error:
            raise OneStopError(f"Cổng DVCQG holds a time for {code} that is none: {error}") from error
        state = str(found.get("TrangThaiHoSo") or "")
        return TheirCopy(code, due, state, mapping.is_ended(state))


def _untold(standing: Standing, told: frozenset[str]) -> list[Step]:
    by_digest = {mapping.step_digest(step): step for step in standing.steps}
    return [step for digest, step in by_digest.items() if digest not in told]


def _require(judged: Judged) -> None:
    """Let only what was taken pass.

    Raises:
        OneStopError: the portal blames itself.
        _Refused: it refused, or its words of success stand beside a code of failure.
    """
    said = f"{judged.words or 'no reason given'} (error_code {judged.code})"
    if judged.verdict is Verdict.BROKEN:
        raise OneStopError(f"Cổng DVCQG: {said}")
    if judged.verdict is Verdict.DOUBTFUL:
        raise _Refused(f"its words say success and its code does not, so it does not count: {said}")
    if judged.verdict is not Verdict.TAKEN:
        raise _Refused(said)
