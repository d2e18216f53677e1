"""Papers that are lost and never found: the post pays, they are issued again, and some go by another operator."""

from __future__ import annotations

from worker.simulation import requests
from worker.simulation.load import Load, leg_of
from worker.simulation.truth import CITIZEN, DossierTruth
from worker.simulation.world import World
from worker.web.answers import OrderAnswer

_BY_POST = 0.6


def lose_for_ever(world: World, load: Load) -> None:
    """Nobody will see these papers again; a result is issued once more at the desk, and the story may end there."""
    for item in load:
        item.truth.gone.add(item.number)
        world.story.tell(f"{item.number} is gone for ever")
        if not item.sends:
            item.truth.ended = "the result is lost, and is issued again at the desk"


def make_again(world: World, truth: DossierTruth, applicant: str) -> str | None:
    """Have lost papers made again by whoever applies for them; returns which, None where that was done before."""
    papers, holder = ("result", f"agency:{truth.case.agency}") if applicant == "agency" else ("submitted", CITIZEN)
    if not (truth.holder(papers) or "").startswith("post:"):
        return None
    truth.give(papers, world.minute(), holder)
    return papers


def send_by_post(world: World, truth: DossierTruth, lost: str) -> None:
    """Some citizens have the new original sent to them, by an operator that has not lost it."""
    if truth.cancels or leg_of(truth.case.code, lost) != "R" or world.chance.share("again by post", lost) >= _BY_POST:
        return
    others = sorted(branch.name for branch in world.post if branch is not world.post.holder_of(lost))
    carrier = world.chance.of("another operator", lost).choice(others)
    body = {**truth.case.order, "service": "receive", "carrier": carrier}

    def ordered(answer: OrderAnswer) -> None:
        truth.order_ids.append(answer.id)
        truth.ended = None

    what = f"the citizen of {truth.case.code} has the new result sent by {carrier}"
    world.insist(what, requests.order(body, f"{lost}/issued-again"), ordered, lambda _problem: None)
