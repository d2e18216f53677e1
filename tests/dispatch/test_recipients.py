"""Who may receive, as a pure rule."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from dispatch.recipients import DeliveryRecordForm, Lack, judge
from tests.dispatch.people import NOW

CCCD = {"paper": "cccd", "last_digits": "9013"}


def authorised_by(kind: str) -> dict[str, str]:
    return {"kind": kind, "number": "1", "dated": "01/03/2026", "signed_by": "Giám đốc"}


def form(**more: Any) -> DeliveryRecordForm:
    body = {
        "record_id": "r1",
        "at": NOW,
        "postman": "Lý Văn Hải",
        "receiver": "Bế Đức Hiếu",
        "relation": "recipient",
        "identity": CCCD,
        "signed": True,
    }
    return DeliveryRecordForm.model_validate({**body, **more})


@pytest.mark.parametrize(
    ("more", "lacks"),
    [
        ({}, []),
        ({"identity": None}, [Lack.IDENTITY]),
        ({"signed": False}, [Lack.SIGNATURES]),
        ({"relation": "authorised"}, [Lack.AUTHORISATION]),
        ({"relation": "authorised", "authorisation": authorised_by("power_of_attorney")}, []),
        ({"relation": "authorised", "authorisation": authorised_by("power_of_attorney"), "identity": None},
         [Lack.IDENTITY]),
        ({"relation": "organisation", "authorisation": authorised_by("power_of_attorney")}, [Lack.LETTER]),
        ({"relation": "organisation", "authorisation": authorised_by("letter_of_introduction")}, []),
        ({"to_take_back": ["Giấy hẹn"]}, [Lack.TAKE_BACK]),
        ({"to_take_back": ["Giấy hẹn"], "taken_back": ["Giấy hẹn"]}, []),
        ({"to_take_back": ["Giấy hẹn"], "statement": "đã mất"}, []),
    ],
)  # fmt: skip
def test_what_is_missing_for_a_delivery(more: dict[str, Any], lacks: list[Lack]) -> None:
    assert list(judge(form(**more)).lacks) == lacks


@pytest.mark.parametrize("digits", ["79013", "004412799013", "", "90 3"])
def test_at_most_four_digits_of_an_identity_paper_are_taken(digits: str) -> None:
    with pytest.raises(ValidationError):
        form(identity={"paper": "cccd", "last_digits": digits})


def test_papers_that_are_stated_to_be_lost_are_named() -> None:
    receiving = judge(form(to_take_back=["Giấy hẹn", "Biên lai"], taken_back=["Biên lai"], statement="mất"))
    assert receiving.lost_papers == ("Giấy hẹn",)


_KINDS = st.sampled_from(["power_of_attorney", "letter_of_introduction", "other"])


@given(
    st.sampled_from(["recipient", "authorised", "organisation"]),
    st.none() | st.just(CCCD),
    st.none() | _KINDS.map(authorised_by),
    st.booleans(),
)
def test_nobody_receives_without_identity_and_signatures_and_no_other_without_a_paper(
    relation: str, identity: dict[str, str] | None, authorisation: dict[str, str] | None, signed: bool
) -> None:
    lacks = judge(form(relation=relation, identity=identity, authorisation=authorisation, signed=signed)).lacks
    if not lacks:
        assert identity is not None
        assert signed
        assert relation == "recipient" or authorisation is not None
    more = judge(form(relation=relation, identity=CCCD, authorisation=authorisation, signed=True)).lacks
    assert set(more) <= set(lacks), "who shows more never lacks more"
