"""The promises of the design, each held against what the operator and the one-stop truly have."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from config.calendars.model import OfficeCalendar
from worker.training.casting import Part
from worker.training.findings import DossierFindings, Findings
from worker.training.oracle import due_date, last_known_state
from worker.training.post_office import RETRY_AFTER

_PAUSE = timedelta(seconds=RETRY_AFTER)
_HOLDER = re.compile(r"citizen|agency:.+|post:.+")


@dataclass(frozen=True)
class Promise:
    """One promise, whether it was kept, and what that is based on."""

    number: int
    text: str
    passed: bool
    evidence: str


def judge(findings: Findings, calendar: OfficeCalendar) -> list[Promise]:
    """Hold every promise against the findings; a promise without a single thing to look at is not kept."""
    return [
        _judged(1, "No accepted order is lost: each is finished, or visible with its next step", _lost, findings),
        _judged(2, "The operator never holds two live orders for one leg", _doubled, findings),
        _judged(3, "Everything that operators told is in the inbox, each delivery once", _feed_gaps, findings),
        _judged(4, "States and due dates equal the true history", lambda f: _untrue(f, calendar), findings),
        _judged(5, "The one-stop's copy of every due date equals ours", _strayed_copies, findings),
        _judged(6, "Every paper has one holder, and none stays with the post", _strayed_papers, findings),
        _judged(7, "The operator's limits are kept, and it is asked again by itself", _impatience, findings),
        _judged(8, "What nobody understands is kept and shown, and nothing else suffers", _hidden_codes, findings),
    ]


Check = Callable[[Findings], Iterator[str | None]]
"""Yields None for each thing that is right, and a sentence for each that is not."""


def _judged(number: int, text: str, check: Check, findings: Findings) -> Promise:
    results = list(check(findings))
    wrong = [result for result in results if result is not None]
    evidence = "; ".join(wrong[:3]) + (f"; and {len(wrong) - 3} more" if len(wrong) > 3 else "")
    return Promise(number, text, not wrong, evidence or f"{len(results)} checked")


def _lost(findings: Findings) -> Iterator[str | None]:
    for dossier in findings.dossiers:
        legs = {shipment["leg"] for shipment in dossier.shown["shipments"]}
        wanted = {"send": {"send"}, "receive": {"return"}, "both": {"send", "return"}}[dossier.case.service]
        yield None if wanted <= legs else f"{dossier.case.code} has no shipment for {', '.join(wanted - legs)}"
        missing = findings.unfinished.get(dossier.case.code)
        visible = any(shipment["next_step"] for shipment in dossier.shown["shipments"])
        yield None if missing is None or visible else f"{dossier.case.code}: {missing}, and no next step is shown"


def _doubled(findings: Findings) -> Iterator[str | None]:
    for dossier in findings.dossiers:
        for leg in ("S", "R"):
            live = dossier.live_at_operator(leg)
            yield None if len(live) <= 1 else f"{dossier.case.code} has live orders {', '.join(live)}"
        for number, order in dossier.operator.items():
            yield None if order["created"] <= 1 else f"{number} was created {order['created']} times"


def _feed_gaps(findings: Findings) -> Iterator[str | None]:
    kept = {source: sum(states.values()) for source, states in findings.inbox.items()}
    for source, sent in findings.fed.items():
        yield from [None] * max(sent - 1, 0)
        held = kept.get(source, 0)
        yield None if held == sent else f"{source} sent {sent} lines, the inbox holds {held}"
    for source, sent in findings.told.items():
        yield from [None] * max(sent - 1, 0)
        held = kept.get(source, 0)  # more than were told: a webhook and the answer to a question are two deliveries
        yield None if held >= sent else f"{source} told of {sent} events, the inbox holds {held}"


def _untrue(findings: Findings, calendar: OfficeCalendar) -> Iterator[str | None]:
    for dossier in findings.dossiers:
        for shipment in dossier.shown["shipments"]:
            truth = last_known_state(dossier.reports.get(shipment["order_number"], ()))
            same = truth is None or truth == shipment["state"]
            yield None if same else f"{shipment['order_number']} is {truth}, shown as {shipment['state']}"
        expected, shown = _true_due(dossier, calendar), _instant(dossier.deadline["due"])
        yield None if expected == shown else f"{dossier.case.code} is due {expected}, shown as {shown}"


def _true_due(dossier: DossierFindings, calendar: OfficeCalendar) -> datetime | None:
    start = dossier.clock_started_at
    if start is None:
        return None
    if "extended" in dossier.events:
        return _instant(str(dossier.events["extended"].payload["new_due"]))
    if "supplement_completed" in dossier.events:
        start = dossier.events["supplement_completed"].due_at
    return due_date(calendar, start, dossier.case.term)


def _strayed_copies(findings: Findings) -> Iterator[str | None]:
    for dossier in findings.dossiers:
        ours = (_instant(dossier.deadline["due"]), dossier.deadline["revision"])
        theirs = (_instant(dossier.copy.due), dossier.copy.revision)
        yield None if ours == theirs else f"{dossier.case.code}: ours {ours}, the one-stop's {theirs}"


def _strayed_papers(findings: Findings) -> Iterator[str | None]:
    for dossier in findings.dossiers:
        finished = dossier.case.code not in findings.unfinished
        for paper in dossier.shown["papers"]:
            known = _HOLDER.fullmatch(paper["holder"]) and not (finished and paper["holder"].startswith("post:"))
            yield None if known else f"{dossier.case.code}: '{paper['name']}' is with {paper['holder']}"


def _impatience(findings: Findings) -> Iterator[str | None]:
    for dossier in findings.dossiers:
        for number, order in dossier.operator.items():
            calls = [call for call in order["calls"] if call["operation"] == "order"]
            for call, next_call in pairwise(calls):
                if call["answer"] == "throttled":
                    waited = datetime.fromisoformat(next_call["at"]) - datetime.fromisoformat(call["at"])
                    yield None if waited >= _PAUSE else f"{number}: told to wait, came again after {waited}"
        if dossier.part in (Part.THROTTLED, Part.OPERATOR_ERROR, Part.LOST_ORDER):
            number = dossier.case.first_order
            held = dossier.operator.get(number, {}).get("created") == 1
            yield None if held else f"{number} was not booked again after the operator's trouble"


def _hidden_codes(findings: Findings) -> Iterator[str | None]:
    shown = {item["shipment"] for item in findings.attention if item["kind"] == "unknown-code"}
    for dossier in findings.dossiers:
        for number, reports in dossier.reports.items():
            if any(state == "unexplained" for _, state in reports):
                yield None if number in shown else f"{number} had an unknown code that is not shown"
    for refusal in findings.later_refusals:
        yield f"{refusal.act} was refused: {refusal.problem.get('title')}: {refusal.problem.get('detail')}"


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
