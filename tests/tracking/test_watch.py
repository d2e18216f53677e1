"""What needs a hand: each kind of trouble is provoked, says what to do next, and is gone when it is settled."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from importlib.resources import files

import pytest

from carriers.states import ShipmentState
from carriers.vnpost_ngsp.simulator import Fault, FaultRule
from config.calendars import MissingCalendarYear, OfficeCalendar
from dispatch import booking, outbox
from dispatch.citizens import Citizen
from dispatch.feeds import FeedCursor
from dispatch.money.unnamed import name_postage
from dispatch.onestop.deliveries import Fault as OneStopFault
from dispatch.order_changes import ask_to_cancel
from dispatch.settlements import address_waits, cancel_refused
from dispatch.settling import settle
from dispatch.shipment_queries import get_shipment, shipments_of
from dispatch.shipments import Shipment
from tests.support.desk import ACCOUNT
from tests.tracking.case import (
    BOOKED,
    COLLECTED,
    DELIVERED,
    FAILED,
    RETURNED,
    RETURNING,
    UNKNOWN,
    Case,
    document,
    happen_unforeseen,
    keep,
)
from tests.tracking.homeward import brought_back, collected, forwarded, on_its_way, sent_again
from tracking import apply, watch
from tracking.apologies import keeping, signing
from tracking.apologies.forms import DismissalForm
from tracking.apologies.rows import apologies_of
from tracking.calendar_versions import CalendarVersion
from tracking.deadlines.working_time import WorkingTime
from tracking.watching.clocks import ending_calendar
from tracking.watching.items import Attention, View

Act = Callable[[Case], object]


@dataclass(frozen=True)
class Trouble:
    """How a kind of trouble comes about, and what settles it; None where only its own end could."""

    provoke: Act
    settle: Act | None


def ordered(case: Case, service: str = "send") -> None:
    case.order(service)


def change(case: Case, act: Callable[[Shipment], None]) -> None:
    with case.desk.context.database.write() as session:
        act(get_shipment(session, case.s1))


def cancel(case: Case) -> None:
    with case.desk.context.database.write() as session:
        ask_to_cancel(shipments_of(session, case.code), case.desk.clock.now())


def book(case: Case) -> None:
    booking.drain(case.desk.context)


def hamper(case: Case, fault: Fault, **how: float) -> None:
    rule = FaultRule.model_validate({"fault": fault, "operation": "order", "order": case.s1, **how})
    case.desk.operator.faults.replace([rule])


# --- bookings ---


def order_without_a_name(case: Case) -> None:
    ordered(case)

    def lose_the_name(shipment: Shipment) -> None:
        known = Citizen.from_text(shipment.citizen)
        shipment.citizen = Citizen(**{**known.__dict__, "name": ""}).to_text()

    change(case, lose_the_name)
    book(case)


def lose_the_answer(case: Case) -> None:
    ordered(case)
    hamper(case, Fault.TIMEOUT_BEFORE, seconds=0, times=1)
    book(case)
    case.desk.clock.forward(minutes=31)


def book_it_after_all(case: Case) -> None:
    case.desk.operator.faults.replace([])
    for _ in range(3):
        book(case)
        case.desk.clock.forward(minutes=1)


def be_put_off_again_and_again(case: Case) -> None:
    ordered(case)
    hamper(case, Fault.THROTTLED, seconds=0)
    for _ in range(3):
        book(case)
        case.desk.clock.forward(minutes=40)


def refuse_the_cancellation(case: Case) -> None:
    ordered(case)
    case.reported(case.s1, BOOKED, "2026-03-02 08:05")
    settle(case.desk.context, case.s1, cancel_refused("Bưu tá đang trên đường"))


# --- journeys ---


def come_to_the_desk(case: Case) -> None:
    ordered(case)
    case.arrives("2026-03-02 15:00")
    case.now("2026-03-04 08:00")


def invite_twice(case: Case) -> None:
    case.order("receive")
    case.happens("accepted", "2026-03-02 10:00")
    case.finished("2026-03-04 15:00")
    case.reported(case.r1, COLLECTED, "2026-03-05 09:00")
    case.reported(case.r1, FAILED, "2026-03-06 10:00")
    case.reported(case.r1, FAILED, "2026-03-10 10:00")
    case.now("2026-03-12 08:00")


def invite_once(case: Case) -> None:
    on_its_way(case)
    case.reported(case.r1, FAILED, "2026-03-03 10:00")
    case.now("2026-03-05 08:00")


def turn_back_uninvited(case: Case) -> None:
    on_its_way(case)
    case.reported(case.r1, RETURNING, "2026-03-03 15:00")


def be_left_at_the_counter(case: Case) -> None:
    brought_back(case)
    case.now("2026-09-07 08:00")


def be_wanted_back_in_vain(case: Case) -> None:
    on_its_way(case)
    forwarded(case, "2026-03-03 11:00")
    case.now("2026-03-05 08:00")


def wait_for_approval(case: Case) -> None:
    on_its_way(case)
    forwarded(case, "2026-03-03 11:00", lambda _shipment: True)
    settle(case.desk.context, case.r1, address_waits("Yêu cầu đang chờ phê duyệt"))
    case.now("2026-03-05 08:00")


def owe_what_nobody_knows(case: Case) -> None:
    brought_back(case)
    sent_again(case, "2026-03-11 09:00", address={"text": "Số 5, Phường Hoàn Kiếm, thành phố Hà Nội", "era": "new2"})


def name_the_amount(case: Case) -> None:
    with case.desk.context.database.write() as session:
        name_postage(session, f"{case.code}-R2:postage:due", 31_000, "Hà Thị Mai", case.desk.clock.now())


def not_be_collected(case: Case) -> None:
    ordered(case)
    case.reported(case.s1, BOOKED, "2026-03-02 08:05")
    case.now("2026-03-04 08:00")


def be_late(case: Case) -> None:
    ordered(case)
    case.reported(case.s1, COLLECTED, "2026-03-02 09:00")
    case.now("2026-03-05 08:00")


def move_although_cancelled(case: Case) -> None:
    ordered(case)
    book(case)
    cancel(case)
    book(case)
    assert case.shipment(case.s1).state == "cancelled"
    case.reported(case.s1, COLLECTED, "2026-03-02 09:00")


def report_an_unknown_code(case: Case) -> None:
    ordered(case)
    case.reported(case.s1, UNKNOWN, "2026-03-02 09:00")


def deliver_twice(case: Case) -> None:
    ordered(case)
    case.arrives()
    case.reported(case.s1, DELIVERED, "2026-03-02 15:30")


def report_another_waybill(case: Case) -> None:
    ordered(case)
    for waybill in ("HC000000071VN", "HC000000072VN"):
        case.reported(case.s1, BOOKED, "2026-03-02 08:05", ItemCode=waybill)


def lose_the_papers(case: Case) -> None:
    ordered(case)
    case.reported(case.s1, COLLECTED, "2026-03-02 09:00")
    with case.desk.context.database.write() as session:
        happen_unforeseen(session, case, ShipmentState.LOST, "2026-03-03 09:00")


def find_the_papers(case: Case) -> None:
    with case.desk.context.database.write() as session:
        happen_unforeseen(session, case, ShipmentState.IN_TRANSIT, "2026-03-04 09:00")


# --- messages and facts ---


def report_a_stranger(case: Case) -> None:
    keep(case.desk, document(case.s1, COLLECTED, case.now("2026-03-02 09:00")))
    apply.drain(case.desk.context, case.desk.office)


def meet_the_stranger(case: Case) -> None:
    ordered(case)
    case.now("2026-03-02 09:10")
    apply.drain(case.desk.context, case.desk.office)


def be_deaf(case: Case) -> None:
    case.desk.onestop.deliveries.add_fault(OneStopFault(kind="error", match=case.code, times=4))
    case.happens("papers_damaged", "2026-03-02 10:00", reason="rách bì")
    for _ in range(4):
        outbox.drain(case.desk.context, case.desk.messenger.send)
        case.desk.clock.forward(hours=1)


def hear_again(case: Case) -> None:
    case.desk.clock.forward(hours=6)
    case.deliver()


def resume_without_a_pause(case: Case) -> None:
    case.happens("accepted", "2026-03-02 10:00")
    case.happens("resumed", "2026-03-04 10:00")


def fail_to_read_the_feed(case: Case) -> None:
    set_failures(case, 3)


def set_failures(case: Case, failures: int) -> None:
    with case.desk.context.database.write() as session:
        session.get_one(FeedCursor, ACCOUNT).failures = failures


# --- due dates: three working days from Monday, so due on Thursday 5 March 2026 ---


def be_accepted(until: str) -> Act:
    def act(case: Case) -> None:
        case.happens("accepted", "2026-03-02 10:00")
        case.now(until)

    return act


def finish(case: Case) -> None:
    case.happens("result_ready", "2026-03-06 09:00", result_papers=[{"name": "Trích lục", "originals": 1}])


def be_asked_for_papers(case: Case) -> None:
    case.happens("supplement_requested", "2026-03-04 09:00", reason="thiếu giấy xác nhận")


def not_answer(case: Case) -> None:
    case.happens("accepted", "2026-03-02 10:00")
    case.happens("supplement_requested", "2026-03-03 09:00", reason="thiếu giấy xác nhận")
    case.now("2026-03-25 08:00")


def get_more_time(case: Case) -> None:
    case.happens("extended", "2026-03-03 09:00", reason="chờ ý kiến đơn vị khác", new_due="2026-03-10")


def let_the_calendar_affect(dossiers: int) -> Act:
    def act(case: Case) -> None:
        with case.desk.context.database.write() as session:
            session.get_one(CalendarVersion, case.desk.office.calendar_version).affected = dossiers

    return act


def damage_the_papers(case: Case) -> None:
    case.happens("accepted", "2026-03-02 10:00")
    case.happens("papers_damaged", "2026-03-03 10:00", reason="kho bị dột")


def take_back_a_collected_result(case: Case) -> None:
    case.order("receive")
    case.happens("accepted", "2026-03-02 10:00")
    case.happens(
        "result_ready", "2026-03-03 10:00", event_id="hasty", result_papers=[{"name": "Kết quả", "originals": 1}]
    )
    case.reported(case.r1, COLLECTED, "2026-03-03 15:00")
    case.happens("corrected", "2026-03-03 16:00", voids="hasty", reason="nhầm hồ sơ")


def come_near_the_end_of_the_calendar(case: Case) -> None:
    case.now("2027-10-15 09:00")


def await_a_signature(today: str) -> Act:
    def act(case: Case) -> None:
        be_accepted(today)(case)
        keeping.sweep(case.desk.context, case.desk.office)

    return act


def get_more_time_and_look(case: Case) -> None:
    get_more_time(case)
    keeping.sweep(case.desk.context, case.desk.office)


def dismiss_the_letter(case: Case) -> None:
    with case.desk.context.database.write() as session:
        (letter,) = apologies_of(session, case.code)
        form = DismissalForm(officer="Hà Thị Mai", reason="dữ liệu sai")
        signing.dismiss(session, case.desk.context, case.desk.office, letter.id, form)


def be_taken_in_late(case: Case) -> None:
    case.happens("accepted", "2026-03-02 15:01")


TROUBLES = {
    "booking-parked": Trouble(order_without_a_name, cancel),
    "booking-outcome-unknown": Trouble(lose_the_answer, book_it_after_all),
    "booking-requested": Trouble(be_put_off_again_and_again, book_it_after_all),
    "booking-booked": Trouble(refuse_the_cancellation, lambda case: case.arrives()),
    "unknown-code": Trouble(report_an_unknown_code, None),
    "journey-anomaly": Trouble(deliver_twice, None),
    "made-twice": Trouble(report_another_waybill, lambda case: case.arrives()),
    "not-collected": Trouble(not_be_collected, lambda case: case.reported(case.s1, COLLECTED, "2026-03-04 09:00")),
    "transit-late": Trouble(be_late, lambda case: case.reported(case.s1, DELIVERED, "2026-03-05 09:00")),
    "moves-though-cancelled": Trouble(
        move_although_cancelled, lambda case: case.reported(case.s1, RETURNED, "2026-03-03 09:00")
    ),
    "papers-lost": Trouble(lose_the_papers, find_the_papers),
    "handover-unsigned": Trouble(come_to_the_desk, lambda case: case.signed(case.s1, "2026-03-04 09:00")),
    "return-due": Trouble(invite_twice, lambda case: case.reported(case.r1, RETURNING, "2026-03-10 15:00")),
    "second-invitation-due": Trouble(invite_once, lambda case: case.reported(case.r1, FAILED, "2026-03-05 09:00")),
    "turned-back-early": Trouble(turn_back_uninvited, lambda case: case.signed(case.r1, "2026-03-04 09:00")),
    "counter-too-long": Trouble(be_left_at_the_counter, lambda case: collected(case, "2026-09-07 09:00")),
    "recall-unanswered": Trouble(
        be_wanted_back_in_vain, lambda case: case.reported(case.r1, RETURNING, "2026-03-05 09:00")
    ),
    "address-unanswered": Trouble(
        wait_for_approval, lambda case: case.reported(case.r1, DELIVERED, "2026-03-05 09:00")
    ),
    "postage-unnamed": Trouble(owe_what_nobody_knows, name_the_amount),
    "delivery-parked": Trouble(report_a_stranger, meet_the_stranger),
    "message-undelivered": Trouble(be_deaf, hear_again),
    "clock-contradiction": Trouble(
        resume_without_a_pause, lambda case: case.happens("suspended", "2026-03-03 10:00", reason="chờ nộp phí")
    ),
    "due-soon": Trouble(be_accepted("2026-03-04 08:00"), finish),
    "overdue": Trouble(be_accepted("2026-03-06 08:00"), finish),
    "extension-closing": Trouble(be_accepted("2026-03-03 08:00"), get_more_time),
    "supplement-closing": Trouble(be_accepted("2026-03-04 08:00"), be_asked_for_papers),
    "supplement-silent": Trouble(not_answer, lambda case: case.happens("supplement_completed", "2026-03-25 09:00")),
    "clock-frozen": Trouble(damage_the_papers, lambda case: case.happens("papers_restored", "2026-03-05 10:00")),
    "result-too-early": Trouble(take_back_a_collected_result, finish),
    "calendar-ending": Trouble(come_near_the_end_of_the_calendar, None),
    "calendar-changed": Trouble(let_the_calendar_affect(3), let_the_calendar_affect(0)),
    "apology-to-sign": Trouble(await_a_signature("2026-03-06 08:00"), dismiss_the_letter),
    "apology-last-day": Trouble(await_a_signature("2026-03-04 08:00"), get_more_time_and_look),
    "apology-overdue": Trouble(await_a_signature("2026-03-09 08:00"), dismiss_the_letter),
    "pass-on": Trouble(be_taken_in_late, lambda case: case.now("2026-03-03 17:01")),
    "feed-failing": Trouble(fail_to_read_the_feed, lambda case: set_failures(case, 0)),
}


OF_THE_DESK = ("feed-failing", "calendar-changed", "calendar-ending")
"""Troubles that are no single dossier's."""

OF_MONEY = {"fee-not-remitted", "refund-not-paid", "statement-difference"}
"""Their stories are in ``test_money.py`` and ``dispatch/money``."""

OF_INCIDENTS = {
    "incident-open",
    "incident-complaint-closing",
    "incident-answer-overdue",
    "incident-compensation-due",
    "incident-compensation-overdue",
    "incident-idle",
    "incident-evidence-missing",
    "incident-proof-missing",
    "delivery-unproven",
    "delivery-refused",
    "delivery-contradiction",
}
"""Their stories are in ``incidents/test_incidents.py`` and ``test_deliveries.py``."""

TOLD_ELSEWHERE = {"webhook-unconfirmed", "webhook-refused", "waybill-unproven", "apology-signed", "watch-failed"}
"""Their stories are in ``test_intake.py``, ``dispatch/test_doubt.py`` and ``apologies/test_signing.py``."""

OF_COUNTING = {"slip-contradiction", "fault-unclear", "transfer-rejected", "same-day-uncollected", "duty-unpaid"}
"""Their stories are in ``test_pickups.py``, ``test_transfers.py`` and ``test_appointments.py``."""

OF_ONESTOPS = {"onestop-failing", "statement-refused", "statement-waits"}
"""Their stories are in ``test_onestop_importing.py`` and ``test_onestop_inbox.py``."""

OF_REPORTS = {"report-failing"}
"""Its story is in ``reports/test_runs.py``."""

OF_RECONCILIATION = {"copy-differs", "order-differs"}
"""Their stories are in ``worker/commands/test_reconciling.py``."""

TOLD_ELSEWHERE |= OF_ONESTOPS | OF_MONEY | OF_INCIDENTS | OF_COUNTING | OF_REPORTS | OF_RECONCILIATION

FOR_STAFF_ALONE = {*OF_THE_DESK, "delivery-parked", "message-undelivered", "supplement-closing"}
FOR_STAFF_ALONE |= {"apology-last-day", "pass-on"}


def seen(case: Case, kind: str) -> list[Attention]:
    """Return what is shown of a kind about this dossier, by whatever names it."""
    with case.desk.read() as session:
        found = watch.attention(session, case.desk.context, case.desk.office)
    about = [item for item in found if item.kind == kind]
    return [item for item in about if item.dossier == case.code or case.code in item.what_en or kind in OF_THE_DESK]


def test_one_finder_that_breaks_hides_nothing_else(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(_view: View) -> Iterator[Attention]:
        raise MissingCalendarYear("cao-bang", 2028)

    be_accepted("2026-03-06 08:00")(case)
    monkeypatch.setattr(watch, "_FINDERS", (break_down, *watch._FINDERS))
    assert [item.kind for item in seen(case, "overdue")] == ["overdue"]
    with case.desk.read() as session:
        found = watch.attention(session, case.desk.context, case.desk.office)
    (blind,) = [item for item in found if item.kind == "watch-failed"]
    assert "2028" in blind.what_en


def test_every_kind_of_trouble_is_told_here() -> None:
    words = tomllib.loads((files("tracking") / "watching" / "words.toml").read_text(encoding="utf-8"))
    assert words.keys() == TROUBLES.keys() | TOLD_ELSEWHERE


@pytest.mark.parametrize("kind", TROUBLES)
def test_trouble_is_shown_with_its_next_step_and_is_gone_when_settled(case: Case, kind: str) -> None:
    assert seen(case, kind) == []
    TROUBLES[kind].provoke(case)
    (item,) = seen(case, kind)
    for words in (item.what_vi, item.what_en, item.next_step_vi, item.next_step_en):
        assert words
        assert "{" not in words
    if (settle_it := TROUBLES[kind].settle) is not None:
        settle_it(case)
        assert seen(case, kind) == []


@pytest.mark.parametrize("kind", sorted(TROUBLES.keys() - FOR_STAFF_ALONE))
def test_the_onestop_is_told_once_of_its_own_dossiers_trouble(case: Case, kind: str) -> None:
    TROUBLES[kind].provoke(case)
    for _ in range(2):
        assert watch.sweep(case.desk.context, case.desk.office) > 0
        case.desk.clock.forward(minutes=1)
    told = [data for data in case.told_onestop("postal.attention_needed") if data["kind"] == kind]
    assert len(told) == 1
    assert told[0].keys() == {"kind", "what_vi", "what_en", "next_step_vi", "next_step_en"}
    calm(case)


def calm(case: Case) -> None:
    case.desk.operator.faults.replace([])


def test_trouble_of_nobodys_dossier_is_for_staff_alone(case: Case) -> None:
    report_a_stranger(case)
    watch.sweep(case.desk.context, case.desk.office)
    assert case.told_onestop("postal.attention_needed") == []


def test_with_next_years_calendar_nobody_is_reminded_of_it(case: Case) -> None:
    come_near_the_end_of_the_calendar(case)
    known = case.desk.office.working_time.calendar.years
    next_year = replace(known[-1], year=2028, days_off=(), make_up_days=())
    longer = WorkingTime(OfficeCalendar("caobang", (*known, next_year)))
    with case.desk.read() as session:
        view = View(session, case.desk.context, replace(case.desk.office, working_time=longer))
        assert list(ending_calendar(view)) == []


def test_what_the_operator_itself_has_cancelled_and_carries_all_the_same_is_shown(case: Case) -> None:
    ordered(case)
    book(case)
    with case.desk.context.database.write() as session:
        happen_unforeseen(session, case, ShipmentState.CANCELLED, "2026-03-02 08:30")
    assert seen(case, "moves-though-cancelled") == []
    case.reported(case.s1, COLLECTED, "2026-03-02 09:00")
    (item,) = seen(case, "moves-though-cancelled")
    assert "chuyển hoàn" in item.next_step_vi


def test_the_wrong_parcel_is_shown_beside_the_order_that_took_its_place(case: Case) -> None:
    move_although_cancelled(case)
    case.order("send")
    case.reported(case.s2, COLLECTED, "2026-03-02 10:00")
    assert [item.shipment for item in seen(case, "moves-though-cancelled")] == [case.s1]


def test_papers_that_were_lost_and_move_again_were_never_cancelled(case: Case) -> None:
    lose_the_papers(case)
    find_the_papers(case)
    assert seen(case, "moves-though-cancelled") == []


def test_a_plain_dossier_needs_nobody(case: Case) -> None:
    case.order("both")
    case.arrives("2026-03-03 09:00")
    case.signed(case.s1, "2026-03-03 10:00")
    case.finished("2026-03-05 15:00")
    case.reported(case.r1, COLLECTED, "2026-03-06 09:00")
    case.reported(case.r1, DELIVERED, "2026-03-09 09:00")
    case.now("2026-03-30 09:00")
    assert case.attention() == []


def test_two_attempts_on_one_day_are_no_two_invitations(case: Case) -> None:
    case.order("receive")
    case.happens("accepted", "2026-03-02 10:00")
    case.finished("2026-03-04 15:00")
    case.reported(case.r1, FAILED, "2026-03-06 09:00")
    case.reported(case.r1, FAILED, "2026-03-06 15:00")
    assert seen(case, "return-due") == []


def test_the_desk_has_until_the_end_of_the_next_working_day_to_sign(case: Case) -> None:
    story = Case.opened(case.desk)
    story.order("send")
    story.reported(story.s1, COLLECTED, "2026-03-05 09:00")
    story.reported(story.s1, DELIVERED, "2026-03-06 15:00")
    story.now("2026-03-09 23:00")
    assert seen(story, "handover-unsigned") == []
    story.now("2026-03-10 00:30")
    assert len(seen(story, "handover-unsigned")) == 1


def test_the_oldest_trouble_stands_first(case: Case) -> None:
    deliver_twice(case)
    report_a_stranger(case)
    with case.desk.read() as session:
        found = watch.attention(session, case.desk.context, case.desk.office)
    assert [item.since for item in found] == sorted(item.since for item in found)
    assert found[-1].since - found[0].since >= timedelta(0)
