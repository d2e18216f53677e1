"""What the post offices of a journey are called, where an operator tells some only by their number. Pure.

Names come from the operator's own words alone: from the same event, or from another one of the same office. No list of
offices is shipped, and the province that the first figures seem to name is nobody's confirmed reading of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from tracking.deadlines.wording import Text, same

_NUMBER = r"(?P<number>\d{4,8})"
_NAME = r"(?P<name>[^\W\d_](?:.*[^\W_])?)"
_BOTH = (
    re.compile(rf"{_NUMBER}[\s\-–:,./|]+{_NAME}\.?"),
    re.compile(rf"{_NAME}[\s\-–:,./|]*[\s(\[\-–:|]{_NUMBER}[)\]]?"),
)
_SAYS_NOTHING = re.compile(r"(?:(?:bc|bưu cục|bưu điện|post office|po|mã|code|số|no)[\s.:\-–]*)+", re.IGNORECASE)
"""What stands before a number without naming the office."""
_LETTER = re.compile(r"[^\W\d_]")


def names_in(locations: Iterable[str | None]) -> dict[str, str]:
    """Return the names of post offices by their numbers, from places that are told with both; the latest counts."""
    told = (_number_and_name(location) for location in locations if location)
    return dict(one for one in told if one is not None)


def where(location: str | None, names: Mapping[str, str]) -> Text | None:
    """Return what to call a place: as the operator did if that is a name, else by ``names``, else by its number."""
    written = (location or "").strip()
    if not written:
        return None
    if _LETTER.search(written):
        return same(written)
    return same(names[written]) if written in names else Text(f"bưu cục {written}", f"post office {written}")


def _number_and_name(location: str) -> tuple[str, str] | None:
    found = next((match for form in _BOTH if (match := form.fullmatch(location.strip()))), None)
    if found is None or _SAYS_NOTHING.fullmatch(found["name"]):
        return None
    return found["number"], found["name"]
