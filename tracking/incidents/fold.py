"""The state of an incident: a pure fold over its facts in event time, whatever the order in which they came in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from config.clock import local
from dispatch.parties import Party
from tracking.deadlines.rules import RuleId, Rules
from tracking.incidents import facts as f

Kind = TypeVar("Kind", bound=f.FactForm)


@dataclass(frozen=True, slots=True)
class Stated:
    """A fact and the moment at which it was written down."""

    form: f.Said
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Claim:
    """What one party owes another because of the incident; ``fact_id`` is the cost or finding that it comes from."""

    fact_id: str
    debtor: Party
    creditor: Party
    amount_vnd: int
    rule: RuleId


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the re-issue plan; ``done_at`` is None while it is open."""

    planned: f.ReissueStep
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class Incident:
    """An incident as its facts make it.

    Attributes:
        owner: who looks after it; there is always somebody.
        found_at: when the papers turned up, if they have.
        claims: what is owed because of it; nothing before the finding.
        balances: debtor, creditor and what is left of the claims between them; less than nothing where more was paid.
        last_at: when something was last heard of it.
    """

    opened: f.Opened
    owner: str
    last_at: datetime
    evidence: tuple[f.Evidence, ...] = ()
    inventory: f.Inventory | None = None
    costs: tuple[f.Cost, ...] = ()
    complaint: f.ComplaintFiled | None = None
    answer: f.ComplaintAnswered | None = None
    finding: f.Finding | None = None
    steps: tuple[Step, ...] = ()
    found_at: datetime | None = None
    resolution: f.Resolved | None = None
    closed_at: datetime | None = None
    claims: tuple[Claim, ...] = ()
    balances: tuple[tuple[Party, Party, int], ...] = ()

    @property
    def outstanding(self) -> tuple[tuple[Party, Party, int], ...]:
        """What is neither paid nor waived."""
        return tuple(one for one in self.balances if one[2] > 0)

    @property
    def kind(self) -> f.IncidentKind:
        return self.opened.kind

    @property
    def acceptance_is_proven(self) -> bool:
        """Whether it can be shown that the post accepted the papers: without that there is no compensation."""
        named = self.finding is not None and self.finding.acceptance_proof is not None
        return named or any(one.shows == "acceptance" for one in self.evidence)

    @property
    def outstanding_vnd(self) -> int:
        return sum(amount for _, _, amount in self.outstanding)

    @property
    def open_steps(self) -> tuple[f.ReissueStep, ...]:
        """What is still to be issued again; nothing where the papers themselves have turned up."""
        return () if self.found_at else tuple(one.planned for one in self.steps if one.done_at is None)


def fold(stated: Iterable[Stated], rules: Rules) -> Incident:
    """Return the incident that the facts tell; one of them says that it was opened."""
    ordered = sorted(stated, key=lambda one: (one.form.at, one.recorded_at, one.form.fact_id))
    said = [one.form for one in ordered]
    opened = next(fact for fact in said if isinstance(fact, f.Opened))
    owners = [fact.owner for fact in said if isinstance(fact, f.OwnerAssigned)]
    finds = [fact for fact in said if isinstance(fact, f.Found)]
    evidence = tuple(fact for fact in said if isinstance(fact, f.Evidence))
    costs = tuple(fact for fact in said if isinstance(fact, f.Cost))
    finding = _last(said, f.Finding)
    found_at = finds[-1].at if finds and finds[-1].found else None
    late = _turned_up_before_the_finding(ordered)
    claims = _claims(opened.kind, evidence, costs, finding, turned_up=late, rules=rules)
    closed = _last(said, f.Closed)
    return Incident(
        opened=opened,
        owner=owners[-1] if owners else opened.owner,
        last_at=ordered[-1].form.at,
        evidence=evidence,
        inventory=_last(said, f.Inventory),
        costs=costs,
        complaint=_last(said, f.ComplaintFiled),
        answer=_last(said, f.ComplaintAnswered),
        finding=finding,
        steps=_steps(said),
        found_at=found_at,
        resolution=_last(said, f.Resolved),
        closed_at=closed.at if closed else None,
        claims=claims,
        balances=_balances(said, claims),
    )


def least_compensation(charge_vnd: int, finding: f.Finding, rules: Rules) -> int:
    """Return the least that is paid where the post is at fault, the refund included (NĐ 47/2011 Art. 25)."""
    rule = rules.at(RuleId.COMPENSATION_MINIMUM, local(finding.at).date())
    return rule.number("times_the_charge") * charge_vnd


def _last(said: Iterable[f.FactForm], kind: type[Kind]) -> Kind | None:
    return next((fact for fact in reversed([*said]) if isinstance(fact, kind)), None)


def _steps(said: Iterable[f.FactForm]) -> tuple[Step, ...]:
    done: dict[str, datetime] = {}
    planned: dict[str, f.ReissueStep] = {}
    for fact in said:
        if isinstance(fact, f.ReissueDone):
            done.setdefault(fact.step, fact.at)
        elif isinstance(fact, f.ReissuePlanned):
            planned |= {step.step: step for step in fact.steps}
    return tuple(Step(step, done.get(name)) for name, step in planned.items())


def _turned_up_before_the_finding(ordered: Iterable[Stated]) -> bool:
    """Whether the papers were there again by what was known when the finding was made; what is heard later is later."""
    ordered = list(ordered)
    made = next((one.recorded_at for one in reversed(ordered) if isinstance(one.form, f.Finding)), None)
    known = [one.form for one in ordered if made is not None and one.recorded_at <= made]
    finds = [fact for fact in known if isinstance(fact, f.Found)]
    return bool(finds) and finds[-1].found


def _claims(
    kind: f.IncidentKind,
    evidence: tuple[f.Evidence, ...],
    costs: tuple[f.Cost, ...],
    finding: f.Finding | None,
    *,
    turned_up: bool,
    rules: Rules,
) -> tuple[Claim, ...]:
    """Say who owes what to whom: every cost to who bore it, and the compensation to the citizen.

    As facts are added, claims are added too, and never taken back: each is money that somebody was told of.
    """
    if finding is None:
        return ()
    claims = []
    for cost in costs:
        debtor = cost.party_at_fault or finding.party_at_fault
        if debtor not in (Party.NOBODY, cost.borne_by):
            claims.append(Claim(cost.fact_id, debtor, cost.borne_by, cost.amount_vnd, RuleId.COMPENSATION_REISSUE))
    proven = finding.acceptance_proof is not None or any(one.shows == "acceptance" for one in evidence)
    amount = finding.compensation_vnd or 0
    if not amount and proven and is_compensated(kind, finding.party_at_fault, turned_up=turned_up):
        amount = least_compensation(finding.charge_vnd or 0, finding, rules)
    if amount:
        claims.append(Claim(finding.fact_id, Party.POST, Party.CITIZEN, amount, RuleId.COMPENSATION_MINIMUM))
    return tuple(claims)


def is_compensated(kind: f.IncidentKind, at_fault: Party, *, turned_up: bool) -> bool:
    """Whether the law's least compensation follows from a finding, if acceptance is proven.

    What turned up before the finding was late and not lost, and an appointment slip is no item of the post.
    """
    return at_fault is Party.POST and not turned_up and kind is not f.IncidentKind.SLIP_LOST


def _balances(said: Iterable[f.FactForm], claims: Iterable[Claim]) -> tuple[tuple[Party, Party, int], ...]:
    left: Counter[tuple[Party, Party]] = Counter()
    for claim in claims:
        left[claim.debtor, claim.creditor] += claim.amount_vnd
    for fact in said:
        if isinstance(fact, f.CompensationPaid):
            left[fact.payer, fact.to] -= fact.amount_vnd
        elif isinstance(fact, f.CompensationWaived):
            left[fact.debtor, fact.creditor] -= fact.amount_vnd
        elif isinstance(fact, f.RefundCounted):
            left[Party.POST, Party.CITIZEN] -= fact.amount_vnd
    return tuple((debtor, creditor, amount) for (debtor, creditor), amount in sorted(left.items()) if amount)
