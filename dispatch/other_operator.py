"""Another operator because a person wants it: only while nobody but the sender holds the papers.

The order at the old one is cancelled and proven dead first; the leg's next generation then goes to the new one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from dispatch import custody, routing
from dispatch.change_forms import OperatorForm
from dispatch.citizens import Citizen
from dispatch.connections import OperatorsNow
from dispatch.context import Context
from dispatch.dossiers import get_dossier
from dispatch.generations import succeed
from dispatch.order_changes import unknown_to_operator
from dispatch.problems import Problem
from dispatch.shipments import BEFORE_COLLECTION, BookingState, Shipment, Successor, refresh_state


def give_to_another(
    session: Session, context: Context, shipments: Sequence[Shipment], form: OperatorForm, now: datetime
) -> list[Shipment]:
    """Give every leg that nobody has collected to another operator; returns the shipments that end by that.

    What is with that operator already, or on its way to it, stays as it is.

    Raises:
        Problem: the papers of every leg are with an operator, no leg is under way, or the other one does not serve.
    """
    given_up = [s for s in shipments if s.cancel_wanted and s.successor is None]
    live = [s for s in shipments if s.live and form.leg in (None, s.leg) and s not in given_up]
    movable = [s for s in live if s.journey in BEFORE_COLLECTION and not custody.is_with_post(session, s)]
    if not movable:
        raise _too_late(live)
    _refuse_parcels(movable)
    given = [s for s in movable if form.carrier not in (s.carrier, s.heir and s.heir["carrier"])]
    for shipment in given:
        _give(session, context, shipment, form, now)
    return given


def _give(session: Session, context: Context, shipment: Shipment, form: OperatorForm, now: datetime) -> None:
    dossier = get_dossier(session, shipment.dossier_code)
    province = Citizen.from_text(shipment.citizen).province_code
    need = routing.Need(dossier.agency_code, shipment.leg, province, form.carrier)
    operators = OperatorsNow(session, context)
    choice = routing.choose(session, context.accounts, need, now, operators.is_left_alone, operators.serves)
    waits = shipment.plans_pickup
    shipment.successor = Successor.WAITING if waits else Successor.AT_ONCE
    shipment.heir = {"carrier": choice.account.carrier, "account": choice.account.id, "reason": form.reason}
    if unknown_to_operator(shipment):
        shipment.booking, shipment.next_at = BookingState.CANCELLED, None
        shipment.trouble = f"Given to {form.carrier}: {form.reason}"[:1000]
        refresh_state(shipment, now)
        succeed(session, shipment, now)
    else:
        shipment.cancel_wanted, shipment.next_at = True, now


def _refuse_parcels(shipments: Sequence[Shipment]) -> None:
    """A parcel's papers are one operator's together, and none of them may be left behind by a change of it."""
    together = [s.order_number for s in shipments if s.carries or s.rides_with is not None]
    if together:
        raise Problem(
            "in-a-parcel",
            "These papers go in one parcel with others",
            f"{', '.join(together)}: a parcel goes by one operator.",
            "Cancel the order of each dossier in it, and order them anew by the other operator.",
            next_step_vi="Huỷ đơn của từng hồ sơ trong bưu gửi chung và đặt lại qua đơn vị khác.",
            status=409,
        )


def _too_late(live: Sequence[Shipment]) -> Problem:
    numbers = ", ".join(s.order_number for s in live)
    return Problem(
        "papers-with-operator",
        "The operator cannot be changed any more",
        f"The papers of {numbers} are with their operator." if live else "No leg of this order is under way.",
        "Follow them, or call them back." if live else "Place a new order if papers are to be sent again.",
        next_step_vi="Giấy tờ đang do bưu điện giữ: theo dõi tiếp hoặc đề nghị chuyển hoàn."
        if live
        else "Đặt đơn mới nếu cần gửi lại.",
        status=409,
    )
