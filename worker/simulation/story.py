"""What happened, in the order in which it happened, as lines for people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from config.clock import local

BROKEN = "VIOLATION"


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of a story."""

    at: datetime
    what: str

    def __str__(self) -> str:
        return f"{local(self.at):%d/%m %H:%M:%S}  {self.what}"


class Story:
    """Collects moments by the virtual clock."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self.moments: list[Moment] = []

    def tell(self, what: str) -> Moment:
        """Add a line and return it."""
        moment = Moment(self._now(), what)
        self.moments.append(moment)
        return moment

    def lines(self) -> list[str]:
        """Return the story, numbered, up to the last promise that was broken; all of it when none was."""
        broken = [place for place, moment in enumerate(self.moments, start=1) if moment.what.startswith(BROKEN)]
        end = max(broken, default=len(self.moments))
        return [f"{number:4d}. {moment}" for number, moment in enumerate(self.moments[:end], 1)]
