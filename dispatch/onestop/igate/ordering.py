"""What is ordered of the post with a dossier. Pure, for any JSON value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dispatch.contacts import InvalidContact, normalise_name, parse_phone
from dispatch.forms import OrderForm
from dispatch.onestop.contract import NotADossierError, Statement
from dispatch.onestop.igate import reading
from dispatch.onestop.igate.checking import CORRECT_IT, checked
from dispatch.onestop.igate.settings import IgateSettings, Kind, Meaning


def order_of(
    document: Mapping[str, Any], code: str, kind: Kind, meaning: Meaning, settings: IgateSettings
) -> Sequence[Statement]:
    """Return what is ordered of the post; nothing more once the dossier is at its end."""
    if kind == "direct" or meaning in (Meaning.RETURNED, Meaning.WITHDRAWN, Meaning.REFUSED):
        return ()
    address = reading.first_text(document, *settings.address_fields) or _home(document)
    if not address:
        raise NotADossierError(f"it goes by post, and there is no address; {CORRECT_IT}")
    body: dict[str, Any] = {"dossier": code, "service": kind, "address": {"text": address}}
    if contact := _contact(document):
        body["contact"] = contact
    checked(OrderForm, body)
    return (Statement("order", f"{code}:order:{kind}", code, body),)


def _home(document: Mapping[str, Any]) -> str:
    names = ("address", "village.label", "district.label", "province.label")
    parts = (reading.first_text(document, f"applicant.data.{name}") for name in names)
    return ", ".join(part for part in parts if part)[:300]


def _contact(document: Mapping[str, Any]) -> dict[str, Any] | None:
    name = reading.first_text(document, "receivingPlace.name")
    phone = reading.first_text(document, "receivingPlace.phoneNumber")
    if not name or not phone:
        return None
    try:
        return {"name": normalise_name(name), "phone": parse_phone(phone).e164}
    except InvalidContact as error:
        raise NotADossierError(
            f"recipient's {error.field}: {error.reason} {error.next_step} Then {CORRECT_IT}"
        ) from error
