"""What the drawn calendar strip is painted with: on white, as it is printed, or on a page in the dark. Pure."""

from __future__ import annotations

from dataclasses import dataclass

Ink = dict[str, str]
"""How words are painted, as attributes of their element."""


@dataclass(frozen=True, slots=True)
class Inks:
    """The paints of one drawing.

    Attributes:
        paper: what it stands on, and the words of a filled day.
        ink: words, frames and the filling of the due day.
        rest: the filling of weekly days of rest.
        edge: around every day.
        lines: hatching.
    """

    paper: str
    ink: str
    rest: str
    edge: str
    lines: str

    @property
    def plain(self) -> Ink:
        """Words on paper."""
        return {"fill": self.ink}

    @property
    def on_filled(self) -> Ink:
        """Words on a day that is filled with ink."""
        return {"fill": self.paper}

    @property
    def on_lines(self) -> Ink:
        """Words on hatching, with a rim of paper around each letter."""
        return self.plain | {"stroke": self.paper, "stroke-width": "3", "paint-order": "stroke"}


ON_WHITE = Inks(paper="#fff", ink="#000", rest="#ddd", edge="#555", lines="#999")
IN_THE_DARK = Inks(paper="#18202a", ink="#e8edf3", rest="#37434f", edge="#a9b6c4", lines="#66727f")
"""Paper and ink are those of the cards of the pages' style sheet."""
