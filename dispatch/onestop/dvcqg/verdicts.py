"""What the portal means by an answer. Without input or output.

It says so in a code, in words, or in both at odds. Words of success are "thành công", but not "không thành công".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from carriers.exchange import says_it_failed

_FAILED = re.compile(r"(không|chưa|không được)\s+thành công|thất bại")
_SUCCESS = "thành công"
_EXISTS = "đã tồn tại"
_MISSING = re.compile(r"hồ sơ[^,;]*(không|chưa)\s+tồn tại|không tìm thấy hồ sơ")
_SESSION = re.compile(r"\bsession\b|\bphiên\b")
_OVER = re.compile(r"hết hạn|không hợp lệ|không tồn tại|expired|invalid")


class Verdict(StrEnum):
    """What came of a call.

    ``DOUBTFUL``: words of success with a code of failure. ``BROKEN``: the portal blames itself.
    """

    TAKEN = "taken"
    EXISTS = "exists"
    MISSING = "missing"
    EXPIRED = "expired"
    DOUBTFUL = "doubtful"
    BROKEN = "broken"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Judged:
    """An answer as it is understood, with its code and its words."""

    verdict: Verdict
    code: str | None
    words: str


@dataclass(frozen=True, slots=True)
class Manners:
    """How one way of speaking to the portal says yes.

    Attributes:
        success_codes: codes of success (``00`` is ``0``).
        needs_words: whether a code of success counts only beside words of success, or none at all.
        sessions: whether there are sessions; ``expired_codes``: by which one is over, beside its words.
    """

    success_codes: Collection[str]
    needs_words: bool
    sessions: bool = False
    expired_codes: Collection[str] = ()


def judge(answer: Any, manners: Manners) -> Judged:
    """Return what an answer means; ``answer`` is any JSON object.

    A success is a code of success that no words deny. Without a code the words alone decide. A code of failure beside
    words of success is a doubt, which is not for this function to settle.
    """
    code, said = _code(answer), _words(answer)
    words = unicodedata.normalize("NFC", said).casefold()
    return Judged(_verdict(code, words, manners), code, said)


def _verdict(code: str | None, words: str, manners: Manners) -> Verdict:
    if manners.sessions and (code in manners.expired_codes or (_SESSION.search(words) and _OVER.search(words))):
        return Verdict.EXPIRED
    if _EXISTS in words:
        return Verdict.EXISTS
    if _MISSING.search(words):
        return Verdict.MISSING
    if says_it_failed(words):
        return Verdict.BROKEN
    succeeded = _SUCCESS in words and not _FAILED.search(words)
    if code is not None and code not in manners.success_codes:
        return Verdict.DOUBTFUL if succeeded else Verdict.REFUSED
    return Verdict.TAKEN if _agrees(code, words, succeeded, manners) else Verdict.REFUSED


def _agrees(code: str | None, words: str, succeeded: bool, manners: Manners) -> bool:
    if succeeded:
        return True
    if code != "0" or _FAILED.search(words):  # 3 and -3 are no success by themselves
        return False
    return not words or not manners.needs_words


def _code(answer: Any) -> str | None:
    value = answer.get("error_code") if isinstance(answer, dict) else None
    if value is None or isinstance(value, bool) or not isinstance(value, str | int):
        return None
    text = str(value).strip()
    return "0" if text == "00" else text or None


def _words(answer: Any) -> str:
    found = (answer.get(name) for name in ("message", "Message", "error_message")) if isinstance(answer, dict) else ()
    return next((text.strip()[:500] for text in found if isinstance(text, str) and text.strip()), "")
