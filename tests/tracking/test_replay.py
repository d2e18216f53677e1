"""A corrected status table: what it moves is shown first, then done, and what was read before stays written down."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select, text

from carriers.contract import Certainty
from carriers.states import ShipmentState
from config.database import keyring
from tests.support.accounts import change_account
from tests.support.desk import TestDesk
from tests.tracking.case import COLLECTED, DELIVERED, Case
from tracking.events import EventReading, events_of
from tracking.inbox import InboxDelivery
from tracking.replay import Moved, Unread, replay

NINE = 9
"""A code that VNPost has not explained to us."""


@pytest.fixture
def case(desk: TestDesk) -> Case:
    """A dossier on a desk of the test's own, because its operator's table is corrected."""
    return Case.opened(desk)


def corrected(desk: TestDesk, code: int, **meaning: Any) -> None:
    """Let VNPost sign off what a code means."""
    line = {"code": str(code), "certainty": "confirmed", "source": "VNPost, letter of March 2026", **meaning}
    change_account(desk, options={"confirmed_statuses": {"name": "2026-03", "issued": "2026-03-20", "codes": [line]}})


def replayed(desk: TestDesk, *, dry_run: bool = False, **how: Any) -> list[Moved]:
    return [one for one in read_again(desk, dry_run=dry_run, **how) if isinstance(one, Moved)]


def read_again(desk: TestDesk, *, dry_run: bool = False, **how: Any) -> list[Moved | Unread]:
    wanted = {"carrier": None, "since": None, **how}
    return list(replay(desk.context, desk.office, dry_run=dry_run, **wanted))


def readings(desk: TestDesk) -> int:
    with desk.read() as session:
        return session.scalar(select(func.count()).select_from(EventReading)) or 0


def test_with_the_tables_of_yesterday_nothing_moves(desk: TestDesk, case: Case) -> None:
    case.order("send")
    case.arrives()
    assert replayed(desk) == []


def test_a_dry_run_shows_what_would_move_and_moves_nothing(desk: TestDesk, case: Case) -> None:
    case.order("send")
    case.reported(case.s1, COLLECTED, "2026-03-02 09:00")
    case.reported(case.s1, NINE, "2026-03-03 09:00")
    corrected(desk, NINE, state="out_for_delivery")
    (moved,) = replayed(desk, dry_run=True)
    assert (moved.order_number, moved.codes, moved.state_before, moved.state_after) == (
        *(case.s1, ("9",)),
        *("in_transit", "out_for_delivery"),
    )
    assert (case.shipment(case.s1).state, readings(desk)) == ("in_transit", 0)


def test_without_it_the_new_reading_counts_and_the_old_one_stays(desk: TestDesk, case: Case) -> None:
    case.order("send")
    case.reported(case.s1, COLLECTED, "2026-03-02 09:00")
    case.reported(case.s1, NINE, "2026-03-03 09:00")
    assert "unknown-code" in case.attention_kinds()
    corrected(desk, NINE, state="out_for_delivery")
    assert len(replayed(desk)) == 1
    assert case.shipment(case.s1).state == "out_for_delivery"
    assert "unknown-code" not in case.attention_kinds()
    assert replayed(desk) == []
    corrected(desk, NINE, state="delivery_failed", reason="receiver_absent")
    assert len(replayed(desk)) == 1
    assert (case.shipment(case.s1).state, readings(desk)) == ("delivery_failed", 2)


def test_a_due_date_that_hangs_on_it_moves_too(desk: TestDesk, case: Case) -> None:
    case.order("send")
    case.reported(case.s1, COLLECTED, "2026-03-02 09:00")
    case.signed(case.s1, "2026-03-02 16:00")
    case.reported(case.s1, NINE, "2026-03-03 09:00")
    corrected(desk, NINE, state="lost")
    (moved,) = replayed(desk, dry_run=True)
    assert (moved.due_before is None, moved.due_after) == (False, None)
    assert case.due == "2026-03-05 17:00"
    replayed(desk)
    assert case.due is None
    assert len(case.told_citizen("papers_lost")) == 1


def test_papers_that_were_not_delivered_after_all_are_a_persons(desk: TestDesk, case: Case) -> None:
    case.order("send")
    case.arrives()
    corrected(desk, DELIVERED, state="out_for_delivery")
    (moved,) = replayed(desk)
    assert (moved.state_after, moved.custody_in_doubt) == ("out_for_delivery", True)


def test_only_what_is_asked_for_is_read_again(desk: TestDesk, case: Case) -> None:
    case.order("send")
    case.reported(case.s1, NINE, "2026-03-03 09:00")
    corrected(desk, NINE, state="collecting")
    assert replayed(desk, dry_run=True, carrier="ems") == []
    assert replayed(desk, dry_run=True, since=case.now("2026-03-05 09:00")) == []
    assert len(replayed(desk, dry_run=True, carrier="vnpost_ngsp")) == 1


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda body: "nobody can read this", "cannot be read: delivery 1: personal data cannot be read"),
        (lambda body: keyring.encrypt(body[:-5]), "cannot be read: delivery 1: Expecting"),
    ],
    ids=["another key's", "half a document"],
)
def test_what_cannot_be_read_stops_nobody_but_itself(desk: TestDesk, spoil: Callable[[str], str], why: str) -> None:
    spoilt, sound = Case.opened(desk), Case.opened(desk)
    for case in (spoilt, sound):
        case.order("send")
        case.reported(case.s1, NINE, "2026-03-03 09:00")
    with desk.context.database.write() as session:
        body = session.get_one(InboxDelivery, 1).body
        session.execute(text("UPDATE inbox_delivery SET body = :body WHERE id = 1"), {"body": spoil(body)})
    corrected(desk, NINE, state="collecting")
    for dry_run in (True, False):
        unread, moved = read_again(desk, dry_run=dry_run)
        assert isinstance(unread, Unread)
        assert isinstance(moved, Moved)
        assert (unread.order_number, moved.order_number) == (spoilt.s1, sound.s1)
        assert unread.reason.startswith(why)
    assert (spoilt.shipment(spoilt.s1).journey, sound.shipment(sound.s1).journey) == (None, "collecting")


def test_an_event_knows_its_newest_reading(desk: TestDesk, case: Case) -> None:
    case.order("send")
    case.reported(case.s1, NINE, "2026-03-03 09:00")
    corrected(desk, NINE, state="collecting")
    replayed(desk)
    with desk.read() as session:
        (event,) = events_of(session, case.s1)
    assert (event.meaning.state, event.meaning.certainty) == (ShipmentState.COLLECTING, Certainty.CONFIRMED)
