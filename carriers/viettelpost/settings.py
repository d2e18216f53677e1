"""An account's options at Viettel Post: where it answers, what was agreed, how its webhooks prove themselves."""

from __future__ import annotations

from datetime import time
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from carriers.account_options import read_options, require_secrets
from carriers.contract import ChangeOutcome, PickupWindow
from carriers.status_table import StatusVersion
from carriers.transport_settings import SecureUrl, TransportSettings
from carriers.viettelpost.webhook import TokenPlace
from config.accounts import CarrierAccount

_SECRETS = ("username", "password", "webhook_token")
PRINT_CODE = "{code}"


def _with_code(address: str) -> str:
    if address.count(PRINT_CODE) != 1:
        raise ValueError(f"must contain {PRINT_CODE} once, where the print code goes")
    return address


class _Window(BaseModel):
    """A pickup window, such as ``{ opens = "08:00", closes = "11:30" }``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    opens: time
    closes: time

    @model_validator(mode="after")
    def _opens_first(self) -> Self:
        if self.opens >= self.closes:
            raise ValueError("a window opens before it closes")
        return self


class ViettelPostSettings(BaseModel):
    """The options table of a ``viettelpost`` account.

    Attributes:
        base_url: without a slash at the end; the test system is another host with accounts of its own.
        order_service: the service that was agreed, by Viettel Post's code (``VCN``, ``PHS``, …).
        order_service_add: additional services, by code, with commas.
        check_unique: ask that a second order of the same number be refused. That it is, is not proven: a booking whose
            answer was lost is not sent again because of this.
        delivery_date_format: how ``DELIVERY_DATE`` is written (``strftime``); None leaves it out. The public document
            names it for orders with area ids only, in two formats that contradict each other, and refuses wrong ones;
            the day of collection is in the note in any case.
        label_url: address of a label; ``{code}`` becomes the print code. Paper size is ``type``, postage is shown with
            ``showPostage=1``. Public examples disagree whether a ``$`` stands before the code.
        label_hours: how long the address of a label is good.
        pickup_windows: when the post office has agreed to come; Viettel Post publishes none.
        webhook_token_in: where the shared secret of webhooks has to be.
        duplicate_words: words by which this account has learnt to tell a refused duplicate, from the refusal's text.
        cancel_words: what refusals of a cancellation mean that contain these words.
        confirmed_statuses: Viettel Post's own status table, once it has been signed off; becomes the current version.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    base_url: SecureUrl
    order_service: str = Field(min_length=1)
    order_service_add: str = ""
    check_unique: bool = True
    delivery_date_format: str | None = None
    label_url: Annotated[SecureUrl, AfterValidator(_with_code)] = (
        "https://digitalize.viettelpost.vn/DigitalizePrint/report.do?type=1&bill={code}&showPostage=0"
    )
    label_hours: float = Field(default=24.0, gt=0)
    pickup_windows: tuple[_Window, ...] = ()
    webhook_token_in: TokenPlace = "either"
    duplicate_words: tuple[Annotated[str, Field(min_length=3)], ...] = ()
    cancel_words: dict[Annotated[str, Field(min_length=3)], ChangeOutcome] = Field(default_factory=dict)
    confirmed_statuses: StatusVersion | None = None
    transport: TransportSettings = TransportSettings()

    @property
    def windows(self) -> tuple[PickupWindow, ...]:
        """The pickup windows, in order."""
        found = (PickupWindow(window.opens, window.closes) for window in self.pickup_windows)
        return tuple(sorted(found, key=lambda window: window.opens))

    def url(self, path: str) -> str:
        """Return the address of a call."""
        return f"{self.base_url.rstrip('/')}{path}"


_WHOSE = (
    "; username and password are those of the account at viettelpost.vn, webhook_token is the secret that was entered "
    "there for the webhook"
)


def load_settings(account: CarrierAccount) -> ViettelPostSettings:
    """Check an account's options and secrets.

    Raises:
        ConfigurationError: something is missing or wrong; the message names the place, never a secret.
    """
    settings = read_options(account, ViettelPostSettings)
    require_secrets(account, _SECRETS, _WHOSE)
    return settings
