"""Papers that the operator loses and finds: the agency's time stands still where it runs, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations

import pytest

from carriers.states import ShipmentState
from dispatch.dossiers import get_dossier
from tests.tracking.case import COLLECTED, Case, happen_unforeseen, local_text
from tracking.clock_facts import ledger_of
from tracking.deadlines.clock import ClockState
from tracking.deadlines.ledger import Ledger
from tracking.deadlines.rules import RuleId


def clock(case: Case) -> Ledger:
    with case.desk.read() as session:
        return ledger_of(session, case.desk.office, get_dossier(session, case.code))


def lose(case: Case, when: str) -> None:
    with case.desk.context.database.write() as session:
        happen_unforeseen(session, case, ShipmentState.LOST, when)


def find(case: Case, when: str) -> None:
    with case.desk.context.database.write() as session:
        happen_unforeseen(session, case, ShipmentState.IN_TRANSIT, when)


def test_papers_lost_on_their_way_in_start_nothing_and_freeze_nothing(case: Case) -> None:
    case.order("send")
    case.reported(case.s1, COLLECTED, "2026-03-02 09:00")
    lose(case, "2026-03-03 09:00")
    assert clock(case).state is ClockState.NOT_STARTED
    assert [told["kind"] for told in case.told_citizen("papers_lost")] == ["papers_lost"]


def test_papers_lost_while_the_agencys_time_runs_stop_it_until_they_are_found(case: Case) -> None:
    case.order("send")
    case.reported(case.s1, COLLECTED, "2026-03-02 09:00")
    case.signed(case.s1, "2026-03-02 15:00")
    lose(case, "2026-03-03 09:00")
    frozen = clock(case)
    find(case, "2026-03-10 09:00")
    thawed = clock(case)
    assert (frozen.state, frozen.current_due) == (ClockState.SUSPENDED, None)
    assert (thawed.state, thawed.current_due is not None) == (ClockState.RUNNING, True)
    assert thawed.current_due is not None
    assert thawed.original_due is not None
    assert thawed.current_due > thawed.original_due
    assert thawed.contradictions == ()


@pytest.mark.parametrize("order", list(permutations(("lost", "found", "signed"))))
def test_whatever_is_heard_of_first_the_clock_stood_still_from_the_loss_to_the_find(
    case: Case, order: tuple[str, ...]
) -> None:
    case.order("send")
    case.reported(case.s1, COLLECTED, "2026-03-02 09:00")
    case.now("2026-03-10 10:00")
    acts: dict[str, Callable[[], object]] = {
        "signed": lambda: case.signed(case.s1, "2026-03-02 15:00"),
        "lost": lambda: lose(case, "2026-03-03 09:00"),
        "found": lambda: find(case, "2026-03-10 09:00"),
    }
    for name in order:
        acts[name]()
    ledger = clock(case)
    assert (ledger.state, local_text(ledger.current_due)) == (ClockState.RUNNING, "2026-03-12 17:00")
    assert ledger.contradictions == ()


def test_an_earlier_loss_that_is_heard_of_late_takes_the_place_of_the_one_known(case: Case) -> None:
    case.order("send")
    case.reported(case.s1, COLLECTED, "2026-03-02 09:00")
    case.signed(case.s1, "2026-03-02 15:00")
    lose(case, "2026-03-04 09:00")
    lose(case, "2026-03-03 09:00")
    assert standing(case) == [("suspend", "2026-03-03 09:00")]
    find(case, "2026-03-03 15:00")  # so it was lost twice after all
    assert standing(case) == [
        ("suspend", "2026-03-03 09:00"),
        ("resume", "2026-03-03 15:00"),
        ("suspend", "2026-03-04 09:00"),
    ]


def standing(case: Case) -> list[tuple[str, str | None]]:
    """Return the losses and finds that count, by the ledger."""
    lines = [line for line in clock(case).lines if line.fact.rule == RuleId.PAUSE_LOST and line.voided_by is None]
    return [(line.fact.kind.value, local_text(line.fact.at)) for line in lines]


def test_damaged_papers_stop_the_clock_until_they_are_made_again(case: Case) -> None:
    case.happens("accepted", "2026-03-02 10:00")
    case.happens("papers_damaged", "2026-03-03 10:00", reason="kho bị dột")
    assert (clock(case).state, case.due) == (ClockState.SUSPENDED, None)
    assert "kho bị dột" in case.told_citizen("papers_damaged")[0]["text_vi"]
    case.happens("papers_restored", "2026-03-06 10:00")
    assert case.due == "2026-03-10 17:00"
    assert "10/03/2026" in case.told_citizen("due_changed")[0]["text_vi"]


def test_damage_before_the_acceptance_is_noted_and_stops_nothing(case: Case) -> None:
    applied = case.happens("papers_damaged", "2026-03-02 09:00", reason="rách bì")
    assert applied.contradiction is None
    case.happens("papers_restored", "2026-03-02 09:30")
    case.happens("accepted", "2026-03-02 10:00")
    assert case.due == "2026-03-05 17:00"
