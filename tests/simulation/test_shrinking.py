"""A failing story is told as short as it can be, and can be played again."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from carriers import exchange
from worker.cli import app
from worker.simulation import faults
from worker.simulation.faults import FaultKind, Injected
from worker.simulation.plays import Outcome, Play
from worker.simulation.shrinking import Shrinker
from worker.simulation.story import Story
from worker.simulation.world import Violation

AT = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
GUILTY = {"a3", "b1"}


def _played(wanted: Play) -> Outcome:
    """A system that breaks a promise when two faults meet in dossier 2, whatever else happens."""
    names = [f"{letter}{number}" for letter in "abcd" for number in range(6)]
    struck = [name for name in names if wanted.only is None or name in wanted.only]
    kinds = {"a": FaultKind.RING_LOST, "b": FaultKind.OVERSLEPT, "c": FaultKind.THROTTLED, "d": FaultKind.WEBHOOK_LATE}
    guilty = set(struck) >= GUILTY and (not wanted.cast or 2 in wanted.cast)
    return Outcome(
        play=wanted,
        virtual_days=30,
        steps=1,
        calls=1,
        faults={},
        injected=tuple(Injected(name, kinds[name[0]], name, AT) for name in struck),
        checks=1,
        violations=(Violation(2, AT, "two live orders"),) if guilty else (),
        digest="",
        story=Story(lambda: AT),
    )


def test_a_failing_story_is_told_with_the_faults_and_dossiers_that_it_needs() -> None:
    failed = _played(Play(1, 4, tuple(FaultKind)))

    shortest = Shrinker(_played, failed).shortest()

    assert set(shortest.play.only or ()) == GUILTY
    assert shortest.play.cast == {2}
    assert not shortest.good


def test_a_story_that_chance_alone_makes_fail_is_told_as_it_is() -> None:
    failed = _played(Play(1, 4, tuple(FaultKind)))

    assert Shrinker(lambda wanted: replace(failed, play=wanted, violations=()), failed).shortest() is failed


def test_a_run_that_keeps_every_promise_exits_with_0() -> None:
    result = CliRunner().invoke(app, ["simulate", "--seed", "2", "--dossiers", "1", "--faults", "none", "--json"])

    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert (told["seed"], told["dossiers"], told["faults"], told["violations"]) == (2, 1, {}, [])


def test_a_broken_promise_exits_with_1_and_tells_how_to_play_it_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults, "_MOODS", (4.0,))
    monkeypatch.setattr(exchange, "retry_after", lambda _headers: 0.0)
    words = ["simulate", "--seed", "3", "--dossiers", "2", "--faults", "throttled", "--no-shrink", "--json"]

    result = CliRunner().invoke(app, words)

    assert result.exit_code == 1, result.output
    told = json.loads(result.stdout)
    assert {one["promise"] for one in told["violations"]} == {7}
    assert told["again"].startswith("postal simulate --seed 3 --dossiers 2 --faults throttled")
    assert any("VIOLATION of promise 7" in line for line in told["story"])


@pytest.mark.parametrize(
    "words", [["--faults", "earthquake"], ["--seeds", "one..two"], ["--seed", "1", "--cast", "first"]]
)
def test_words_that_mean_nothing_are_refused(words: list[str]) -> None:
    assert CliRunner().invoke(app, ["simulate", *words]).exit_code == 2
