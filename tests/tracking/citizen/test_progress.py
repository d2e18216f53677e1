"""How far a dossier has come, whatever was heard of it and whatever was not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.shipments import Leg
from tracking.citizen.progress import Signs, Stage, judge

BOTH = frozenset({Leg.SEND, Leg.RETURN})
NOTHING = Signs(BOTH, sent=False, begun=False, ready=False, leaving=False, handed_out=False, withdrawn=False)
SIGNS = st.builds(Signs, st.frozensets(st.sampled_from(Leg)), *[st.booleans()] * 6)


@pytest.mark.parametrize(
    ("known", "stage"),
    [
        ({}, Stage.FILED),
        ({"sent": True}, Stage.TO_AGENCY),
        ({"begun": True}, Stage.IN_PROCESS),
        ({"begun": True, "ready": True}, Stage.READY),
        ({"ready": True, "leaving": True}, Stage.TO_CITIZEN),
        ({"handed_out": True}, Stage.DONE),
        ({"begun": True, "withdrawn": True}, Stage.WITHDRAWN),
    ],
)
def test_the_furthest_step_that_was_heard_of_counts(known: dict[str, Any], stage: Stage) -> None:
    assert judge(replace(NOTHING, **known)).stage is stage


@given(SIGNS)
def test_a_dossier_is_always_at_one_of_its_steps(signs: Signs) -> None:
    progress = judge(signs)
    assert 1 <= progress.number <= len(progress.steps)
    assert (Stage.TO_AGENCY in progress.steps) == (Leg.SEND in signs.legs)


@given(SIGNS)
def test_news_never_takes_a_dossier_back(signs: Signs) -> None:
    for more in ("sent", "begun", "ready", "leaving", "handed_out"):
        heard: dict[str, Any] = {more: True}
        unheard: dict[str, Any] = {more: False}
        assert judge(replace(signs, **heard)).number >= judge(replace(signs, **unheard)).number
