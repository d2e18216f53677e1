"""What the post would charge, before the citizen decides (Decision 45/2016/QĐ-TTg Art. 12(2)-(3))."""

from __future__ import annotations

from dataclasses import dataclass

from carriers.capabilities import CanQuote
from carriers.contract import QuoteRequest
from carriers.outcomes import CarrierError
from dispatch.citizens import resolve
from dispatch.context import Context
from dispatch.forms import QuoteForm
from dispatch.orders import LEGS
from dispatch.problems import Problem
from dispatch.routing import choose_account
from dispatch.shipments import Leg


@dataclass(frozen=True)
class LegPrice:
    """Postage of one leg in đồng; None: the operator tells no price, so show its published tariff."""

    leg: Leg
    carrier: str
    postage_vnd: int | None


def quote(context: Context, form: QuoteForm) -> list[LegPrice]:
    """Ask the operator for the postage of each leg of a service.

    Raises:
        Problem: the address cannot be used, no operator serves the agency, or the operator cannot be asked now.
    """
    place = resolve(form.address)
    account = choose_account(context.accounts, form.agency, form.carrier)
    carrier = context.carriers.get(account.id)
    prices = []
    for leg in LEGS[form.service]:
        ends = (place.province_code, account.desk.province_code)
        sender, receiver = ends if leg is Leg.SEND else ends[::-1]
        price = None
        if isinstance(carrier, CanQuote):
            price = _ask(carrier, QuoteRequest(form.weight_g, sender, receiver))
        prices.append(LegPrice(leg, account.carrier, price))
    return prices


def _ask(carrier: CanQuote, request: QuoteRequest) -> int | None:
    try:
        quoted = carrier.quote(request)
    except CarrierError as error:
        raise Problem(
            "no-quote",
            "The operator told no price",
            str(error),
            "Show the operator's published tariff, or ask again in a few minutes.",
            next_step_vi="Cho công dân xem bảng cước niêm yết, hoặc hỏi lại sau ít phút.",
            status=503,
        ) from error
    return quoted.vnd if quoted else None
