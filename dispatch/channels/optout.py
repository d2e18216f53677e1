"""Citizens who want no messages at an address. The address is found by its keyed digest, as dossiers are by phone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from config.database import Base, EncryptedText, UtcDateTime, keyring
from dispatch.channels.addresses import mask_email, same_email, usable_email
from dispatch.contacts import InvalidContact, mask_phone, parse_phone
from dispatch.problems import Problem, refused


class CitizenOptOut(Base):
    """An address at which its owner wants no messages. ``masked`` is all that others see of it.

    ``by``: who entered the wish, and on what ground.
    """

    __tablename__ = "citizen_optout"

    address_index: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    masked: Mapped[str] = mapped_column(EncryptedText)
    by: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


@dataclass(frozen=True, slots=True)
class _Address:
    index: str
    kind: str
    masked: str


def add(session: Session, address: str, by: str, now: datetime) -> bool:
    """Note that no messages are wanted at a phone number or e-mail address; tells whether that is new.

    Raises:
        Problem: it is neither.
    """
    read = _read(address)
    if session.get(CitizenOptOut, read.index) is not None:
        return False
    session.add(CitizenOptOut(address_index=read.index, kind=read.kind, masked=read.masked, by=by, at=now))
    return True


def remove(session: Session, address: str) -> bool:
    """Note that messages are wanted again; tells whether they had not been.

    Raises:
        Problem: it is neither a phone number nor an e-mail address.
    """
    row = session.get(CitizenOptOut, _read(address).index)
    if row is not None:
        session.delete(row)
    return row is not None


def listed(session: Session, most: int) -> list[CitizenOptOut]:
    """Return who opted out, the latest first."""
    return list(session.scalars(select(CitizenOptOut).order_by(CitizenOptOut.at.desc()).limit(most)))


def opted_out(session: Session, phone: str, email: str | None) -> tuple[bool, bool]:
    """Whether no messages are wanted at a phone number in E.164, and at an e-mail address."""
    indexes = [_phone_index(phone), _email_index(email) if email else ""]
    found = set(
        session.scalars(select(CitizenOptOut.address_index).where(CitizenOptOut.address_index.in_(indexes))).all()
    )
    return indexes[0] in found, indexes[1] in found


def _read(address: str) -> _Address:
    if "@" not in address:
        try:
            phone = parse_phone(address)
        except InvalidContact as refusal:
            raise refused("contact", refusal) from refusal
        return _Address(_phone_index(phone.e164), "phone", mask_phone(phone.e164))
    email = usable_email(address)
    if email is None:
        raise Problem(
            "contact",
            "The e-mail address cannot be used",
            "It is not one e-mail address.",
            "Write it as the citizen gave it, for example ban@example.vn.",
            next_step_vi="Vui lòng nhập đúng một địa chỉ thư điện tử, ví dụ ban@example.vn.",
        )
    return _Address(_email_index(email), "email", mask_email(email))


def _phone_index(e164: str) -> str:
    return keyring.blind_index(e164)


def _email_index(email: str) -> str:
    return keyring.blind_index(same_email(email))
