"""Staff who put right what went wrong: they sign letters, follow incidents to their end, and see to money."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time
from typing import Any

from dispatch.problems import Problem
from worker.simulation import hard_requests
from worker.simulation.losses import make_again, send_by_post
from worker.simulation.world import World
from worker.web.apology_answers import ApologyList
from worker.web.incident_answers import IncidentAnswer, IncidentList, IncidentView
from worker.web.money_answers import DebtAnswer, MoneyAnswer

_ROUND = time(10, 20)
_SAID: dict[str, tuple[str, dict[str, Any]]] = {
    "inventory": ("inventory", {"found_inside": ["đủ giấy tờ"], "wrapped_again": True, "witness": "Nông Văn Thành"}),
    "complain": ("complaint_filed", {"what": "đề nghị bưu điện giải quyết"}),
    "answer": ("complaint_answered", {"what": "bưu điện đã trả lời"}),
    "find": (
        "finding",
        {
            "document": "BB 12/2026",
            "party_at_fault": "post",
            "charge_vnd": 30_000,
            "acceptance_proof": "phiếu gửi đã ký",
        },
    ),
    "resolve": ("resolved", {"resolution": "đã giải quyết xong với công dân"}),
    "close": ("closed", {}),
}
"""What is said of an incident when that is due next."""


class Staff:
    """Officers of all agencies, at their desks once a day."""

    def __init__(self, world: World) -> None:
        self._world = world

    def begin(self) -> None:
        """Plan the next round."""
        self._world.agenda.add(self._world.hours.next_round(self._world.now(), _ROUND), self._go_round)

    def _go_round(self) -> None:
        self._world.insist("staff read the letters to sign", hard_requests.letters(), self._sign)
        self._world.insist("staff read the open incidents", hard_requests.open_incidents(), self._move_on)
        for code in self._world.truth.dossiers:
            if self._world.truth.dossiers[code].registered:
                self._world.insist(f"staff read the books of {code}", hard_requests.books(code), self._settle)
        self.begin()

    def _sign(self, letters: ApologyList) -> None:
        """What may still be in time is left alone: nobody knows yet whether the promise is kept."""
        for letter in letters.items:
            if letter.failing != "will_be_late":
                what = f"an officer signs the apology {letter.number}"
                self._try(what, hard_requests.sign_letter(letter.id, self._world.minute()))

    def _move_on(self, found: IncidentList) -> None:
        for incident in found.incidents:
            searched_for = incident.kind == "lost" and incident.found_at is None and not self._is_gone(incident)
            if not searched_for:
                self._do_next(incident)

    def _is_gone(self, incident: IncidentAnswer) -> bool:
        """Whether the post has given up looking for the papers."""
        return incident.order_number in self._world.truth.dossiers[incident.dossier].gone

    def _do_next(self, incident: IncidentAnswer) -> None:
        due = incident.next.kind if incident.next else ""
        if due == "pay":
            owed = incident.outstanding[0]
            pays = {"amount_vnd": owed.amount_vnd, "to": owed.creditor, "payer": owed.debtor, "document": "PC 7"}
            self._say(incident.id, "compensation_paid", pays)
        elif due == "reissue":
            what, request = f"staff read {incident.id}", hard_requests.incident(incident.id)
            self._world.insist(what, request, self._issue_again)
        elif due in _SAID:
            kind, more = _SAID[due]
            self._say(incident.id, kind, more)

    def _issue_again(self, incident: IncidentView) -> None:
        """The first step of the plan that is open is done."""
        done = {fact.said["step"] for fact in incident.facts if fact.type == "reissue_done"}
        planned = (fact for fact in incident.facts if fact.type == "reissue_planned")
        step = next(step for fact in planned for step in fact.said["steps"] if step["step"] not in done)
        about, truth = incident.incident, self._world.truth.dossiers[incident.incident.dossier]
        again = make_again(self._world, truth, step["applicant"])
        more = {"step": step["step"], "fact_id": f"reissued-{step['step']}"}

        def then(answer: IncidentAnswer) -> None:
            if again == "result":
                send_by_post(self._world, truth, str(about.order_number))
            self._do_next(answer)

        self._say(about.id, "reissue_done", more, then)

    def _say(
        self,
        incident: str,
        kind: str,
        more: dict[str, Any],
        then: Callable[[IncidentAnswer], None] | None = None,
    ) -> None:
        request = hard_requests.incident_fact(incident, kind, self._world.minute(), **more)
        self._world.insist(f"staff say of {incident}: {kind}", request, then or self._do_next, _never_mind)

    def _settle(self, books: MoneyAnswer) -> None:
        """The post remits what it has collected, and pays back what was carried late; the citizen pays the agency."""
        today = self._world.now().date()
        for debt in books.debts:
            if debt.ledger == "fee" and debt.debtor == "post":
                for number, amount in _collected(books).items():
                    agency = self._world.truth.dossiers[books.dossier].case.agency
                    what = f"the post remits {amount} đồng for {number}"
                    self._try(what, hard_requests.remit(agency, number, amount, today))
            elif debt.ledger in ("fee", "postage") and not self._is_refused(debt, books.dossier):
                parties = {"ledger": debt.ledger, "debtor": debt.debtor, "creditor": debt.creditor}
                what = f"{debt.debtor} pays {debt.creditor} {debt.amount_vnd} đồng ({debt.ledger}, {books.dossier})"
                self._try(what, hard_requests.pay(books.dossier, self._world.minute(), debt.amount_vnd, **parties))

    def _is_refused(self, debt: DebtAnswer, code: str) -> bool:
        """Whether the citizen does not pay the post."""
        return debt.ledger == "postage" and debt.debtor == "citizen" and bool(self._world.truth.dossiers[code].unpaid)

    def _try(self, what: str, act: Any) -> None:
        """What comes to nothing is met again at the next round."""
        self._world.insist(what, act, refused=_never_mind)


def _collected(books: MoneyAnswer) -> dict[str, int]:
    """Return what is still to be remitted of each order."""
    open_ones: dict[str, int] = {}
    for fact in books.facts:
        if fact.ledger == "fee" and fact.order:
            sign = 1 if fact.kind == "collected" else -1 if (fact.kind, fact.debtor) == ("paid", "post") else 0
            open_ones[fact.order] = open_ones.get(fact.order, 0) + sign * fact.amount_vnd
    return {number: amount for number, amount in open_ones.items() if amount > 0}


def _never_mind(_problem: Problem) -> None:
    """Somebody else has done it meanwhile, or it is not true any more."""
