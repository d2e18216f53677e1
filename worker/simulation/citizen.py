"""What citizens do: file, order the post, change their minds, order again when papers came back."""

from __future__ import annotations

from dispatch.problems import Problem
from worker.simulation import requests
from worker.simulation.cases import Case
from worker.simulation.families import Families
from worker.simulation.truth import CITIZEN, DossierTruth
from worker.simulation.world import World
from worker.web.answers import OrderAnswer

_CANCELS, _MOVES = 0.07, 0.12
_NEW_HOME = {"text": "Tổ 12, Phường Nùng Trí Cao, tỉnh Cao Bằng", "era": "new2"}
_SOON, _LATE = 70, 240
"""Within how many hours of the order it is cancelled, if it is."""

_TRIES = 40


class Citizens:
    """All citizens."""

    def __init__(self, world: World, cases: list[Case]) -> None:
        self._world, self._families = world, Families(world, cases)

    def begin(self) -> None:
        """Let citizens file on the days that their cases say."""
        for case in self._families.first_ones():
            self._expect(case)

    def _expect(self, case: Case) -> None:
        self._world.agenda.add(case.filed_at, lambda: self._file(case))

    def order_again(self, truth: DossierTruth, number: str) -> None:
        """Papers came back: send them again as soon as the system knows that, if they are not brought in person."""
        if truth.cancels:
            return
        body = {**truth.case.order, "service": "send"}
        self._order_again(truth, body, f"{truth.case.code}/again/{number}", 0)

    def _order_again(self, truth: DossierTruth, body: dict[str, object], key: str, tries: int) -> None:
        def not_yet(problem: Problem) -> None:
            if problem.kind != "leg-alive" or tries > _TRIES:
                self._world.verdict.violated(1, f"{truth.case.code} cannot be sent again: {problem.detail}")
                return
            self._world.later(lambda: self._order_again(truth, body, key, tries + 1), hours=8)

        what = f"the citizen of {truth.case.code} sends the papers again"
        self._world.insist(what, requests.order(body, key), lambda answer: self._ordered(truth, answer), not_yet)

    def _file(self, case: Case) -> None:
        truth = self._world.truth.dossiers.setdefault(case.code, DossierTruth(case))
        truth.give("submitted", case.filed_at, CITIZEN)
        what = f"{case.code} is filed ({case.term[0]} {case.term[1]})"
        self._world.insist(what, requests.register(case.code, case.registration), lambda _: self._order(truth))

    def _order(self, truth: DossierTruth) -> None:
        case = truth.case
        truth.registered = True
        what = f"the citizen of {case.code} orders the post: {case.service} {case.order.get('carrier', 'by any')}"
        request = requests.order(case.order, f"{case.code}/first-order")

        def ordered(answer: OrderAnswer) -> None:
            self._ordered(truth, answer)
            self._go_on(truth)

        self._world.insist(what, request, ordered)

    def _go_on(self, truth: DossierTruth) -> None:
        """Whoever has more than one dossier files the next before anybody has thought of booking the first."""
        after = self._families.next_after(truth.case)
        if after is not None:
            self._file(after)
        elif truth.case.elder is not None:
            self._families.put_together(truth)

    def _ordered(self, truth: DossierTruth, answer: OrderAnswer) -> None:
        truth.order_ids.append(answer.id)
        chance, code = self._world.chance, truth.case.code
        if chance.share("cancels", code, len(truth.order_ids)) < _CANCELS:
            longest = _LATE if truth.case.elder else _SOON  # when the result of another may be there already
            hours = chance.between(0.2, longest, "cancels when", code)
            self._world.later(lambda: self._cancel(truth, answer.id), hours=hours)
        if chance.share("moves", code) < _MOVES:
            self._world.later(lambda: self._move(truth, answer.id), hours=chance.between(0.2, 300, "moves when", code))

    def _cancel(self, truth: DossierTruth, order_id: str) -> None:
        truth.cancels = True
        what = f"the citizen of {truth.case.code} cancels"
        self._world.insist(what, requests.cancel(order_id), refused=lambda _problem: None)

    def _move(self, truth: DossierTruth, order_id: str) -> None:
        what = f"the citizen of {truth.case.code} moves house"
        self._world.insist(what, requests.readdress(order_id, _NEW_HOME), refused=lambda _problem: None)
