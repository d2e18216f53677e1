"""How the national portal is configured: which of the three ways, where, and what it calls us."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from carriers.transport_settings import SecureUrl
from config.accounts import OneStopSystem
from config.errors import ConfigurationError
from config.tls import Certificates

READ_TIMEOUT = 60.0
"""As long as the systems in the field wait for the portal."""


class Sector(BaseModel):
    """``MaLinhVuc``, ``TenLinhVuc``: the sector to which the portal counts a procedure."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: str
    name: str


class _Portal(Certificates):
    """What all ways have in common, beside the certificates.

    Attributes:
        sectors: by the code of the procedure; a procedure that is not there is sent without one.
        fixed: fields of the dossier that always say the same, such as ``NoiNopHoSo``; they win over ours.
        other_channel: ``KenhThucHien`` of a dossier not by post whose one-stop tells no channel: 1 directly, 2 online.
        connect_timeout, read_timeout: seconds for the connection, and of silence within an answer.
        expired_codes: values of ``error_code`` by which the portal says that a session is over, beside its words.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    sectors: dict[str, Sector] = Field(default_factory=dict)
    fixed: dict[str, str] = Field(default_factory=dict)
    other_channel: Literal["1", "2"] = "1"
    connect_timeout: float = Field(default=5.0, gt=0)
    read_timeout: float = Field(default=READ_TIMEOUT, gt=0)
    expired_codes: tuple[str, ...] = ()
    max_response_bytes: int = Field(default=4 * 1024 * 1024, gt=0)


class SessionPortal(_Portal):
    """The session adapter: ``adapter`` + ``auth`` gives a session, ``adapter`` + ``integration`` takes all services.

    ``dstcode`` names the receiver to the adapter, ``madonvi`` is our unit's identifier. Secrets: username, password.
    """

    style: Literal["session"]
    adapter: SecureUrl
    auth: str = Field(pattern=r"^/\S*$")
    integration: str = Field(pattern=r"^/\S*$")
    dstcode: str = Field(min_length=1)
    madonvi: str = Field(min_length=1)

    @property
    def login_url(self) -> str:
        return self.adapter.rstrip("/") + self.auth

    @property
    def service_url(self) -> str:
        return self.adapter.rstrip("/") + self.integration


class LgspPortal(_Portal):
    """REST behind the province's LGSP: ``base``/DongBoHoSoMC?MaDinhDanhDV=…; secret: token, where it wants a bearer."""

    style: Literal["lgsp"]
    base: SecureUrl
    unit: str = Field(min_length=1)


class GatewayPortal(_Portal):
    """A gateway in our own network with one address for each of the three services."""

    style: Literal["gateway"]
    add: SecureUrl
    update: SecureUrl
    progress: SecureUrl


Portal = SessionPortal | LgspPortal | GatewayPortal
_PORTAL: TypeAdapter[Portal] = TypeAdapter(Annotated[Portal, Field(discriminator="style")])
_NEEDED = {"session": ("username", "password")}
_KNOWN = {"session": ("username", "password"), "lgsp": ("token",), "gateway": ()}


def read_portal(system: OneStopSystem) -> tuple[Portal, dict[str, str]]:
    """Return options and secrets of a system.

    Raises:
        ConfigurationError: something is missing or wrong; the message names the place, never a value.
    """
    place = f"one-stop '{system.id}' (dvcqg)"
    try:
        portal: Portal = _PORTAL.validate_python(dict[str, Any](system.options))
    except ValidationError as error:
        raise ConfigurationError.from_validation(f"{place}, options", error) from error
    secrets = {name: secret.get_secret_value().strip() for name, secret in system.secrets.items()}
    if missing := [name for name in _NEEDED.get(portal.style, ()) if not secrets.get(name)]:
        raise ConfigurationError(f"{place}: add secrets.{' and secrets.'.join(missing)}, as the portal issued them")
    if unknown := sorted(secrets.keys() - set(_KNOWN[portal.style])):
        raise ConfigurationError(f"{place}: the style '{portal.style}' has no use for secrets.{', '.join(unknown)}")
    return portal, secrets
