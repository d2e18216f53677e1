"""What can still be changed about an order: its address, and whether it is wanted at all."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from carriers.states import ShipmentState
from dispatch.change_forms import NewAddressForm
from dispatch.citizens import Citizen
from dispatch.order_changes import ask_to_cancel, change_address
from dispatch.orders import get_order
from dispatch.problems import Problem
from dispatch.shipment_queries import get_shipment
from tests.dispatch.people import NOW, has_moved, place, refusal, register
from tests.support.desk import CODE

_SEND, _RETURN = f"{CODE}-S1", f"{CODE}-R1"
_OLD_ADDRESS = {"text": "Xóm 9, Xã Thái Cường, Huyện Thạch An, Cao Bằng", "era": "legacy3"}


def _moves_to(session: Session, address: dict[str, str]) -> list[str]:
    order, shipments = get_order(session, get_shipment(session, _SEND).order_id), []
    for number in (_SEND, _RETURN):
        shipments.append(get_shipment(session, number))
    form = NewAddressForm.model_validate({"address": address})
    return [s.order_number for s in change_address(session, order, shipments, form, NOW)]


def test_a_new_address_reaches_every_leg_that_the_operator_has_not_been_told_of(session: Session) -> None:
    register(session)
    _, (send, back) = place(session, "both")
    has_moved(send, ShipmentState.IN_TRANSIT)
    before = send.citizen
    assert _moves_to(session, _OLD_ADDRESS) == [_RETURN]
    assert Citizen.from_text(back.citizen).commune_name == "Xã Kim Đồng"
    assert send.citizen == before


def test_a_new_address_comes_too_late_when_the_operator_has_every_leg(session: Session) -> None:
    register(session)
    for shipment in place(session, "both")[1]:
        has_moved(shipment, ShipmentState.BOOKED)
    with pytest.raises(Problem) as problem:
        _moves_to(session, _OLD_ADDRESS)
    assert refusal(problem) == ("too-late-to-change", 409)


def test_cancelling_ends_what_waits_and_asks_the_operator_about_the_rest(session: Session) -> None:
    register(session)
    _, (send, back) = place(session, "both")
    has_moved(send, ShipmentState.COLLECTING)
    assert ask_to_cancel([send, back], NOW) == [send]
    assert (send.cancel_wanted, send.next_at, send.live) == (True, NOW, True)
    assert (back.state, back.live) == ("cancelled", False)


def test_cancelling_leaves_alone_what_is_on_its_way(session: Session) -> None:
    register(session)
    _, (send, back) = place(session, "both")
    has_moved(send, ShipmentState.IN_TRANSIT)
    assert ask_to_cancel([send, back], NOW) == []
    assert (send.cancel_wanted, send.live, back.live) == (False, True, False)


@pytest.mark.parametrize(
    ("state", "words"), [(ShipmentState.IN_TRANSIT, "holds the papers"), (ShipmentState.DELIVERED, "has ended")]
)
def test_nothing_is_left_to_cancel_once_the_post_has_the_papers(
    session: Session, state: ShipmentState, words: str
) -> None:
    register(session)
    _, shipments = place(session, "send")
    has_moved(shipments[0], state)
    with pytest.raises(Problem, match=words) as problem:
        ask_to_cancel(shipments, NOW)
    assert refusal(problem) == ("too-late-to-cancel", 409)
