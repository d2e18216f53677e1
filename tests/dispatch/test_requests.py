from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from carriers.contract import BookingRequest
from dispatch.requests import booking_request
from dispatch.shipments import Shipment
from tests.dispatch.people import ACCOUNTS, DESK, place, register


def _both(session: Session) -> tuple[Shipment, Shipment]:
    register(session)
    send, back = place(session, "both", fee_by_post=True)[1]
    return send, back


def _request(session: Session, shipment: Shipment) -> BookingRequest:
    return booking_request(session, ACCOUNTS, shipment)


def test_papers_go_from_the_citizen_to_the_agency_and_back(session: Session) -> None:
    send, back = (_request(session, shipment) for shipment in _both(session))
    assert (send.sender, send.receiver) == (back.receiver, back.sender)
    assert (send.sender.name, send.sender.phone) == ("Bế Đức Hiếu", "+84919393275")
    assert send.sender.address == "Tổ 5, Xã Xuân Trường, tỉnh Cao Bằng"
    assert (send.receiver.name, send.receiver.address, send.receiver.phone) == ("Sở Tư pháp", DESK.address, DESK.phone)


def test_the_order_names_its_papers_and_the_fee_of_its_leg(session: Session) -> None:
    send, back = (_request(session, shipment) for shipment in _both(session))
    assert send.contents == ("Tờ khai (01 bản chính)", "Giấy tờ tùy thân (01 bản sao)")
    assert (send.cod_vnd, back.cod_vnd) == (25_000, 0)


def test_the_post_learns_neither_the_procedure_nor_who_the_citizen_is_beyond_the_address(session: Session) -> None:
    for shipment in _both(session):
        told = repr(_request(session, shipment))
        for secret in ("hộ tịch", "1.004859", "004412799013"):
            assert secret not in told


def test_waybill_and_day_of_collection_go_along(session: Session) -> None:
    send, _ = _both(session)
    send.waybill, send.pickup_on = "HC1", date(2026, 3, 4)
    request = _request(session, send)
    assert (request.order_number, request.waybill, request.pickup_on) == (send.order_number, "HC1", date(2026, 3, 4))
