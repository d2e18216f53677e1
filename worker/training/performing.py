"""Doing the acts: each kind of act knows whom to call. All of them may be done twice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from dispatch.onestop.deliveries import Fault
from dispatch.onestop.simulator import OneStopSimulator
from worker.training.book import Act, Refusal, WorldBook
from worker.training.cases import Case
from worker.training.casting import Part, deal, operator_for
from worker.training.client import Client, RefusedError, dossier_path
from worker.training.officer import OFFICER
from worker.training.post_office import PostOffice

POSTMAN = "Nông Văn Thành"

Batch = Sequence[Act]


class Performer:
    """Carries out acts that are due, through the system's interface or at the operator.

    A refusal by the system is an answer like any other: it is kept, and the act is done.
    """

    def __init__(
        self,
        cases: Sequence[Case],
        book: WorldBook,
        client: Client,
        onestop: OneStopSimulator,
        post: PostOffice,
        account_of: Callable[[Case], str],
        others: Sequence[str] = (),
    ) -> None:
        self._others = others
        self._cases = {case.code: case for case in cases}
        self._book, self._client, self._onestop, self._post = book, client, onestop, post
        self._account_of = account_of
        self._kinds: dict[str, Callable[[Batch], None]] = {
            "file": self._file,
            "order_again": self._order_again,
            "dossier_event": self._tell_event,
            "handover": self._hand_over,
            "report": self._report,
        }

    def perform_due(self, now: datetime) -> int:
        """Do everything that is due, lines of one handover record together; returns how many acts were done.

        Raises:
            SystemAwayError: the system does not answer; what is not crossed out is done at the next call.
        """
        due = self._book.due(now)
        for _, group in groupby(sorted(due, key=_together), key=_together):
            batch = list(group)
            try:
                self._kinds[batch[0].kind](batch)
            except RefusedError as refusal:
                for act in batch:
                    self._book.refuse(Refusal(act.dossier, act.id, refusal.problem))
            self._book.cross_out(batch, now)
        return len(due)

    def arm(self, code: str, part: Part) -> None:
        """Set the trap that belongs to a part, unless it has sprung already (a resumed run sets traps again)."""
        case = self._cases[code]
        if part is not Part.CALLBACK_ERROR:
            self._post.arm(part, case.first_order, self._account_of(case))
        elif code not in self._onestop.deliveries.fault_hits():
            self._onestop.deliveries.add_fault(Fault(kind="error", match=code, times=2))

    def _file(self, batch: Batch) -> None:
        case = self._cases[batch[0].dossier]
        self._client.put(dossier_path(case.code), case.registration)
        part = self._deal(case)
        self.arm(case.code, part)
        wish = operator_for(list(self._cases.values()), case, part, self._others)
        order = {"carrier": wish, **case.order} if wish else case.order
        self._client.post("/v1/orders", order, key=f"{case.code}/first-order")

    def _deal(self, case: Case) -> Part:
        refused = {refusal.dossier for refusal in self._book.refusals() if refusal.act.endswith("/file")}
        part = deal(list(self._cases.values()), self._book.begun(), refused)[case.code]
        self._book.begin(case.code, part)
        return part

    def _order_again(self, batch: Batch) -> None:
        case = self._cases[batch[0].dossier]
        self._client.post("/v1/orders", case.order | {"service": "send"}, key=batch[0].id)

    def _tell_event(self, batch: Batch) -> None:
        act = batch[0]
        form = dict(act.payload) | {"at": act.due_at.isoformat()}
        self._client.post(dossier_path(act.dossier, "events"), form)

    def _hand_over(self, batch: Batch) -> None:
        lines = {act.payload["order"]: act.payload for act in batch}
        agency, direction = batch[0].payload["agency"], batch[0].payload["direction"]
        expected = self._client.get("/v1/handovers/expected", agency=agency, direction=direction)["orders"]
        carriers = {line["order_number"]: line["carrier"] for line in expected if line["order_number"] in lines}
        for carrier in sorted(set(carriers.values())):
            orders = sorted(number for number, its in carriers.items() if its == carrier)
            record = {"agency": agency, "carrier": carrier, "direction": direction, "orders": orders}
            drawn_up = self._client.post("/v1/handovers", record)
            signature = {
                "signed_at": batch[0].due_at.isoformat(),
                "officer": OFFICER,
                "postman": POSTMAN,
                "lines": [_verdict(number, lines[number]) for number in orders],
            }
            self._client.post(f"/v1/handovers/{drawn_up['id']}/sign", signature)

    def _report(self, batch: Batch) -> None:
        payload = batch[0].payload
        self._post.report(payload["order"], payload["state"], datetime.fromisoformat(payload["at"]))


def _together(act: Act) -> tuple[datetime, str]:
    if act.kind == "handover":
        return act.due_at, f"handover/{act.payload['agency']}/{act.payload['direction']}"
    return act.due_at, act.id


def _verdict(number: str, line: Any) -> dict[str, Any]:
    if "missing" not in line:
        return {"order": number, "accepted": True}
    return {"order": number, "accepted": False, "reason": line["reason"], "missing_papers": line["missing"]}
