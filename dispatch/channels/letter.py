"""One e-mail to a citizen as a MIME message: text and simple HTML of our own, which fetches nothing. Pure."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from email.headerregistry import Address, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime
from typing import Self

from config.citizen_channels import EmailChannel
from config.clock import local


class _InOneLine(UnstructuredHeader):
    """A header of addresses: broken or encoded by its length, as others are, it would be read by nobody."""

    name: str

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("list-unsubscribe", _InOneLine)  # type: ignore[arg-type]  # it adds the base class by itself
_POLICY = SMTP.clone(header_factory=_HEADERS)


@dataclass(frozen=True, slots=True)
class Links:
    """The links that are made for one letter, empty where there are none.

    ``opt_out`` stops the letters, ``dossier`` opens the dossier's page.
    """

    opt_out: str = ""
    dossier: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """What the outbox keeps of an e-mail: to whom, what, and which :class:`Links` stand in it."""

    to: str
    subject: str
    text: str
    html: str
    opt_out: str = ""
    dossier: str = ""

    def readdressed(self, to: str, links: Links) -> Letter:
        """Return the same letter to another address, with the links that are made for it."""
        text, html = self.text, self.html
        for old, new in ((self.opt_out, links.opt_out), (self.dossier, links.dossier)):
            if old:
                text, html = text.replace(old, new), html.replace(old, new)
        return replace(self, to=to, text=text, html=html, **asdict(links))

    def to_json(self) -> str:
        """Return it as the outbox keeps it."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, kept: str) -> Self:
        """Return what :meth:`to_json` kept."""
        return cls(**json.loads(kept))


def mime(letter: Letter, channel: EmailChannel, message_id: str, sent_at: datetime) -> EmailMessage:
    """Return the message that goes to the mail server.

    Its ``Message-ID`` comes from the outbox's id alone, so that a letter which comes a second time is known as the
    same; as a digest, since it passes through many hands. ``sent_at`` is real time: others hold it against their own.

    Raises:
        ValueError, IndexError, MessageError: the address or the subject cannot stand in a header.
    """
    email = EmailMessage(policy=_POLICY)
    email["From"] = _named(channel.sender_name, channel.sender_address)
    email["To"] = Address(addr_spec=letter.to)
    email["Subject"] = letter.subject
    email["Date"] = format_datetime(local(sent_at))
    email["Message-ID"] = message_id_header(message_id, channel)
    email["Reply-To"] = Address(addr_spec=channel.opt_out_address)
    by_mail = f"<mailto:{channel.opt_out_address}>"
    email["List-Unsubscribe"] = f"<{letter.opt_out}>, {by_mail}" if letter.opt_out else by_mail
    if letter.opt_out:
        email["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058
    email["Auto-Submitted"] = "auto-generated"  # so that no out-of-office note answers it (RFC 3834)
    email.set_content(letter.text, charset="utf-8", cte="base64")
    email.add_alternative(letter.html, subtype="html", charset="utf-8", cte="base64")
    email["Content-Language"] = "vi, en"  # last: each new content takes such headers away with it
    return email


def message_id_header(message_id: str, channel: EmailChannel) -> str:
    """Return the ``Message-ID`` of an outbox message."""
    domain = channel.sender_address.rpartition("@")[2]
    return f"<{hashlib.sha256(message_id.encode()).hexdigest()[:40]}@{domain}>"


def _named(name: str, address: str) -> Address:
    return Address(display_name=name, addr_spec=address)
