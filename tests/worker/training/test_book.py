"""What was decided is not forgotten, not even by kill -9, and not decided twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.worker.training.scenes import CODE, at
from worker.training.book import Act, Refusal, WorldBook
from worker.training.casting import Part

MORNING = Act(f"{CODE}/report:1", at("2026-02-12 08:00"), "report", CODE, {"state": "collecting"})
NOON = Act(f"{CODE}/report:2", at("2026-02-12 11:00"), "report", CODE, {"state": "delivered"})


@pytest.fixture
def book(tmp_path: Path) -> Iterator[WorldBook]:
    opened = WorldBook(tmp_path / "world.db")
    yield opened
    opened.close()


def test_an_act_decided_twice_is_one_act_with_the_first_time(book: WorldBook) -> None:
    assert book.plan([MORNING, NOON]) == 2
    assert book.plan([Act(MORNING.id, at("2026-03-01 08:00"), "report", CODE)]) == 0
    assert book.next_due() == MORNING.due_at


def test_acts_are_due_in_order_and_once_done_no_more(book: WorldBook) -> None:
    book.plan([NOON, MORNING])
    assert book.due(at("2026-02-12 07:59")) == []
    assert book.due(at("2026-02-12 12:00")) == [MORNING, NOON]
    book.cross_out([MORNING], at("2026-02-12 08:00"))
    assert book.due(at("2026-02-12 12:00")) == [NOON]
    assert book.done("report") == [MORNING]
    assert book.done_ids() == {CODE: {MORNING.id: at("2026-02-12 08:00")}}
    assert book.counts() == (1, 1)


def test_a_new_process_finds_everything_as_it_was(tmp_path: Path) -> None:
    before = WorldBook(tmp_path / "world.db")
    before.plan([MORNING, NOON])
    before.cross_out([MORNING], MORNING.due_at)
    before.begin(CODE, Part.SUPPLEMENT)
    before.refuse(Refusal("B", "B/file", {"title": "Số điện thoại sai"}))
    before.note("stall", "once")
    before.close()
    after = WorldBook(tmp_path / "world.db")
    assert after.due(at("2026-02-12 12:00")) == [NOON]
    assert after.begun() == {CODE: Part.SUPPLEMENT}
    assert after.refusals() == [Refusal("B", "B/file", {"title": "Số điện thoại sai"})]
    assert after.notes("stall") == ["once"]
    after.close()


def test_a_part_once_begun_is_not_changed(book: WorldBook) -> None:
    book.begin(CODE, Part.SUPPLEMENT)
    book.begin(CODE, Part.EXTENSION)
    assert book.begun() == {CODE: Part.SUPPLEMENT}


def test_nothing_open_means_nothing_next(book: WorldBook) -> None:
    assert book.next_due() is None
