"""What is asked for when papers are on their way, or come back: the bodies of those requests."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

from dispatch.forms import AddressForm, CarrierName, Instant, Money, RecipientForm, Text
from dispatch.parties import Party
from dispatch.shipments import Leg

LastDigits = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{3,4}$")]
"""The last three or four characters of an identity paper's number: more of it is nobody's business here."""

IdentityPaper = Literal["cccd", "cmnd", "passport"]
"""What a receiver shows (Circular 17/2017/TT-BTTTT Art. 5(2)(d)); the citizen's card goes by its old name as well."""


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AskedBy(_Form):
    """Who asks. A one-stop that does not say so asks for the applicant."""

    who: Literal["applicant", "agency", "other"] = "applicant"
    name: Text | None = None


class NewAddressForm(_Form):
    """``POST /v1/orders/{id}/address``: a new address for a leg that is not booked, or for a result on its way.

    ``officer`` and ``reason`` are needed where a result on its way gets another recipient, which only its sender, the
    agency, may ask for (Postal Law Art. 16(1)).
    """

    address: AddressForm
    contact: RecipientForm | None = None
    asked_by: AskedBy = AskedBy()
    officer: Text | None = None
    reason: Text | None = None


class ForwardForm(NewAddressForm):
    """``POST /v1/orders/{id}/forward``: a result that failed because the citizen has moved; who asks, pays."""


class OperatorForm(_Form):
    """``POST /v1/orders/{id}/operator``: another operator while nobody but the sender holds the papers."""

    carrier: CarrierName
    reason: Text
    leg: Leg | None = None


class SecondSendingForm(_Form):
    """``POST /v1/dossiers/{code}/second-sending``: a result that came back is sent again.

    ``payer`` is the party at fault (Decision 45/2016/QĐ-TTg Art. 12(4)); without an address it goes where it went.
    """

    payer: Literal[Party.CITIZEN, Party.AGENCY, Party.POST]
    reason: Text
    officer: Text
    address: AddressForm | None = None
    contact: RecipientForm | None = None
    carrier: CarrierName | None = None


class ReceiverForm(_Form):
    """Who takes papers at the counter, by the paper shown; ``authorisation`` is for others than the applicant."""

    name: Text
    id_kind: IdentityPaper
    id_last: LastDigits
    authorisation: Text | None = None


class CounterPickupForm(_Form):
    """``POST /v1/dossiers/{code}/counter-pickup``: a result that waited at the counter was taken in person."""

    at: Instant
    officer: Text
    receiver: ReceiverForm


class PostageForm(_Form):
    """``POST /v1/postage/{id}``: a person names the postage that nobody knew."""

    amount_vnd: Annotated[Money, ...]
    officer: Text
