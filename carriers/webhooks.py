"""What passes between a webhook of ours and the operator that calls it. Pure data.

Verify, refuse replays, take apart, keep, answer: the first three and the words of the answer are the operator's own
(:class:`carriers.capabilities.ReceivesWebhooks`); keeping, and keeping once, is the same for all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    """A delivery as it came.

    Attributes:
        headers: by lower-case name.
        body: the raw bytes; verification never reads anything that was written anew.
        path_secret: what stands in the address behind the account; empty where nothing does.
        sender: the address it came from, as far as our own proxies can be believed.
    """

    headers: Mapping[str, str]
    body: bytes
    path_secret: str
    sender: str
    received_at: datetime


class Verdict(StrEnum):
    """What becomes of a delivery. ``busy`` is ours: nothing was kept, and the operator should come again."""

    TAKEN = "taken"
    MALFORMED = "malformed"
    FORGED = "forged"
    STALE = "stale"
    BUSY = "busy"


@dataclass(frozen=True, slots=True)
class WebhookDocument:
    """One document of a delivery, untouched.

    Attributes:
        id: the operator's id of the message, or a digest: a document is kept once under it.
        raw: what :meth:`carriers.contract.Carrier.normalise` takes.
        confirmed: it is certain that the operator says so. Else it is a hint, on which nothing rests until the
            operator's own tracking has shown the same.
    """

    id: str
    raw: Any
    confirmed: bool


@dataclass(frozen=True, slots=True)
class WebhookReading:
    """A delivery, judged and taken apart; ``reason`` says why one that is not ``taken`` was not."""

    verdict: Verdict
    documents: tuple[WebhookDocument, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class WebhookReply:
    """The answer that the operator expects."""

    status: int
    body: bytes
    media_type: str = "application/json"
