"""A dossier's one-time code, and what it takes to be sent one: the last digits of the applicant's telephone.

Nobody is told whether the dossier exists, the digits were right, or a code went out: whoever gets the message knows.
"""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import Delete, ForeignKey, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from config.accounts import Accounts
from config.database import Base, UtcDateTime, keyring
from dispatch.dossier_codes import find_dossier
from dispatch.dossiers import Dossier, get_dossier
from dispatch.retention import CHUNK
from tracking.citizen.codes import A_WHILE, GOOD_FOR, LiveCode, issued, may_send, new_code, tried, typed_digits
from tracking.telling.asked import owe_asked

PHONE_DIGITS = 4
"""How many of the telephone's digits are asked for; more is not printed on what others may have seen."""

KIND = "one_time_code"
_NOBODYS_PHONE = "none"
_NOBODYS_DIGEST = "0" * 64


class CitizenCode(Base):
    """The row of a :class:`tracking.citizen.codes.LiveCode`; ``sent`` are seconds since 1970."""

    __tablename__ = "citizen_code"

    dossier_code: Mapped[str] = mapped_column(ForeignKey("dossier.code"), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    tries: Mapped[int]
    sent: Mapped[list[Any]]

    @property
    def live(self) -> LiveCode:
        sent = tuple(datetime.fromtimestamp(at, self.issued_at.tzinfo) for at in self.sent)
        return LiveCode(self.digest, self.issued_at, self.tries, sent)

    def keep(self, code: LiveCode) -> None:
        """Take over what became of the code."""
        self.digest, self.issued_at, self.tries = code.digest, code.issued_at, code.tries
        self.sent = [at.timestamp() for at in code.sent]


def ask(session: Session, accounts: Accounts, text: str, phone_digits: str, now: datetime) -> bool:
    """Owe a code to the applicant of the dossier whose code ``text`` holds; tells whether it is owed, for tests alone.

    Nothing is owed where the digits are not those of the telephone, too many codes were sent, or no way reaches the
    applicant. What is done is as much as can be the same in each case.
    """
    dossier = find_dossier(session, text)
    if dossier is not None:
        get_dossier(session, dossier.code, lock=True)  # two clicks at once must not send two codes
    row = session.get(CitizenCode, dossier.code) if dossier else None
    before = row.live if row else None
    code = new_code()
    digest = _digest(dossier.code if dossier else "", code)
    is_theirs = has_digits(dossier.applicant_phone if dossier else _NOBODYS_PHONE, phone_digits)
    if dossier is None or not is_theirs or not may_send(before.sent if before else (), now):
        return False
    if not _owed(session, accounts, dossier, code, now):
        return False
    if row is None:
        row = CitizenCode(dossier_code=dossier.code)
        session.add(row)
    row.keep(issued(digest, before, now))
    return True


def has_digits(phone: str, typed: str) -> bool:
    """Whether a telephone's number ends with the digits that were typed; takes the same time for all of them."""
    return hmac.compare_digest(phone[-PHONE_DIGITS:].encode(), typed_digits(typed).encode())


def redeem(session: Session, text: str, typed: str, now: datetime) -> str | None:
    """Return the code of the dossier whose one-time code was typed; None where it is not right, or not any more."""
    dossier = find_dossier(session, text)
    query = select(CitizenCode).where(CitizenCode.dossier_code == (dossier.code if dossier else ""))
    row = session.scalars(query.with_for_update()).first()
    digest = _digest(dossier.code if dossier else "", typed_digits(typed))
    live = row.live if row else LiveCode(_NOBODYS_DIGEST, now - GOOD_FOR, 0, ())
    after, right = tried(live, digest, now)
    if row is not None:
        row.keep(after)
    return dossier.code if dossier and right else None


def old(now: datetime) -> Delete:
    """Return the deletion of codes that are over, and whose sending limits nothing any more."""
    over = select(CitizenCode.dossier_code).where(CitizenCode.issued_at < now - A_WHILE - GOOD_FOR).limit(CHUNK)
    return delete(CitizenCode).where(CitizenCode.dossier_code.in_(over))


def _owed(session: Session, accounts: Accounts, dossier: Dossier, code: str, now: datetime) -> bool:
    serial = secrets.token_hex(4)
    return owe_asked(session, accounts, dossier, KIND, serial, now, valid_until=now + GOOD_FOR, otp=code)


def _digest(dossier_code: str, code: str) -> str:
    """Return the keyed digest of a code: six digits alone could be found by trying."""
    return keyring.blind_index(f"one-time code:{dossier_code}:{code}")
