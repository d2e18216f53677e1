"""An order here and at its operator: what differs, and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from carriers.states import ShipmentState
from tests.support.desk import CODE, MONDAY
from tests.tracking.reconciliation.commands import takes
from tracking.reconciliation.differences import Cause, Kind
from tracking.reconciliation.orders import Hearing, OurOrder, TheirOrder, compare

NUMBER = f"{CODE}-S1"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HEARING = Hearing("", MONDAY - HOUR, HOUR)
BOOKED = OurOrder(
    number=NUMBER,
    dossier=CODE,
    live=True,
    in_doubt=False,
    booked_at=MONDAY - 3 * DAY,
    cancelled_at=None,
    journey=ShipmentState.BOOKED,
    carried=False,
    waybill="HC1VN",
    other_waybill=None,
    heard=frozenset({"k1"}),
)
SHOWN = TheirOrder(True, "HC1VN", ShipmentState.BOOKED, MONDAY - 3 * DAY, "k1")

moments = st.integers(min_value=-60 * 24, max_value=0).map(lambda minutes: MONDAY + timedelta(minutes=minutes))
states = st.sampled_from(list(ShipmentState))
waybills = st.none() | st.sampled_from(["HC1VN", "HC2VN"])
ours = st.builds(
    OurOrder,
    number=st.just(NUMBER),
    dossier=st.just(CODE),
    live=st.booleans(),
    in_doubt=st.booleans(),
    booked_at=moments,
    cancelled_at=st.none() | moments,
    journey=st.none() | states,
    carried=st.booleans(),
    waybill=waybills,
    other_waybill=waybills,
    heard=st.frozensets(st.sampled_from(["k1", "k2"])),
)
theirs = st.builds(
    TheirOrder,
    known=st.none() | st.booleans(),
    waybill=waybills,
    state=st.none() | states,
    at=st.none() | moments,
    key=st.sampled_from(["k1", "k2", "k3"]),
    over=st.booleans(),
)
hearings = st.builds(
    Hearing, trouble=st.sampled_from(["", "HTTP 503"]), read_at=st.none() | moments, patience=st.just(HOUR)
)


def found(one: OurOrder, other: TheirOrder, hearing: Hearing = HEARING) -> list[tuple[Kind, Cause]]:
    return [(one.kind, one.cause) for one in compare(one, other, hearing, MONDAY)]


@given(ours, theirs, hearings)
def test_every_difference_has_one_command_that_postal_takes(one: OurOrder, other: TheirOrder, hearing: Hearing) -> None:
    differences = compare(one, other, hearing, MONDAY)
    assert len({difference.kind for difference in differences}) == len(differences)
    assert all(takes(difference.mend) and difference.order == NUMBER for difference in differences)


@given(ours, theirs, hearings)
def test_silence_that_means_nothing_is_no_difference(one: OurOrder, other: TheirOrder, hearing: Hearing) -> None:
    assert compare(one, replace(other, known=None), hearing, MONDAY) == []


@given(ours, theirs, hearings)
def test_what_was_heard_or_has_just_happened_is_not_missed(one: OurOrder, other: TheirOrder, hearing: Hearing) -> None:
    missed = {Kind.NEWS_UNHEARD, Kind.ORDER_CANCELLED}
    for known in (replace(one, heard=frozenset({"k1", "k2", "k3"})),):
        assert missed.isdisjoint(d.kind for d in compare(known, other, hearing, MONDAY))
    fresh = replace(other, at=MONDAY - HOUR / 2)
    assert missed.isdisjoint(d.kind for d in compare(one, fresh, hearing, MONDAY))


@given(ours, theirs, hearings)
def test_an_order_that_is_not_live_here_is_never_called_unknown_there(
    one: OurOrder, other: TheirOrder, hearing: Hearing
) -> None:
    dead = replace(one, live=False)
    assert Kind.ORDER_UNKNOWN not in {d.kind for d in compare(dead, replace(other, known=False), hearing, MONDAY)}


def test_orders_that_are_alike_differ_in_nothing() -> None:
    assert found(BOOKED, SHOWN) == []


def test_an_order_that_the_operator_does_not_show() -> None:
    unseen = replace(BOOKED, journey=None)
    assert found(BOOKED, TheirOrder(False)) == [(Kind.ORDER_UNKNOWN, Cause.NO_LONGER_SHOWN)]
    assert found(unseen, TheirOrder(False)) == [(Kind.ORDER_UNKNOWN, Cause.NEVER_SHOWN)]
    assert found(replace(unseen, booked_at=MONDAY - DAY / 2), TheirOrder(False)) == []
    carried = replace(BOOKED, carried=True, journey=ShipmentState.IN_TRANSIT)
    (difference,) = compare(carried, TheirOrder(False), HEARING, MONDAY)
    assert difference.mend == f"postal ask {NUMBER}"  # what was carried is never booked again


def test_news_that_was_not_heard() -> None:
    at = MONDAY - 2 * HOUR
    moved = replace(SHOWN, state=ShipmentState.IN_TRANSIT, at=at, key="k9")
    assert found(BOOKED, moved) == [(Kind.NEWS_UNHEARD, Cause.PASSED_OVER)]
    assert found(BOOKED, moved, replace(HEARING, trouble="HTTP 503")) == [(Kind.NEWS_UNHEARD, Cause.READING_FAILS)]
    assert found(BOOKED, moved, replace(HEARING, read_at=at - HOUR)) == [(Kind.NEWS_UNHEARD, Cause.NOT_READ_SINCE)]
    dead = replace(moved, state=ShipmentState.CANCELLED, over=True)
    assert found(BOOKED, dead) == [(Kind.ORDER_CANCELLED, Cause.PASSED_OVER)]


def test_an_order_that_is_cancelled_here_and_goes_on_there() -> None:
    dead = replace(BOOKED, live=False, cancelled_at=MONDAY - DAY)
    later = replace(SHOWN, state=ShipmentState.COLLECTING, at=MONDAY - HOUR, key="k9")
    assert found(dead, later) == [(Kind.ORDER_LIVE, Cause.CANCELLATION_LOST)]
    assert found(dead, SHOWN) == []  # it has shown nothing since
    assert found(dead, replace(later, state=ShipmentState.CANCELLED, over=True)) == []


def test_another_waybill_and_an_order_in_doubt() -> None:
    other = replace(SHOWN, waybill="HC2VN")
    assert found(BOOKED, other) == [(Kind.OTHER_WAYBILL, Cause.RENUMBERED)]
    assert found(replace(BOOKED, other_waybill="HC2VN"), other) == [(Kind.OTHER_WAYBILL, Cause.MADE_TWICE)]
    assert found(replace(BOOKED, waybill=None), other) == []
    (difference,) = compare(replace(BOOKED, live=False, in_doubt=True), other, HEARING, MONDAY)
    assert difference.mend == f"postal settle {NUMBER} --held --waybill HC2VN"
