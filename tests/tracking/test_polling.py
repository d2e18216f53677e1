"""Reading the operators' feeds: one reader at a time, and a cursor that never runs ahead of what has been kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from carriers.call_log import CallRecord
from carriers.vnpost_ngsp.simulator import Fault, FaultRule
from config.clock import wall_now
from dispatch.feeds import FeedCursor
from tests.support.accounts import change_account
from tests.support.desk import ACCOUNT, CODE, TestDesk
from tests.tracking.case import COLLECTED, UNKNOWN
from tests.tracking.conftest import ON_BOTH
from tracking import inbox, polling, watch
from tracking.inbox import InboxDelivery

S1 = f"{CODE}-S1"
on_both = pytest.mark.parametrize("desk", ON_BOTH, indirect=True)


def trouble(desk: TestDesk, fault: Fault, **how: float | None) -> None:
    desk.operator.faults.replace([FaultRule.model_validate({"fault": fault, "operation": "tracking", **how})])


def calm(desk: TestDesk) -> None:
    desk.operator.faults.replace([])


def happened(desk: TestDesk, count: int) -> list[str]:
    """Let the operator report ``count`` events; returns their feed ids."""
    made = [desk.report(S1, COLLECTED, desk.clock.now() + timedelta(seconds=number)) for number in range(count)]
    return [f"66f0a141{number:016x}" for number in made]


def kept(desk: TestDesk) -> list[str]:
    with desk.read() as session:
        return list(session.scalars(select(InboxDelivery.key).order_by(InboxDelivery.id)))


def feed(desk: TestDesk) -> FeedCursor:
    with desk.read() as session:
        return session.get_one(FeedCursor, ACCOUNT)


def wait_for_feed(desk: TestDesk) -> float:
    """Return how many minutes remain until the feed is read again, and let them pass."""
    minutes = (feed(desk).next_poll_at - desk.clock.now()).total_seconds() / 60
    desk.clock.forward(minutes=minutes)
    return minutes


@on_both
def test_a_feed_is_read_to_its_end_and_then_left_alone_for_ten_minutes(desk: TestDesk) -> None:
    ids = happened(desk, 3)
    assert polling.drain(desk.context) == 3
    assert (kept(desk), feed(desk).cursor) == (ids, ids[-1])
    happened(desk, 1)
    assert polling.drain(desk.context) == 0
    assert wait_for_feed(desk) == 10
    assert polling.drain(desk.context) == 1


def test_news_ring_the_intake(desk: TestDesk) -> None:
    rung: list[str] = []
    object.__setattr__(desk.context, "ring", rung.append)
    polling.drain(desk.context)
    assert rung == []
    happened(desk, 1)
    wait_for_feed(desk)
    polling.drain(desk.context)
    assert rung == ["intake"]


@on_both
def test_when_the_line_breaks_between_two_pages_the_first_is_kept_and_the_rest_follows(
    desk: TestDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "_PAGE", 4)
    ids = happened(desk, 10)
    change_account(desk, meanwhile=break_the_line_after(1, desk))
    assert polling.drain(desk.context) == 4
    assert (kept(desk), feed(desk).cursor) == (ids[:4], ids[3])
    assert feed(desk).failures == 1
    calm(desk)
    wait_for_feed(desk)
    assert polling.drain(desk.context) == 6
    assert kept(desk) == ids


def break_the_line_after(pages: int, desk: TestDesk) -> Callable[[CallRecord], None]:
    seen: list[CallRecord] = []

    def meanwhile(record: CallRecord) -> None:
        seen.append(record)
        if record.operation == "feed" and len([one for one in seen if one.operation == "feed"]) == pages:
            trouble(desk, Fault.ERROR_BEFORE)

    return meanwhile


@on_both
def test_a_page_that_cannot_be_kept_whole_leaves_the_cursor_where_it_was(
    desk: TestDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    happened(desk, 3)
    keep = inbox.keep_items
    with monkeypatch.context() as broken:
        broken.setattr(inbox, "keep_items", lambda *args: (keep(*args), _full_disk()))  # written, and not committed
        with pytest.raises(OSError, match="no space left"):
            polling.drain(desk.context)
    assert (kept(desk), feed(desk).cursor) == ([], None)
    forget_the_reader(desk)
    assert polling.drain(desk.context) == 3


def _full_disk() -> bool:
    raise OSError("no space left")


def forget_the_reader(desk: TestDesk) -> None:
    """Let the lease of a reader who died run out."""
    with desk.context.database.write() as session:
        session.get_one(FeedCursor, ACCOUNT).lease_until = wall_now() - timedelta(seconds=1)


def test_pages_that_are_empty_now_and_then_lose_nothing(desk: TestDesk) -> None:
    trouble(desk, Fault.EMPTY_PAGE, share=0.6)
    ids: list[str] = []
    for _ in range(12):
        ids += happened(desk, 1)
        desk.clock.forward(minutes=10)
        polling.drain(desk.context)
    calm(desk)
    desk.clock.forward(minutes=10)
    polling.drain(desk.context)
    assert kept(desk) == ids


def test_a_page_in_the_wrong_order_loses_nothing(desk: TestDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "_PAGE", 5)
    ids = happened(desk, 17)
    trouble(desk, Fault.OUT_OF_ORDER, times=4)
    polling.drain(desk.context)
    assert sorted(kept(desk)) == sorted(ids)
    assert feed(desk).cursor == ids[-1]


def test_the_same_document_twice_is_kept_once(desk: TestDesk) -> None:
    happened(desk, 2)
    polling.drain(desk.context)
    with desk.context.database.write() as session:
        session.get_one(FeedCursor, ACCOUNT).cursor = None
    wait_for_feed(desk)
    assert polling.drain(desk.context) == 0
    assert len(kept(desk)) == 2


def test_a_failing_feed_is_left_alone_ever_longer_and_recovers_by_itself(desk: TestDesk) -> None:
    change_account(desk)  # so that the breaker goes by the desk's clock
    ids = happened(desk, 1)
    trouble(desk, Fault.ERROR_BEFORE)
    pauses = []
    for _ in range(5):
        polling.drain(desk.context)
        pauses.append(wait_for_feed(desk))
    assert pauses == [pytest.approx(0.9 * longest, rel=0.12) for longest in (20, 40, 80, 120, 120)]
    assert attention_kinds(desk) == ["feed-failing"]
    calm(desk)
    assert polling.drain(desk.context) == 1
    assert (kept(desk), feed(desk).failures, feed(desk).trouble) == (ids, 0, None)
    assert attention_kinds(desk) == []


def attention_kinds(desk: TestDesk) -> list[str]:
    with desk.read() as session:
        found = watch.attention(session, desk.context, desk.office)
    for item in found:
        assert item.next_step_vi
        assert item.next_step_en
    return [item.kind for item in found]


def test_the_operator_says_how_long_to_wait(desk: TestDesk) -> None:
    change_account(desk)
    trouble(desk, Fault.THROTTLED, seconds=90, times=1)
    polling.drain(desk.context)
    assert wait_for_feed(desk) == pytest.approx(1.5, abs=0.01)
    happened(desk, 1)
    assert polling.drain(desk.context) == 1


def test_an_operator_that_asks_for_no_pause_is_not_asked_again_at_once(desk: TestDesk) -> None:
    calls: list[CallRecord] = []
    change_account(desk, meanwhile=calls.append)
    trouble(desk, Fault.THROTTLED, seconds=0)
    polling.drain(desk.context)
    assert [call.operation for call in calls].count("feed") == 1
    assert wait_for_feed(desk) > 0


@on_both
def test_two_readers_never_read_one_feed_at_once(desk: TestDesk) -> None:
    happened(desk, 2)
    second: list[int] = []
    change_account(
        desk,
        meanwhile=lambda record: second.append(polling.drain(desk.context)) if record.operation == "feed" else None,
    )
    assert polling.drain(desk.context) == 2
    assert second == [0] * len(second)
    assert second, "there was a second reader while the first was reading"


@on_both
def test_the_feed_of_a_reader_who_died_is_taken_over(desk: TestDesk) -> None:
    happened(desk, 1)
    with desk.context.database.write() as session:
        session.get_one(FeedCursor, ACCOUNT).lease_until = wall_now() + timedelta(hours=1)
    assert polling.drain(desk.context) == 0
    forget_the_reader(desk)
    assert polling.drain(desk.context) == 1


def test_a_very_long_feed_is_read_in_helpings(desk: TestDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "_PAGE", 2)
    monkeypatch.setattr(polling, "_PAGES_AT_ONCE", 3)
    ids = happened(desk, 8)
    assert polling.drain(desk.context) == 6
    wait_for_feed(desk)
    assert polling.drain(desk.context) == 2
    assert kept(desk) == ids


def test_getting_ready_twice_forgets_no_cursor(desk: TestDesk) -> None:
    ids = happened(desk, 1)
    polling.drain(desk.context)
    polling.prepare(desk.context)
    assert feed(desk).cursor == ids[0]


def test_an_account_that_is_not_configured_any_more_is_not_read(desk: TestDesk) -> None:
    with desk.context.database.write() as session:
        session.add(FeedCursor(account="vnpost-of-old", next_poll_at=desk.clock.now(), failures=0))
    polling.drain(desk.context)
    with desk.read() as session:
        assert session.get_one(FeedCursor, "vnpost-of-old").last_polled_at is None


def test_what_is_due_and_what_is_being_read_counts_as_work(desk: TestDesk) -> None:
    with desk.read() as session:
        assert polling.due_count(session, desk.context) == 1
    polling.drain(desk.context)
    with desk.read() as session:
        assert polling.due_count(session, desk.context) == 0


def test_the_whole_way_from_the_feed_to_the_journey(desk: TestDesk) -> None:
    desk.order("send")
    desk.work()
    desk.report(S1, COLLECTED)
    desk.report(S1, UNKNOWN, desk.clock.now() + timedelta(minutes=5))
    desk.poll()
    assert (desk.shipment(S1).state, bool(desk.shipment(S1).waybill)) == ("in_transit", True)
    assert attention_kinds(desk) == ["unknown-code"]
    with desk.read() as session:
        assert session.scalar(select(func.count()).select_from(InboxDelivery)) == 3


def test_a_feed_that_breaks_something_here_is_shown_and_does_not_stop_the_lane(
    desk: TestDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absurd(*_about: object) -> None:
        raise RecursionError("a page nobody foresaw")

    monkeypatch.setattr(desk.context.carriers.get(ACCOUNT), "feed_page", absurd)
    assert polling.drain(desk.context) == 0
    row = feed(desk)
    assert (row.failures, row.lease_until) == (1, None)
    assert "RecursionError" in str(row.trouble)
