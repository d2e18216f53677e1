"""Due dates by the letter of the law: working time, the ledger of a dossier's clock, and the explanation of both.

Pure: no database, no network, no clock of its own. What the rest of the product calls is named here.
"""

from tracking.deadlines.explain import DueExplanation, ExplanationLine, explain_due, explain_ledger
from tracking.deadlines.facts import ClockFact, Contradiction, FactKind
from tracking.deadlines.ledger import Ledger, LedgerLine, Verdict, fold
from tracking.deadlines.rules import Rule, RuleId, RuleNotInForceError, Rules, load_rules
from tracking.deadlines.terms import (
    DeadlineError,
    DueTime,
    InvalidAmountError,
    NaiveTimeError,
    Term,
    Unit,
    UnknownUnitError,
)
from tracking.deadlines.transitions import Caution, ClockState, Happening
from tracking.deadlines.working_time import WorkingTime

__all__ = [
    "Caution",
    "ClockFact",
    "ClockState",
    "Contradiction",
    "DeadlineError",
    "DueExplanation",
    "DueTime",
    "ExplanationLine",
    "FactKind",
    "Happening",
    "InvalidAmountError",
    "Ledger",
    "LedgerLine",
    "NaiveTimeError",
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
    "load_rules",
]
