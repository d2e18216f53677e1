"""The moment of filing: it lies in the past, give or take what two clocks differ by."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from dispatch.dossiers import Dossier, get_dossier
from dispatch.problems import Problem
from tests.dispatch.people import NOW, refusal, register
from tests.support.desk import CODE


def filed(session: Session, minutes_from_now: float) -> Dossier:
    return register(session, filed_at=NOW + timedelta(minutes=minutes_from_now))


def test_a_dossier_that_is_filed_tomorrow_is_not_registered_today(session: Session) -> None:
    with pytest.raises(Problem, match="lies in the future") as problem:
        filed(session, minutes_from_now=24 * 60)
    assert refusal(problem) == ("filed-in-future", 422)
    assert session.get(Dossier, CODE) is None


def test_a_registered_dossier_cannot_be_moved_into_the_future_either(session: Session) -> None:
    filed(session, minutes_from_now=-15)
    with pytest.raises(Problem) as problem:
        filed(session, minutes_from_now=6)
    assert refusal(problem) == ("filed-in-future", 422)
    assert get_dossier(session, CODE).filed_at == NOW - timedelta(minutes=15)


@pytest.mark.parametrize("minutes", [0, 5])
def test_a_clock_that_is_a_little_fast_is_forgiven(session: Session, minutes: float) -> None:
    assert filed(session, minutes_from_now=minutes).revision == 1
