"""An account's options and secrets at J&T Express Vietnam."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from carriers.account_options import read_options, require_secrets
from carriers.status_table import StatusVersion
from carriers.transport_settings import SecureUrl, TransportSettings
from config.accounts import CarrierAccount

_SECRETS = ("private_key", "password_key", "password_suffix")

Name = Annotated[str, Field(min_length=1)]


class JtSettings(BaseModel):
    """The options table of a ``jt`` account.

    Attributes:
        base_url: up to ``/webopenplatformapi``; the test system is another host with accounts of its own.
        api_account: the number that J&T gave the interface, not the customer.
        service_type: ``1``: a postman collects; ``6``: papers are brought to J&T.
        provinces: J&T's name of each province by the statistics office's code (``{"04": "Cao Bằng"}``); what is not
            listed cannot be booked. ``gso`` where the codes themselves were agreed.
        districts: the same for districts, which are sent only where they are listed.
        order_fields: further fields of an order that this customer needs (``payType``, ``expressType``), as J&T told.
        cod_field: which field of an order holds the sum to collect, as J&T told; without it none is collected.
        price_field: which field of ``getComCost``'s answer holds the postage; without it there is no price.
        label_field: which field of ``printOrder``'s answer holds the document.
        cancels_by_reference: J&T has confirmed that our number is enough to cancel, so that "not found" is proof.
        uncertain_codes: codes after which this account has learnt that J&T may have acted all the same.
        webhook_hours: how old a delivery's ``timestamp`` may be.
        confirmed_statuses: J&T's own status table, once it has been signed off; becomes the current version.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    base_url: SecureUrl
    api_account: Name
    service_type: Literal["1", "6"] = "1"
    provinces: Literal["gso"] | dict[str, Name]
    districts: dict[str, Name] = Field(default_factory=dict)
    order_fields: dict[str, Any] = Field(default_factory=dict)
    cod_field: Name | None = None
    price_field: Name | None = None
    label_field: Name = "base64EncodeContent"
    cancels_by_reference: bool = False
    uncertain_codes: frozenset[Name] = frozenset()
    webhook_hours: float = Field(default=24.0, gt=0)
    confirmed_statuses: StatusVersion | None = None
    transport: TransportSettings = TransportSettings()

    def url(self, path: str) -> str:
        """Return the address of a call; ``path`` begins with a slash."""
        return self.base_url.rstrip("/") + path


_WHOSE = (
    "; private_key belongs to the api account, password_key to the customer code, and password_suffix is what J&T's "
    "document puts behind it"
)


def load_settings(account: CarrierAccount) -> JtSettings:
    """Check an account's options and secrets.

    Raises:
        ConfigurationError: something is missing or wrong; the message names the place, never a secret.
    """
    settings = read_options(account, JtSettings)
    require_secrets(account, _SECRETS, _WHOSE)
    return settings
