"""Papers that the operator loses and finds: the agency's time stands still where it runs, and nowhere else."""

from __future__ import annotations

from carriers.states import ShipmentState
from dispatch.dossiers import get_dossier
from tests.tracking.case import COLLECTED, Case, happen_unforeseen
from tracking.clock_facts import ledger_of
from tracking.deadlines.clock import ClockState
from tracking.deadlines.ledger import Ledger


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
