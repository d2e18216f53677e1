"""What may not be said of an incident, each refusal with its rule and its source in law. Pure."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from config.clock import local
from dispatch.parties import Party
from dispatch.problems import Problem
from tracking.deadlines.rules import RuleId, Rules
from tracking.incidents import facts as f
from tracking.incidents.deadlines import Deadlines
from tracking.incidents.fold import Incident, is_compensated, least_compensation

_CLOCK_SKEW = timedelta(hours=1)
"""How much the clocks of those who report may differ from ours: operators are among them."""


def check(incident: Incident, fact: f.Evidence | f.Reportable, last: Deadlines, rules: Rules, now: datetime) -> None:
    """Refuse a fact that cannot follow from those that are there.

    Raises:
        Problem: why not, by which rule, and what to do instead.
    """
    _check_time(incident, fact, now)
    match fact:
        case f.ComplaintFiled():
            _check_complaint(incident, fact, last.complaint, rules)
        case f.ComplaintAnswered() if incident.complaint is None:
            raise _out_of_turn("No complaint was filed that could be answered.", "complaint_filed")
        case f.Finding():
            _check_finding(incident, fact, rules)
        case f.CompensationPaid() | f.CompensationWaived():
            _check_payment(incident, fact)
        case f.ReissueDone() if fact.step not in {one.planned.step for one in incident.steps}:
            raise _out_of_turn(f"The plan has no step '{fact.step}'.", "reissue_planned")
        case f.Closed():
            _check_closing(incident, rules, now)
        case _:
            return


def _check_time(incident: Incident, fact: f.FactForm, now: datetime) -> None:
    if fact.at > now + _CLOCK_SKEW:
        raise _refused(
            "incident-fact",
            f"It is dated {fact.at.isoformat()}, and now is {local(now).isoformat()}.",
            "Report what has happened, with its time and zone.",
            "Chỉ ghi nhận việc đã xảy ra, kèm thời điểm và múi giờ.",
        )
    if incident.closed_at is not None and not isinstance(fact, f.Found):
        raise _refused(
            "incident-closed",
            f"It was closed at {local(incident.closed_at).isoformat()}.",
            "A closed incident stays closed; report a new one if something else went wrong.",
            "Sự cố đã đóng thì giữ nguyên; nếu có việc khác, lập sự cố mới.",
            status=409,
        )


def _check_complaint(incident: Incident, fact: f.ComplaintFiled, last: date | None, rules: Rules) -> None:
    if incident.complaint is not None:
        raise _said_before("complaint", incident.complaint.at)
    if last is not None and (filed_on := local(fact.at).date()) > last:
        raise _by_rule(
            rules,
            RuleId.COMPLAINT_WINDOW,
            filed_on,
            "complaint-too-late",
            f"It was filed on {filed_on:%d/%m/%Y}; the last day was {last:%d/%m/%Y}.",
            "Resolve the incident without a complaint; costs by agreement can still be recorded.",
            "Đã hết hạn khiếu nại; giải quyết sự cố theo thỏa thuận, vẫn ghi được chi phí.",
        )


def _check_finding(incident: Incident, fact: f.Finding, rules: Rules) -> None:
    if incident.finding is not None:
        raise _said_before("finding", incident.finding.at)
    on = local(fact.at).date()
    owed = is_compensated(incident.kind, fact.party_at_fault, turned_up=incident.found_at is not None)
    if owed and fact.charge_vnd is None:
        raise _by_rule(
            rules,
            RuleId.COMPENSATION_MINIMUM,
            on,
            "finding-incomplete",
            "The post is at fault, and the charge that was paid is not given.",
            "Add charge_vnd from the slip: the least compensation depends on it.",
            "Bổ sung cước đã trả (charge_vnd) ghi trên phiếu gửi.",
        )
    if fact.compensation_vnd is None:
        return
    if fact.party_at_fault is not Party.POST:
        raise _out_of_turn("Only what the post is at fault for is compensated by it.", "cost")
    if fact.acceptance_proof is None and not incident.acceptance_is_proven:
        raise _by_rule(
            rules,
            RuleId.COMPENSATION_PROOF,
            on,
            "compensation-without-proof",
            "Nothing shows that the post accepted the papers.",
            "Upload the slip as evidence that shows 'acceptance', or name it in acceptance_proof.",
            "Tải lên phiếu gửi làm chứng cứ chấp nhận, hoặc ghi số phiếu vào acceptance_proof.",
        )
    least = least_compensation(fact.charge_vnd or 0, fact, rules)
    if owed and fact.compensation_vnd < least:
        raise _by_rule(
            rules,
            RuleId.COMPENSATION_MINIMUM,
            on,
            "compensation-too-low",
            f"{fact.compensation_vnd} đồng are less than {least} đồng.",
            f"Award at least {least} đồng, or leave compensation_vnd out.",
            f"Mức bồi thường tối thiểu là {least} đồng.",
        )


def _check_payment(incident: Incident, fact: f.CompensationPaid | f.CompensationWaived) -> None:
    """What follows from no finding is neither paid nor waived; more than what follows may be paid."""
    paid = isinstance(fact, f.CompensationPaid)
    pair = (fact.payer, fact.to) if isinstance(fact, f.CompensationPaid) else (fact.debtor, fact.creditor)
    if paid and any((claim.debtor, claim.creditor) == pair for claim in incident.claims):
        return
    left = next((amount for debtor, creditor, amount in incident.outstanding if (debtor, creditor) == pair), 0)
    if not left:
        raise _out_of_turn(f"{pair[0]} owes {pair[1]} nothing that follows from a finding.", "finding")
    if fact.amount_vnd > left:
        raise _out_of_turn(f"Only {left} đồng are owed.", "compensation_waived")


def _check_closing(incident: Incident, rules: Rules, now: datetime) -> None:
    on = local(now).date()
    if incident.resolution is None:
        raise _out_of_turn("It has no resolution.", "resolved")
    if incident.outstanding:
        raise _by_rule(
            rules,
            RuleId.COMPENSATION_TERM,
            on,
            "compensation-open",
            f"{incident.outstanding_vnd} đồng that follow from the finding are neither paid nor waived.",
            "Record the payment (compensation_paid) or the waiver (compensation_waived) first.",
            "Ghi nhận đã bồi thường hoặc được miễn trước khi đóng sự cố.",
        )
    if incident.kind is f.IncidentKind.TORN and incident.inventory is None:
        raise _by_rule(
            rules,
            RuleId.DAMAGE_INVENTORY,
            on,
            "inventory-missing",
            "A torn package has no record of its inventory.",
            "Count what is inside before a witness, wrap it again and report 'inventory'.",
            "Kiểm kê, lập biên bản, gói bọc lại rồi ghi nhận (inventory).",
        )
    if incident.open_steps:
        raise _out_of_turn(f"Papers are still to be issued again: {incident.open_steps[0].step}.", "reissue_done")


def _said_before(what: str, at: datetime) -> Problem:
    return _refused(
        "incident-fact-stands",
        f"There is a {what} of {local(at).isoformat()}; it stands.",
        "What was said stands; answer it by a further fact, such as a cost or a waiver.",
        "Nội dung đã ghi nhận giữ nguyên; nếu cần, ghi nhận thêm chi phí hoặc việc miễn.",
        status=409,
    )


def _out_of_turn(detail: str, first: str) -> Problem:
    return _refused(
        "incident-out-of-turn",
        detail,
        f"Report '{first}' first, if that is what happened.",
        "Ghi nhận bước trước đó rồi thử lại.",
        status=409,
        more={"missing": first},
    )


def _by_rule(
    rules: Rules, rule: RuleId, on: date, kind: str, detail: str, next_step: str, next_step_vi: str
) -> Problem:
    law = rules.at(rule, on)
    ground = {"rule": rule.value, "legal_source": law.legal_source, "rule_vi": law.text_vi, "rule_en": law.text_en}
    return _refused(kind, detail, next_step, next_step_vi, more=ground)


def _refused(
    kind: str, detail: str, next_step: str, next_step_vi: str, *, status: int = 422, more: dict[str, str] | None = None
) -> Problem:
    title = "The incident cannot take this"
    return Problem(kind, title, detail, next_step, next_step_vi=next_step_vi, status=status, **(more or {}))
