"""What happened, in the order in which it happened, as lines for people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from config.clock import local


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

    def lines(self, about: frozenset[str] = frozenset()) -> list[str]:
        """Return the story, numbered; ``about`` keeps the lines that name one of these, and those that name nobody."""
        kept = [moment for moment in self.moments if not about or _concerns(moment.what, about)]
        return [f"{number:4d}. {moment}" for number, moment in enumerate(kept, start=1)]


def _concerns(what: str, about: frozenset[str]) -> bool:
    return "H14." not in what or any(name in what for name in about)
