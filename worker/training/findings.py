"""What came of a run: every dossier as the system, the operator and the one-stop have it, side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from config.clock import local
from dispatch.onestop.copy import DossierCopy
from worker.training.book import Act, Refusal
from worker.training.cases import Case
from worker.training.casting import Part
from worker.training.client import dossier_path
from worker.training.world import World

_TET = (date(2026, 2, 16), date(2026, 2, 20))


@dataclass(frozen=True)
class DossierFindings:
    """One dossier that was taken.

    Attributes:
        shown: ``GET /v1/dossiers/{code}``: shipments, papers, timeline, deadline.
        copy: the one-stop's own copy.
        reports: what the postman truly reported per order number, as pairs of event time and state.
        operator: the operator's books per order number.
        events: what the one-stop told us of the dossier, by kind.
        callbacks: how many callbacks the one-stop received.
    """

    case: Case
    part: Part
    shown: dict[str, Any]
    copy: DossierCopy
    reports: Mapping[str, Sequence[tuple[datetime, str]]]
    operator: Mapping[str, dict[str, Any]]
    events: Mapping[str, Act]
    callbacks: int

    @property
    def deadline(self) -> dict[str, Any]:
        found: dict[str, Any] = self.shown["deadline"]
        return found

    @property
    def clock_started_at(self) -> datetime | None:
        """When the time limit truly began: at the counter, or with the first accepted line of a handover record."""
        if "accepted" in self.events:
            return self.events["accepted"].due_at
        signed = (h.signed_at for h in self.copy.handovers if h.direction == "to_agency" and h.accepted)
        return min(map(datetime.fromisoformat, signed), default=None)

    @property
    def over_tet(self) -> bool:
        """Whether the clock ran over Tết 2026."""
        start, result = self.clock_started_at, self.events.get("result_ready")
        return bool(start and result and local(start).date() < _TET[0] and local(result.due_at).date() > _TET[1])

    def live_at_operator(self, leg: str) -> list[str]:
        """Return the orders of a leg (``S`` or ``R``) that the operator holds live and has not brought to an end."""
        ended = {number for number, told in self.reports.items() if {"delivered", "returned"} & {s for _, s in told}}
        return [
            number
            for number, order in self.operator.items()
            if number.rpartition("-")[2].startswith(leg) and number not in ended
            for _ in range(order["live"])
        ]


@dataclass(frozen=True)
class Findings:
    """A whole run.

    Attributes:
        unfinished: what each dossier lacks that did not come to its end.
        sprung: trouble the operator made, as ``fault:order number``, with the time in the story.
        onestop_faults: how many callbacks of each dossier the one-stop failed on.
        restarts: the orders in whose booking the system was killed.
        seconds: real time.
        fed: how many lines each feed has, by the source under which the inbox keeps them.
        told: how many events the other operators told us of, by webhook or when asked, by source.
        inbox: per source and state, how many deliveries the system keeps.
    """

    dossiers: tuple[DossierFindings, ...]
    refused: tuple[Refusal, ...]
    later_refusals: tuple[Refusal, ...]
    unfinished: Mapping[str, str]
    sprung: Mapping[str, datetime]
    onestop_faults: Mapping[str, int]
    restarts: tuple[str, ...]
    stalls: tuple[str, ...]
    virtual_from: datetime
    virtual_to: datetime
    seconds: float
    callbacks: int
    messages: Mapping[str, int]
    fed: Mapping[str, int]
    told: Mapping[str, int]
    inbox: Mapping[str, Any]
    attention: tuple[dict[str, Any], ...]


def find_out(world: World, *, seconds: float) -> Findings:
    """Ask the system, the operator and the one-stop what they hold at the end of a run."""
    refusals = world.book.refusals()
    unfinished = world.stories.unfinished(world.clock.now())
    callbacks = world.onestop.deliveries.received("callbacks")
    return Findings(
        dossiers=tuple(_dossiers(world, [received.subject for received in callbacks])),
        refused=tuple(r for r in refusals if r.act.endswith("/file")),
        later_refusals=tuple(r for r in refusals if not r.act.endswith("/file")),
        unfinished=unfinished,
        sprung=world.post.sprung(),
        onestop_faults=world.onestop.deliveries.fault_hits(),
        restarts=tuple(world.book.notes("restart")),
        stalls=tuple(world.book.notes("stall")),
        virtual_from=world.plot.starts_at,
        virtual_to=world.clock.now(),
        seconds=seconds,
        callbacks=len(callbacks),
        messages=Counter(received.body["data"]["kind"] for received in world.onestop.deliveries.received("messages")),
        fed={f"carrier:{account}": count for account, count in world.post.feed_lengths().items()},
        told={
            f"carrier:{carrier.replace('_', '-')}": count for carrier, count in world.post.events_of_others().items()
        },
        inbox=world.client.get("/v1/inbox")["sources"],
        attention=tuple(world.client.get("/v1/attention")["items"]),
    )


def _dossiers(world: World, subjects: list[str]) -> list[DossierFindings]:
    operator = world.post.books()
    reports, events = _reports(world.book.done("report")), world.book.done("dossier_event")
    return [
        DossierFindings(
            case=view.case,
            part=view.part,
            shown=world.client.get(dossier_path(view.case.code)),
            copy=view.copy,
            reports=reports.get(view.case.code, {}),
            operator=operator.get(view.case.code, {}),
            events={str(act.payload["type"]): act for act in events if act.dossier == view.case.code},
            callbacks=subjects.count(view.case.code),
        )
        for view in world.stories.views(world.clock.now())
    ]


def _reports(acts: list[Act]) -> dict[str, dict[str, list[tuple[datetime, str]]]]:
    found: dict[str, dict[str, list[tuple[datetime, str]]]] = {}
    for act in acts:
        told = found.setdefault(act.dossier, {}).setdefault(act.payload["order"], [])
        told.append((datetime.fromisoformat(act.payload["at"]), act.payload["state"]))
    return found
