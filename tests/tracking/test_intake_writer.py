"""Many deliveries, one commit: who is answered what, and what is in the database by then. On both databases."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any
from unittest.mock import Mock

import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError

from carriers.webhooks import Verdict
from dispatch.context import Context
from tests.support.desk import MONDAY, TestDesk
from tests.support.town import wait_for
from tracking import inbox, intake
from tracking.inbox import InboxDelivery
from tracking.inbox_rows import Incoming
from tracking.intake import Delivery
from tracking.intake_writer import IntakeWriter
from tracking.refusals import Refused, WebhookRefusal

_SERIAL = count(1)
TAKEN, BUSY, MALFORMED = Verdict.TAKEN, Verdict.BUSY, Verdict.MALFORMED


def new(key: str | None = None, documents: int = 1) -> Delivery:
    """Return a delivery that nobody has sent before."""
    keys = [key or f"webhook:{next(_SERIAL):06}" for _ in range(documents)]
    return Delivery(tuple(Incoming("carrier:jt", one, "tracking", '{"a": 1}', MONDAY) for one in keys), 8 * documents)


@dataclass
class Gate:
    """Stands before every transaction of the inbox, and can be shut; ``passed`` are the sizes of those let through."""

    open: threading.Event = field(default_factory=threading.Event)
    arrived: threading.Event = field(default_factory=threading.Event)
    passed: list[int] = field(default_factory=list)
    trouble: Callable[[int], None] = lambda number: None


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    gate, keep = Gate(), inbox.keep_many
    gate.open.set()

    def keep_behind_it(session: Any, incoming: Sequence[Incoming]) -> int:
        gate.arrived.set()
        assert gate.open.wait(10)
        gate.trouble(len(gate.passed))
        gate.passed.append(len(incoming))
        return keep(session, incoming)

    monkeypatch.setattr(inbox, "keep_many", keep_behind_it)
    return gate


@dataclass
class Office:
    """A writer at work, and what it has answered."""

    context: Context
    writer: IntakeWriter[str] = field(init=False)
    answers: dict[str, Verdict] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.writer = IntakeWriter(self.context, self.answers.update)

    def offer(self, name: str, delivery: Delivery) -> bool:
        return self.writer.offer(delivery, name)

    def answered(self, number: int) -> dict[str, Verdict]:
        wait_for(f"{number} answers", lambda: len(self.answers) >= number, look=lambda: str(self.answers))
        return self.answers

    def kept(self, *deliveries: Delivery) -> int:
        keys = [one.key for delivery in deliveries for one in delivery.incoming]
        with self.context.database.read() as session:
            return len(session.scalars(select(InboxDelivery.id).where(InboxDelivery.key.in_(keys))).all())


@contextmanager
def opened(context: Context, **settings: Any) -> Iterator[Office]:
    office = Office(replace(context, settings=context.settings.model_copy(update=settings)))
    yield office
    office.writer.close()


@pytest.fixture
def office(shared_desk: TestDesk) -> Iterator[Office]:
    with opened(shared_desk.context) as office:
        yield office


def hold_the_first(office: Office, gate: Gate) -> Delivery:
    """Let a first delivery come as far as its transaction, which then does not end."""
    gate.open.clear()
    first = new()
    office.offer("first", first)
    assert gate.arrived.wait(10)
    return first


def test_what_comes_during_one_commit_is_committed_together_and_answered_after_it(office: Office, gate: Gate) -> None:
    commits: list[int] = []
    event.listen(office.context.database.engine, "commit", lambda _connection: commits.append(1))
    first, others = hold_the_first(office, gate), [new() for _ in range(50)]
    for number, delivery in enumerate(others):
        assert office.offer(str(number), delivery)
    assert (office.answers, office.writer.state().waiting) == ({}, 51)
    gate.open.set()
    assert set(office.answered(51).values()) == {TAKEN}
    # Where two hands write, either may be the first through the gate.
    assert (sorted(gate.passed), len(commits), office.kept(first, *others)) == ([1, 50], 2, 51)


def test_a_document_is_kept_once_in_one_batch_and_over_batches(office: Office, gate: Gate) -> None:
    hold_the_first(office, gate)
    twin = new("webhook:twin-" + office.context.database.engine.dialect.name)
    for number in range(3):
        office.offer(str(number), twin)
    assert not office.writer.knows(twin)
    gate.open.set()
    office.answered(4)
    office.offer("later", twin)
    assert set(office.answered(5).values()) == {TAKEN}
    assert (office.kept(twin), office.writer.knows(twin), office.writer.state().kept) == (1, True, 2)


def test_a_delivery_of_many_documents_is_kept_as_a_whole(office: Office) -> None:
    many = new(documents=120)
    office.offer("many", many)
    assert (office.answered(1), office.kept(many)) == ({"many": TAKEN}, 120)


@pytest.mark.parametrize("poison", ["webhook:\ud800", "webhook:\x00\x1f"], ids=["half a letter", "no letters"])
def test_one_that_the_database_cannot_hold_fails_alone(office: Office, gate: Gate, poison: str) -> None:
    is_held = "\x00" in poison and office.context.database.engine.dialect.name == "sqlite"
    hold_the_first(office, gate)
    neighbours = [new() for _ in range(9)]
    for number, delivery in enumerate([*neighbours[:4], new(poison), *neighbours[4:]]):
        office.offer(str(number), delivery)
    gate.open.set()
    answers = office.answered(11)
    assert answers.pop("4") is (TAKEN if is_held else MALFORMED)
    assert (set(answers.values()), len(answers)) == ({TAKEN}, 10)
    assert office.kept(*neighbours) == 9


def test_trouble_of_the_database_makes_everybody_come_again_and_is_told_until_it_is_over(
    office: Office, gate: Gate
) -> None:
    def full_disk(number: int) -> None:
        raise OperationalError("INSERT", None, Exception("disk full"))

    gate.trouble = full_disk
    delivery = new()
    office.offer("then", delivery)
    assert (office.answered(1), office.kept(delivery)) == ({"then": BUSY}, 0)
    state = office.writer.state()
    assert (state.trouble, state.trouble_since is not None) == ("Exception", True)
    gate.trouble = lambda number: None
    office.offer("later", delivery)
    assert (office.answered(2)["later"], office.kept(delivery)) == (TAKEN, 1)
    assert office.writer.state().trouble == ""


def test_a_full_queue_turns_away_at_once_and_takes_again_when_there_is_room(shared_desk: TestDesk, gate: Gate) -> None:
    with opened(shared_desk.context, intake_queue=2) as office:
        hold_the_first(office, gate)
        assert [office.offer(name, new()) for name in "abc"] == [True, True, False]
        assert office.writer.state().turned_away == 1
        gate.open.set()
        assert set(office.answered(3)) == {"first", "a", "b"}
        assert office.offer("c", new())
        assert office.answered(4)["c"] is TAKEN


def test_a_delivery_larger_than_the_queue_is_taken_when_nobody_waits(shared_desk: TestDesk) -> None:
    with opened(shared_desk.context, intake_queue=2) as office:
        assert office.offer("large", new(documents=40))
        assert office.answered(1) == {"large": TAKEN}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_writer_that_dies_leaves_nobody_waiting_and_is_replaced(office: Office, gate: Gate) -> None:
    def die(number: int) -> None:
        if number == 0:
            raise SystemExit

    gate.trouble = lambda number: die(number) if not office.answers else None
    lost = new()
    office.offer("lost", lost)
    assert (office.answered(1), office.kept(lost)) == ({"lost": BUSY}, 0)
    office.offer("again", lost)
    assert (office.answered(2)["again"], office.kept(lost)) == (TAKEN, 1)


def test_whom_the_writer_keeps_waiting_is_let_go_and_known_when_coming_again(office: Office, gate: Gate) -> None:
    first, second = hold_the_first(office, gate), new()
    office.offer("second", second)
    assert office.writer.overdue(60) == []
    assert office.writer.overdue(0) == ["first", "second"]
    gate.open.set()
    assert office.answered(1) == {"first": TAKEN}
    assert (office.kept(first), office.kept(second)) == (1, 0)


def test_closing_commits_and_answers_what_waits_and_takes_no_more(office: Office, gate: Gate) -> None:
    first, others = hold_the_first(office, gate), [new() for _ in range(20)]
    for number, delivery in enumerate(others):
        office.offer(str(number), delivery)
    with ThreadPoolExecutor(1) as other:
        closing = other.submit(office.writer.close)
        wait_for("the door to be shut", lambda: not office.offer("late", new()))
        gate.open.set()
        closing.result(10)
    assert (set(office.answers.values()), len(office.answers)) == ({TAKEN}, 21)
    assert office.kept(first, *others) == 21


def test_a_broker_that_does_not_answer_holds_up_no_commit_and_is_rung_again_for_what_came_meanwhile(
    shared_desk: TestDesk,
) -> None:
    rung, answers = list[str](), threading.Event()

    def ring(lane: str) -> None:
        rung.append(lane)
        assert answers.wait(10)

    with opened(replace(shared_desk.context, ring=ring)) as office:
        for number in range(5):
            office.offer(str(number), new())
            office.answered(number + 1)
        assert rung == ["intake"]
        answers.set()
        wait_for("the second ring", lambda: len(rung) == 2)
    assert rung == ["intake"] * 2


def test_a_flood_of_refusals_is_a_few_writes(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    write = Mock(side_effect=intake.write_down)
    monkeypatch.setattr(intake, "write_down", write)
    account = f"account-{next(_SERIAL)}"
    for number in range(2000):
        office.writer.refuse({(account, Verdict.FORGED): Refused(1, MONDAY, MONDAY, f"no. {number}", "192.0.2.1")})

    def counted() -> tuple[int, str]:
        with office.context.database.read() as session:
            row = session.get(WebhookRefusal, (account, Verdict.FORGED))
            return (row.count, row.last_reason) if row else (0, "")

    wait_for("all to be counted", lambda: counted() == (2000, "no. 1999"))
    assert write.call_count <= 4
