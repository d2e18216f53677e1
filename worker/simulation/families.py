"""Citizens who file several dossiers at once: what goes with what, and what they ask to have in one parcel."""

from __future__ import annotations

from dispatch.problems import Problem
from worker.simulation import hard_requests
from worker.simulation.cases import Case
from worker.simulation.truth import DossierTruth, ParcelTruth
from worker.simulation.world import World

_ASKED = {"send": 0.7, "return": 0.7}
_BY_AND_BY = 0.4
"""How often results are put together only some time later."""

_REASONS = ("parcel-too-late", "parcel-differs", "nothing-ordered")
"""Why a parcel may be refused: it was booked meanwhile, by another operator, or is not ordered any more."""


class Families:
    """Who files with whom."""

    def __init__(self, world: World, cases: list[Case]) -> None:
        self._world = world
        present = {case.code for case in cases}
        self._younger = {case.elder: case for case in cases if case.elder in present}
        self._first = [case for case in cases if case.elder not in present]

    def first_ones(self) -> list[Case]:
        """Return the dossiers that are filed by the clock; each of the others follows the one before it."""
        return self._first

    def next_after(self, case: Case) -> Case | None:
        """Return the dossier that is filed as soon as one is ordered."""
        return self._younger.get(case.code)

    def put_together(self, last: DossierTruth) -> None:
        """All of a family have been ordered: ask for the parcels that were agreed upon."""
        family, dossiers = [last], self._world.truth.dossiers
        while family[0].case.elder in dossiers and self._younger.get(family[0].case.elder) is family[0].case:
            family.insert(0, dossiers[family[0].case.elder])
        for leg, share in _ASKED.items():
            members = [one for one in family if (one.case.sends if leg == "send" else one.case.receives)]
            if len(members) > 1 and self._luck("one parcel", leg, last) < share:
                self._ask_for(leg, members, last)

    def _ask_for(self, leg: str, members: list[DossierTruth], last: DossierTruth) -> None:
        if leg == "return" and self._luck("by and by", leg, last) < _BY_AND_BY:
            hours = self._world.chance.between(1, 90, "by and by when", last.case.code)
            self._world.later(lambda: self._ask(leg, members), hours=hours)
        else:
            self._ask(leg, members)

    def _ask(self, leg: str, members: list[DossierTruth]) -> None:
        codes = [one.case.code for one in members]
        parcel = ParcelTruth(leg[0].upper(), frozenset(codes))
        self._world.truth.parcels.append(parcel)

        def formed(_answer: object) -> None:
            parcel.formed = True

        def refused(problem: Problem) -> None:
            what = f"{' and '.join(codes)} cannot go in one parcel: {problem.detail}"
            self._world.verdict.holds(1, problem.kind in _REASONS, what)

        what = f"{' and '.join(codes)} are to go in one parcel ({leg})"
        self._world.insist(what, hard_requests.put_together(codes, leg), formed, refused)

    def _luck(self, what: str, leg: str, last: DossierTruth) -> float:
        return self._world.chance.share(what, leg, last.case.code)
