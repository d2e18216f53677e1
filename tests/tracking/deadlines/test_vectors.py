"""The vectors A to I of the domain facts, section 5.3, by their ids."""

from datetime import date, datetime, time, timedelta

import pytest

from tests.tracking.deadlines.story import asked, at, complete, extended, fact, result, start
from tracking.deadlines import DueTime, FactKind, Rules, Term, Unit, WorkingTime, fold
from tracking.deadlines.promises import (
    HandBack,
    Zone,
    earliest_hand_back,
    earliest_second_invitation,
    extension_window,
    invitations_satisfied,
    last_day_to_request_supplement,
    pass_on_by,
    transit_due,
)

FIFTEEN = time(15)

WORKING_DAYS = [
    ("A1", "2026-03-02 08:15", 5, "2026-03-02 08:15", "2026-03-09"),
    ("A2", "2026-02-13 10:00", 3, "2026-02-13 10:00", "2026-02-25"),
    ("A3", "2026-02-13 17:00", 3, "2026-02-13 17:00", "2026-02-25"),
    ("A6", "2026-02-14 09:00", 3, "2026-02-23 07:30", "2026-02-26"),
    ("A8", "2026-04-24 14:00", 5, "2026-04-24 14:00", "2026-05-06"),
    ("A9", "2026-04-29 16:30", 1, "2026-04-29 16:30", "2026-05-04"),
    ("A11", "2026-08-20 09:00", 3, "2026-08-20 09:00", "2026-08-24"),
    ("A13", "2026-08-28 09:00", 2, "2026-08-28 09:00", "2026-09-04"),
    ("A15", "2025-12-31 15:30", 2, "2025-12-31 15:30", "2026-01-06"),
    ("A18", "2026-11-23 10:00", 1, "2026-11-23 10:00", "2026-11-25"),
]


@pytest.mark.parametrize(("name", "event", "days", "effective", "due_day"), WORKING_DAYS)
def test_a_working_days(office: WorkingTime, name: str, event: str, days: int, effective: str, due_day: str) -> None:
    term = Term(days, Unit.WORKING_DAYS)
    assert office.effective(at(event)) == at(effective)
    assert office.due(at(event), term) == at(f"{due_day} 17:00")
    same_clock = datetime.combine(date.fromisoformat(due_day), at(effective).time(), at(effective).tzinfo)
    assert office.due(at(event), term, due_time=DueTime.SAME_CLOCK) == same_clock


@pytest.mark.parametrize(
    ("event", "hours", "due"),
    [
        ("2026-03-02 14:00", 8, "2026-03-03 14:30"),
        ("2026-02-13 16:00", 2, "2026-02-23 08:30"),
        ("2026-03-03 08:10", 4, "2026-03-03 14:10"),
        ("2026-03-03 12:15", 2, "2026-03-03 15:30"),
    ],
)
def test_b_working_hours(office: WorkingTime, event: str, hours: int, due: str) -> None:
    assert office.due(at(event), Term(hours, Unit.WORKING_HOURS)) == at(due)


@pytest.mark.parametrize(
    ("event", "due_day"),
    [("2026-03-03 14:55", "2026-03-03"), ("2026-03-03 15:00", "2026-03-03"), ("2026-03-03 15:01", "2026-03-04")],
)
def test_c_same_day_with_a_strict_cutoff(office: WorkingTime, event: str, due_day: str) -> None:
    assert office.due(at(event), Term(1, Unit.SAME_DAY), cutoff=FIFTEEN) == at(f"{due_day} 17:00")


def test_c_working_days_with_and_without_cutoff(office: WorkingTime) -> None:
    event, term = at("2026-03-03 15:01"), Term(3, Unit.WORKING_DAYS)
    assert office.effective(event, FIFTEEN) == at("2026-03-04 07:30")
    assert office.due(event, term, cutoff=FIFTEEN) == at("2026-03-09 17:00")
    assert office.due(event, term) == at("2026-03-06 17:00")


def test_c_transfer_to_the_unit_after_fifteen_oclock(office: WorkingTime, law: Rules) -> None:
    rule = law.at("transfer.cutoff", date(2026, 3, 3))
    assert office.effective(at("2026-03-03 15:01"), rule.clock("after")) == at("2026-03-04 07:30")


@pytest.mark.parametrize(
    ("taken_in", "by"),
    [
        ("2026-03-03 14:55", "2026-03-03 17:00"),
        ("2026-03-03 15:00", "2026-03-03 17:00"),
        ("2026-03-03 15:01", "2026-03-04 07:30"),
        ("2026-02-13 16:00", "2026-02-23 07:30"),
        ("2026-03-07 16:00", "2026-03-09 17:00"),
    ],
)
def test_c_what_is_taken_in_after_fifteen_oclock_goes_to_the_unit_next_morning(
    office: WorkingTime, law: Rules, taken_in: str, by: str
) -> None:
    assert pass_on_by(at(taken_in), law, office) == at(by)


@pytest.mark.parametrize(
    ("event", "days", "due_day"), [("2026-04-16 09:00", 15, "2026-05-04"), ("2026-03-02 09:00", 10, "2026-03-12")]
)
def test_d_calendar_days(office: WorkingTime, event: str, days: int, due_day: str) -> None:
    assert office.due(at(event), Term(days, Unit.CALENDAR_DAYS)) == at(f"{due_day} 17:00")


@pytest.mark.parametrize(
    ("accepted", "zone", "with_slip", "latest"),
    [
        (date(2026, 2, 13), Zone.SAME_AREA, False, date(2026, 2, 23)),
        (date(2026, 2, 13), Zone.SAME_AREA, True, date(2026, 2, 24)),
        (date(2026, 2, 13), Zone.SAME_PROVINCE, False, date(2026, 2, 24)),
        (date(2026, 8, 28), Zone.SAME_PROVINCE, False, date(2026, 9, 4)),
        (date(2026, 3, 2), Zone.SAME_PROVINCE, True, date(2026, 3, 6)),
        (date(2026, 3, 2), Zone.SPECIAL_CITIES, False, date(2026, 3, 5)),
        (date(2026, 3, 2), Zone.SPECIAL_CITIES, True, date(2026, 3, 10)),
        (date(2026, 3, 2), Zone.INTER_PROVINCE, False, date(2026, 3, 6)),
        (date(2026, 3, 2), Zone.INTER_PROVINCE, True, date(2026, 3, 12)),
    ],
)
def test_e_transit_promise(
    office: WorkingTime, law: Rules, accepted: date, zone: Zone, with_slip: bool, latest: date
) -> None:
    assert transit_due(accepted, zone, with_slip, law, office) == latest


def test_f_the_clock_starts_at_the_handover_and_not_at_pickup(office: WorkingTime, law: Rules) -> None:
    assert transit_due(date(2026, 2, 13), Zone.SAME_AREA, False, law, office) == date(2026, 2, 23)
    ledger = fold([start("2026-02-23 14:20")], Term(5, Unit.WORKING_DAYS), office, law)
    assert ledger.current_due == at("2026-03-02 17:00")
    assert ledger.lines[0].legal_source == "Quyết định 45/2016/QĐ-TTg, Điều 7(4)"


def test_g_a_supplement_restarts_the_whole_term(office: WorkingTime, law: Rules) -> None:
    term = Term(10, Unit.WORKING_DAYS)
    facts = [start("2026-03-02 08:15"), asked("2026-03-04 10:00"), complete("2026-03-10 09:00")]
    assert fold(facts[:1], term, office, law).current_due == at("2026-03-16 17:00")
    assert fold(facts, term, office, law).current_due == at("2026-03-24 17:00")
    last = last_day_to_request_supplement(date(2026, 3, 2), date(2026, 3, 4), law, office)
    assert last == date(2026, 3, 5)


def test_g_a_pause_keeps_the_eight_days_that_were_left(office: WorkingTime, law: Rules) -> None:
    facts = [
        start("2026-03-02 08:15"),
        fact(FactKind.SUSPEND, "2026-03-04 10:00"),
        fact(FactKind.RESUME, "2026-03-10 09:00"),
    ]
    assert fold(facts, Term(10, Unit.WORKING_DAYS), office, law).current_due == at("2026-03-20 17:00")


@pytest.mark.parametrize(
    ("due_day", "practical", "legal"),
    [
        (date(2026, 3, 13), date(2026, 3, 12), date(2026, 3, 12)),
        (date(2026, 2, 23), date(2026, 2, 13), date(2026, 2, 22)),
    ],
)
def test_h_last_day_to_announce_an_extension(
    office: WorkingTime, law: Rules, due_day: date, practical: date, legal: date
) -> None:
    window = extension_window(due_day, due_day - timedelta(days=1), law, office)
    assert (window.practical, window.legal) == (practical, legal)


def test_h_a_second_extension_is_refused(office: WorkingTime, law: Rules) -> None:
    facts = [
        start("2026-03-06 09:00"),
        extended("2026-03-12 09:00", date(2026, 3, 18)),
        extended("2026-03-17 09:00", date(2026, 3, 25)),
        result("2026-03-18 10:00"),
    ]
    ledger = fold(facts, Term(5, Unit.WORKING_DAYS), office, law)
    assert ledger.original_due == at("2026-03-13 17:00")
    assert ledger.current_due == at("2026-03-18 17:00")
    assert [line.contradiction for line in ledger.contradictions] == ["extension_repeated"]


@pytest.mark.parametrize(
    ("first", "second", "strict", "patient"),
    [
        (date(2026, 3, 3), date(2026, 3, 5), date(2026, 3, 5), date(2026, 3, 9)),
        (date(2026, 2, 12), date(2026, 2, 23), date(2026, 2, 23), date(2026, 2, 25)),
    ],
)
def test_i_invitations_and_the_way_back(
    office: WorkingTime, law: Rules, first: date, second: date, strict: date, patient: date
) -> None:
    assert earliest_second_invitation(first, law, office) == second
    assert earliest_hand_back(second, law, office, HandBack.STRICT_MINIMUM) == strict
    assert earliest_hand_back(second, law, office) == patient
    assert invitations_satisfied([second, first], law, office)
    assert not invitations_satisfied([first, second - timedelta(days=1)], law, office)


def test_i_one_invitation_or_none_is_never_enough(office: WorkingTime, law: Rules) -> None:
    assert not invitations_satisfied([], law, office)
    assert not invitations_satisfied([date(2026, 3, 3)], law, office)


def test_i_an_invitation_too_soon_does_not_spoil_the_later_one(office: WorkingTime, law: Rules) -> None:
    assert invitations_satisfied([date(2026, 3, 3), date(2026, 3, 4), date(2026, 3, 5)], law, office)
