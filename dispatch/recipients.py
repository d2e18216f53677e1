"""Who may receive a result: what has to be shown for it, and what is missing. Pure.

Circular 17/2017/TT-BTTTT Art. 5(2)(d)-(đ), Decision 45/2016/QĐ-TTg Art. 10.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from dispatch.forms import Instant, Reference, Text


class IdPaper(StrEnum):
    """Papers that prove who somebody is. ``VNEID``: the state's application."""

    CCCD = "cccd"
    CMND = "cmnd"
    PASSPORT = "passport"
    VNEID = "vneid"


class Relation(StrEnum):
    """In what capacity somebody receives."""

    RECIPIENT = "recipient"
    AUTHORISED = "authorised"
    ORGANISATION = "organisation"


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class IdentityForm(_Form):
    """The identity paper that was shown; of its number only the last digits, at most four, are taken."""

    paper: IdPaper
    last_digits: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]{1,4}$")]


class AuthorisationForm(_Form):
    """What entitles somebody to receive for another: a power of attorney, or an organisation's letter."""

    kind: Literal["power_of_attorney", "letter_of_introduction", "other"]
    number: Text
    dated: Text
    signed_by: Text


class DeliveryRecordForm(_Form):
    """``POST /v1/shipments/{order_number}/delivery-record``: what happened at the door.

    Attributes:
        record_id: the sender's own; the same record again is the same record.
        postman: who reports it.
        receiver: the name of who received.
        signed: whether receiver and postman have both signed.
        to_take_back: papers that the agency wants back, such as the appointment slip.
        taken_back: those of them that were taken back.
        statement: the receiver's signed statement about papers that cannot be given back.
    """

    record_id: Reference
    at: Instant
    postman: Text
    receiver: Text
    relation: Relation
    identity: IdentityForm | None = None
    authorisation: AuthorisationForm | None = None
    signed: bool
    to_take_back: Annotated[list[Text], Field(max_length=50)] = Field(default_factory=list)
    taken_back: Annotated[list[Text], Field(max_length=50)] = Field(default_factory=list)
    statement: Text | None = None


class Lack(StrEnum):
    """What is missing for a delivery."""

    IDENTITY = "no-identity-paper"
    AUTHORISATION = "no-authorisation"
    LETTER = "no-letter-of-introduction"
    SIGNATURES = "not-signed"
    TAKE_BACK = "papers-not-taken-back"


@dataclass(frozen=True, slots=True)
class Receiving:
    """Whether somebody may receive.

    Attributes:
        lacks: what is missing; with nothing missing it is a delivery.
        lost_papers: papers that were stated to be lost instead of being given back.
    """

    lacks: tuple[Lack, ...]
    lost_papers: tuple[str, ...]


def judge(form: DeliveryRecordForm) -> Receiving:
    """Say what is missing for a delivery to who came for it."""
    kept = tuple(name for name in form.to_take_back if name not in form.taken_back)
    return Receiving(
        lacks=tuple(_lacks(form, kept)),
        lost_papers=kept if form.statement is not None else (),
    )


def _lacks(form: DeliveryRecordForm, kept: tuple[str, ...]) -> Iterable[Lack]:
    letter = form.authorisation is not None and form.authorisation.kind == "letter_of_introduction"
    if form.identity is None:
        yield Lack.IDENTITY
    if form.relation is Relation.AUTHORISED and form.authorisation is None:
        yield Lack.AUTHORISATION
    if form.relation is Relation.ORGANISATION and not letter:
        yield Lack.LETTER
    if kept and form.statement is None:
        yield Lack.TAKE_BACK
    if not form.signed:
        yield Lack.SIGNATURES
