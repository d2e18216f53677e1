"""How far iGate's dossiers have been read: pure steps of a walk from the newest change backwards.

Dossiers are listed by their last change, newest first. One that changes while pages are read moves to the front, so
what was not read yet is only pushed back and comes a second time; the change itself is newer than the mark of this walk
and belongs to the next one. A dossier that is deleted pulls the others forward, past the border of a page: the overlap
of the next walks and the long sweep find what slipped through there.

The mark is iGate's own time, never ours, so it does not matter how far the two clocks are apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from dispatch.onestop.igate.settings import IgateSettings

_EARLIEST = datetime(2015, 1, 1, tzinfo=UTC)


class Waiting(BaseModel):
    """For what a dossier waits, since when, and until when it did: iGate does not tell when a state has ended."""

    model_config = ConfigDict(frozen=True)

    status: str
    since: AwareDatetime
    ended: AwareDatetime | None = None


class Walk(BaseModel):
    """A look for changes that is under way: ``page`` is the next one, ``until`` how far back it goes.

    ``newest`` is the mark that it leaves behind. ``deep``: it is a sweep.
    """

    model_config = ConfigDict(frozen=True)

    page: int = 0
    until: AwareDatetime
    newest: AwareDatetime | None = None
    deep: bool = False


class Position(BaseModel):
    """Where reading goes on.

    Attributes:
        mark: the newest change that the last walk saw, None before the first.
        swept: the mark of the last sweep.
        walk: what is under way, None between two looks.
        waiting: the waits of dossiers that are in a state that will end, and of some that were, by code.
    """

    model_config = ConfigDict(frozen=True)

    mark: AwareDatetime | None = None
    swept: AwareDatetime | None = None
    walk: Walk | None = None
    waiting: dict[str, Annotated[tuple[Waiting, ...], Field(min_length=1)]] = {}


def read_position(written: str | None) -> Position:
    """Return a position as it was written down; one that cannot be read is the beginning, which only costs time."""
    try:
        return Position.model_validate_json(written) if written else Position()
    except ValidationError:
        return Position()


def begun(position: Position, settings: IgateSettings) -> Walk:
    """Return the walk under way, or the next one."""
    if position.walk is not None:
        return position.walk
    if position.mark is None:
        return Walk(until=settings.import_from, deep=True)
    rested = position.mark - (position.swept or _EARLIEST)
    deep = rested >= timedelta(hours=settings.sweep_hours)
    back = max(settings.overlap, timedelta(days=settings.sweep_days)) if deep else settings.overlap
    return Walk(until=max(position.mark - back, settings.import_from), deep=deep)


def stepped(
    position: Position, walk: Walk, changed: Sequence[datetime | None], theirs: datetime, *, last: bool
) -> Position:
    """Return the position after a page whose dossiers changed at ``changed``, in their order.

    A page that is not in order is no end: an installation that does not sort is read to its last page.

    Args:
        theirs: what time it is at iGate. A mark later than that would hide all changes until then.
        last: iGate says that there is no further page.
    """
    told = [one for one in changed if one is not None]
    newest = walk.newest or min(max(told, default=theirs), theirs)
    sorted_ = told == sorted(told, reverse=True)
    if last or (sorted_ and told and told[-1] < walk.until):
        mark = max(newest, position.mark or newest)
        return position.model_copy(update={"mark": mark, "swept": mark if walk.deep else position.swept, "walk": None})
    return position.model_copy(update={"walk": walk.model_copy(update={"page": walk.page + 1, "newest": newest})})
