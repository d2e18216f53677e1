"""Linked procedures: the post carries papers between two agencies, and no clock is touched by it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from config.accounts import AgencyDesk, Desk
from dispatch import booking
from dispatch.change_forms import NewAddressForm
from dispatch.connections import OperatorsNow
from dispatch.documents.kinds import DocumentKind
from dispatch.forms import Direction, HandoverForm, SignatureForm
from dispatch.generations import fresh
from dispatch.handover_lines import HandoverLine
from dispatch.handovers import draw_up, expected
from dispatch.order_changes import change_address
from dispatch.orders import get_order
from dispatch.problems import Problem
from dispatch.requests import booking_request
from dispatch.shipment_queries import get_shipment
from dispatch.shipments import Leg, Shipment
from dispatch.transfers import TransferForm, place_transfer
from tests.dispatch.people import refusal
from tests.support.desk import ACCOUNT, CARRIER, TestDesk
from tests.support.pdfs import text_of
from tests.tracking.case import BOOKED, COLLECTED, DELIVERED, RETURNED, RETURNING, Case
from tests.tracking.conftest import ON_SQLITE
from tests.tracking.deadlines.story import at
from tests.tracking.documents.test_printing import prints
from tracking.acceptance import sign_handover

pytestmark = ON_SQLITE

TAX = {"code": "H14.30", "name": "Chi cục Thuế"}
HOME = {"code": "H14.10", "name": "Sở Tư pháp"}
TAX_DESK = Desk(phone="02063870123", address="Chi cục Thuế, phường Thục Phán", province_code="04")
POST = f"post:{CARRIER}"


@pytest.fixture
def case(shared_desk: TestDesk) -> Iterator[Case]:
    """A dossier whose papers the agency holds; the operator knows the tax office's desk too."""
    before = shared_desk.context
    desks = (AgencyDesk(agency="H14.30", desk=TAX_DESK),)
    shared_desk.context = replace(before, accounts=before.accounts.model_copy(update={"agency_desks": desks}))
    case = Case.opened(shared_desk)
    case.happens("accepted", "2026-03-02 09:00")
    yield case
    shared_desk.context = before


def sent_on(case: Case, when: str = "2026-03-02 10:00", **more: Any) -> Shipment:
    case.now(when)
    body = {"dossier": case.code, "from_agency": HOME, "to_agency": TAX, "reason": "Liên thông thuế", **more}
    desk = case.desk
    with desk.context.database.write() as session:
        form = TransferForm.model_validate(body)
        operators = OperatorsNow(session, desk.context)
        return place_transfer(session, desk.context.accounts, form, desk.clock.now(), operators)[1]


def signed(case: Case, number: str, agency: str, direction: str, when: str, **verdict: Any) -> HandoverLine:
    record = HandoverForm(agency=agency, carrier=CARRIER, direction=Direction(direction), orders=[number])
    signature = {
        "signed_at": case.now(when),
        "officer": "Hoàng Thị Lan",
        "postman": "Nông Văn Páo",
        "lines": [{"order": number, "accepted": True, **verdict}],
    }
    desk = case.desk
    with desk.context.database.write() as session:
        handover, _ = draw_up(session, record, desk.clock.now())
        form = SignatureForm.model_validate(signature)
        return sign_handover(session, desk.context, desk.office, handover.id, form)[1][0]


def awaited(case: Case, agency: str, direction: Direction) -> list[str]:
    with case.desk.read() as session:
        lines = expected(session, agency, direction)
        return [one.shipment.order_number for one in lines if one.shipment.dossier_code == case.code]


def test_papers_go_from_agency_to_agency_by_two_records_and_the_clock_does_not_move(case: Case) -> None:
    facts, due = case.facts(), case.due
    number = sent_on(case).order_number
    assert number == f"{case.code}-T1"
    booking.drain(case.desk.context)
    assert awaited(case, "H14.10", Direction.TO_POST) == [number]
    assert awaited(case, "H14.30", Direction.TO_POST) == []
    signed(case, number, "H14.10", "to_post", "2026-03-02 14:00")
    assert set(case.holders().values()) == {POST}
    case.reported(number, COLLECTED, "2026-03-02 14:05")
    case.reported(number, DELIVERED, "2026-03-03 09:00")
    assert awaited(case, "H14.30", Direction.TO_AGENCY) == [number]
    assert awaited(case, "H14.10", Direction.TO_AGENCY) == []
    signed(case, number, "H14.30", "to_agency", "2026-03-03 10:00")
    assert set(case.holders().values()) == {"agency:H14.30"}
    assert [holder for holder, _ in case.hands()][-1] == "agency:H14.30"
    assert (case.facts(), case.due) == (facts, due)
    (told,) = case.told_citizen("papers_transferred")
    assert "Chi cục Thuế" in told["text_vi"]
    shipment = case.shipment(number)
    assert (shipment.state, shipment.live, shipment.transit_kept) == ("delivered", False, True)
    assert any("chuyển giữa các cơ quan" in moment.what_vi for moment in case.timeline())


def test_a_result_that_is_delivered_meanwhile_takes_nothing_along_that_is_on_its_way_to_the_other_agency(
    case: Case,
) -> None:
    number = sent_on(case, papers=["Giấy tờ tùy thân"]).order_number
    booking.drain(case.desk.context)
    signed(case, number, "H14.10", "to_post", "2026-03-02 14:00")
    case.reported(number, COLLECTED, "2026-03-02 14:05")
    case.order("receive")
    case.finished("2026-03-03 09:00")
    booking.drain(case.desk.context)
    case.reported(case.r1, COLLECTED, "2026-03-03 14:00")
    case.reported(number, DELIVERED, "2026-03-03 15:00")
    case.reported(case.r1, DELIVERED, "2026-03-04 09:00")
    assert case.holders() == {"Tờ khai": "citizen", "Giấy tờ tùy thân": POST, "Kết quả": "citizen"}
    signed(case, number, "H14.30", "to_agency", "2026-03-04 10:00")
    assert case.holders()["Giấy tờ tùy thân"] == "agency:H14.30"


def test_papers_that_have_come_home_go_out_with_the_result(case: Case) -> None:
    number = sent_on(case, papers=["Giấy tờ tùy thân"]).order_number
    booking.drain(case.desk.context)
    signed(case, number, "H14.10", "to_post", "2026-03-02 14:00")
    case.reported(number, COLLECTED, "2026-03-02 14:05")
    case.reported(number, RETURNING, "2026-03-03 09:00")
    case.reported(number, RETURNED, "2026-03-03 11:00")
    signed(case, number, "H14.10", "to_agency", "2026-03-03 12:00")
    case.order("receive")
    case.finished("2026-03-03 13:00")
    booking.drain(case.desk.context)
    case.reported(case.r1, COLLECTED, "2026-03-03 14:00")
    case.reported(case.r1, DELIVERED, "2026-03-04 09:00")
    assert set(case.holders().values()) == {"citizen"}


def test_the_operator_is_given_both_desks(case: Case) -> None:
    number = sent_on(case).order_number
    with case.desk.read() as session:
        request = booking_request(session, case.desk.context.accounts, get_shipment(session, number))
    assert (request.sender.name, request.sender.address) == ("Sở Tư pháp", "Trung tâm Phục vụ hành chính công")
    assert (request.receiver.name, request.receiver.address) == ("Chi cục Thuế", TAX_DESK.address)
    assert request.cod_vnd == 0


def test_it_comes_home_on_the_same_kind_of_leg_as_the_next_generation(case: Case) -> None:
    number = sent_on(case).order_number
    booking.drain(case.desk.context)
    case.reported(number, COLLECTED, "2026-03-02 14:05")
    case.reported(number, DELIVERED, "2026-03-03 09:00")
    signed(case, number, "H14.30", "to_agency", "2026-03-03 10:00")
    with_home = Desk(phone="02063852136", address="Sở Tư pháp, phường Thục Phán", province_code="04")
    accounts = case.desk.context.accounts
    desks = (*accounts.agency_desks, AgencyDesk(agency="H14.10", desk=with_home))
    case.desk.context = replace(case.desk.context, accounts=accounts.model_copy(update={"agency_desks": desks}))
    back = sent_on(case, "2026-03-04 09:00", from_agency=TAX, to_agency=HOME)
    assert back.order_number == f"{case.code}-T2"
    booking.drain(case.desk.context)
    signed(case, back.order_number, "H14.30", "to_post", "2026-03-04 10:00")
    case.reported(back.order_number, DELIVERED, "2026-03-05 09:00")
    signed(case, back.order_number, "H14.10", "to_agency", "2026-03-05 10:00")
    assert set(case.holders().values()) == {"agency:H14.10"}


def test_two_transfers_of_one_dossier_are_never_under_way_at_once(case: Case) -> None:
    first = sent_on(case)
    with pytest.raises(Problem) as refused:
        sent_on(case)
    assert refusal(refused) == ("leg-alive", 409)
    second = {name: getattr(first, name) for name in ("order_id", "dossier_code", "carrier", "account", "citizen")}
    extra = {"contents": [], "cod_vnd": 0, "zone": "same_province", "generation": 2, "leg": Leg.TRANSFER}
    rival = Shipment(order_number=f"{case.code}-T2", **second, **extra, **fresh(case.desk.clock.now()))
    with pytest.raises(IntegrityError), case.desk.context.database.write() as session:
        session.add(rival)


def test_only_some_papers_may_go(case: Case) -> None:
    number = sent_on(case, papers=["tờ khai"]).order_number
    booking.drain(case.desk.context)
    signed(case, number, "H14.10", "to_post", "2026-03-02 14:00")
    assert case.holders() == {"Tờ khai": POST, "Giấy tờ tùy thân": "agency:H14.10"}


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({"papers": ["Sổ hộ khẩu"]}, ("nothing-to-transfer", 409)),
        ({"to_agency": {"code": "H14.99", "name": "Nơi khác"}}, ("no-agency-desk", 422)),
        ({"from_agency": {"code": "H14.99", "name": "Nơi khác"}}, ("nothing-to-transfer", 409)),
        ({"from_agency": TAX}, ("nothing-to-transfer", 409)),
    ],
    ids=["unknown-paper", "no-desk", "holds-nothing", "to-itself"],
)
def test_what_cannot_be_sent_on_is_refused(case: Case, more: dict[str, Any], kind: tuple[str, int]) -> None:
    with pytest.raises(Problem) as refused:
        sent_on(case, **more)
    assert refusal(refused) == kind


def test_papers_that_the_other_agency_rejects_come_back_to_the_first_and_staff_see_it(case: Case) -> None:
    number = sent_on(case).order_number
    booking.drain(case.desk.context)
    case.reported(number, COLLECTED, "2026-03-02 14:05")
    case.reported(number, DELIVERED, "2026-03-03 09:00")
    signed(case, number, "H14.30", "to_agency", "2026-03-03 10:00", accepted=False, reason="Không thuộc thẩm quyền")
    assert "transfer-rejected" in case.attention_kinds()
    assert case.told_citizen("papers_incomplete") == []
    case.reported(number, RETURNING, "2026-03-03 11:00")
    case.reported(number, RETURNED, "2026-03-04 09:00")
    assert set(case.holders().values()) == {POST}
    assert awaited(case, "H14.10", Direction.TO_AGENCY) == [number]
    signed(case, number, "H14.10", "to_agency", "2026-03-04 10:00")
    assert set(case.holders().values()) == {"agency:H14.10"}
    assert "transfer-rejected" not in case.attention_kinds()
    assert case.told_citizen("papers_transferred") == []


def test_what_was_rejected_is_signed_for_at_home_before_its_operator_has_told_that_it_is_back(case: Case) -> None:
    number = sent_on(case).order_number
    booking.drain(case.desk.context)
    signed(case, number, "H14.10", "to_post", "2026-03-02 14:00")
    case.reported(number, COLLECTED, "2026-03-02 14:05")
    case.reported(number, DELIVERED, "2026-03-03 09:00")
    with pytest.raises(Problem, match=r"it belongs to agency H14\.30"):
        signed(case, number, "H14.10", "to_agency", "2026-03-03 09:30")
    signed(case, number, "H14.30", "to_agency", "2026-03-03 10:00", accepted=False, reason="Không thuộc thẩm quyền")
    signed(case, number, "H14.10", "to_agency", "2026-03-04 10:00")
    assert set(case.holders().values()) == {"agency:H14.10"}
    case.reported(number, RETURNING, "2026-03-03 11:00")
    case.reported(number, RETURNED, "2026-03-04 09:00")
    assert set(case.holders().values()) == {"agency:H14.10"}
    assert "transfer-rejected" not in case.attention_kinds()


def test_a_transfer_that_nobody_signs_for_is_shown_like_any_other(case: Case) -> None:
    number = sent_on(case).order_number
    booking.drain(case.desk.context)
    case.reported(number, BOOKED, "2026-03-02 11:00")
    case.now("2026-03-05 09:00")
    assert "not-collected" in case.attention_kinds()
    case.reported(number, DELIVERED, "2026-03-05 09:30")
    case.now("2026-03-09 09:00")
    assert "handover-unsigned" in case.attention_kinds()


def test_a_citizen_cannot_send_a_transfer_elsewhere(case: Case) -> None:
    shipment = sent_on(case)
    home = {"address": {"text": "Tổ 5, Xã Xuân Trường, tỉnh Cao Bằng", "era": "new2"}}
    form = NewAddressForm.model_validate(home)
    with case.desk.read() as session:
        order = get_order(session, shipment.order_id)
        with pytest.raises(Problem) as refused:
            change_address(session, order, [shipment], form, at("2026-03-02 11:00"))
    assert refusal(refused) == ("too-late-to-change", 409)


def test_an_account_may_be_kept_for_the_citizens_legs(case: Case) -> None:
    accounts = case.desk.context.accounts
    own = accounts.carrier_account_by_id(ACCOUNT).model_copy(update={"legs": ("send", "return")})
    case.desk.context = replace(case.desk.context, accounts=accounts.model_copy(update={"carrier_accounts": (own,)}))
    with pytest.raises(Problem) as refused:
        sent_on(case)
    assert refusal(refused)[0] == "no-carrier-account"


def test_its_label_and_slip_name_both_desks_and_mask_nobody(case: Case) -> None:
    number = sent_on(case).order_number
    label = text_of(prints(case, DocumentKind.LABEL, number).pdf)
    assert "Chi cục Thuế, phường Thục Phán" in label
    assert "0206 3870 123" in label
    assert "PHIẾU GỬI HỒ SƠ LIÊN THÔNG" in text_of(prints(case, DocumentKind.SLIP, number).pdf)
