"""Our own ways to the citizen, e-mail and SMS: the table ``[citizen_channels]`` of the configuration file."""

from __future__ import annotations

import ipaddress
import ssl
from datetime import time
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from config.tls import system_trust


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def is_this_machine(host: str) -> bool:
    """Whether a host is this machine itself, to which nothing travels over a network."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def secure_url(text: str) -> str:
    """Refuse an address over which secrets would travel in clear."""
    url = urlsplit(text)
    if url.hostname and (url.scheme == "https" or (url.scheme == "http" and is_this_machine(url.hostname))):
        return text
    raise ValueError("must be an https address (plain http is for simulators on this machine only)")


def _readable(file: Path) -> Path:
    if not file.is_file():
        raise ValueError(f"cannot read {file}; give the path of a PEM file")
    return file


Address = Annotated[str, Field(pattern=r"^[!#-'*+\-/-9=?A-Z^-~.]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$", max_length=200)]
AuthorityFile = Annotated[Path, AfterValidator(_readable)]
Name = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]+$", max_length=100)]


def _trust(authority: Path | None) -> ssl.SSLContext:
    return system_trust() if authority is None else ssl.create_default_context(cafile=authority)


class EmailChannel(_Section):
    """A mail server that takes our letters; its certificate is always verified.

    Attributes:
        security: ``starttls`` (port 587), ``tls`` from the first byte (port 465); ``none`` for a relay on this machine.
        username, password: the log-in at the server; both or neither.
        sender_address, sender_name: from whom the letters come.
        opt_out_address: where a citizen writes who wants none; it also stands in ``List-Unsubscribe``.
        public_url: where citizens reach this system's pages over the internet (``https://motcua.example.vn``); with it
            every letter has a link by which its reader stops the letters with one click, and one to the dossier.
        ca_file: private certificate authority, PEM.
        timeout: longest time for one letter, from the connection to the server's word, in seconds.
    """

    host: str = Field(min_length=1)
    port: int | None = Field(default=None, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str | None = None
    password: SecretStr | None = None
    sender_address: Address
    sender_name: Name
    opt_out_address: Address
    public_url: Annotated[str, AfterValidator(secure_url)] | None = None
    ca_file: AuthorityFile | None = None
    timeout: float = Field(default=20.0, gt=0, le=40)

    @model_validator(mode="after")
    def _safe(self) -> Self:
        if self.security == "none" and not is_this_machine(self.host):
            raise ValueError("security 'none' is for a mail server on this machine only; say 'starttls' or 'tls'")
        if (self.username is None) != (self.password is None):
            raise ValueError("give username and password, or neither")
        return self

    @property
    def port_in_force(self) -> int:
        """The port, by itself that of the kind of security."""
        return self.port or {"starttls": 587, "tls": 465, "none": 25}[self.security]

    def trust(self) -> ssl.SSLContext:
        """Return the context that verifies the server."""
        return _trust(self.ca_file)


class SmsFields(_Section):
    """What a gateway calls the parts of a message; an optional part without a name is not sent."""

    to: str = "to"
    text: str = "text"
    id: str | None = "id"
    sender: str | None = "sender"
    coding: str | None = None


class SmsChannel(_Section):
    """A gateway that takes a JSON object over HTTPS with a bearer token.

    Attributes:
        sender: the brand name under which it sends.
        number_form: ``e164`` +84912345678, ``84`` 84912345678, ``0`` 0912345678.
        fields: the names of the parts; ``more`` are fields that every message has, as the gateway wants them.
        answer_field: where a gateway that answers 200 to everything says how it went; ``taken`` are the values for
            yes, ``refused`` those with which it will never take this message; other values are tried again.
        ca_file: private certificate authority, PEM.
    """

    url: Annotated[str, AfterValidator(secure_url)]
    token: SecretStr = Field(min_length=8)
    sender: Name
    number_form: Literal["e164", "84", "0"] = "e164"
    fields: SmsFields = SmsFields()
    more: dict[str, Any] = Field(default_factory=dict)
    answer_field: str | None = None
    taken: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    ca_file: AuthorityFile | None = None

    @model_validator(mode="after")
    def _answers(self) -> Self:
        if (self.answer_field is None) != (not self.taken):
            raise ValueError("give answer_field together with the values in taken")
        if both := sorted(set(self.taken) & set(self.refused)):
            raise ValueError(f"{', '.join(both)} cannot mean both taken and refused")
        return self

    def trust(self) -> ssl.SSLContext:
        """Return the context that verifies the gateway."""
        return _trust(self.ca_file)


class CitizenChannels(_Section):
    """How citizens are told without a gateway of the agency's own, or beside it.

    Attributes:
        lookup: the address at which a citizen looks a dossier up; it stands in every SMS, so it has to be short.
        contact: whom to ask (Decision 45/2016/QĐ-TTg Art. 13(7)), such as a telephone number and its hours.
        quiet_from, quiet_until: when no telephone is to ring, by Vietnam's clock; the same twice: never quiet.
    """

    email: EmailChannel | None = None
    sms: SmsChannel | None = None
    lookup: Annotated[str, Field(pattern=r"^[!-~]+$", min_length=4, max_length=40)]
    contact: Name
    quiet_from: time = time(21)
    quiet_until: time = time(7)

    @model_validator(mode="after")
    def _some_way(self) -> Self:
        if self.email is None and self.sms is None:
            raise ValueError("name citizen_channels.email, citizen_channels.sms, or both; or leave the table out")
        return self
