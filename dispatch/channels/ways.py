"""Which ways a message to a citizen takes, and why not the others. Pure.

Each fact is told once over each way that the citizen gave us an address for and that the configuration offers. A
telephone is reached either by our own SMS or by the agency's gateway, never by both.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

EMAIL = "citizen:email"
SMS = "citizen:sms"
GATEWAY = "citizen:gateway"
"""What goes to the agency's gateway and nowhere else."""
ASKED = "citizen.asked"
"""The type of messages for which the citizen waits at this moment: they go at any hour, or after a while not at all."""

ASKED_GOOD_FOR = timedelta(minutes=10)


class Way(StrEnum):
    """``GATEWAY``: the agency's own, which sends texts and calls those who cannot read them."""

    EMAIL = "email"
    SMS = "sms"
    GATEWAY = "gateway"


DESTINATIONS = {Way.EMAIL: EMAIL, Way.SMS: SMS}


@dataclass(frozen=True, slots=True)
class Citizen:
    """How a citizen can be reached.

    Attributes:
        email: an address that can be written to; None where none was given or it is none (``email_given``).
        mobile: the telephone is one that takes SMS.
        no_email, no_phone: the citizen opted out of this address.
    """

    mobile: bool
    email: str | None
    email_given: bool
    no_email: bool = False
    no_phone: bool = False


@dataclass(frozen=True, slots=True)
class Offered:
    """The ways that the configuration offers."""

    email: bool
    sms: bool
    gateway: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """``taken``: the ways of a message; ``reasons``: why each other way is not taken, or one in spite of a wish."""

    taken: tuple[Way, ...]
    reasons: dict[Way, str]
    possible: tuple[Way, ...] = ()

    @property
    def said(self) -> str:
        """The reasons in one line."""
        return "; ".join(f"{way}: {reason}" for way, reason in self.reasons.items())


def plan(citizen: Citizen, offered: Offered, *, statutory: bool) -> Plan:
    """Choose the ways. What the law wants to be told goes by one way even to who opted out of all."""
    reasons = {way: why for way in Way if (why := _impossible(way, citizen, offered))}
    possible = tuple(way for way in Way if way not in reasons)
    wanted = tuple(way for way in possible if not _opted_out(way, citizen))
    refused = {way: "the citizen opted out of it" for way in possible if way not in wanted}
    if statutory and possible and not wanted:
        first = possible[0]
        refused[first] = "the citizen opted out of it, but the law wants this to be told by one way"
        return Plan((first,), reasons | refused, possible)
    return Plan(wanted, reasons | refused, possible)


def _impossible(way: Way, citizen: Citizen, offered: Offered) -> str:
    return {Way.EMAIL: _no_email, Way.SMS: _no_sms, Way.GATEWAY: _no_gateway}[way](citizen, offered)


def _no_email(citizen: Citizen, offered: Offered) -> str:
    if not offered.email:
        return "it is not configured"
    if citizen.email is None:
        return "what was given is no e-mail address" if citizen.email_given else "no address was given"
    return ""


def _no_sms(citizen: Citizen, offered: Offered) -> str:
    if not offered.sms:
        return "it is not configured"
    return "" if citizen.mobile else "the telephone is no mobile and takes no SMS"


def _no_gateway(citizen: Citizen, offered: Offered) -> str:
    if not offered.gateway:
        return "it is not configured"
    return "our own SMS reaches the telephone" if offered.sms and citizen.mobile else ""


def _opted_out(way: Way, citizen: Citizen) -> bool:
    return citizen.no_email if way is Way.EMAIL else citizen.no_phone
