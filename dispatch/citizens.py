"""The citizen's side of a shipment: who and where, checked once and kept encrypted with the shipment."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from json import dumps, loads

from dispatch.addresses import AmbiguousAddress, ResolvedAddress, UnknownAddress, resolve_address
from dispatch.contacts import InvalidContact, normalise_name, parse_phone
from dispatch.dossiers import Dossier
from dispatch.forms import AddressForm, RecipientForm
from dispatch.problems import refused


@dataclass(frozen=True)
class Citizen:
    """A person at an address, ready for a waybill. The address is kept as written, with what it was resolved to."""

    name: str
    phone: str
    address: str
    era: str
    province_code: str
    commune_code: str
    commune_name: str

    def to_text(self) -> str:
        """Return the form in which a shipment stores it (encrypted)."""
        return dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_text(cls, text: str) -> Citizen:
        """Read what :meth:`to_text` wrote."""
        return cls(**loads(text))


def check_citizen(dossier: Dossier, address: AddressForm, contact: RecipientForm | None) -> Citizen:
    """Check name, phone and address; the applicant stands in where no other contact is given.

    Raises:
        Problem: the phone or name cannot be used, or the address is unknown or could mean several communes.
    """
    try:
        name = normalise_name(contact.name) if contact else dossier.applicant_name
        phone = parse_phone(contact.phone).e164 if contact else dossier.applicant_phone
    except InvalidContact as refusal:
        raise refused("contact", refusal) from refusal
    place = resolve(address)
    return Citizen(
        name=name,
        phone=phone,
        address=place.raw,
        era=place.era,
        province_code=place.province_code,
        commune_code=place.commune_code,
        commune_name=place.commune_name,
    )


def resolve(address: AddressForm) -> ResolvedAddress:
    """Find the commune of today that an address means.

    Raises:
        Problem: it is unknown, or could mean several communes (they are listed; the citizen is asked, never guessed).
    """
    try:
        return resolve_address(address.text, address.era)
    except AmbiguousAddress as refusal:
        candidates = [asdict(candidate) for candidate in refusal.candidates]
        raise refused("ambiguous-address", refusal, candidates=candidates) from refusal
    except UnknownAddress as refusal:
        raise refused("unknown-address", refusal) from refusal
