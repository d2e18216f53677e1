"""The link in a letter by which its reader opens the dossier's page without a code.

It carries the dossier, sealed with the data key for this purpose alone, and a digest of where its letters go: once that
is corrected, what went to the wrong address opens nothing any more.
"""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from config.database import keyring
from dispatch.channels.sealed_link import BadLinkError, ExpiredLinkError, opened, sealed
from dispatch.dossiers import Dossier

__all__ = ["GOOD_FOR", "PATH", "BadLinkError", "ExpiredLinkError", "dossier_of", "link"]

PATH = "/tra-cuu/lien-ket"
"""Where the pages of these links are served."""

GOOD_FOR = timedelta(days=30)
_PURPOSE = b"dossier link"


def link(base: str, dossier: Dossier, now: datetime) -> str:
    """Return the link to a dossier's page; ``base`` is where citizens reach our pages."""
    return f"{base.rstrip('/')}{PATH}/{sealed(f'{_addresses(dossier)} {dossier.code}', _PURPOSE, now + GOOD_FOR)}"


def dossier_of(session: Session, token: str, now: datetime) -> Dossier:
    """Return the dossier for which a link was made.

    Raises:
        ExpiredLinkError: it is too old, or its letter went to an address that was corrected since.
        BadLinkError: it is none of ours.
    """
    addresses, _, code = opened(token, _PURPOSE, now).partition(" ")
    dossier = session.get(Dossier, code)
    if dossier is None or not hmac.compare_digest(addresses, _addresses(dossier)):
        raise ExpiredLinkError("this link was made for another address")
    return dossier


def _addresses(dossier: Dossier) -> str:
    return keyring.blind_index(f"letters of {dossier.code}: {dossier.applicant_phone} {dossier.applicant_email}")[:16]
