"""Several troubles are settled together after a preview; what was settled meanwhile is left out."""

from __future__ import annotations

import re

import pytest

from dispatch.outbox_rows import OutboxMessage, OutboxState
from dispatch.shipments import BookingState
from tests.support.board import Colleague
from tests.support.desk import AGENCY, TestDesk
from tests.worker.web.board.cases import in_doubt
from tests.worker.web.board.conftest import As, With
from worker.access import audit
from worker.access.roles import Role


def keys_of(page: str, *words: str) -> list[str]:
    found = re.findall(r'type="checkbox" name="key" value="([^"]+)"', page)
    return [key for key in found if any(word in key for word in words)]


@pytest.fixture
def doubts(desk: TestDesk, code: str) -> list[str]:
    numbers = []
    for n in range(2):
        desk.register(f"{code}{n}")
        numbers.append(in_doubt(desk, f"{code}{n}"))
    return numbers


def test_the_preview_lists_what_would_happen_and_changes_nothing(
    desk: TestDesk, officer: Colleague, doubts: list[str]
) -> None:
    page = officer.page("/board")
    keys = keys_of(page, *doubts)
    assert len(keys) == 2
    preview = officer.send(page, "/board/bulk", key=keys).text
    assert "Settle 2 orders in doubt" in preview
    assert "This cannot be undone." in preview
    assert all(number in preview for number in doubts)
    assert {desk.shipment(number).booking for number in doubts} == {BookingState.OUTCOME_UNKNOWN}


def test_confirmed_it_is_done_line_by_line_and_noted(desk: TestDesk, officer: Colleague, doubts: list[str]) -> None:
    page = officer.page("/board")
    keys = keys_of(page, *doubts)
    preview = officer.send(page, "/board/bulk", key=keys).text
    done = officer.send(preview, "/board/bulk/do", key=keys, how="not-held")
    assert done.text.count('<span class="tag good">done</span>') == 2
    assert {desk.shipment(number).booking for number in doubts} == {BookingState.REQUESTED}
    with desk.read() as session:
        assert [audit.entries(session, subject=number)[0].action for number in doubts] == ["order.settled"] * 2
    again = officer.send(preview, "/board/bulk/do", key=keys, how="not-held")
    assert "settled meanwhile" in again.text
    assert "Nothing was left to do." in again.text


def test_a_clerk_may_look_and_not_settle(desk: TestDesk, colleague: As, doubts: list[str]) -> None:
    clerk = colleague(Role.CLERK)
    page = clerk.page("/board")
    answer = clerk.send(page, "/board/bulk/do", key=keys_of(page, *doubts), how="not-held")
    assert "not done" in answer.text
    assert {desk.shipment(number).booking for number in doubts} == {BookingState.OUTCOME_UNKNOWN}


def test_keys_that_are_not_ones_own_do_nothing(desk: TestDesk, colleague: As, doubts: list[str]) -> None:
    stranger = colleague(Role.OFFICER, "H14.99")
    keys = [f"booking-outcome-unknown:{number}" for number in doubts] + ["nonsense", "<b>"]
    answer = stranger.send(stranger.page("/board/shipments"), "/board/bulk/do", key=keys, how="held")
    assert "Nothing was left to do." in answer.text
    assert {desk.shipment(number).booking for number in doubts} == {BookingState.OUTCOME_UNKNOWN}


def test_parked_messages_are_sent_again_together(desk: TestDesk, colleague: As, registered: str) -> None:
    desk.tell("accepted", "e1", code=registered)
    with desk.context.database.write() as session:
        for message in session.query(OutboxMessage).filter_by(subject=registered):
            message.state = OutboxState.PARKED
    supervisor = colleague(Role.SUPERVISOR, "*")
    page = supervisor.page("/board", kind="message-undelivered")
    keys = keys_of(page, registered)
    assert keys
    preview = supervisor.send(page, "/board/bulk", key=keys).text
    assert f"Send {len(keys)} messages again" in preview
    done = supervisor.send(preview, "/board/bulk/do", key=keys, how="again")
    assert done.text.count('<span class="tag good">done</span>') == len(keys)
    assert "<html" in colleague(Role.SUPERVISOR, AGENCY).page("/board", kind="message-undelivered")


def test_who_may_send_at_one_agency_sends_no_other_agencys_message(
    desk: TestDesk, colleague_with: With, registered: str
) -> None:
    desk.tell("accepted", "e1", code=registered)
    with desk.context.database.write() as session:
        for message in session.query(OutboxMessage).filter_by(subject=registered):
            message.state = OutboxState.PARKED
    who = colleague_with((Role.OFFICER, "*"), (Role.SUPERVISOR, "H14.99"))
    page = who.page("/board", kind="message-undelivered")
    keys = keys_of(page, registered)
    assert keys
    done = who.send(page, "/board/bulk/do", key=keys, how="again")
    assert done.text.count("not done") == len(keys)
