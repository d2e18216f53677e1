"""What the monitoring clerk does: reads once a day what needs a hand, and telephones where an order is in doubt."""

from __future__ import annotations

from datetime import datetime, time

from tracking.watching.items import IN_DOUBT
from worker.training.client import Client, RefusedError
from worker.training.post_office import PostOffice
from worker.training.view import Hours

_ROUND = time(8, 15)


class Clerk:
    """Goes by the list of what needs a person, as the system shows it.

    A system that died in the middle of a booking call cannot know whether the order exists, and some operators can
    only be asked on the telephone. After a restart of the world the first look comes at once.
    """

    def __init__(self, client: Client, post: PostOffice, hours: Hours) -> None:
        self._client, self._post, self._hours = client, post, hours
        self._next_look: datetime | None = None

    def look(self, now: datetime) -> int:
        """Settle what is in doubt, if it is time for a look; returns how many orders were settled.

        Raises:
            SystemAwayError: the system does not answer; the look is made at the next call.
        """
        if self._next_look is not None and now < self._next_look:
            return 0
        items = self._client.get("/v1/attention")["items"]
        doubtful = sorted({item["shipment"] for item in items if item["kind"] in IN_DOUBT and item["shipment"]})
        settled = sum(self._telephone(number) for number in doubtful)
        self._next_look = self._hours.next_round(now, _ROUND)
        return settled

    def _telephone(self, number: str) -> bool:
        order = self._post.books().get(number.rpartition("-")[0], {}).get(number)
        finding = {"held": True, "waybill": order["item_codes"][-1]} if order and order["live"] else {"held": False}
        try:
            self._client.post(f"/v1/shipments/{number}/finding", finding)
        except RefusedError:
            return False  # nothing about it is in doubt any more, or the system is asking at this moment
        return True
