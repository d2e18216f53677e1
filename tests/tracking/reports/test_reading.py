"""Which dossiers a report reads: all whose clock may have run, in a few statements however many there are."""

from __future__ import annotations

from datetime import date

import pytest

from tests.support.desk import TestDesk
from tests.support.statements import statements
from tests.tracking.case import Case
from tests.tracking.conftest import ON_BOTH
from tests.tracking.reports.month import REST, March
from tracking.reports.catalogue import LAYOUTS
from tracking.reports.making import tallied
from tracking.reports.periods import Period

on_both = pytest.mark.parametrize("desk", ON_BOTH, indirect=True)
SECOND_WEEK = Period(date(2026, 3, 9), date(2026, 3, 15))


def columns(desk: TestDesk, case: Case, period: Period = SECOND_WEEK) -> set[str]:
    """Return the columns of Form II.06 in which a dossier counts, as it is asked for on 16 March or later."""
    case.now("2026-03-16 08:00")
    with tallied(desk.context, desk.office, LAYOUTS["form-ii-06"], period) as tally:
        found = [one for row in tally.figures() for one in tally.evidence(row)]
    return {one.column for one in found if one.dossier == case.code}


@on_both
def test_a_result_that_was_struck_out_before_the_period_ends_nothing(desk: TestDesk) -> None:
    case = Case.opened(desk)
    case.happens("accepted", "2026-03-02 10:00")
    case.finished("2026-03-04 10:00")
    case.happens("corrected", "2026-03-05 10:00", voids="result_ready-2", reason="Báo nhầm hồ sơ")
    assert columns(desk, case) == {"carried_over", "open_overdue"}


@on_both
def test_a_result_that_was_told_before_the_start_ends_nothing(desk: TestDesk) -> None:
    case = Case.opened(desk)
    case.finished("2026-03-02 09:00")
    case.happens("accepted", "2026-03-02 10:00")
    assert columns(desk, case) == {"carried_over", "open_overdue"}


@on_both
def test_what_ends_with_the_first_minute_of_the_period_belongs_to_it(desk: TestDesk) -> None:
    before, after = Case.opened(desk), Case.opened(desk)
    for case, when in ((before, "2026-03-08 23:59"), (after, "2026-03-09 00:00")):
        case.happens("accepted", "2026-03-02 10:00")
        case.finished(when)
    assert columns(desk, before) == set()
    assert columns(desk, after) == {"carried_over", "settled_late"}


@on_both
def test_what_is_known_only_now_counts_when_it_happened(desk: TestDesk) -> None:
    case = Case.opened(desk)
    case.now("2026-04-10 08:00")
    case.happens("accepted", "2026-03-10 10:00")
    case.finished("2026-03-12 10:00")
    assert columns(desk, case) == {"received_untold", "settled_early"}
    assert columns(desk, case, Period(date(2026, 4, 1), date(2026, 4, 30))) == set()


def test_statements_do_not_grow_with_dossiers(desk: TestDesk) -> None:
    def sent(name: str) -> int:
        with statements(desk.context.database.engine) as noted, tallied(desk.context, desk.office, LAYOUTS[name], REST):
            pass
        return len(noted)

    few = {name: sent(name) for name in LAYOUTS}
    March.lived(desk)
    assert {name: sent(name) for name in LAYOUTS} == few


def test_one_filed_online_is_told_by_its_own_rule(desk: TestDesk) -> None:
    case = Case.opened(desk, filed_through="online")
    case.happens("accepted", "2026-03-02 10:00")
    assert case.facts() == [("start", "2026-03-02 10:00", "start.online")]
    assert any("trực tuyến" in moment.what_vi for moment in case.timeline())
