"""What becomes of our news at iGate, which has no public interface for it. Nothing is called delivered that is not.

News of the post has nothing to change in iGate. A due date has: either another system brings it there, or a clerk types
it in, and then iGate is asked what it shows until it shows the date that we told. The outbox asks for about three days;
after that the message waits for a person, who sends it again once the date is there.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from carriers.reading import NotAnEventError, event_time
from config.accounts import OneStopSystem
from config.clock import local
from config.errors import ConfigurationError
from dispatch.news import DUE_DATE
from dispatch.onestop.contract import OneStopError, TheirCopy
from dispatch.onestop.igate.settings import BY_HAND, IgateSettings
from dispatch.onestop.plugin import Ties
from dispatch.outbox_rows import Delivery, OutboxMessage

_A_MINUTE = timedelta(minutes=1)


def bringer(system: OneStopSystem, settings: IgateSettings, ties: Ties) -> OneStopSystem | None:
    """Return the system that brings due dates into iGate, None where a clerk does.

    Raises:
        ConfigurationError: the one that is named is not told of these dossiers, so it cannot bring anything.
    """
    if settings.due_dates == BY_HAND:
        return None
    told = [{one.id: one for one in ties.copies_of(source)} for source in system.source_systems]
    if not told or not all(settings.due_dates in one for one in told):
        raise ConfigurationError(
            f"One-stop '{system.id}' (igate), options.due_dates: '{settings.due_dates}' is not told of its dossiers; "
            f"add {', '.join(system.source_systems)} to the copies of that system, or write '{BY_HAND}'"
        )
    return told[0][settings.due_dates]


class WritingBack:
    """Says what became of each message. ``ask``: what iGate shows of one dossier, None where it does not know it."""

    def __init__(self, through: OneStopSystem | None, ties: Ties, ask: Callable[[str], TheirCopy | None]) -> None:
        self._through, self._ties, self._ask = through, ties, ask

    def tell(self, message: OutboxMessage) -> Delivery:
        """Say whether anything is left to be done about a message."""
        if message.type != DUE_DATE:
            return _nothing_to_do("This has nothing to change in iGate, so nothing was sent.")
        if self._through is not None:
            return _nothing_to_do(f"Nothing was sent to iGate: '{self._through.id}' is told of this due date.")
        data = _data(message)
        due = _moment(data.get("due"))
        if due is None:
            return _nothing_to_do("No clock runs, so there is no date to type into iGate.")
        if self._is_superseded(message.subject, data.get("revision")):
            return _nothing_to_do("A later due date has taken its place; that one is looked for in iGate.")
        return self._compared(message.subject, due)

    def _is_superseded(self, code: str, revision: Any) -> bool:
        standing = self._ties.standing(code)
        return standing is not None and isinstance(revision, int) and standing.revision > revision

    def _compared(self, code: str, due: datetime) -> Delivery:
        try:
            copy = self._ask(code)
        except OneStopError as error:
            return Delivery(False, error.status, str(error), 0, error.retry_after)
        if copy is None:
            return Delivery(False, 404, f"iGate does not show a dossier {code}; look for it there.", 0)
        if copy.due is not None and abs(copy.due - due) < _A_MINUTE:
            return Delivery(True, 200, "iGate shows this due date.", 0)
        shown = f"{local(copy.due):%H:%M %d/%m/%Y}" if copy.due else "none"
        wanted = f"{local(due):%H:%M %d/%m/%Y}"
        return Delivery(
            False,
            200,
            f"Nhập ngày hẹn trả {wanted} vào iGate cho hồ sơ {code}. "
            f"Type the due date {wanted} into iGate, which shows {shown}; it is looked at again by itself for three "
            "days, later when you send this message again.",
            0,
        )


def _nothing_to_do(why: str) -> Delivery:
    return Delivery(True, None, why, 0)


def _data(message: OutboxMessage) -> dict[str, Any]:
    data = json.loads(message.payload).get("data")
    return data if isinstance(data, dict) else {}


def _moment(value: Any) -> datetime | None:
    if value is None:
        return None
    try:
        return event_time(value, "due")
    except NotAnEventError:
        return None
