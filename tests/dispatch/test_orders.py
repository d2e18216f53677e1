from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from carriers.states import ShipmentState
from dispatch.citizens import Citizen
from dispatch.context import Context
from dispatch.orders import get_order
from dispatch.problems import Problem
from dispatch.shipment_queries import get_shipment
from dispatch.shipments import BookingState, Leg
from tests.dispatch.people import NOW, allowing, has_moved, place, refusal, register, two_at_once
from tests.support.desk import CODE

_SEND, _RETURN = f"{CODE}-S1", f"{CODE}-R1"
_OLD_ADDRESS = {"text": "Xóm 9, Xã Thái Cường, Huyện Thạch An, Cao Bằng", "era": "legacy3"}


@pytest.mark.parametrize(
    ("service", "numbers"), [("send", [_SEND]), ("receive", [_RETURN]), ("both", [_SEND, _RETURN])]
)
def test_each_of_the_three_services_has_its_legs(session: Session, service: str, numbers: list[str]) -> None:
    register(session)
    order, shipments = place(session, service)
    assert [s.order_number for s in shipments] == numbers
    assert {(s.order_id, s.booking, s.live) for s in shipments} == {(order.id, BookingState.REQUESTED, True)}
    assert get_order(session, order.id) is order


def test_the_return_leg_waits_for_the_result(session: Session) -> None:
    register(session)
    _, (send, back) = place(session, "both")
    assert (send.book_at, send.next_at) == (NOW, NOW)
    assert (back.book_at, back.next_at) == (None, None)


def test_the_return_leg_of_a_finished_dossier_is_booked_at_once(session: Session) -> None:
    register(session)
    _, (back,) = place(session, "receive", ready=True)
    assert back.next_at == NOW


@pytest.mark.parametrize(
    ("submission", "collection", "service"),
    [(False, True, "send"), (False, True, "both"), (True, False, "receive"), (True, False, "both")],
)
def test_a_service_that_the_procedure_does_not_allow_is_refused(
    session: Session, submission: bool, collection: bool, service: str
) -> None:
    register(session, procedure=allowing(submission=submission, collection=collection))
    with pytest.raises(Problem) as problem:
        place(session, service)
    assert refusal(problem) == ("service-not-allowed", 422)
    assert "Decision 45/2016" in problem.value.detail


@pytest.mark.parametrize(("submission", "collection", "service"), [(False, True, "receive"), (True, False, "send")])
def test_the_other_half_of_the_service_is_still_allowed(
    session: Session, submission: bool, collection: bool, service: str
) -> None:
    register(session, procedure=allowing(submission=submission, collection=collection))
    assert len(place(session, service)[1]) == 1


def test_a_second_order_for_a_leg_that_is_alive_names_the_first(session: Session) -> None:
    register(session)
    first, _ = place(session, "send")
    with pytest.raises(Problem) as problem:
        place(session, "both")
    assert refusal(problem) == ("leg-alive", 409)
    assert problem.value.extra == {"order": first.id, "order_number": _SEND}


def test_the_other_leg_may_be_ordered_later(session: Session) -> None:
    register(session)
    place(session, "send")
    assert [s.order_number for s in place(session, "receive")[1]] == [_RETURN]


@pytest.mark.parametrize(
    "end", [ShipmentState.DELIVERED, ShipmentState.RETURNED, ShipmentState.LOST, ShipmentState.CANCELLED]
)
def test_a_leg_that_has_ended_may_be_ordered_again_as_the_next_generation(session: Session, end: ShipmentState) -> None:
    register(session)
    _, (shipment,) = place(session, "send")
    has_moved(shipment, end)
    assert [s.order_number for s in place(session, "send")[1]] == [f"{CODE}-S2"]


def test_the_fee_is_collected_by_the_postman_who_takes_the_papers_and_only_by_him(session: Session) -> None:
    register(session)
    _, shipments = place(session, "both", fee_by_post=True)
    assert [s.cod_vnd for s in shipments] == [25_000, 0]


def test_the_shipment_lists_what_the_postman_counts(session: Session) -> None:
    register(session)
    _, (shipment,) = place(session, "send")
    assert shipment.contents == [["Tờ khai", 1, 0], ["Giấy tờ tùy thân", 0, 1]]


# --- addresses and contacts ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "commune", "zone"),
    [
        ({"text": "Tổ 6, Xã Lũng Nặm, tỉnh Cao Bằng", "era": "new2"}, "Xã Lũng Nặm", "same_province"),
        (_OLD_ADDRESS, "Xã Kim Đồng", "same_province"),
        ({"text": "Số 1, Phường Ba Đình, thành phố Hà Nội", "era": "new2"}, "Phường Ba Đình", "inter_province"),
    ],
)
def test_an_address_of_either_era_is_kept_as_written_with_the_commune_of_today(
    session: Session, address: dict[str, str], commune: str, zone: str
) -> None:
    register(session)
    _, (shipment,) = place(session, "send", address=address)
    citizen = Citizen.from_text(shipment.citizen)
    assert (citizen.address, citizen.commune_name, shipment.zone) == (address["text"], commune, zone)


def test_an_old_commune_that_could_be_several_is_asked_about_with_its_candidates(session: Session) -> None:
    register(session)
    with pytest.raises(Problem) as problem:
        place(session, "send", address={"text": "Xã Hưng Đạo, Cao Bằng", "era": "legacy3"})
    assert refusal(problem) == ("ambiguous-address", 422)
    communes = {candidate["new_commune"] for candidate in problem.value.extra["candidates"]}
    assert communes == {"Phường Thục Phán", "Xã Hưng Đạo", "Xã Tam Kim"}


def test_an_address_that_nobody_knows_is_refused(session: Session) -> None:
    register(session)
    with pytest.raises(Problem) as problem:
        place(session, "send", address={"text": "Xã Không Có, tỉnh Cao Bằng"})
    assert refusal(problem) == ("unknown-address", 422)


def test_somebody_else_may_send_and_receive(session: Session) -> None:
    register(session)
    _, (shipment,) = place(session, "send", contact={"name": "Nông Thị Hoa", "phone": "0367828556"})
    citizen = Citizen.from_text(shipment.citizen)
    assert (citizen.name, citizen.phone) == ("Nông Thị Hoa", "+84367828556")


def test_a_contact_with_a_wrong_phone_number_is_refused_and_nothing_is_ordered(session: Session) -> None:
    register(session)
    with pytest.raises(Problem) as problem:
        place(session, "send", contact={"name": "Nông Thị Hoa", "phone": "12"})
    assert refusal(problem) == ("contact", 422)
    assert [s.order_number for s in place(session, "send")[1]] == [_SEND]


@pytest.mark.parametrize(
    "ask",
    [
        place,
        lambda session: get_order(session, "no-such-order"),
        lambda session: get_shipment(session, "no-such-number"),
    ],
    ids=["dossier", "order", "shipment"],
)
def test_what_was_never_registered_is_unknown(session: Session, ask: Callable[[Session], object]) -> None:
    with pytest.raises(Problem) as problem:
        ask(session)
    assert refusal(problem)[1] == 404


# --- two clicks at once --------------------------------------------------------------------------------------------


def test_of_two_orders_at_the_same_moment_one_wins_and_the_other_is_told(context: Context) -> None:
    _clicked_twice(context)


def test_of_two_orders_at_the_same_moment_on_postgresql_one_wins(postgres_context: Context) -> None:
    _clicked_twice(postgres_context)


def _clicked_twice(context: Context) -> None:
    with context.database.write() as session:
        register(session)
    assert two_at_once(context.database, lambda session: place(session, "send")[1][0].order_number) == [
        _SEND,
        "leg-alive",
    ]


def test_the_leg_of_a_shipment_is_part_of_its_number(session: Session) -> None:
    register(session)
    _, shipments = place(session)
    assert {s.leg: s.order_number[-2:] for s in shipments} == {Leg.SEND: "S1", Leg.RETURN: "R1"}
