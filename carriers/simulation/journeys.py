"""Journeys as they are in real life, drawn from a seed: hours or days between two scans, and nights at rest."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from carriers.states import ShipmentState as State
from config.clock import local

_OPENS, _CLOSES = 7, 19
"""Hours of a day, Vietnam time, in which anything is scanned."""


@dataclass(frozen=True, slots=True)
class Leg:
    """One scan and how long after the one before it, in hours, at the least and at the most."""

    state: State
    earliest: float
    latest: float


_COLLECTION = (Leg(State.COLLECTING, 0.5, 3), Leg(State.IN_TRANSIT, 0.5, 4))
_CARRIAGE = (Leg(State.IN_TRANSIT, 3, 20), Leg(State.OUT_FOR_DELIVERY, 6, 30))
_STORIES: tuple[tuple[int, tuple[Leg, ...]], ...] = (
    (78, (*_COLLECTION, *_CARRIAGE, Leg(State.DELIVERED, 0.5, 6))),
    (
        12,
        (
            *(*_COLLECTION, *_CARRIAGE, Leg(State.DELIVERY_FAILED, 0.5, 6)),
            *(Leg(State.OUT_FOR_DELIVERY, 40, 60), Leg(State.DELIVERED, 0.5, 6)),
        ),
    ),
    (
        6,
        (
            *(*_COLLECTION, *_CARRIAGE, Leg(State.DELIVERY_FAILED, 0.5, 6)),
            *(Leg(State.OUT_FOR_DELIVERY, 48, 60), Leg(State.DELIVERY_FAILED, 0.5, 6)),
            *(Leg(State.RETURNING, 48, 72), Leg(State.RETURNED, 12, 40)),
        ),
    ),
    (4, (Leg(State.COLLECTION_FAILED, 2, 6), *_COLLECTION, *_CARRIAGE, Leg(State.DELIVERED, 0.5, 6))),
)


def journey(seed: int, order_number: str, ordered_at: datetime) -> Iterator[tuple[State, datetime]]:
    """Yield what happens to an order and when; the same seed and order give the same journey."""
    chance = random.Random(f"{seed}:{order_number}")
    (story,) = chance.choices([legs for _, legs in _STORIES], [share for share, _ in _STORIES])
    at = ordered_at
    for leg in story:
        at = _in_hours(at + timedelta(hours=chance.uniform(leg.earliest, leg.latest)))
        yield leg.state, at


def _in_hours(at: datetime) -> datetime:
    """Move what would fall into the night to the next morning, a little later for each minute of the night."""
    there = local(at)
    if there.hour < _OPENS:
        return at + timedelta(hours=_OPENS - there.hour)
    if there.hour >= _CLOSES:
        return at + timedelta(hours=24 - there.hour + _OPENS)
    return at
