"""The law as data: what a rule says, where it stands, from when to when, and how sure we are of it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from itertools import pairwise
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from config.calendars import Certainty
from config.errors import ConfigurationError

_PACKAGED = Path(__file__).with_name("rules.toml")


class RuleId(StrEnum):
    """Every rule that the product applies, by its id in ``rules.toml``."""

    START_HANDOVER = "start.handover"
    START_COUNTER = "start.counter"
    START_ONLINE = "start.online"
    SUPPLEMENT_REQUEST = "supplement.request_window"
    SUPPLEMENT_AT_COUNTER = "supplement.at_counter"
    SUPPLEMENT_RESTART = "restart.supplement"
    CORRECTION_REQUEST = "supplement.correction_request"
    CLOSE_SILENCE = "close.silence"
    LAST_HOUR = "start.last_hour"
    PAUSE = "pause.other"
    PAUSE_FINANCIAL = "pause.financial_duty"
    PAUSE_LOST = "pause.lost"
    EXTENSION = "extension"
    STOP_RESULT = "stop.result"
    STOP_WITHDRAWN = "stop.withdrawn"
    CORRECTION = "correction"
    TRANSFER_CUTOFF = "transfer.cutoff"
    TRANSIT = "transit.zones"
    RESULT_PICKUP = "transit.result_pickup"
    INVITATION = "invitation"
    COMPLAINT_WINDOW = "complaint.window"
    COMPLAINT_ANSWER = "complaint.answer"
    COMPENSATION_TERM = "compensation.term"
    COMPENSATION_MINIMUM = "compensation.minimum"
    COMPENSATION_PROOF = "compensation.proof"
    COMPENSATION_REISSUE = "compensation.reissue"
    DAMAGE_INVENTORY = "damage.inventory"
    CUSTODY_COUNT = "custody.count"
    INCIDENT_CARE = "incident.care"
    DELIVERY_IDENTITY = "delivery.identity"
    DELIVERY_TAKE_BACK = "delivery.take_back"
    DELIVERY_SIGNATURE = "delivery.signature"
    COUNTER_REMINDERS = "counter.reminders"
    COUNTER_RETENTION = "counter.retention"
    CHANGE_ANSWER = "change.answer"
    COUNT_OFFICE_HOURS = "count.office_hours"
    COUNT_CUTOFF = "count.cutoff"
    COUNT_WORKING_DAYS = "count.working_days"
    COUNT_WORKING_HOURS = "count.working_hours"
    COUNT_HALF_DAYS = "count.half_days"
    COUNT_CALENDAR_DAYS = "count.calendar_days"
    COUNT_SAME_DAY = "count.same_day"
    DUE_END_OF_DAY = "due.end-of-day"
    DUE_SAME_CLOCK = "due.same-clock"
    WEEKLY_REST = "calendar.weekly_rest"
    DAY_OFF = "calendar.day_off"
    MAKE_UP_DAY = "calendar.make_up_day"
    CALENDAR_CHANGED = "calendar.changed"
    APOLOGY_BEFORE_DUE = "apology.before_due"
    APOLOGY_AFTER_DUE = "apology.after_due"
    APOLOGY_TRANSIT = "apology.transit"
    APOLOGY_MISHAP = "apology.mishap"


class RuleNotInForceError(LookupError):
    """No version of a rule was in force on a day."""

    def __init__(self, rule_id: str, on: date) -> None:
        super().__init__(f"no rule '{rule_id}' was in force on {on}: correct the rule's id, or add it to rules.toml")


class Rule(BaseModel):
    """One version of a rule.

    Attributes:
        valid_to: last day in force; None while it still is.
        legal_source: the Vietnamese act and article, as it is quoted to a citizen.
        values: the rule's numbers (days, counts) and clock times, by name.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    valid_from: date
    valid_to: date | None = None
    legal_source: str
    certainty: Certainty
    text_vi: str
    text_en: str
    values: dict[str, int | time] = Field(default_factory=dict)

    def in_force(self, on: date) -> bool:
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)

    def number(self, name: str) -> int:
        """Return the number called ``name``.

        Raises:
            ConfigurationError: the rule has none of that name.
        """
        value = self.values.get(name)
        if not isinstance(value, int):
            raise ConfigurationError(f"rule '{self.id}' from {self.valid_from} needs the number '{name}' in rules.toml")
        return value

    def clock(self, name: str) -> time:
        """Return the clock time called ``name``, Vietnam local.

        Raises:
            ConfigurationError: the rule has none of that name.
        """
        value = self.values.get(name)
        if not isinstance(value, time):
            raise ConfigurationError(f"rule '{self.id}' from {self.valid_from} needs the time '{name}' in rules.toml")
        return value


@dataclass(frozen=True)
class Rules:
    """All versions of all rules, by id and oldest first."""

    versions: dict[str, tuple[Rule, ...]]

    def find(self, rule_id: str, on: date) -> Rule | None:
        """Return the version in force on ``on``, or None."""
        return next((rule for rule in self.versions.get(rule_id, ()) if rule.in_force(on)), None)

    def at(self, rule_id: str, on: date) -> Rule:
        """Return the version in force on ``on``, the (Vietnam) date of the event that is judged.

        Raises:
            RuleNotInForceError: there is none.
        """
        rule = self.find(rule_id, on)
        if rule is None:
            raise RuleNotInForceError(rule_id, on)
        return rule


class _RuleFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    rule: tuple[Rule, ...]


def load_rules(path: Path = _PACKAGED) -> Rules:
    """Read the table of rules.

    Raises:
        ConfigurationError: the file is not TOML, breaks the shape, or has two versions in force on one day.
    """
    try:
        content = _RuleFile.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"rules {path} is not valid TOML: {error}") from error
    except ValidationError as error:
        raise ConfigurationError.from_validation(f"rules {path}", error) from error
    return Rules(_by_id(content.rule))


def _by_id(rules: Iterable[Rule]) -> dict[str, tuple[Rule, ...]]:
    versions: dict[str, tuple[Rule, ...]] = {}
    for rule in sorted(rules, key=lambda rule: (rule.id, rule.valid_from)):
        versions[rule.id] = (*versions.get(rule.id, ()), rule)
    for earlier, later in (pair for same in versions.values() for pair in pairwise(same)):
        if earlier.in_force(later.valid_from):
            raise ConfigurationError(f"rule '{earlier.id}': two versions are in force on {later.valid_from}")
    return versions
