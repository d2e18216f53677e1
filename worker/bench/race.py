"""A race between ways of answering the same questions: taking turns, so that a busy machine slows all of them alike."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from statistics import median
from time import perf_counter
from typing import Any, Generic, TypeVar

Moment = TypeVar("Moment", bound=date)

# A turn shorter than this would measure the timer and the scheduler rather than the work.
_LEAST_TURN_SECONDS = 0.02


def _as_it_is(value: Any) -> Any:
    return value


@dataclass(frozen=True)
class Way(Generic[Moment]):
    """One way of answering. Only ``answer`` is timed: types of its own are made by ``prepare`` and undone by ``read``.

    ``blind_to`` are the days, in order, that this way cannot be told about; an answer that comes across one of them is
    the answer to another question and is not compared.
    """

    name: str
    answer: Callable[[Any], Any]
    prepare: Callable[[Moment], Any] = _as_it_is
    read: Callable[[Any], Moment] = _as_it_is
    set_up: str = ""
    blind_to: tuple[date, ...] = ()


@dataclass(frozen=True)
class Difference(Generic[Moment]):
    """One question that two ways answer differently."""

    question: Moment
    ours: Moment
    theirs: Moment


@dataclass(frozen=True)
class Comparison(Generic[Moment]):
    """How many answers were compared, how many left out because the question was another, and what differs."""

    compared: int
    left_out: int
    different: tuple[Difference[Moment], ...]


@dataclass(frozen=True)
class Standing(Generic[Moment]):
    """How one way did: median microseconds an answer, and the median of the ratios to the first way of each round."""

    name: str
    set_up: str
    microseconds: float
    times_ours: float
    answers: Comparison[Moment]


def race(
    ways: Sequence[Way[Moment]],
    questions: Sequence[Moment],
    rounds: int,
    timer: Callable[[], float] = perf_counter,
) -> list[Standing[Moment]]:
    """Let every way answer all ``questions`` once a round, in turns; the first way is ours.

    ``timer`` gives seconds. Answers are compared with ours outside the time that is measured.
    """
    prepared = [[way.prepare(question) for question in questions] for way in ways]
    answers = [
        [way.read(way.answer(item)) for item in items]  # also warms each way up
        for way, items in zip(ways, prepared, strict=True)
    ]
    turns = [
        [_turn(way.answer, items, timer) for way, items in zip(ways, prepared, strict=True)] for _ in range(rounds)
    ]
    return [
        Standing(
            way.name,
            way.set_up,
            median(turn[place] for turn in turns) * 1e6,
            median(turn[place] / turn[0] for turn in turns),
            compare(questions, answers[0], answers[place], way.blind_to),
        )
        for place, way in enumerate(ways)
    ]


def compare(
    questions: Sequence[Moment], ours: Sequence[Moment], theirs: Sequence[Moment], blind_to: Sequence[date] = ()
) -> Comparison[Moment]:
    """Compare answers one by one, except those that come across a day of ``blind_to`` (in order)."""
    answered = [Difference(*row) for row in zip(questions, ours, theirs, strict=True)]
    same_question = [row for row in answered if not _comes_across(row, blind_to)]
    different = tuple(row for row in same_question if row.ours != row.theirs)
    return Comparison(len(same_question), len(answered) - len(same_question), different)


def _comes_across(row: Difference[Moment], days: Sequence[date]) -> bool:
    last = max(row.ours, row.theirs)
    return bisect_left(days, _day(row.question)) < bisect_right(days, _day(last))


def _day(moment: date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def _turn(answer: Callable[[Any], Any], items: Sequence[Any], timer: Callable[[], float]) -> float:
    """Return the seconds an answer takes, over as many passes as make a turn."""
    begun, passes = timer(), 0
    while True:
        for item in items:
            answer(item)
        passes += 1
        passed = timer() - begun
        if passed >= _LEAST_TURN_SECONDS:
            return passed / (passes * len(items))
