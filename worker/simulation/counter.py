"""A result that came back and waits at the counter: it is fetched, sent once more, or left there."""

from __future__ import annotations

from datetime import datetime, time

from worker.simulation import hard_requests
from worker.simulation.load import Item
from worker.simulation.truth import CITIZEN
from worker.simulation.world import World

_SENT_AGAIN, _FETCHED = 0.4, 0.75


def wait_at_the_counter(world: World, item: Item) -> None:
    """Let a citizen think of a result that the desk has again by a signed record."""
    luck = world.chance.share("from the counter", item.number)
    if luck < _SENT_AGAIN and not item.truth.cancels:
        code = item.truth.case.code
        item.truth.unpaid = None  # and so is the first way, before there is a second
        request = hard_requests.send_again(code, f"{item.number}/second-sending")
        world.insist(f"the result of {code} is to be sent again", request, refused=lambda _problem: _stays(item))
    elif luck < _FETCHED:
        world.agenda.add(world.hours.after(world.now(), 2, time(14, 0)), lambda: _fetch(world, item))
    else:
        _stays(item)


def _fetch(world: World, item: Item) -> None:
    at, code = world.minute(), item.truth.case.code

    def fetched(_answer: object) -> None:
        _take_home(item, at)

    request = hard_requests.take_at_counter(code, at)
    what = f"the citizen of {code} fetches the result"
    world.insist(what, request, fetched, lambda _problem: _stays(item))


def _take_home(item: Item, at: datetime) -> None:
    item.truth.unpaid = None  # it is paid now, or would not be handed out
    for papers in ("submitted", "result"):
        item.truth.give(papers, at, CITIZEN)
    item.truth.ended = "the citizen has fetched the result"


def _stays(item: Item) -> None:
    item.truth.ended = "the result came back to the desk"
