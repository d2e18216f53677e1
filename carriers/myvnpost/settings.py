"""An account's options at MyVNPost: which contract and service, what the parcel is, how webhooks are proven."""

from __future__ import annotations

from datetime import time
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from carriers.account_options import read_options, require_secrets
from carriers.contract import PickupWindow
from carriers.status_table import StatusVersion
from carriers.transport_settings import SecureUrl, TransportSettings
from config.accounts import CarrierAccount

_LONGEST_LIST_DAYS = 31


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Window(_Section):
    """When the postman comes, Vietnam local time."""

    opens: time
    closes: time


class Parcel(_Section):
    """The fixed part of every order; None sends null. Lengths are centimetres.

    Attributes:
        send_type: "1": the postman collects; "2": it is brought to a post office.
        delivery_time: "N" all day, "S" morning, "C" afternoon.
        delivery_require: "1": not to be opened before it is signed for; "2": may be looked into.
    """

    width: int | None = Field(default=None, gt=0)
    length: int | None = Field(default=None, gt=0)
    height: int | None = Field(default=None, gt=0)
    vehicle: str = "BO"
    send_type: str = "1"
    is_broken: str = "0"
    delivery_time: str | None = None
    delivery_require: str | None = "1"
    org_code_collect: str | None = None
    org_code_accept: str | None = None


class LookupTypes(_Section):
    """What ``type`` says in questions about one order.

    Public clients agree on 1; one says that 2 is our order number and 3 VNPost's original id, another that 2 is an id.
    """

    item_code: str = "1"
    order_number: str = "2"
    original_id: str = "3"


class Webhooks(_Section):
    """How deliveries are proven and what they are worth.

    Attributes:
        signature: ``verify``: RSA-SHA256 signature, checked with ``secrets.webhook_public_key``. ``decrypt``: the text
            encrypted to ``secrets.webhook_private_key``, as VNPost's sample code does it. ``either``: whichever fits.
        decryption_proves: a delivery that only decrypts counts as VNPost's word. Set it only when nobody else can have
            the public half of that key: who has it can write such deliveries, and VNPost's manual prints one.
        replay_days: how old ``sendDate`` may be.
        delay_hours: how long before ``sendDate`` the change may have happened, so that its time is believed.
    """

    signature: Literal["verify", "decrypt", "either"] = "verify"
    decryption_proves: bool = False
    replay_days: float = Field(default=3.0, gt=0)
    delay_hours: float = Field(default=6.0, gt=0)


class MyVnPostSettings(_Section):
    """The options table of a ``myvnpost`` account.

    Attributes:
        base_url: ``https://connect-my.vnpost.vn`` in production.
        service_code: the service of the contract that orders and prices are about.
        token_seconds: how long a token is used; MyVNPost does not say how long it is good.
        pickup_windows: what citizens may choose from, in order.
        code_file: TOML with MyVNPost's own province and commune codes (see ``carriers.area_codes``).
        find_days: how far back a lost order is looked for in the list of orders.
        find_pages: most pages of that list that one look-up reads.
        confirmed_statuses: VNPost's own status table, once it has been signed off; becomes the current version.
    """

    base_url: SecureUrl
    contract_code: str | None = None
    service_code: str = Field(min_length=1)
    parcel: Parcel = Parcel()
    token_seconds: float = Field(default=3500.0, gt=0)
    pickup_windows: tuple[Window, ...] = (
        Window(opens=time(8, 0), closes=time(11, 30)),
        Window(opens=time(13, 30), closes=time(17, 0)),
    )
    code_file: Path | None = None
    lookup_types: LookupTypes = LookupTypes()
    find_days: int = Field(default=3, ge=1, le=_LONGEST_LIST_DAYS - 1)
    find_pages: int = Field(default=20, ge=1)
    webhooks: Webhooks = Webhooks()
    confirmed_statuses: StatusVersion | None = None
    transport: TransportSettings = TransportSettings()

    @model_validator(mode="after")
    def _windows_are_in_order(self) -> Self:
        times = [moment for window in self.pickup_windows for moment in (window.opens, window.closes)]
        if any(later <= earlier for earlier, later in zip(times[0::2], times[1::2], strict=True)):
            raise ValueError("pickup_windows: each must open before it closes")
        if times[0::2] != sorted(set(times[0::2])):
            raise ValueError("pickup_windows: they must be in order")
        return self

    @property
    def windows(self) -> tuple[PickupWindow, ...]:
        """The windows, in the contract's words."""
        return tuple(PickupWindow(window.opens, window.closes) for window in self.pickup_windows)


def load_settings(account: CarrierAccount) -> MyVnPostSettings:
    """Check an account's options and credentials.

    Raises:
        ConfigurationError: something is missing or wrong; the message names the place, never a secret.
    """
    settings = read_options(account, MyVnPostSettings)
    require_secrets(account, ("username", "password"), ", which VNPost gave you")
    return settings
