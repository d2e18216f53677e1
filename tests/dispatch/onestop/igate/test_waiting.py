"""What is remembered of dossiers that wait, as a pure fold over the states in which they were seen."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from dispatch.onestop.igate.happenings import WAITS
from dispatch.onestop.igate.settings import IgateSettings, Meaning
from dispatch.onestop.igate.simulator.samples import sample_dossier, status
from dispatch.onestop.igate.waiting import Waiters, after
from dispatch.onestop.igate.walk import Waiting
from tests.support.desk import MONDAY
from tests.support.igate import OPTIONS

SETTINGS = IgateSettings.model_validate(OPTIONS)


def fold(*states: Meaning) -> tuple[Waiting, ...]:
    waits: tuple[Waiting, ...] = ()
    for hour, state in enumerate(states):
        waits = after(waits, state, MONDAY + timedelta(hours=hour), None)
    return waits


def test_a_payment_that_follows_a_supplement_ends_it() -> None:
    supplement, payment = fold(Meaning.PROCESSING, Meaning.SUPPLEMENT, Meaning.PAYMENT, Meaning.PROCESSING)
    assert supplement.ended == payment.since
    assert payment.ended == MONDAY + timedelta(hours=3)


def test_a_result_that_was_ready_before_anybody_looked_ends_the_wait_when_it_was_ready() -> None:
    waits = fold(Meaning.SUPPLEMENT)
    ready = MONDAY + timedelta(minutes=30)
    (done,) = after(waits, Meaning.FINISHED, MONDAY + timedelta(hours=2), ready)
    assert done.ended == ready


@given(st.lists(st.sampled_from(list(Meaning)), max_size=12))
def test_waits_follow_one_another_and_only_the_last_is_open(states: list[Meaning]) -> None:
    waits = fold(*states)
    assert all(one.status in set(WAITS) for one in waits)
    assert all(before.ended is not None and before.ended <= later.since for before, later in pairwise(waits))
    waiting = bool(states) and states[-1] in WAITS
    assert waiting <= (bool(waits) and waits[-1].ended is None)


def test_a_status_that_nobody_knows_changes_nothing_that_is_remembered() -> None:
    waits = {"H14.10-260302-0001": fold(Meaning.SUPPLEMENT)}
    waiters = Waiters(waits, SETTINGS, MONDAY + timedelta(hours=1))
    waiters.kept("H14.10-260302-0001", sample_dossier(1, MONDAY, dossierStatus={"id": 99}, dossierTaskStatus=None))
    assert waiters.now == waits


def test_of_those_who_have_waited_only_the_last_thousand_are_remembered_and_of_those_who_wait_all() -> None:
    ended = Waiting(status="supplement", since=MONDAY, ended=MONDAY)
    remembered = {f"ended-{number}": (ended,) for number in range(1001)}
    waiters = Waiters(remembered, SETTINGS, MONDAY)
    waiters.kept("waits", sample_dossier(1, MONDAY, code="waits", dossierStatus=status(1)))
    assert len(waiters.now) == 1001
    assert {"waits", "ended-1000"} <= waiters.now.keys()
    assert "ended-0" not in waiters.now
