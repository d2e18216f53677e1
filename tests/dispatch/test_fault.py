"""Who pays for carrying rejected papers again: by facts, and by nobody's guess (Decision 45/2016/QĐ-TTg Art. 12(4))."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.checklist_choice import Item
from dispatch.fault import SOURCES, Fault, FaultReason, Rejection, party_at_fault
from dispatch.parties import Party

LIST = (Item("Tờ khai", 1, 0, required=True), Item("Giấy khai sinh", 0, 1, required=True))
COUNTED = Rejection(asked=("Tờ khai",), listed=LIST, version="p1", signed=True, counted=("Tờ khai", "Giấy khai sinh"))
NAMES = ("Tờ khai", "Giấy khai sinh", "Sổ hộ khẩu")
SOME = st.lists(st.sampled_from(NAMES), max_size=3, unique=True).map(tuple)
REJECTIONS = st.builds(
    Rejection,
    asked=SOME,
    listed=st.sampled_from([None, LIST]),
    version=st.just("p1"),
    used_version=st.sampled_from([None, "p1", "n7"]),
    signed=st.booleans(),
    counted=SOME,
    known_missing=SOME,
    registered=SOME,
    seal_intact=st.sampled_from([None, True, False]),
)


@pytest.mark.parametrize(
    ("rejection", "fault"),
    [
        (replace(COUNTED, asked=("Sổ hộ khẩu",)), Fault(Party.AGENCY, FaultReason.NOT_ON_LIST)),
        (
            replace(COUNTED, asked=("Giấy khai sinh",), counted=("Tờ khai",), known_missing=("Giấy khai sinh",)),
            Fault(Party.CITIZEN, FaultReason.KNOWN_AT_PICKUP),
        ),
        (replace(COUNTED, seal_intact=False), Fault(Party.POST, FaultReason.LOST_ON_THE_WAY)),
        (replace(COUNTED, seal_intact=True, used_version="n7"), Fault(Party.AGENCY, FaultReason.OTHER_VERSION)),
        (replace(COUNTED, seal_intact=True, used_version="p1"), Fault(None, FaultReason.UNCLEAR)),
        (Rejection(asked=("Tờ khai",), listed=LIST), Fault(Party.CITIZEN, FaultReason.NEVER_SENT)),
        (Rejection(asked=("Tờ khai",)), Fault(None, FaultReason.UNCLEAR)),
        (Rejection(asked=(), listed=LIST), Fault(None, FaultReason.UNCLEAR)),
        (
            replace(COUNTED, asked=("Sổ hộ khẩu", "Tờ khai"), seal_intact=False),
            Fault(None, FaultReason.SEVERAL),
        ),
    ],
    ids=["invented", "known", "seal", "list", "intact", "never-sent", "no-facts", "no-paper", "two-parties"],
)
def test_the_facts_name_the_party_or_leave_it_to_a_person(rejection: Rejection, fault: Fault) -> None:
    assert party_at_fault(rejection) == fault


def test_every_reason_has_its_law() -> None:
    assert SOURCES.keys() == set(FaultReason)
    assert all("Điều 12(4)" in source for source in SOURCES.values())


@given(REJECTIONS)
def test_who_pays_does_not_depend_on_the_order_of_papers_or_their_capitals(rejection: Rejection) -> None:
    other = replace(rejection, asked=tuple(name.upper() for name in reversed(rejection.asked)))
    assert party_at_fault(other) == party_at_fault(rejection)


@given(REJECTIONS)
def test_the_citizen_never_pays_for_what_no_list_asks_for(rejection: Rejection) -> None:
    fault = party_at_fault(replace(rejection, asked=("Sổ hộ khẩu",), listed=LIST))
    assert fault.party is Party.AGENCY


@given(REJECTIONS)
def test_the_post_pays_only_under_a_broken_seal(rejection: Rejection) -> None:
    if party_at_fault(rejection).party is Party.POST:
        assert rejection.seal_intact is False
        assert rejection.signed
