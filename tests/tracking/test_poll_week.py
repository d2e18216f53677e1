"""A week of five hundred items at an operator that is asked item by item, calls nobody, has a limit and loses a day."""

from __future__ import annotations

import json
import random
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import bindparam, event, select, update

from carriers.breaker import BreakerState
from carriers.contract import ConnectionStatus, FeedItem, OrderRef
from carriers.outcomes import Retryable, Throttled
from config.accounts import Accounts, CarrierAccount
from config.clock import VIETNAM
from config.database import Database
from config.settings import Settings
from dispatch.context import CarrierPool, Context
from dispatch.shipments import ENDED, Shipment
from tests.support.desk import TestClock
from tests.support.schema import empty_database
from tracking import item_polling
from tracking.inbox import InboxDelivery, InboxState
from worker.bench.poll_shipments import ACCOUNT, fill

ITEMS = 500
MONDAY = datetime(2026, 3, 2, 8, 0, tzinfo=VIETNAM)
WEEK, STEP, HOUR = timedelta(days=7), timedelta(minutes=20), timedelta(hours=1)
AN_HOUR = 100
"""Questions that the operator takes in any hour, twenty items each; bookings need some of them too."""
DOWN_FROM = datetime(2026, 3, 5, 0, 0, tzinfo=VIETNAM)
DOWN_UNTIL = DOWN_FROM + timedelta(days=1)


@dataclass
class Story:
    """What truly happens to an item, and when we heard of each of it."""

    pickup_on: date
    happens: list[tuple[datetime, str]]
    heard: dict[str, datetime] = field(default_factory=dict)

    @property
    def transit_due(self) -> date:
        return self.pickup_on + timedelta(days=2)


@dataclass
class Operator:
    """It knows every story so far, counts its questions and refuses those over its limit."""

    clock: TestClock
    account: CarrierAccount
    stories: dict[str, Story]
    name: str = "ems"
    items_at_once: int = 20
    told: dict[str, int] = field(default_factory=dict)
    questions: list[datetime] = field(default_factory=list)
    lately: deque[datetime] = field(default_factory=deque)
    busiest_hour: int = 0
    refused: int = 0
    items: int = 0

    def track(self, orders: Sequence[OrderRef]) -> tuple[FeedItem, ...]:
        """Tell what has happened to these since they were last told of."""
        now = self.clock.now()
        self._count(now)
        if DOWN_FROM <= now < DOWN_UNTIL:
            raise Retryable("Nobody answers.", code="connect_failed")
        self.items += len(orders)
        return tuple(item for order in orders for item in self._news(order.order_number, now))

    def status(self) -> ConnectionStatus:
        return ConnectionStatus(BreakerState.CLOSED, 0.0, calls_a_minute=AN_HOUR / 60)

    def close(self) -> None:
        """Nothing is open."""

    def _count(self, now: datetime) -> None:
        while self.lately and self.lately[0] <= now - HOUR:
            self.lately.popleft()
        if len(self.lately) >= AN_HOUR:
            self.refused += 1
            raise Throttled("Too many questions.", retry_after=60)
        self.questions.append(now)
        self.lately.append(now)
        self.busiest_hour = max(self.busiest_hour, len(self.lately))

    def _news(self, number: str, now: datetime) -> Iterator[FeedItem]:
        happens, known = self.stories[number].happens, self.told.get(number, 0)
        new = [(at, state) for at, state in happens[known:] if at <= now]
        self.told[number] = known + len(new)
        for at, state in new:
            yield FeedItem(f"{number}:{state}", {"number": number, "state": state, "at": at.isoformat()})


def written(chance: random.Random) -> Story:
    """Collected on the promised day and delivered on the promised day; one in ten later, one in fifty never."""
    pickup = MONDAY.date() + timedelta(days=chance.randrange(3))
    collected = at(pickup, 9 + 8 * chance.random())
    late = chance.choice((1, 2)) if chance.random() < 0.1 else 0
    out = at(pickup + timedelta(days=2 + late), 7.5 + 2 * chance.random())
    delivered = out + timedelta(hours=0.5 + 6 * chance.random())
    happens = [(collected, "in_transit"), (out, "out_for_delivery"), (delivered, "delivered")]
    return Story(pickup, happens[:1] if chance.random() < 0.02 else happens)


def at(day: date, hour: float) -> datetime:
    return datetime.combine(day, time(), VIETNAM) + timedelta(hours=hour)


@dataclass
class Week:
    """The desk that asks, with real rows and the real planner; whoever applies news writes what news mean for it."""

    context: Context
    operator: Operator
    stories: dict[str, Story]

    def play(self) -> None:
        clock = self.operator.clock
        while clock.now() < MONDAY + WEEK:
            item_polling.drain(self.context)
            self.apply()
            clock.forward(minutes=STEP / timedelta(minutes=1))

    def apply(self) -> None:
        now = self.context.clock.now()
        with self.context.database.write() as session:
            new = session.scalars(select(InboxDelivery).where(InboxDelivery.state == InboxState.NEW)).all()
            told = [json.loads(delivery.body) for delivery in new]
            told.sort(key=lambda news: datetime.fromisoformat(news["at"]))  # by what happened, as a journey is read
            for delivery in new:
                delivery.state = InboxState.APPLIED
            for news in told:
                self.hear(news, now)
            if told:
                session.connection().execute(NEWS, [self.row(news, now) for news in told])

    def hear(self, news: dict[str, Any], now: datetime) -> None:
        self.stories[news["number"]].heard[news["state"]] = now

    def row(self, news: dict[str, Any], now: datetime) -> dict[str, Any]:
        story, state = self.stories[news["number"]], news["state"]
        since, live = datetime.fromisoformat(news["at"]), state not in ENDED
        values = {"now": now, "on": state, "since": since, "alive": live, "due": story.transit_due}
        return {"number": news["number"], **values}


NEWS = (
    update(Shipment)
    .where(Shipment.order_number == bindparam("number"))
    .values(
        state=bindparam("on"),
        state_since=bindparam("since"),
        live=bindparam("alive"),
        transit_due=bindparam("due"),
        heard_at=bindparam("now"),
        poll_at=None,
    )
)


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Week]:
    """The week, played from its beginning, in which all items were booked in one minute, to its end."""
    folder: Path = tmp_path_factory.mktemp("week")
    database = Database(empty_database(folder / "postal.db"), Fernet.generate_key().decode())
    # Nobody cuts the power of this week, and waiting for the disk at each of its commits would double it.
    event.listen(database.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
    fill(database, ITEMS)
    chance, clock = random.Random(20260302), TestClock(MONDAY)
    with database.write() as session:
        numbers = sorted(session.scalars(select(Shipment.order_number)))
        stories = {number: written(chance) for number in numbers}
        fresh = {"state": "booked", "state_since": MONDAY, "heard_at": None, "asked_at": None, "poll_at": None}
        session.execute(update(Shipment).values(**fresh, poll_urgent=False))
        pickups = [{"order_number": number, "pickup_on": story.pickup_on} for number, story in stories.items()]
        session.execute(update(Shipment), pickups)
    account = CarrierAccount.model_construct(id=ACCOUNT, carrier="ems")
    operator = Operator(clock, account, stories)
    accounts = Accounts.model_construct(carrier_accounts=(account,))
    settings = Settings(home=folder, sweep_seconds=STEP.total_seconds())
    pool = CarrierPool(accounts, lambda _account: operator)  # type: ignore[arg-type, return-value]
    week = Week(Context(database, clock, settings, accounts, pool), operator, stories)
    week.play()
    yield week
    database.dispose()


def promised_and_up(story: Story) -> Iterator[tuple[datetime, datetime]]:
    """When things happened and when they were heard of, of all that happened while it was promised."""
    for happened, state in story.happens:
        promised = story.pickup_on if state == "in_transit" else story.transit_due
        days_late = (happened.date() - promised).days
        if days_late in (0, 1) and not DOWN_FROM - HOUR <= happened < DOWN_UNTIL + timedelta(hours=7):
            yield happened, story.heard[state]


def test_what_was_promised_for_a_day_is_heard_of_within_the_hour(week: Week) -> None:
    waits = [heard - happened for story in week.stories.values() for happened, heard in promised_and_up(story)]
    assert len(waits) > ITEMS
    assert max(waits) <= HOUR


def test_it_takes_a_third_of_the_questions_that_a_fixed_interval_takes(week: Week) -> None:
    under_way = sum((ended(story) - MONDAY for story in week.stories.values()), timedelta(0))
    assert week.operator.items < (under_way / timedelta(minutes=30)) / 3


def ended(story: Story) -> datetime:
    return story.heard.get("delivered", MONDAY + WEEK)


def test_the_operators_limit_is_never_exceeded_and_bookings_find_a_third_of_it_free(week: Week) -> None:
    assert week.operator.refused == 0
    assert week.operator.busiest_hour <= AN_HOUR * 2 / 3


def test_an_operator_that_is_down_for_a_day_gets_few_questions(week: Week) -> None:
    assert 5 < sum(DOWN_FROM <= question < DOWN_UNTIL for question in week.operator.questions) < 25


def test_what_happened_meanwhile_is_known_soon_after_it_is_back(week: Week) -> None:
    missed = [
        story.heard[state]
        for story in week.stories.values()
        for happened, state in story.happens
        if DOWN_FROM <= happened < DOWN_UNTIL
    ]
    assert len(missed) > ITEMS / 5
    assert max(missed) <= DOWN_UNTIL + timedelta(hours=8)
    soon = sum(heard <= DOWN_UNTIL + timedelta(hours=3) for heard in missed)
    assert soon >= 0.9 * len(missed), "all but those that were asked about in vain"


def test_at_the_end_everything_is_known_and_what_is_over_is_left_alone(week: Week) -> None:
    for story in week.stories.values():
        assert list(story.heard) == [state for _, state in story.happens]
    with week.context.database.read() as session:
        live = set(session.scalars(select(Shipment.order_number).where(Shipment.live)))
    assert live == {number for number, story in week.stories.items() if len(story.happens) == 1}
