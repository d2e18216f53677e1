"""What the post would charge, before the citizen decides (Decision 45/2016/QĐ-TTg Art. 12(2)-(3))."""

from __future__ import annotations

from dataclasses import dataclass

from carriers.capabilities import CanQuote, OffersPickupWindows
from carriers.contract import PickupWindow, QuoteRequest
from carriers.outcomes import CarrierError
from config.clock import local
from dispatch.citizens import resolve
from dispatch.connections import OperatorsNow
from dispatch.context import Context
from dispatch.forms import QuoteForm
from dispatch.money.postage import check_group
from dispatch.money.prices import relief
from dispatch.orders import LEGS
from dispatch.problems import Problem
from dispatch.routing import Need, choose, note_price
from dispatch.shipments import Leg


@dataclass(frozen=True)
class LegPrice:
    """Postage of one leg in đồng; None: the operator tells no price, so show its published tariff.

    ``reduction_vnd`` is how much less the claimed group pays of it, by ``legal_source``. ``pickup_windows`` are those
    of a day among which the citizen may choose; none where the operator offers none.
    """

    leg: Leg
    carrier: str
    postage_vnd: int | None
    pickup_windows: tuple[PickupWindow, ...] = ()
    reduction_vnd: int = 0
    legal_source: str = ""


def quote(context: Context, form: QuoteForm) -> list[LegPrice]:
    """Ask the operator for the postage of each leg of a service.

    Raises:
        Problem: the address cannot be used, no operator serves the agency, or the operator cannot be asked now.
    """
    place = resolve(form.address)
    check_group(form.postage_group)
    return [_leg_price(context, form, leg, place.province_code) for leg in LEGS[form.service]]


def _leg_price(context: Context, form: QuoteForm, leg: Leg, province: str) -> LegPrice:
    now = context.clock.now()
    need = Need(form.agency, leg, province, form.carrier)
    with context.database.read() as session:
        operators = OperatorsNow(session, context)
        choice = choose(session, context.accounts, need, now, operators.is_left_alone, operators.serves)
    account = choice.account
    carrier = context.carriers.get(account.id)
    windows = carrier.pickup_windows if isinstance(carrier, OffersPickupWindows) else ()
    if not isinstance(carrier, CanQuote):
        return LegPrice(leg, account.carrier, None, windows)
    ends = (province, account.desk.province_code)
    sender, receiver = ends if leg is Leg.SEND else ends[::-1]
    price = _ask(carrier, QuoteRequest(form.weight_g, sender, receiver))
    if price is not None:
        with context.database.write() as session:
            note_price(session, account.id, (sender, receiver), price, now)
    less = relief(context.accounts.postage_reductions, form.postage_group, price or 0, local(now).date())
    return LegPrice(leg, account.carrier, price, windows, less.reduction_vnd, less.legal_source)


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
