"""Many bookings at once, as many as each operator agreed to and no more; nobody waits for another one's operator."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.orm import Session
from starlette.types import Receive, Scope, Send

from carriers.contract import Booking
from carriers.vnpost_ngsp.simulator import account_options, create_app
from dispatch.booking import drain, due_count
from dispatch.calls import CarrierCall
from dispatch.settlements import Adopted
from dispatch.settling import Learnt, settle_all
from dispatch.shipments import BookingState, Shipment
from tests.dispatch.bookings import all_shipments, held
from tests.support.accounts import change_account
from tests.support.desk import TestDesk, opened_desk
from tests.support.operators import joined
from tests.support.servers import serve


class Counting:
    """An operator's server that takes its time over orders and counts how many it has in hand."""

    def __init__(self, app: Any, seconds: float) -> None:
        self._app, self._seconds = app, seconds
        self.in_hand = self.most = 0
        self.when_answered: Callable[[], object] = int

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] != "/order/post":
            await self._app(scope, receive, send)
            return
        self.in_hand += 1
        self.most = max(self.most, self.in_hand)
        await asyncio.sleep(self._seconds)
        await self._app(scope, receive, send)
        self.in_hand -= 1
        self.when_answered()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.needs_postgres)])
def busy(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TestDesk]:
    """A desk whose worker may have 64 calls out at once."""
    url = request.getfixturevalue("postgres_url") if request.param == "postgres" else None
    _empty(url)
    with opened_desk(tmp_path, url, booking_in_flight=64) as desk:
        yield desk
    _empty(url)


def _empty(url: str | None) -> None:
    if url is not None:
        engine = create_engine(url)
        with engine.begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
        engine.dispose()


def _order(desk: TestDesk, many: int, first: int = 1000, **more: Any) -> list[str]:
    codes = [f"H14.10-260302-{first + number}" for number in range(many)]
    for code in codes:
        desk.register(code)
        desk.order("send", dossier=code, **more)
    return codes


def _booked(desk: TestDesk, codes: list[str]) -> bool:
    return all(one.booking is BookingState.BOOKED for code in codes for one in all_shipments(desk, code))


def test_an_operator_that_takes_three_at_once_is_never_sent_more(busy: TestDesk) -> None:
    counting = Counting(create_app(busy.operator), 0.03)
    with serve(counting) as url:
        change_account(busy, options={**account_options(url), "transport": {"concurrency": 3}})
        codes = _order(busy, 16)
        assert drain(busy.context) == 16
        assert _booked(busy, codes)
        assert 1 < counting.most <= 3
        assert [held(busy, f"{code}-S1")["create_calls"] for code in codes] == [1] * 16
        busy.context.carriers.close()


def test_many_calls_are_out_at_once_where_the_operator_allows_it(busy: TestDesk) -> None:
    counting = Counting(create_app(busy.operator), 0.3)
    with serve(counting) as url:
        change_account(busy, options={**account_options(url), "transport": {"concurrency": 20}})
        codes = _order(busy, 19)
        drain(busy.context)
        assert _booked(busy, codes)
        assert counting.most > 12, "they were sent one after another"
        busy.context.carriers.close()


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[TestDesk]:
    """A desk whose worker has four calls out at once."""
    with opened_desk(tmp_path, booking_in_flight=4) as desk:
        yield desk


def test_a_slow_operator_with_a_long_queue_holds_up_no_other(slow: TestDesk) -> None:
    counting = Counting(create_app(slow.operator), 0.25)
    with serve(counting) as url:
        change_account(slow, options={**account_options(url), "transport": {"concurrency": 3}})
        with joined(slow, "viettelpost") as quick:
            waiting = _order(slow, 8, carrier="vnpost_ngsp")
            slow.clock.forward(minutes=1)
            others = _order(slow, 8, first=2000, carrier="viettelpost")
            seen: list[bool] = []
            counting.when_answered = lambda: seen.append(len(quick.orders()) == len(others))
            drain(slow.context)
            assert _booked(slow, waiting + others)
            assert seen[4:] == [True] * 4, "the quick operator's orders waited for the slow one's queue"


def test_what_cannot_be_settled_takes_no_other_with_it(slow: TestDesk) -> None:
    first, second = _order(slow, 2)

    def breaks(session: Session, shipment: Shipment, now: Any) -> None:
        raise ArithmeticError("nobody thought of this")

    with pytest.raises(ArithmeticError):
        settle_all(slow.context, [Learnt(f"{first}-S1", breaks), Learnt(f"{second}-S1", _adopted(second))], [])
    assert [all_shipments(slow, code)[0].booking for code in (first, second)] == ["requested", "booked"]


def _adopted(code: str) -> Adopted:
    return Adopted(Booking(f"{code}-S1", "HC000000001VN", already_existed=False))


def test_the_records_of_the_calls_are_kept_with_what_came_of_them(slow: TestDesk) -> None:
    _order(slow, 5)
    drain(slow.context)
    with slow.read() as session:
        booked = select(func.count()).select_from(CarrierCall).where(CarrierCall.operation == "book")
        assert session.scalar(booked) == 5
        assert due_count(session, slow.clock.now()) == 0
