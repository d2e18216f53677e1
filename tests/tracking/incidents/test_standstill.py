"""A loss that a person reports does to the agency's time what the operator's own report of it does."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations

import pytest

from carriers.states import ShipmentState
from dispatch.dossiers import get_dossier
from tests.tracking.case import COLLECTED, Case, local_text
from tests.tracking.incidents.test_incidents import all_of, collected, happens_to_papers, noticed, only, says
from tracking.clock_facts import ledger_of
from tracking.deadlines.clock import ClockState
from tracking.deadlines.ledger import Ledger

LOST = "2026-03-03 09:00"
FOUND = "2026-03-10 09:00"


def clock(case: Case) -> Ledger:
    with case.desk.read() as session:
        return ledger_of(session, case.desk.office, get_dossier(session, case.code))


@pytest.mark.parametrize("kind", ["lost", "strayed"])
def test_papers_that_staff_report_lost_freeze_the_dossier_and_everybody_is_told(case: Case, kind: str) -> None:
    collected(case)
    one = noticed(case, kind, LOST, what="không còn bì trong túi thư")
    assert (clock(case).state, case.due) == (ClockState.SUSPENDED, None)
    assert [step.papers for step in one.incident.open_steps] == [["Tờ khai"], ["Giấy tờ tùy thân"]]
    (told,) = case.told_citizen("papers_reported_lost")
    assert "thời hạn giải quyết tạm dừng" in told["text_vi"]
    assert [said["kind"] for said in case.told_onestop("postal.attention_needed")] == ["incident-open"]
    assert case.told_onestop("dossier.due_date_changed")[-1]["state"] == "suspended"
    assert set(case.attention_kinds()) >= {"clock-frozen", "incident-open"}


def test_the_same_report_again_freezes_nothing_twice(case: Case) -> None:
    collected(case)
    noticed(case, "lost", LOST)
    before = case.facts()
    noticed(case, "lost", LOST)
    assert case.facts() == before
    assert len(case.told_citizen("papers_reported_lost")) == 1


@pytest.mark.parametrize("order", list(permutations(("lost", "signed"))))
def test_papers_that_staff_find_again_let_the_clock_go_on_whatever_was_heard_of_first(
    case: Case, order: tuple[str, ...]
) -> None:
    collected(case, signed=False)
    case.now("2026-03-10 10:00")
    acts: dict[str, Callable[[], object]] = {
        "signed": lambda: case.signed(case.s1, "2026-03-02 15:00"),
        "lost": lambda: noticed(case, "lost", LOST),
    }
    for name in order:
        acts[name]()
    assert clock(case).state is ClockState.SUSPENDED
    says(case, FOUND, "found", what="tìm thấy ở bưu cục bên cạnh")
    ledger = clock(case)
    assert (ledger.state, local_text(ledger.current_due)) == (ClockState.RUNNING, "2026-03-12 17:00")
    assert ledger.contradictions == ()
    assert len(case.told_citizen("papers_found")) == 1


def test_a_find_that_was_a_mistake_freezes_the_dossier_from_the_loss_on(case: Case) -> None:
    collected(case)
    noticed(case, "lost", LOST)
    says(case, FOUND, "found", what="tìm thấy một bì")
    says(case, "2026-03-11 09:00", "found", found=False, what="là bì của người khác")
    ledger = clock(case)
    assert (ledger.state, local_text(ledger.standstill.fact.at if ledger.standstill else None)) == (
        ClockState.SUSPENDED,
        LOST,
    )
    says(case, "2026-03-12 09:00", "found", what="tìm thấy thật")
    assert clock(case).state is ClockState.RUNNING


def test_papers_that_were_there_all_the_time_have_frozen_nothing(case: Case) -> None:
    collected(case)
    due = case.due
    noticed(case, "lost", LOST)
    says(case, "2026-03-03 08:00", "found", what="nằm ở quầy bên cạnh từ trước")
    assert (clock(case).state, case.due) == (ClockState.RUNNING, due)


def test_restored_papers_let_the_clock_go_on(case: Case) -> None:
    collected(case)
    noticed(case, "lost", LOST)
    case.happens("papers_restored", FOUND)
    assert clock(case).state is ClockState.RUNNING
    assert only(case).incident.open_steps == ()


def test_what_the_operator_lost_a_person_may_find(case: Case) -> None:
    collected(case)
    happens_to_papers(case, ShipmentState.LOST, LOST)
    says(case, FOUND, "found", what="bưu tá mang đến quầy")
    assert (clock(case).state, case.due) == (ClockState.RUNNING, "2026-03-12 17:00")


def test_the_operators_report_after_that_of_staff_freezes_nothing_anew(case: Case) -> None:
    collected(case)
    noticed(case, "lost", LOST)
    happens_to_papers(case, ShipmentState.LOST, "2026-03-04 09:00")
    assert len(all_of(case)) == 2
    happens_to_papers(case, ShipmentState.IN_TRANSIT, FOUND)
    ledger = clock(case)
    assert (ledger.state, ledger.contradictions) == (ClockState.RUNNING, ())


def test_what_lies_lost_at_the_agency_is_not_the_posts_loss_and_its_time_runs_on(case: Case) -> None:
    collected(case)
    due = case.due
    noticed(case, "lost", LOST, order_number=None)
    assert (clock(case).state, case.due) == (ClockState.RUNNING, due)
    assert len(case.told_citizen("incident_opened")) == 1


def test_a_loss_on_the_way_in_starts_nothing_and_plans_what_the_post_had(case: Case) -> None:
    case.order("send")
    case.reported(case.s1, COLLECTED, "2026-03-02 09:00")
    one = noticed(case, "lost", LOST, order_number=None)
    assert clock(case).state is ClockState.NOT_STARTED
    assert [step.papers for step in one.incident.open_steps] == [["Tờ khai"], ["Giấy tờ tùy thân"]]
    assert len(case.told_citizen("papers_reported_lost")) == 1
