"""Two copies of a dossier: what differs, and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.desk import CODE, MONDAY
from tests.tracking.reconciliation.commands import takes
from tracking.reconciliation.copies import Looked, OurDossier, TheirDossier, Traffic, Undelivered, compare, missing_here
from tracking.reconciliation.differences import Cause, Kind

moments = st.integers(min_value=-30 * 24 * 60, max_value=0).map(lambda minutes: MONDAY + timedelta(minutes=minutes))
perhaps = st.none() | moments
undelivered = st.builds(
    Undelivered,
    id=st.just(f"{CODE}:dossier.due_date_changed:1@portal"),
    parked=st.booleans(),
    attempts=st.integers(0, 11),
    since=moments,
    trouble=st.sampled_from(["", "HTTP 503"]),
)
traffics = st.builds(
    Traffic,
    undelivered=st.none() | undelivered,
    told_at=perhaps,
    waiting=st.none() | st.integers(1, 9),
    why=st.just("chưa rõ"),
    on_its_way=st.booleans(),
)
ours = st.builds(
    OurDossier,
    code=st.just(CODE),
    sets_due=st.booleans(),
    due=perhaps,
    due_since=perhaps,
    ended_at=perhaps,
    ended_by=st.none() | st.just(("igate-cb", "e-1")),
)
theirs = st.builds(TheirDossier, due=perhaps, state=st.just("4"), ended=st.none() | st.booleans(), changed_at=perhaps)
looks = st.builds(Looked, system=st.just("portal"), owns=st.booleans(), asked_at=st.just(MONDAY))

PORTAL, IGATE = Looked("portal", False, MONDAY), Looked("igate-cb", True, MONDAY)
LONG_AGO = MONDAY - timedelta(days=20)
DUE = MONDAY + timedelta(days=3)
OPEN = OurDossier(CODE, True, DUE, LONG_AGO, None)
ALIKE = TheirDossier(DUE, "4", False)
TOLD = Traffic(told_at=MONDAY - timedelta(days=19))


def found(one: OurDossier, other: TheirDossier | None, traffic: Traffic, looked: Looked) -> list[tuple[Kind, Cause]]:
    return [(one.kind, one.cause) for one in compare(one, other, traffic, looked)]


@pytest.mark.parametrize(
    "wrong", ["postal outbox --again m", "postal settle", "postal onestops tell portal", "postal no"]
)
def test_a_command_that_postal_does_not_take_is_noticed(wrong: str) -> None:
    assert not takes(wrong)


@given(ours, theirs, traffics, looks)
def test_copies_that_are_alike_never_differ(
    one: OurDossier, other: TheirDossier, traffic: Traffic, looked: Looked
) -> None:
    alike = replace(other, due=one.due, ended=one.ended_at is not None)
    assert compare(one, alike, traffic, looked) == []


@given(ours, st.none() | theirs, traffics, looks)
def test_every_difference_has_one_command_that_postal_takes(
    one: OurDossier, other: TheirDossier | None, traffic: Traffic, looked: Looked
) -> None:
    differences = compare(one, other, traffic, looked)
    assert len({difference.kind for difference in differences}) == len(differences)
    assert all(takes(difference.mend) and difference.subject == CODE for difference in differences)


@given(ours, st.none() | theirs, traffics, looks)
def test_what_is_on_its_way_is_no_difference(
    one: OurDossier, other: TheirDossier | None, traffic: Traffic, looked: Looked
) -> None:
    fresh = Undelivered("m", False, 0, MONDAY - timedelta(minutes=5), "")
    for moving in (
        replace(traffic, on_its_way=True),
        replace(traffic, undelivered=fresh),
        replace(traffic, told_at=MONDAY + timedelta(seconds=1)),
    ):
        assert compare(one, other, moving, looked) == []


@given(ours, theirs, traffics, looks)
def test_a_date_that_a_ministry_sets_is_never_compared(
    one: OurDossier, other: TheirDossier, traffic: Traffic, looked: Looked
) -> None:
    theirs_to_set = replace(one, sets_due=False, due=None)
    assert Kind.DUE_DIFFERS not in {d.kind for d in compare(theirs_to_set, other, traffic, looked)}


@given(ours, st.none() | theirs, traffics)
def test_of_a_copy_that_lacks_our_news_the_message_is_named(
    one: OurDossier, other: TheirDossier | None, traffic: Traffic
) -> None:
    parked = replace(traffic, undelivered=Undelivered("m-1", True, 11, LONG_AGO, "HTTP 410"))
    for difference in compare(one, other, parked, PORTAL):
        assert (difference.cause, difference.mend) == (Cause.MESSAGE_PARKED, "postal outbox --send-again m-1")


def test_each_cause_of_a_copy() -> None:
    late = replace(ALIKE, due=DUE + timedelta(days=1))
    waits = Undelivered("m", False, 2, MONDAY - timedelta(hours=1), "HTTP 503")
    assert found(OPEN, late, TOLD, PORTAL) == [(Kind.DUE_DIFFERS, Cause.CHANGED_THERE)]
    assert found(OPEN, late, Traffic(), PORTAL) == [(Kind.DUE_DIFFERS, Cause.NEVER_TOLD)]
    assert found(OPEN, late, replace(TOLD, undelivered=waits), PORTAL) == [(Kind.DUE_DIFFERS, Cause.MESSAGE_WAITS)]
    moved = replace(OPEN, due_since=MONDAY - timedelta(hours=2))
    assert found(moved, late, TOLD, PORTAL) == [(Kind.DUE_DIFFERS, Cause.NOT_TOLD_SINCE)]
    assert found(OPEN, None, TOLD, PORTAL) == [(Kind.MISSING_THERE, Cause.LOST_THERE)]
    assert found(OPEN, replace(ALIKE, ended=True), TOLD, PORTAL) == [(Kind.ENDED_THERE, Cause.CHANGED_THERE)]
    assert found(replace(OPEN, due=None), ALIKE, TOLD, PORTAL) == [(Kind.DUE_DIFFERS, Cause.CHANGED_THERE)]
    assert found(OPEN, replace(ALIKE, due=DUE + timedelta(seconds=59)), TOLD, PORTAL) == []


def test_each_cause_at_the_system_that_owns_the_dossier() -> None:
    ended = replace(OPEN, ended_at=LONG_AGO, ended_by=("igate-cb", "e-9"))
    waits = replace(TOLD, waiting=7, why="trạng thái lạ")
    assert found(OPEN, None, TOLD, IGATE) == [(Kind.MISSING_THERE, Cause.DELETED_THERE)]
    assert found(ended, None, TOLD, IGATE) == []
    assert found(OPEN, replace(ALIKE, ended=True), TOLD, IGATE) == [(Kind.ENDED_THERE, Cause.NOT_HEARD)]
    assert found(OPEN, replace(ALIKE, ended=True), waits, IGATE) == [(Kind.ENDED_THERE, Cause.REPORT_WAITS)]
    assert found(ended, ALIKE, TOLD, IGATE) == [(Kind.OPEN_THERE, Cause.TAKEN_BACK_THERE)]
    assert found(replace(OPEN, due=None), ALIKE, TOLD, IGATE) == []  # nobody types an empty date


def test_news_of_a_moment_ago_is_waited_for() -> None:
    just_now = MONDAY - timedelta(minutes=5)
    assert found(OPEN, TheirDossier(DUE, "6", True, just_now), TOLD, IGATE) == []
    assert found(replace(OPEN, ended_at=just_now), ALIKE, TOLD, IGATE) == []
    assert missing_here(CODE, just_now, Traffic(), IGATE) is None


@given(st.none() | moments.map(lambda at: at - timedelta(hours=2)), traffics)
def test_a_dossier_that_is_missing_here_is_fetched_or_tried_again(
    changed_at: datetime | None, traffic: Traffic
) -> None:
    difference = missing_here(CODE, changed_at, traffic, IGATE)
    if traffic.on_its_way:
        assert difference is None
        return
    assert difference is not None
    assert takes(difference.mend)
    assert (difference.cause is Cause.REPORT_WAITS) is (traffic.waiting is not None)
