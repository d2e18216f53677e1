"""What can go wrong at a simulated operator, switched on per order or for everybody."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterable
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class Fault(StrEnum):
    """One kind of trouble. ``*_before`` and ``*_after`` say on which side of the effect it strikes.

    ``lost_webhook`` is never sent; before a ``forged_webhook`` somebody else sends the same news without the proof.
    """

    TIMEOUT_BEFORE = "timeout_before"
    TIMEOUT_AFTER = "timeout_after"
    ERROR_BEFORE = "error_before"
    ERROR_AFTER = "error_after"
    EXPIRED_TOKEN = "expired_token"
    THROTTLED = "throttled"
    MALFORMED = "malformed"
    EMPTY_PAGE = "empty_page"
    DUPLICATE_EVENTS = "duplicate_events"
    OUT_OF_ORDER = "out_of_order"
    UNKNOWN_CODES = "unknown_codes"
    ACCEPT_DUPLICATES = "accept_duplicates"
    LOST_WEBHOOK = "lost_webhook"
    FORGED_WEBHOOK = "forged_webhook"


class FaultRule(BaseModel):
    """When one fault strikes.

    Attributes:
        order: strikes orders whose number contains this (equals it, when ``exact``); empty strikes everything.
        operation: ``order``, ``cancel``, ``tracking``, ``webhook``, ``price``, … or ``token``; None strikes all.
        times: how often it strikes before it is over; None for ever.
        share: chance to strike, drawn from the plan's seed.
        seconds: length of a time-out (0 cuts the connection instead), or what ``Retry-After`` asks for.
    """

    model_config = ConfigDict(extra="forbid")

    fault: Fault
    order: str = ""
    exact: bool = False
    operation: str | None = None
    times: int | None = Field(default=None, ge=0)
    share: float = Field(default=1.0, ge=0, le=1)
    seconds: float = Field(default=5.0, ge=0)

    def concerns(self, operation: str, order_number: str) -> bool:
        """Whether this rule is about such a call at all."""
        if self.times == 0 or self.operation not in (None, operation):
            return False
        return order_number == self.order if self.exact else self.order in order_number


class FaultPlan:
    """The rules in force. Thread-safe; the same seed and calls bring the same faults."""

    def __init__(self, rules: Iterable[FaultRule] = (), *, seed: int = 0) -> None:
        self._lock = threading.Lock()
        self._rules = list(rules)
        self.random = random.Random(seed)

    @property
    def rules(self) -> list[FaultRule]:
        with self._lock:
            return [rule.model_copy() for rule in self._rules]

    def replace(self, rules: Iterable[FaultRule]) -> None:
        """Put ``rules`` in place of all others; none ends all trouble."""
        with self._lock:
            self._rules = [rule.model_copy() for rule in rules]

    def strike(self, fault: Fault, operation: str, order_number: str = "") -> FaultRule | None:
        """Return the rule by which ``fault`` strikes this call, counting it, or None."""
        with self._lock:
            for rule in self._rules:
                if rule.fault is fault and rule.concerns(operation, order_number) and self._drawn(rule):
                    rule.times = None if rule.times is None else rule.times - 1
                    return rule
            return None

    def _drawn(self, rule: FaultRule) -> bool:
        return rule.share >= 1 or self.random.random() < rule.share
