"""What each service that may be ordered would cost at an address (Decision 45/2016/QĐ-TTg Art. 12(2))."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dispatch.context import Context
from dispatch.dossiers import Dossier
from dispatch.forms import AddressForm, CitizensService, QuoteForm, Service
from dispatch.orders import LEGS
from dispatch.quotes import LegPrice, quote
from dispatch.shipments import Leg


@dataclass(frozen=True, slots=True)
class Offer:
    """A service with its price; ``total_vnd`` is None where an operator tells no price beforehand."""

    service: CitizensService
    legs: tuple[LegPrice, ...]

    @property
    def total_vnd(self) -> int | None:
        prices = [leg.postage_vnd for leg in self.legs]
        return None if None in prices else sum(price for price in prices if price is not None)

    @property
    def windows(self) -> tuple[str, ...]:
        """When the postman may come for the papers, as ``08:00-11:30``; none where nobody may choose."""
        fetched = [leg for leg in self.legs if leg.leg is Leg.SEND]
        return tuple(f"{w.opens:%H:%M}-{w.closes:%H:%M}" for leg in fetched for w in leg.pickup_windows)


def offers_of(
    context: Context, dossier: Dossier, services: Sequence[CitizensService], address: AddressForm
) -> list[Offer]:
    """Ask for the prices of services; each way is asked for once.

    Raises:
        Problem: the address cannot be used, or an operator cannot be asked now.
    """
    asked: Sequence[CitizensService] = (Service.BOTH,) if Service.BOTH in services else services
    found = {
        price.leg: price
        for service in asked
        for price in quote(context, QuoteForm(agency=dossier.agency_code, service=service, address=address))
    }
    return [Offer(service, tuple(found[leg] for leg in LEGS[service])) for service in services]
