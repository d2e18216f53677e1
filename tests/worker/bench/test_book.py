"""The booking bench measures what it says: every order reaches the operator once, and never too many at once."""

from __future__ import annotations

from worker.bench import book
from worker.bench.figures import Setting


def test_every_order_is_booked_and_the_operators_limit_is_kept() -> None:
    figures = book.run(Setting(n=72, rounds=1))
    assert (figures.name, figures.n, figures.ceiling, figures.database) == ("book", 72, 320.0, "sqlite")
    assert 8 < figures.more["most_at_once"] <= figures.more["limit"] == 64
    assert figures.goals["most_at_once <= 64"]
    assert figures.naive is not None
    assert 0 < figures.naive < figures.ours
