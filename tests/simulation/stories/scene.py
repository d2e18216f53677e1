"""Where a story is told: one dossier, the people around it, and everything that can be seen of it at the end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from dispatch.routing import note_price
from dispatch.shipment_queries import shipments_of
from tests.support.desk import ACCOUNT, dossier_body, order_body
from tests.support.web import new_key
from tests.tracking.case import COLLECTED, Case, local_text
from tracking.clock_facts import latest_version

Clock = tuple[str, str | None]

_PAPERS = ("Tờ khai", "Giấy tờ tùy thân")
WITH_THE_CITIZEN = dict.fromkeys(_PAPERS, "citizen")
WITH_THE_POST = dict.fromkeys(_PAPERS, "post:vnpost_ngsp")
AT_THE_AGENCY = dict.fromkeys(_PAPERS, "agency:H14.10")
RESULT_AT_THE_AGENCY = {"Kết quả": "agency:H14.10"}
ALL_WITH_THE_CITIZEN = {**WITH_THE_CITIZEN, "Kết quả": "citizen"}
FEE = "fee: citizen owes agency 25000"
"""What stays open where nobody has told of the payment at the agency's own desk."""


@dataclass
class Scene:
    """A case, and a caller of the HTTP interface for what people report there."""

    case: Case
    caller: httpx.Client

    @property
    def code(self) -> str:
        return self.case.code

    def registration(self) -> dict[str, Any]:
        """Return what the dossier was registered with."""
        return dossier_body()

    def order(self, service: str, **more: Any) -> dict[str, Any]:
        """Return the body of an order for the dossier."""
        return order_body(service, dossier=self.code, **more)

    def comes_home(self) -> None:
        """Papers go in, the result is ready, and the post has it on Thursday morning."""
        case = self.case
        case.order("both")
        case.arrives()
        case.signed(case.s1, "2026-03-02 15:30")
        case.finished("2026-03-04 10:00")
        case.desk.work()
        case.signed(case.r1, "2026-03-05 08:00", direction="to_post")
        case.reported(case.r1, COLLECTED, "2026-03-05 08:00")

    def postage(self, vnd: int) -> None:
        """Let the operator have told what it charges within the province."""
        with self.case.desk.context.database.write() as session:
            note_price(session, ACCOUNT, ("04", "04"), vnd, self.case.desk.clock.now())

    def say(self, incident: str, kind: str, when: str, **more: Any) -> Any:
        """Add a fact to an incident."""
        at = self.case.now(when).isoformat()
        body = {"type": kind, "fact_id": f"{kind}-{when}", "at": at, "by": "Hà Thị Mai", **more}
        return self.ask("POST", f"/v1/incidents/{incident}/facts", body)

    @property
    def incident(self) -> str:
        """The id of the dossier's first incident."""
        return f"{self.code}-I1"

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None, *, status: int = 200) -> Any:
        """Call the interface at the present time of the story; ``{code}`` in a path is the dossier's."""
        answer = self.caller.request(
            method, path.format(code=self.code, **self._numbers()), json=body, headers=new_key()
        )
        assert answer.status_code == status, f"{answer.status_code}: {answer.text}"
        return answer.json() if answer.content else None

    def refused(self, method: str, path: str, body: dict[str, Any], kind: str, source: str = "") -> None:
        """Call the interface and be refused, with the rule's ``source`` in the words and a next step."""
        answer = self.caller.request(
            method, path.format(code=self.code, **self._numbers()), json=body, headers=new_key()
        )
        document = answer.json()
        assert document.get("type") == f"urn:onestop-postal:problem:{kind}", document
        assert source in str(document), document
        assert document["next_step"]

    def ends(
        self,
        *,
        shipments: dict[str, str],
        papers: dict[str, str],
        clock: Clock,
        told: Sequence[str],
        tasks: Sequence[str],
        owes: Sequence[str] = (),
    ) -> None:
        """Hold the whole end of the story against what it should be.

        Args:
            shipments: the state of each leg, under the last part of its order number, such as ``S1``.
            papers: who holds each paper.
            clock: the state of the time limit, and the date in force.
            told: what the citizen was told, in that order.
            tasks: what is put before staff.
            owes: who owes whom what, such as ``fee: citizen owes agency 25000``; nothing where the books are settled.
        """
        seen = {
            "shipments": self._shipments(),
            "papers": self.case.holders(),
            "clock": self._clock(),
            "told": [said["kind"] for said in self.case.told_citizen()],
            "tasks": sorted(self.case.attention_kinds()),
            "owes": sorted(self._owes()),
        }
        wanted = {"shipments": shipments, "papers": papers, "clock": clock, "told": list(told)}
        wanted |= {"tasks": sorted(tasks), "owes": sorted(owes)}
        wrong = {part: (seen[part], wanted[part]) for part in seen if seen[part] != wanted[part]}
        assert not wrong, "\n".join(f"{part}: {was}, and not {should}" for part, (was, should) in wrong.items())

    def _shipments(self) -> dict[str, str]:
        with self.case.desk.read() as session:
            return {one.order_number.rpartition("-")[2]: one.state for one in shipments_of(session, self.code)}

    def _owes(self) -> Iterator[str]:
        for debt in self.ask("GET", "/v1/dossiers/{code}/money")["debts"]:
            yield f"{debt['ledger']}: {debt['debtor']} owes {debt['creditor']} {debt['amount_vnd']}"

    def _clock(self) -> Clock:
        with self.case.desk.read() as session:
            version = latest_version(session, self.code)
            return (version.state, local_text(version.due)) if version else ("not_started", None)

    def _numbers(self) -> dict[str, str]:
        """Names for order numbers in paths: ``{S1}``, ``{R1}``."""
        with self.case.desk.read() as session:
            return {one.order_number.rpartition("-")[2]: one.order_number for one in shipments_of(session, self.code)}
