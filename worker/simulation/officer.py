"""What officers do: take papers in at the counter, sign for post, work on dossiers, hand results out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from dispatch.orders import SAME_DAY
from worker.simulation import hard_requests, requests
from worker.simulation.load import Item
from worker.simulation.post import OTHER_AGENCY
from worker.simulation.truth import ClockAct, DossierTruth
from worker.simulation.world import World
from worker.web.handover_answers import HandoverAnswer

_SUPPLEMENT, _EXTENSION, _WITHDRAWN, _LINKED = 0.15, 0.12, 0.05, 0.08
_RESULT = [{"name": "Kết quả giải quyết thủ tục hành chính", "originals": 1, "copies": 0}]
_AT_ONCE = timedelta(minutes=70)
"""How long an officer needs for what is settled on the same day."""

_DAYS = {"working_days": 1.0, "calendar_days": 0.7, "working_hours": 0.125}


@dataclass(frozen=True)
class Count:
    """One line of a handover record, as it was counted: papers that are missing make it a rejected one."""

    item: Item
    missing: list[str] = field(default_factory=list)
    discrepancy: str | None = None


class Officers:
    """The one-stop desks of all agencies."""

    def __init__(self, world: World) -> None:
        self._world = world

    def take_at_counter(self, truth: DossierTruth) -> None:
        """The citizen brings the papers in person."""
        if truth.at_counter or truth.did("started"):
            return
        truth.at_counter = True
        at = self._world.hours.at_desk(self._world.minute() + timedelta(minutes=20))
        self._world.agenda.add(at, lambda: self._accept(truth, at))

    def sign(
        self,
        branch: str,
        direction: str,
        counts: Sequence[Count],
        then: Callable[[], None],
        *,
        agency: str | None = None,
        sealed: bool = False,
    ) -> None:
        """Count what the postman brings or takes, and sign one record for it; the moment of signing is now.

        ``agency`` is whose desk it is, where that is not the dossiers' own. ``sealed``: parcels that the agency has
        sealed itself are counted, and not what lies in them.
        """
        at, agency = self._world.minute(), agency or counts[0].item.truth.case.agency
        numbers = [count.item.number for count in counts]
        what = f"record for {' and '.join(numbers)} {direction} at the desk"

        def signed(_answer: HandoverAnswer) -> None:
            then()

        def drawn(answer: HandoverAnswer) -> None:
            lines = [requests.line(one.item.number, one.missing, one.discrepancy) for one in counts]
            self._world.insist(f"signature under the {what}", requests.sign(answer.id, at, lines), signed)

        self._world.insist(what, requests.draw(agency, branch, direction, numbers, sealed=sealed), drawn)

    def start_work(self, truth: DossierTruth, at: datetime) -> None:
        """The clock runs since ``at``: decide what becomes of the dossier."""
        code, chance, hours = truth.case.code, self._world.chance, self._world.hours
        truth.clock.append(ClockAct("started", at, self._world.now()))
        luck = chance.share("work", code)
        tomorrow = hours.after(self._world.now(), 1, time(9, 30))
        if luck < _SUPPLEMENT:
            self._world.agenda.add(tomorrow, lambda: self._ask_for_more(truth, tomorrow))
        elif luck < _SUPPLEMENT + _EXTENSION:
            self._world.agenda.add(tomorrow, lambda: self._extend(truth, tomorrow))
        elif luck < _SUPPLEMENT + _EXTENSION + _WITHDRAWN:
            self._world.agenda.add(tomorrow, lambda: self._withdraw(truth, tomorrow))
        elif luck < _SUPPLEMENT + _EXTENSION + _WITHDRAWN + _LINKED:
            self._world.agenda.add(tomorrow, lambda: self.send_on(truth, truth.case.agency, OTHER_AGENCY))
        else:
            self.finish_in_time(truth)

    def _accept(self, truth: DossierTruth, at: datetime) -> None:
        code = truth.case.code
        what = f"the desk accepts {code} at the counter"
        truth.give("submitted", at, f"agency:{truth.case.agency}")  # whatever becomes of the report

        def accepted(_answer: object) -> None:
            self.start_work(truth, at)

        self._world.insist(what, requests.event(code, "accepted", at), accepted)

    def _tell(self, truth: DossierTruth, kind: str, at: datetime, then: Callable[[], None], **more: object) -> None:
        code = truth.case.code

        def told(_answer: object) -> None:
            new_due = more.get("new_due")
            truth.clock.append(
                ClockAct(kind, at, self._world.now(), new_due if isinstance(new_due, datetime) else None)
            )
            then()

        self._world.insist(f"the desk tells of {code}: {kind}", requests.event(code, kind, at, **more), told)

    def _ask_for_more(self, truth: DossierTruth, at: datetime) -> None:
        back = self._world.hours.after(at, 3, time(10, 0))

        def asked() -> None:
            self._world.agenda.add(back, completed)

        def completed() -> None:
            self._tell(truth, "supplement_completed", back, lambda: self.finish_in_time(truth))

        self._tell(truth, "supplement_requested", at, asked, reason="Đề nghị bổ sung giấy tờ chứng minh nơi cư trú")

    def _extend(self, truth: DossierTruth, at: datetime) -> None:
        copy = self._world.onestop.copies().get(truth.case.code)
        due = datetime.fromisoformat(copy.due) if copy and copy.due else None
        if due is None or due < at + timedelta(days=4):  # too late to say so in good time
            self.finish_in_time(truth)
            return
        new_due = self._world.hours.after(due, 3, time(17, 0))
        reason = "Cần xác minh thêm hồ sơ gốc; cơ quan xin lỗi và hẹn lại ngày trả kết quả"
        self._tell(truth, "extended", at, lambda: self.finish_in_time(truth), reason=reason, new_due=new_due)

    def _withdraw(self, truth: DossierTruth, at: datetime) -> None:
        def withdrawn() -> None:
            truth.withdrawn = True

        self._tell(truth, "withdrawn", at, withdrawn)

    def send_on(self, truth: DossierTruth, agency: str, other: str) -> None:
        """Have the post carry all papers of a dossier from one agency to another."""
        code = truth.case.code
        request = hard_requests.transfer(code, agency, other, f"{code}/to/{other}")
        self._world.insist(f"{agency} sends the papers of {code} on to {other}", request)

    def finish_in_time(self, truth: DossierTruth) -> None:
        """Decide the dossier, sooner or later."""
        amount, unit = truth.case.term
        if unit == SAME_DAY:
            soon = self._world.hours.at_desk(self._world.minute() + _AT_ONCE)
            self._world.agenda.add(soon, lambda: self._finish(truth, soon))
            return
        share = self._world.chance.between(0.4, 1.2, "speed", truth.case.code)
        days = max(1, round(amount * _DAYS[unit] * share))
        at = self._world.hours.after(self._world.now(), days, time(15, 40))
        self._world.agenda.add(at, lambda: self._finish(truth, at))

    def _finish(self, truth: DossierTruth, at: datetime) -> None:
        truth.give("result", at, f"agency:{truth.case.agency}")

        def ready() -> None:
            truth.ready = True
            if not truth.case.receives:
                truth.ended = "the result waits at the desk"

        self._tell(truth, "result_ready", at, ready, result_papers=_RESULT)
