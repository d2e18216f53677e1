"""What goes wrong: every kind of trouble by name, and which of them strike in one run.

Whether a fault strikes at an opportunity is drawn from the seed and the opportunity's own name, and it is known by a
short id that comes from the same name. So a run can be repeated with some of its faults only, which is how a failing
story is made short.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from worker.simulation.chance import Chance
from worker.simulation.story import Story


class FaultKind(StrEnum):
    """One kind of trouble."""

    WEBHOOK_LOST = "webhook_lost"
    WEBHOOK_LATE = "webhook_late"
    WEBHOOK_TWICE = "webhook_twice"
    WEBHOOK_REORDERED = "webhook_reordered"
    WEBHOOK_FORGED = "webhook_forged"
    WEBHOOK_ASTRAY = "webhook_astray"
    WEBHOOK_FOREIGN = "webhook_foreign"
    WEBHOOK_MALFORMED = "webhook_malformed"
    EVENT_TWICE = "event_twice"
    UNKNOWN_CODE = "unknown_code"
    UNREACHABLE = "unreachable"
    TIMEOUT_BEFORE = "timeout_before"
    TIMEOUT_AFTER = "timeout_after"
    ERROR_BEFORE = "error_before"
    ERROR_AFTER = "error_after"
    ERROR_BURST = "error_burst"
    MALFORMED_ANSWER = "malformed_answer"
    THROTTLED = "throttled"
    EXPIRED_TOKEN = "expired_token"
    OPERATOR_DOWN = "operator_down"
    CLOCK_SKEW = "clock_skew"
    ONESTOP_ERROR = "onestop_error"
    ONESTOP_SILENT = "onestop_silent"
    ONESTOP_SLOW = "onestop_slow"
    ONESTOP_DOWN = "onestop_down"
    RING_LOST = "ring_lost"
    KILLED_BEFORE_COMMIT = "killed_before_commit"
    KILLED_AFTER_COMMIT = "killed_after_commit"
    KILLED_IN_CALL = "killed_in_call"
    COMMIT_FAILS = "commit_fails"
    COMMIT_UNANSWERED = "commit_unanswered"
    OTHER_WORKER = "other_worker"
    OVERSLEPT = "overslept"
    CALENDAR_CHANGED = "calendar_changed"


_SHARES: dict[FaultKind, float] = {
    FaultKind.WEBHOOK_LOST: 0.06,
    FaultKind.WEBHOOK_LATE: 0.08,
    FaultKind.WEBHOOK_TWICE: 0.08,
    FaultKind.WEBHOOK_REORDERED: 0.15,
    FaultKind.WEBHOOK_FORGED: 0.05,
    FaultKind.WEBHOOK_ASTRAY: 0.03,
    FaultKind.WEBHOOK_FOREIGN: 0.03,
    FaultKind.WEBHOOK_MALFORMED: 0.03,
    FaultKind.EVENT_TWICE: 0.06,
    FaultKind.UNKNOWN_CODE: 0.04,
    FaultKind.UNREACHABLE: 0.02,
    FaultKind.TIMEOUT_BEFORE: 0.02,
    FaultKind.TIMEOUT_AFTER: 0.03,
    FaultKind.ERROR_BEFORE: 0.02,
    FaultKind.ERROR_AFTER: 0.02,
    FaultKind.ERROR_BURST: 0.004,
    FaultKind.MALFORMED_ANSWER: 0.01,
    FaultKind.THROTTLED: 0.015,
    FaultKind.EXPIRED_TOKEN: 0.02,
    FaultKind.OPERATOR_DOWN: 0.25,
    FaultKind.CLOCK_SKEW: 0.4,
    FaultKind.ONESTOP_ERROR: 0.04,
    FaultKind.ONESTOP_SILENT: 0.04,
    FaultKind.ONESTOP_SLOW: 0.02,
    FaultKind.ONESTOP_DOWN: 0.3,
    FaultKind.RING_LOST: 0.1,
    FaultKind.KILLED_BEFORE_COMMIT: 0.004,
    FaultKind.KILLED_AFTER_COMMIT: 0.006,
    FaultKind.KILLED_IN_CALL: 0.01,
    FaultKind.COMMIT_FAILS: 0.004,
    FaultKind.COMMIT_UNANSWERED: 0.004,
    FaultKind.OTHER_WORKER: 0.015,
    FaultKind.OVERSLEPT: 0.01,
    FaultKind.CALENDAR_CHANGED: 0.3,
}
"""How often each strikes, of the times it could; the moods of a seed make it rarer or more frequent."""

_MOODS = (0.0, 0.5, 1.0, 2.0)
"""A seed without a kind of trouble shows what a seed with all of them may hide."""


@dataclass(frozen=True, slots=True)
class Injected:
    """A fault that has struck."""

    id: str
    kind: FaultKind
    where: str
    at: datetime


class Faults:
    """The faults of one run.

    Args:
        kinds: which may strike at all.
        only: ids of those that strike, and no others; None lets chance decide.
    """

    def __init__(self, chance: Chance, kinds: Collection[FaultKind], only: frozenset[str] | None, story: Story) -> None:
        self._chance, self._kinds, self._only, self._story = chance, frozenset(kinds), only, story
        self._times: Counter[str] = Counter()
        self._moods = {kind: chance.of("mood", kind).choice(_MOODS) for kind in FaultKind}
        self.injected: list[Injected] = []
        self.over = False

    def strikes(self, kind: FaultKind, *where: object) -> bool:
        """Whether trouble of this kind strikes here; ``where`` names the opportunity, which may come again."""
        if self.over or kind not in self._kinds:
            return False
        place = f"{kind}/{'/'.join(map(str, where))}"
        self._times[place] += 1
        name = f"{place}/{self._times[place]}"
        fault = hashlib.blake2b(name.encode(), digest_size=4).hexdigest()
        if not self._drawn(kind, name, fault):
            return False
        moment = self._story.tell(f"FAULT {fault} {name}")
        self.injected.append(Injected(fault, kind, name, moment.at))
        return True

    def end(self) -> None:
        """No trouble from now on."""
        self.over = True

    def counts(self) -> dict[str, int]:
        """Return how many faults of each kind have struck."""
        return dict(sorted(Counter(fault.kind.value for fault in self.injected).items()))

    def _drawn(self, kind: FaultKind, name: str, fault: str) -> bool:
        if self._only is not None:
            return fault in self._only
        return self._chance.share(name) < _SHARES[kind] * self._moods[kind]


def kinds_of(text: str) -> list[FaultKind]:
    """Return the kinds that a comma list names; ``all`` and ``none`` are lists, too.

    Raises:
        ValueError: it names one that is not there.
    """
    if text in ("all", "none"):
        return list(FaultKind) if text == "all" else []
    return [FaultKind(name.strip()) for name in text.split(",") if name.strip()]
