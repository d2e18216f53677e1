"""A province that has a gateway of its own adds our ways: a telephone is rung by one of them, and never by both."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dispatch.onestop.deliveries import Fault
from tests.tracking.telling.reach import FIXED_LINE, PHONE, Reach, deliver, opened_reach


@pytest.fixture
def reach(tmp_path: Path) -> Iterator[Reach]:
    with opened_reach(tmp_path, keep_gateway=True) as reach:
        yield reach


@pytest.mark.parametrize(("phone", "called", "texted"), [(FIXED_LINE, 1, 0), (PHONE, 0, 1)])
def test_a_telephone_rings_once(reach: Reach, phone: str, called: int, texted: int) -> None:
    case = reach.opened(phone=phone)
    reach.tell(case, "withdrawn")
    deliver(reach.desk)
    received = reach.desk.onestop.deliveries.received("messages")
    assert [one.body["data"]["channel"] for one in received] == ["call"] * called
    assert len(reach.texts(case)) == texted
    assert len(reach.letters(case)) == 1


def test_a_gateway_that_fails_is_tried_again_and_the_letter_comes_once(reach: Reach) -> None:
    case = reach.opened(phone=FIXED_LINE)
    reach.desk.onestop.deliveries.add_fault(Fault(kind="error", match=case.code))
    reach.tell(case, "withdrawn")
    deliver(reach.desk)
    assert reach.desk.onestop.deliveries.received("messages") == []
    reach.desk.clock.forward(seconds=10)
    deliver(reach.desk)
    assert len(reach.desk.onestop.deliveries.received("messages")) == 1
    assert len(reach.letters(case)) == 1
