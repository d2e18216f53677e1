"""What the citizen sees of an operator: the hours that it offers, and that it does not answer now."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import httpx

from carriers.simulation import Fault, FaultRule, SimulatedOperator
from config.clock import local
from dispatch.shipment_queries import shipments_of
from dispatch.shipments import Shipment
from tests.support.citizens import Citizen, said
from tests.support.desk import TestDesk
from tests.support.operators import joined
from tests.support.servers import serve
from worker.web.app import make_web

ORDER = "buu-chinh"
HOME = {"detail": "Tổ 5", "place": "Xã Xuân Trường, tỉnh Cao Bằng"}


def ordered(desk: TestDesk, code: str) -> list[Shipment]:
    with desk.read() as session:
        return shipments_of(session, code)


@contextmanager
def beside(desk: TestDesk, carrier: str) -> Iterator[tuple[Citizen, SimulatedOperator]]:
    """A citizen at the pages of a desk that has one more operator."""
    with (
        joined(desk, carrier) as operator,
        serve(make_web(desk.runtime), lifespan="on") as url,
        httpx.Client(base_url=url, timeout=30.0, follow_redirects=True) as browser,
    ):
        yield Citizen(desk, browser), operator


def test_a_day_and_hours_are_chosen_where_the_operator_offers_them(desk: TestDesk, registered: str) -> None:
    with beside(desk, "viettelpost") as (citizen, _):
        citizen.open(registered)
        shown = citizen.send(ORDER, HOME)
        window = re.findall(r'<option value="(\d\d:\d\d-\d\d:\d\d)"', shown.text)[0]
        today = local(desk.clock.now()).date()
        chosen = {"service": "send", "pickup_window": window, "pickup_on": (today - timedelta(days=1)).isoformat()}
        late = citizen.send(ORDER, chosen, shown)
        assert late.status_code == 422
        assert "Chọn ngày từ hôm nay" in said(late)
        assert f'<option value="{window}" selected>' in late.text
        citizen.send(ORDER, {**chosen, "pickup_on": today.isoformat()}, late)
    (send,) = ordered(desk, registered)
    assert (send.pickup_on, send.pickup_window) == (today, window)


def test_where_nobody_tells_the_price_now_nothing_is_ordered_and_nothing_typed_is_lost(
    desk: TestDesk, registered: str
) -> None:
    with beside(desk, "viettelpost") as (citizen, operator):
        citizen.open(registered)
        operator.faults.replace([FaultRule(fault=Fault.ERROR_BEFORE, times=9)])
        answer = citizen.send(ORDER, HOME)
    assert answer.status_code == 503, said(answer)
    assert "bảng cước niêm yết" in said(answer)
    assert 'value="Tổ 5"' in answer.text
    assert ordered(desk, registered) == []
