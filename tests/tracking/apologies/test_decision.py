"""Who apologises for what, in which form and by when: the decision alone, without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.parties import Party
from tests.tracking.deadlines.offices import OFFICE
from tests.tracking.deadlines.story import asked, at, complete, extended, fact, result, start
from tracking.apologies.decision import Failing, NewDate, Owed, comes_near, decide, is_broken
from tracking.apologies.promises import Harm, Mishap, Parcel, PromisedDate, Promises, promised_dates
from tracking.deadlines import ClockFact, FactKind, RuleId, Rules, Term, Unit, WorkingTime, fold, load_rules
from tracking.deadlines.promises import Zone

THREE_DAYS = Term(3, Unit.WORKING_DAYS)
LAW = load_rules()


def told(*facts: ClockFact, now: str, late_dates: int = 0) -> list[Owed]:
    """Return what is owed at ``now`` about a dossier of three working days with these facts."""
    ledger = fold(facts, THREE_DAYS, OFFICE, LAW)
    promises = Promises(promised_dates(ledger), ledger.extensions, late_dates)
    return list(decide(promises, at(now), LAW, OFFICE))


def said(owed: list[Owed]) -> list[tuple[str, Failing]]:
    return [(one.promise, one.failing) for one in owed]


ACCEPTED = start("2026-03-02 10:00")  # due on Thursday 5 March


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-03-02 16:00", []),
        ("2026-03-03 08:00", [("result:2026-03-05", Failing.WILL_BE_LATE)]),
        ("2026-03-04 23:00", [("result:2026-03-05", Failing.WILL_BE_LATE)]),
        ("2026-03-05 18:00", [("result:2026-03-05", Failing.WILL_BE_LATE)]),
        ("2026-03-06 00:01", [("result:2026-03-05", Failing.LATE)]),
        ("2026-04-01 00:01", [("result:2026-03-05", Failing.LATE)]),
    ],
)
def test_form_04_before_the_due_day_and_an_apology_after_it(now: str, expected: list[tuple[str, Failing]]) -> None:
    assert said(told(ACCEPTED, now=now)) == expected


def test_form_04_is_to_be_signed_a_day_before_and_proposes_a_date() -> None:
    (owed,) = told(ACCEPTED, now="2026-03-03 08:00")
    assert (owed.debtor, owed.sign_by, owed.new_date) == (Party.AGENCY, date(2026, 3, 4), NewDate.NEEDED)
    assert owed.proposed == date(2026, 3, 10)
    assert "03/2025/TT-VPCP" in owed.legal_source
    assert not is_broken(owed)


def test_over_tet_the_last_day_for_form_04_is_the_last_working_day_before_it() -> None:
    (owed,) = told(start("2026-02-11 10:00"), now="2026-02-12 08:00")
    assert (owed.promised_on, owed.sign_by) == (date(2026, 2, 23), date(2026, 2, 13))


@pytest.mark.parametrize(
    ("accepted", "now", "source"),
    [
        ("2025-06-02 10:00", "2025-06-04 08:00", "61/2018/NĐ-CP, Điều 19(9)"),
        ("2025-08-04 10:00", "2025-08-06 08:00", "118/2025/NĐ-CP"),
        ("2025-10-06 10:00", "2025-10-08 08:00", "Thông tư 03/2025/TT-VPCP, Phụ lục I, mẫu 04"),
        ("2025-06-02 10:00", "2025-07-10 08:00", "61/2018/NĐ-CP, Điều 19(9)"),
        ("2025-08-04 10:00", "2025-09-10 08:00", "118/2025/NĐ-CP"),
        ("2026-03-02 10:00", "2026-03-10 08:00", "297/2025/NĐ-CP, Điều 6(5)"),
    ],
)
def test_the_law_of_the_day_says_in_which_form(accepted: str, now: str, source: str) -> None:
    (owed,) = told(start(accepted), now=now)
    assert source in owed.legal_source


def test_no_text_before_2026_lets_an_office_name_a_date_after_the_due_day() -> None:
    (then,) = told(start("2025-12-01 10:00"), now="2025-12-20 08:00")
    (today,) = told(ACCEPTED, now="2026-03-10 08:00")
    assert (then.new_date, today.new_date) == (NewDate.NONE, NewDate.ALLOWED)


@pytest.mark.parametrize("used", ["by an extension", "in an earlier apology"])
def test_a_new_date_is_set_at_most_once(used: str) -> None:
    more = [extended("2026-03-03 09:00", date(2026, 3, 10))] if used == "by an extension" else []
    late = told(ACCEPTED, *more, now="2026-03-12 08:00", late_dates=0 if more else 1)
    assert late[-1].new_date is NewDate.NONE


def test_after_an_extension_only_the_new_date_can_be_broken_and_form_04_is_used_up() -> None:
    facts = (ACCEPTED, extended("2026-03-03 09:00", date(2026, 3, 10)))
    assert told(*facts, now="2026-03-09 08:00") == []
    assert said(told(*facts, now="2026-03-11 08:00")) == [("result:2026-03-10", Failing.LATE)]


def test_an_extension_announced_too_late_saves_no_promise() -> None:
    facts = (ACCEPTED, extended("2026-03-05 09:00", date(2026, 3, 10)))
    assert said(told(*facts, now="2026-03-06 08:00")) == [("result:2026-03-05", Failing.LATE)]


@pytest.mark.parametrize(("came", "owes"), [("2026-03-05 23:00", False), ("2026-03-06 08:00", True)])
def test_a_result_on_the_due_day_is_kept_and_a_day_later_it_is_apologised_for(came: str, owes: bool) -> None:
    owed = told(ACCEPTED, result(came), now="2026-03-20 08:00")
    assert bool(owed) is owes
    assert all(one.new_date is NewDate.NONE for one in owed), "there is nothing left to promise"


def test_while_the_clock_stands_still_nothing_is_promised() -> None:
    assert told(ACCEPTED, asked("2026-03-03 09:00"), now="2026-03-20 08:00") == []


def test_a_date_that_was_let_pass_stays_broken_when_a_supplement_sets_another() -> None:
    facts = (ACCEPTED, asked("2026-03-09 09:00"), complete("2026-03-10 09:00"))
    assert said(told(*facts, now="2026-03-10 12:00")) == [("result:2026-03-05", Failing.LATE)]


def test_a_same_day_procedure_has_no_day_for_form_04() -> None:
    ledger = fold([start("2026-03-02 10:00")], Term(1, Unit.SAME_DAY), OFFICE, LAW)
    promises = Promises(promised_dates(ledger))
    assert decide(promises, at("2026-03-02 11:00"), LAW, OFFICE) == ()
    assert [one.failing for one in decide(promises, at("2026-03-03 08:00"), LAW, OFFICE)] == [Failing.LATE]


def test_a_withdrawal_before_the_due_day_breaks_nothing() -> None:
    gone = fact(FactKind.STOP, "2026-03-04 09:00", rule=RuleId.STOP_WITHDRAWN)
    assert told(ACCEPTED, gone, now="2026-03-20 08:00") == []


# --- parcels ---

S1 = "H14.10-260302-0001-S1"
PARCEL = Parcel(S1, Zone.SAME_PROVINCE, date(2026, 3, 4))


def carried(parcel: Parcel, today: str, *mishaps: Mishap) -> list[Owed]:
    promises = Promises(parcels=(parcel,), mishaps=mishaps)
    return list(decide(promises, at(f"{today} 08:00"), LAW, OFFICE))


@pytest.mark.parametrize(
    ("changes", "today", "late"),
    [
        ({}, "2026-03-04", False),
        ({}, "2026-03-05", True),
        ({"kept": True}, "2026-03-20", False),
        ({"kept": False}, "2026-03-20", True),
        ({"turned_on": date(2026, 3, 4)}, "2026-03-20", False),
        ({"turned_on": date(2026, 3, 5)}, "2026-03-20", True),
    ],
)
def test_a_parcel_beyond_its_transit_time_is_the_posts_to_explain(
    changes: dict[str, Any], today: str, late: bool
) -> None:
    owed = carried(replace(PARCEL, **changes), today)
    assert said(owed) == ([(f"transit:{S1}", Failing.CARRIED_LATE)] if late else [])
    assert all(one.debtor is Party.POST and one.new_date is NewDate.NONE for one in owed)


@pytest.mark.parametrize(
    ("zone", "by"), [(Zone.SAME_PROVINCE, date(2026, 3, 11)), (Zone.INTER_PROVINCE, date(2026, 3, 13))]
)
def test_the_post_has_the_days_of_a_complaint_for_its_answer(zone: Zone, by: date) -> None:
    (owed,) = carried(replace(PARCEL, zone=zone), "2026-03-05")
    assert owed.sign_by == by


@pytest.mark.parametrize(
    ("harm", "fault", "debtor"),
    [
        (Harm.LOST, None, Party.POST),
        (Harm.LOST, Party.AGENCY, Party.AGENCY),
        (Harm.LOST, Party.NOBODY, None),
        (Harm.LOST, Party.CITIZEN, None),
        (Harm.WRONG_DELIVERY, None, Party.POST),
        (Harm.DAMAGED, None, None),
        (Harm.DAMAGED, Party.POST, Party.POST),
    ],
)
def test_of_harm_on_the_way_the_fault_decides_and_force_majeure_is_nobodys(
    harm: Harm, fault: Party | None, debtor: Party | None
) -> None:
    mishap = Mishap(harm, S1, Zone.SAME_PROVINCE, date(2026, 3, 3), fault)
    owed = decide(Promises(mishaps=(mishap,)), at("2026-03-05 08:00"), LAW, OFFICE)
    assert [one.debtor for one in owed] == ([debtor] if debtor else [])


def test_a_lost_parcel_is_not_apologised_for_as_late_too() -> None:
    mishap = Mishap(Harm.LOST, S1, Zone.SAME_PROVINCE, date(2026, 3, 3))
    assert said(carried(PARCEL, "2026-03-20", mishap)) == [(f"lost:{S1}", Failing.LOST)]


# --- for whatever facts ---

DAYS = st.dates(date(2026, 1, 5), date(2026, 10, 30))
MOMENTS = st.builds(lambda day, hour: at(f"{day} {hour:02}:00"), DAYS, st.integers(0, 23))
DATES = st.builds(
    lambda due, before, until, by: PromisedDate(
        due, due.date() - timedelta(days=before), until and max(until, due - timedelta(days=before)), by
    ),
    MOMENTS,
    st.integers(0, 40),
    st.none() | MOMENTS,
    st.booleans(),
)
PARCELS = st.builds(
    Parcel,
    st.sampled_from([S1, f"{S1}-2", f"{S1}-3"]),
    st.sampled_from(Zone),
    DAYS,
    st.none() | st.booleans(),
    st.none() | DAYS,
)
MISHAPS = st.builds(
    Mishap,
    st.sampled_from(Harm),
    st.sampled_from([S1, f"{S1}-2"]),
    st.sampled_from(Zone),
    DAYS,
    st.none() | st.sampled_from(Party),
)
ALL = st.builds(
    Promises,
    st.lists(DATES, max_size=4).map(tuple),
    st.integers(0, 1),
    st.integers(0, 1),
    st.lists(PARCELS, max_size=3, unique_by=lambda one: one.order_number).map(tuple),
    st.lists(MISHAPS, max_size=3).map(tuple),
)


@given(ALL, MOMENTS)
def test_each_promise_is_apologised_for_at_most_once_and_in_whatever_order_facts_stand(
    promises: Promises, now: datetime
) -> None:
    owed = decide(promises, now, LAW, OFFICE)
    assert len({one.promise for one in owed}) == len(owed)
    turned = replace(promises, parcels=promises.parcels[::-1])
    assert decide(turned, now, LAW, OFFICE) == owed


@given(ALL, MOMENTS)
def test_every_broken_promise_has_a_debtor_who_can_apologise_and_a_day_by_which(
    promises: Promises, now: datetime
) -> None:
    owed = {one.promise: one for one in decide(promises, now, LAW, OFFICE)}
    for date_ in promises.dates:
        if date_.broken(now):
            assert is_broken(owed[f"result:{date_.day}"]) or any(
                other.day == date_.day and not other.broken(now) for other in promises.dates
            )
    for one in owed.values():
        assert one.debtor in (Party.AGENCY, Party.POST)
        assert one.sign_by >= one.promised_on or one.failing is Failing.WILL_BE_LATE


@given(ALL, MOMENTS, st.integers(1, 200))
def test_what_is_broken_stays_broken_when_time_alone_passes(promises: Promises, now: datetime, hours: int) -> None:
    later = now + timedelta(hours=hours)
    broken = {one.promise for one in decide(promises, now, LAW, OFFICE) if is_broken(one)}
    assert broken <= {one.promise for one in decide(promises, later, LAW, OFFICE) if is_broken(one)}


@given(MOMENTS, MOMENTS, st.integers(0, 1))
def test_what_is_looked_at_is_all_that_may_be_owed(due: datetime, now: datetime, extensions: int) -> None:
    promises = Promises((PromisedDate(due, date(2026, 1, 1)),), extensions)
    owed = decide(promises, now, LAW, OFFICE)
    if owed and vietnam_day(now) != vietnam_day(due):  # on the day itself only a letter that is there already matters
        last = owed[0].sign_by
        if is_broken(owed[0]) or vietnam_day(now) <= last:
            assert comes_near(due, extensions, now, LAW, OFFICE)


def vietnam_day(moment: datetime) -> date:
    return moment.date()


def test_the_end_of_the_calendar_keeps_no_apology_back(office: WorkingTime, law: Rules) -> None:
    last = office.calendar.last_day
    while not office.is_working_day(last):
        last -= timedelta(days=1)
    promises = Promises((PromisedDate(office.closing(last), date(2027, 12, 1)),))
    (owed,) = decide(promises, at("2028-01-03 08:00"), law, office)
    assert owed.sign_by == last
