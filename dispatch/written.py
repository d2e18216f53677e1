"""Text that a person wrote: brought into one form, or refused with words that help to write it better."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from unicodedata import category, normalize

_INVISIBLE = "Cf"  # zero-width and direction marks, which come along when text is pasted from a web page or a chat
_UNPRINTABLE = frozenset({"Cc", "Cs", "Co", "Cn"})
_WHITE_SPACE = "\t\r\n"


@dataclass(frozen=True)
class Advice:
    """Why a text cannot be used and what to do next, in English for the clerk and in Vietnamese for the citizen."""

    reason: str
    next_step: str
    reason_vi: str
    next_step_vi: str


class Refusal(Exception):  # noqa: N818 - the subclasses say what is wrong, and "error" would say nothing more
    """A text that cannot be used. The text itself is not repeated: it may be personal data, and errors are logged.

    Attributes:
        field: which entry it was, for example ``phone``.
        reason: what is wrong with it; ``reason_vi`` the same in Vietnamese.
        next_step: what the reader can do; ``next_step_vi`` the same in Vietnamese.
    """

    def __init__(self, field: str, advice: Advice) -> None:
        super().__init__(advice.reason)
        self.field = field
        self.reason = advice.reason
        self.reason_vi = advice.reason_vi
        self.next_step = advice.next_step
        self.next_step_vi = advice.next_step_vi

    @property
    def message_vi(self) -> str:
        """Reason and next step in Vietnamese, as one text for the citizen."""
        return f"{self.reason_vi} {self.next_step_vi}"


EMPTY = Advice(
    "Nothing was written.",
    "Fill in this entry.",
    "Mục này còn để trống.",
    "Vui lòng điền thông tin.",
)
UNPRINTABLE = Advice(
    "It contains characters that cannot be printed.",
    "Type the text again instead of pasting it.",
    "Nội dung có ký tự không in được.",
    "Vui lòng gõ lại thay vì dán.",
)


def too_long(limit: int) -> Advice:
    """The text has more characters than ``limit``."""
    return Advice(
        f"It is longer than {limit} characters.",
        "Shorten it and send it again.",
        f"Nội dung dài quá {limit} ký tự.",
        "Vui lòng viết ngắn lại.",
    )


def tidy(text: str, limit: int, refuse: Callable[[Advice], Refusal]) -> str:
    """Return ``text`` as composed Unicode (NFC) on one line with single spaces, at most ``limit`` characters.

    Raises:
        Refusal: made by ``refuse``, when nothing is left, it is too long, or it holds control characters.
    """
    visible = "".join(char for char in text if category(char) != _INVISIBLE)
    if any(category(char) in _UNPRINTABLE and char not in _WHITE_SPACE for char in visible):
        raise refuse(UNPRINTABLE)
    clean = " ".join(normalize("NFC", visible).split())
    if not clean:
        raise refuse(EMPTY)
    if len(clean) > limit:
        raise refuse(too_long(limit))
    return clean
