"""Who pays when papers have to be carried again because the counter did not take them. Pure.

"Where it has to be carried several times, the cost goes to the party at fault" (Decision 45/2016/QĐ-TTg Art. 12(4)).
What the facts do not tell, a person names; nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from dispatch.checklist_choice import Item, same_name
from dispatch.parties import Party


class FaultReason(StrEnum):
    """Which facts decide; the law behind each is in :data:`SOURCES`."""

    NOT_ON_LIST = "not_on_list"
    OTHER_VERSION = "other_version"
    KNOWN_AT_PICKUP = "known_at_pickup"
    LOST_ON_THE_WAY = "lost_on_the_way"
    NEVER_SENT = "never_sent"
    UNCLEAR = "unclear"
    SEVERAL = "several"


SOURCES = {
    FaultReason.NOT_ON_LIST: "Quyết định 45/2016/QĐ-TTg, Điều 13(6) và Điều 12(4)",
    FaultReason.OTHER_VERSION: "Quyết định 45/2016/QĐ-TTg, Điều 6(2) và Điều 12(4)",
    FaultReason.KNOWN_AT_PICKUP: "Quyết định 45/2016/QĐ-TTg, Điều 6(3) và Điều 12(4)",
    FaultReason.LOST_ON_THE_WAY: "Quyết định 45/2016/QĐ-TTg, Điều 14 và Điều 12(4)",
    FaultReason.NEVER_SENT: "Quyết định 45/2016/QĐ-TTg, Điều 6(2) và Điều 12(4)",
    FaultReason.UNCLEAR: "Quyết định 45/2016/QĐ-TTg, Điều 12(4)",
    FaultReason.SEVERAL: "Quyết định 45/2016/QĐ-TTg, Điều 12(4)",
}


@dataclass(frozen=True, slots=True)
class Rejection:
    """What is known when a line is rejected.

    Attributes:
        asked: the papers that the counter misses.
        listed: the list that the dossier keeps; None where none was published.
        version, used_version: that list's version, and the one by which the officer counted, where he said so.
        signed: whether a slip was signed at the citizen's door.
        counted, known_missing: what that slip counted, and what it called missing while the citizen sent all the same.
        registered: the papers that the citizen said he would send.
        seal_intact: whether the seal was whole at the counter; None where nobody looked.
    """

    asked: tuple[str, ...]
    listed: Sequence[Item] | None = None
    version: str | None = None
    used_version: str | None = None
    signed: bool = False
    counted: tuple[str, ...] = ()
    known_missing: tuple[str, ...] = ()
    registered: tuple[str, ...] = ()
    seal_intact: bool | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """Who pays, by which facts. ``party`` is None where a person has to name it."""

    party: Party | None
    reason: FaultReason


def party_at_fault(rejection: Rejection) -> Fault:
    """Return who pays the way back and the second sending of a rejected line."""
    found = {_for_one(rejection, name) for name in rejection.asked}
    if len(found) == 1:
        return found.pop()
    parties = {fault.party for fault in found}
    if len(parties) == 1 and None not in parties:
        return Fault(parties.pop(), min(fault.reason for fault in found))
    return Fault(None, FaultReason.SEVERAL if found else FaultReason.UNCLEAR)


def _for_one(rejection: Rejection, name: str) -> Fault:
    if rejection.listed is not None and not _is_among(name, [item.name for item in rejection.listed]):
        return Fault(Party.AGENCY, FaultReason.NOT_ON_LIST)
    if _is_among(name, rejection.known_missing):
        return Fault(Party.CITIZEN, FaultReason.KNOWN_AT_PICKUP)
    if rejection.signed and _is_among(name, rejection.counted):
        return _counted_and_gone(rejection)
    if not rejection.signed and rejection.listed is not None and not _is_among(name, rejection.registered):
        return Fault(Party.CITIZEN, FaultReason.NEVER_SENT)
    return Fault(None, FaultReason.UNCLEAR)


def _counted_and_gone(rejection: Rejection) -> Fault:
    """Both signed that it was there: it went lost under a broken seal, or the counter reads another list."""
    if rejection.seal_intact is False:
        return Fault(Party.POST, FaultReason.LOST_ON_THE_WAY)
    if rejection.used_version and rejection.version and rejection.used_version != rejection.version:
        return Fault(Party.AGENCY, FaultReason.OTHER_VERSION)
    return Fault(None, FaultReason.UNCLEAR)


def _is_among(name: str, names: Sequence[str]) -> bool:
    return any(same_name(name, one) for one in names)
