"""Due dates by the letter of the law: working time, the ledger of a dossier's clock, and the explanation of both.

Pure: no database, no network, no clock of its own. What the rest of the product calls is named here.
"""

from tracking.deadlines.basis import Basis, Rest, moved, re_evaluate
from tracking.deadlines.clock import Caution, ClockState, Happening
from tracking.deadlines.day_marks import DayKind, DayMark, Moment, ledger_strip, strip
from tracking.deadlines.explain import DueExplanation, ExplanationLine, explain_due, explain_ledger
from tracking.deadlines.facts import ClockFact, Contradiction, FactKind
from tracking.deadlines.ledger import Ledger, LedgerLine, Verdict, fold
from tracking.deadlines.rules import Rule, RuleId, RuleNotInForceError, Rules, load_rules
from tracking.deadlines.strip_drawing import strip_svg
from tracking.deadlines.strip_text import strip_blocks
from tracking.deadlines.terms import (
    DeadlineError,
    DueTime,
    InvalidAmountError,
    NaiveTimeError,
    Term,
    Unit,
    UnknownUnitError,
)
from tracking.deadlines.working_time import Calendars, WorkingTime

__all__ = [
    "Basis",
    "Calendars",
    "Caution",
    "ClockFact",
    "ClockState",
    "Contradiction",
    "DayKind",
    "DayMark",
    "DeadlineError",
    "DueExplanation",
    "DueTime",
    "ExplanationLine",
    "FactKind",
    "Happening",
    "InvalidAmountError",
    "Ledger",
    "LedgerLine",
    "Moment",
    "NaiveTimeError",
    "Rest",
    "Rule",
    "RuleId",
    "RuleNotInForceError",
    "Rules",
    "Term",
    "Unit",
    "UnknownUnitError",
    "Verdict",
    "WorkingTime",
    "explain_due",
    "explain_ledger",
    "fold",
    "ledger_strip",
    "load_rules",
    "moved",
    "re_evaluate",
    "strip",
    "strip_blocks",
    "strip_svg",
]
