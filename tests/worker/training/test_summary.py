"""What a run is judged by: each promise fails when the books say so, and the summary says what a stranger needs."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from dispatch.onestop.copy import DossierCopy
from tests.worker.training.scenes import CALENDAR, CODE, at, case, handover
from worker.training.book import Act, Refusal
from worker.training.casting import Part
from worker.training.findings import DossierFindings, Findings
from worker.training.report import print_summary
from worker.training.summary import as_document, summarise, write_summary

S1, R1 = f"{CODE}-S1", f"{CODE}-R1"
DUE = "2026-03-06T17:00:00+07:00"


def operator_order(number: str, *answers: str) -> dict[str, Any]:
    calls = [
        {"at": at(f"2026-02-11 13:{51 + n}").isoformat(), "operation": "order", "answer": answer}
        for n, answer in enumerate(answers or ("100",))
    ]
    return {"order_number": number, "live": 1, "created": 1, "calls": calls}


def shown_shipment(number: str, leg: str) -> dict[str, Any]:
    state = {"state": "delivered", "waybill": "HC1", "next_step": None, "generation": 1}
    return {"order_number": number, "leg": leg, **state}


def line(**changes: str | None) -> dict[str, Any]:
    words = {"text_vi": "Bắt đầu tính thời hạn", "text_en": "The clock starts", "rule": "start.handover"}
    source = {"legal_source": "Quyết định 45/2016/QĐ-TTg, Điều 7(4)", "calendar_version": "caobang 1"}
    return {"at": "2026-02-13T10:00:00+07:00", "to": DUE, **words, **source, **changes}


def dossier(**changes: Any) -> DossierFindings:
    deadline = {"due": DUE, "original_due": DUE, "revision": 1, "contradictions": [], "explanation": [line()]}
    moment = {"at": DUE, "source": "vnpost_ngsp", "what_vi": "đã phát", "what_en": "delivered"}
    return DossierFindings(
        **{
            "case": case(),
            "part": Part.PLAIN_BOTH,
            "shown": {
                "shipments": [shown_shipment(S1, "send"), shown_shipment(R1, "return")],
                "papers": [{"name": "Tờ khai", "holder": "citizen"}],
                "timeline": [moment],
                "deadline": deadline,
            },
            "copy": DossierCopy(
                CODE,
                due=DUE,
                revision=1,
                state="stopped",
                handovers=(handover(S1, "to_agency", "2026-02-13 10:00"),),
            ),
            "reports": {
                S1: [(at("2026-02-13 10:30"), "delivered")],
                R1: [(at("2026-03-09 10:30"), "delivered")],
            },
            "operator": {S1: operator_order(S1), R1: operator_order(R1)},
            "events": {"result_ready": Act("r", at("2026-03-06 10:00"), "dossier_event", CODE)},
            "callbacks": 9,
            **changes,
        }
    )


def findings(*dossiers: DossierFindings, **changes: Any) -> Findings:
    nothing: dict[str, Any] = dict.fromkeys(("refused", "later_refusals", "stalls", "attention"), ())
    nothing |= {name: {} for name in ("unfinished", "sprung", "onestop_faults")}
    return Findings(
        **{
            "dossiers": dossiers or (dossier(),),
            "restarts": (R1,),
            "virtual_from": at("2026-02-10 08:54"),
            "virtual_to": at("2026-03-13 15:00"),
            "seconds": 31.4,
            "callbacks": 9,
            "messages": {"result_ready": 2},
            "fed": {"carrier:vnpost-province": 4},
            "told": {},
            "inbox": {"carrier:vnpost-province": {"applied": 3, "parked": 1}, "onestop:one-stop": {"applied": 7}},
            **nothing,
            **changes,
        }
    )


def broken(found: Findings) -> set[int]:
    return {promise.number for promise in summarise(found, CALENDAR).promises if not promise.passed}


def test_a_run_in_which_all_is_well_is_good() -> None:
    summary = summarise(findings(), CALENDAR)
    assert summary.good
    assert summary.headline.startswith("1 of 1 dossiers finished")


def show(**changes: Any) -> DossierFindings:
    return dossier(shown={**dossier().shown, **changes})


def deadline(**changes: Any) -> DossierFindings:
    return show(deadline={**dossier().deadline, **changes})


second = {**operator_order(S1), "live": 2, "created": 2}
still_open = {S1: [(at("2026-02-13 09:00"), "in_transit")]}
too_soon = operator_order(S1, "throttled", "100")
too_soon["calls"][1]["at"] = too_soon["calls"][0]["at"]


@pytest.mark.parametrize(
    ("number", "made"),
    [
        (1, lambda: findings(show(shipments=[shown_shipment(S1, "send")]))),
        (1, lambda: findings(unfinished={CODE: "the result is booked"})),
        (2, lambda: findings(dossier(operator={S1: second, R1: operator_order(R1)}))),
        (3, lambda: findings(fed={"carrier:vnpost-province": 5})),
        (4, lambda: findings(dossier(reports={**dossier().reports, R1: [(at("2026-03-09 10:30"), "returned")]}))),
        (4, lambda: findings(deadline(due="2026-03-05T17:00:00+07:00"))),
        (5, lambda: findings(dossier(copy=replace(dossier().copy, due=None)))),
        (5, lambda: findings(dossier(copy=replace(dossier().copy, revision=0)))),
        (6, lambda: findings(show(papers=[{"name": "Tờ khai", "holder": "post:vnpost_ngsp"}]))),
        (6, lambda: findings(show(papers=[{"name": "Tờ khai", "holder": ""}]))),
        (7, lambda: findings(dossier(operator={S1: too_soon}))),
        (7, lambda: findings(dossier(part=Part.LOST_ORDER, operator={}))),
        (8, lambda: findings(dossier(reports={**dossier().reports, S1: [(at("2026-02-13 10:30"), "unexplained")]}))),
        (8, lambda: findings(later_refusals=(Refusal(CODE, "x/extended", {"title": "Too late"}),))),
    ],
)
def test_a_promise_that_was_broken_is_said_to_be(number: int, made: Callable[[], Findings]) -> None:
    assert number in broken(made())


def test_two_live_orders_of_one_leg_count_only_while_both_are_on_their_way() -> None:
    again = f"{CODE}-S2"
    orders = {S1: operator_order(S1), again: operator_order(again), R1: operator_order(R1)}
    assert 2 not in broken(findings(dossier(operator=orders)))
    assert 2 in broken(findings(dossier(operator=orders, reports=still_open)))


def test_an_operator_that_is_given_its_pause_is_content() -> None:
    patient = operator_order(S1, "throttled", "100")
    assert 7 not in broken(findings(dossier(operator={S1: patient, R1: operator_order(R1)})))


def test_an_unknown_code_that_staff_can_see_breaks_nothing() -> None:
    reports = {S1: [(at("2026-02-13 10:30"), "delivered"), (at("2026-02-13 11:00"), "unexplained")]}
    seen = {"kind": "unknown-code", "shipment": S1}
    assert 8 not in broken(findings(dossier(reports=reports), attention=(seen,)))


def test_the_new_date_of_an_extension_and_the_restart_of_a_supplement_are_the_true_dates() -> None:
    new_due = "2026-03-11T17:00:00+07:00"
    extended = {"extended": Act("e", at("2026-03-05 09:00"), "dossier_event", CODE, {"new_due": new_due})}
    assert 4 not in broken(findings(replace(deadline(due=new_due), events=extended)))
    completed = {"supplement_completed": Act("s", at("2026-02-26 10:00"), "dossier_event", CODE)}
    assert 4 not in broken(findings(replace(deadline(due="2026-03-12T17:00:00+07:00"), events=completed)))


def test_the_document_for_machines_says_it_all(tmp_path: Path) -> None:
    refusal = Refusal("B", "B/file", {"title": "The phone cannot be used", "next_step": "Ask for the number."})
    file = tmp_path / "new" / "summary.json"
    write_summary(summarise(findings(refused=(refusal,)), CALENDAR), file)
    document = json.loads(file.read_text())
    told, refused = document["dossiers"]
    assert told["code"] == CODE
    assert (told["part"], told["due"], told["callbacks_received"]) == ("plain_both", DUE, 9)
    assert told["live_orders_at_operator"] == 0
    assert [shipment["state"] for shipment in told["shipments"]] == ["delivered", "delivered"]
    assert refused["refused"]["next_step"] == "Ask for the number."
    assert refused.keys() == told.keys()
    assert [promise["number"] for promise in document["promises"]] == list(range(1, 9))
    assert document["restarts"] == 1
    assert document["parts"]["over_tet_2026"]["dossiers"] == [CODE]


def test_a_part_without_evidence_counts_as_not_played() -> None:
    intended = dossier(part=Part.LOST_ANSWER)
    assert "lost_answer_adopted" in as_document(summarise(findings(intended), CALENDAR))["not_played"]
    sprung = {f"timeout_after:{S1}": at("2026-02-11 13:51")}
    played = as_document(summarise(findings(intended, sprung=sprung), CALENDAR))
    assert played["parts"]["lost_answer_adopted"]["dossiers"] == [CODE]


def test_a_stranger_reads_parts_promises_refusals_timeline_and_legal_sources() -> None:
    refusal = Refusal("B", "B/file", {"title": "The phone cannot be used", "detail": "[no]", "next_step": "Ask."})
    console = Console(record=True, width=160)
    print_summary(summarise(findings(refused=(refusal,), unfinished={"C": "not filed yet"}), CALENDAR), console)
    text = console.export_text()
    for words in (
        "Plain journey: papers sent and result returned by post",
        "The operator never holds two live orders for one leg",
        "[no]",
        "Ask.",
        "Not finished: C: not filed yet",
        "đã phát",
        "Quyết định 45/2016/QĐ-TTg, Điều 7(4)",
        "in 31 seconds",
    ):
        assert words in text
