"""What officers do: take papers in at the counter, sign for post, work on dossiers, hand results out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta

from worker.simulation import requests
from worker.simulation.truth import ClockAct, DossierTruth
from worker.simulation.world import World
from worker.web.answers import HandoverAnswer

_SUPPLEMENT, _EXTENSION, _WITHDRAWN = 0.15, 0.12, 0.05
_RESULT = [{"name": "Kết quả giải quyết thủ tục hành chính", "originals": 1, "copies": 0}]
_DAYS = {"working_days": 1.0, "calendar_days": 0.7, "working_hours": 0.125}


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
        truth: DossierTruth,
        carrier: str,
        number: str,
        direction: str,
        missing: list[str],
        then: Callable[[], None],
    ) -> None:
        """Count what the postman brings or takes, and sign the record for it; the moment of signing is now."""
        at, case = self._world.minute(), truth.case
        what = f"record for {number} {direction} at the desk"

        def signed(_answer: HandoverAnswer) -> None:
            truth.signed[(number, direction)] = not missing
            then()

        def drawn(answer: HandoverAnswer) -> None:
            self._world.insist(f"signature under the {what}", requests.sign(answer.id, number, at, missing), signed)

        self._world.insist(what, requests.draw(case.agency, carrier, direction, number), drawn)

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
        else:
            self._finish_in_time(truth)

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
            self._tell(truth, "supplement_completed", back, lambda: self._finish_in_time(truth))

        self._tell(truth, "supplement_requested", at, asked, reason="Đề nghị bổ sung giấy tờ chứng minh nơi cư trú")

    def _extend(self, truth: DossierTruth, at: datetime) -> None:
        copy = self._world.onestop.copies().get(truth.case.code)
        due = datetime.fromisoformat(copy.due) if copy and copy.due else None
        if due is None or due < at + timedelta(days=4):  # too late to say so in good time
            self._finish_in_time(truth)
            return
        new_due = self._world.hours.after(due, 3, time(17, 0))
        reason = "Cần xác minh thêm hồ sơ gốc; cơ quan xin lỗi và hẹn lại ngày trả kết quả"
        self._tell(truth, "extended", at, lambda: self._finish_in_time(truth), reason=reason, new_due=new_due)

    def _withdraw(self, truth: DossierTruth, at: datetime) -> None:
        def withdrawn() -> None:
            truth.withdrawn = True

        self._tell(truth, "withdrawn", at, withdrawn)

    def _finish_in_time(self, truth: DossierTruth) -> None:
        amount, unit = truth.case.term
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
