"""All dossiers at once: who should do what next, and which stories have come to their end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from dispatch.onestop.copy import DossierCopy
from dispatch.onestop.simulator import OneStopSimulator
from worker.training import citizen, officer, postman
from worker.training.book import Act, WorldBook
from worker.training.cases import Case
from worker.training.post_office import PostOffice
from worker.training.view import Hours, View


class Stories:
    """Looks at every dossier through the eyes of the people around it.

    Planning goes by what is, not by what was just heard: it may be done again at any time, also after a restart.
    """

    def __init__(
        self, cases: Sequence[Case], book: WorldBook, onestop: OneStopSimulator, post: PostOffice, hours: Hours
    ) -> None:
        self.hours = hours
        self._cases, self._book, self._onestop, self._post = cases, book, onestop, post
        self._seen: dict[str, object] = {}

    def views(self, now: datetime) -> Iterator[View]:
        """Return the dossiers whose story has begun and was not refused."""
        copies, orders, begun = self._onestop.copies(), self._post.live_orders(), self._book.begun()
        refused, done = self.refused_at_filing(), self._book.done_ids()
        for case in self._cases:
            if case.code in begun and case.code not in refused:
                yield View(
                    case=case,
                    part=begun[case.code],
                    copy=copies.get(case.code, DossierCopy(case.code)),
                    done={act.removeprefix(f"{case.code}/"): at for act, at in done[case.code].items()},
                    orders=orders.get(case.code, {}),
                    now=now,
                    hours=self.hours,
                )

    def plan(self, now: datetime) -> int:
        """Write down what everybody decides to do about dossiers that changed; returns how many acts are new."""
        changed = [view for view in self.views(now) if self._has_changed(view)]
        return self._book.plan(act for view in changed for act in _reactions(view))

    def unfinished(self, now: datetime) -> dict[str, str]:
        """Return the dossiers whose story is not over, with what is missing; refused dossiers are over."""
        begun, refused = self._book.begun(), self.refused_at_filing()
        missing = {case.code: "not filed yet" for case in self._cases if case.code not in begun.keys() | refused}
        return missing | {view.case.code: what for view in self.views(now) if (what := still_missing(view))}

    def refused_at_filing(self) -> set[str]:
        """Return the codes of the dossiers that the system would not take."""
        return {refusal.dossier for refusal in self._book.refusals() if refusal.act.endswith("/file")}

    def _has_changed(self, view: View) -> bool:
        seen = (view.copy, tuple(view.done), tuple(view.orders))
        if self._seen.get(view.case.code) == seen:
            return False
        self._seen[view.case.code] = seen
        return True


def still_missing(view: View) -> str | None:
    """Return what a dossier still lacks to be finished, or None at the end of its story."""
    if view.copy.state != "stopped":
        return f"no result yet (clock {view.copy.state})"
    if view.case.service == "send":
        return None
    last = max(view.shipments("return"), key=lambda s: s.order_number, default=None)
    if last is None:
        return "the result has not been given to the post"
    if last.state == "delivered":
        return None
    if last.state == "returned":
        return None if view.copy.handover(last.order_number, "to_agency") else "the returned result is not signed for"
    return f"the result is {last.state.replace('_', ' ')}"


def _reactions(view: View) -> Iterator[Act]:
    yield from citizen.plan(view)
    yield from officer.plan(view)
    yield from postman.plan(view)
