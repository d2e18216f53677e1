from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy.orm import Session

from carriers.states import ShipmentState
from config.clock import local
from dispatch import custody
from dispatch.dossiers import PaperKind, add_papers
from dispatch.forms import Direction, HandoverForm, SignatureForm
from dispatch.handover_lines import Handover
from dispatch.handover_signing import sign
from dispatch.handovers import draw_up, expected, get_handover, lines_of
from dispatch.papers import Paper
from dispatch.problems import Problem
from dispatch.shipment_queries import get_shipment
from tests.dispatch.people import NOW, has_moved, place, refusal, register, two_at_once
from tests.support.desk import AGENCY, CARRIER, CODE, TestDesk
from tracking.acceptance import sign_handover

_OTHER = "H14.10-260302-0002"
_SEND, _RETURN = f"{CODE}-S1", f"{CODE}-R1"
_AGENCY, _POST = custody.agency(AGENCY), custody.post(CARRIER)


def _arrived(session: Session, code: str = CODE) -> None:
    """Let a dossier's papers have come to the desk by post."""
    register(session, code)
    shipment = place(session, "send", dossier=code)[1][0]
    papers, collected_at = custody.held_by(session, code, custody.CITIZEN), NOW - timedelta(days=1)
    custody.hand_over(session, papers, _POST, collected_at, "collected", NOW)
    has_moved(shipment, ShipmentState.DELIVERED)


def _result_ready(session: Session) -> None:
    """Let a result wait for the postman."""
    register(session)
    add_papers(session, CODE, PaperKind.RESULT, (Paper("Quyết định", 1, 0),))
    has_moved(place(session, "receive", ready=True)[1][0], ShipmentState.BOOKED)


def _record(session: Session, *orders: str, direction: str = "to_agency", **more: str) -> Handover:
    body = {"agency": AGENCY, "carrier": CARRIER, "direction": direction, "orders": list(orders), **more}
    return draw_up(session, HandoverForm.model_validate(body), NOW)[0]


def _signature(*lines: tuple[str, bool], at: datetime = NOW, **more: Any) -> SignatureForm:
    counted = [
        {"order": order, "accepted": accepted, **({} if accepted else {"missing_papers": ["Tờ khai"]}), **more}
        for order, accepted in lines
    ]
    return SignatureForm.model_validate(
        {"signed_at": at, "officer": "Hà Thị Mai", "postman": "Lý Văn Páo", "lines": counted}
    )


def _holders(session: Session, code: str = CODE) -> set[str]:
    return {holding.holder for holding in custody.holdings(session, code)}


def _listed(session: Session, direction: Direction) -> list[tuple[str, list[str]]]:
    lines = expected(session, AGENCY, direction)
    return [(line.shipment.order_number, [paper.name for paper in line.papers]) for line in lines]


def test_papers_that_came_by_post_are_expected_at_the_desk(session: Session) -> None:
    _arrived(session)
    assert _listed(session, Direction.TO_AGENCY) == [(_SEND, ["Tờ khai", "Giấy tờ tùy thân"])]
    assert _listed(session, Direction.TO_POST) == []
    assert expected(session, "H14.99", Direction.TO_AGENCY) == []


def test_accepted_papers_are_the_agencys_from_the_moment_of_signing(session: Session) -> None:
    _arrived(session)
    record = _record(session, _SEND)
    signed_at = NOW - timedelta(minutes=10)
    handover, (line,) = sign(session, record.id, _signature((_SEND, True), at=signed_at), NOW)
    assert (handover.signed_at, handover.officer, handover.postman) == (signed_at, "Hà Thị Mai", "Lý Văn Páo")
    assert line.accepted is True
    assert {(h.holder, h.since) for h in custody.holdings(session, CODE)} == {(_AGENCY, signed_at)}
    assert _listed(session, Direction.TO_AGENCY) == []


def test_each_line_is_accepted_or_rejected_by_itself(session: Session) -> None:
    _arrived(session)
    _arrived(session, _OTHER)
    record = _record(session, _SEND, f"{_OTHER}-S1")
    _, lines = sign(session, record.id, _signature((_SEND, True), (f"{_OTHER}-S1", False)), NOW)
    assert [(line.accepted, line.missing_papers) for line in lines] == [(True, []), (False, ["Tờ khai"])]
    assert (_holders(session), _holders(session, _OTHER)) == ({_AGENCY}, {_POST})


def test_papers_of_a_rejected_line_go_back_to_the_postman_even_if_his_collection_was_never_reported(
    session: Session,
) -> None:
    register(session)
    has_moved(place(session, "send")[1][0], ShipmentState.DELIVERED)
    sign(session, _record(session, _SEND).id, _signature((_SEND, False)), NOW)
    assert _holders(session) == {_POST}


def test_a_result_goes_to_the_post_with_the_originals_that_go_back_with_it(session: Session) -> None:
    _result_ready(session)
    custody.hand_over(session, custody.held_by(session, CODE, custody.CITIZEN), _AGENCY, NOW, "BBGN-0", NOW)
    assert _listed(session, Direction.TO_POST) == [(_RETURN, ["Tờ khai", "Giấy tờ tùy thân", "Quyết định"])]
    sign(session, _record(session, _RETURN, direction="to_post").id, _signature((_RETURN, True)), NOW)
    assert _holders(session) == {_POST}


def test_a_result_that_the_postman_did_not_take_stays_here_and_is_handed_over_another_day(session: Session) -> None:
    _result_ready(session)
    first = _record(session, _RETURN, direction="to_post")
    sign(session, first.id, _signature((_RETURN, False), reason="Phong bì rách"), NOW)
    assert [paper.name for paper in custody.held_by(session, CODE, _AGENCY)] == ["Quyết định"]
    assert _listed(session, Direction.TO_POST) == [(_RETURN, ["Quyết định"])]
    second = _record(session, _RETURN, direction="to_post")
    assert second.number != first.number
    sign(session, second.id, _signature((_RETURN, True)), NOW)
    assert _listed(session, Direction.TO_POST) == []


def test_a_result_that_came_back_is_taken_in_again(session: Session) -> None:
    _result_ready(session)
    sign(session, _record(session, _RETURN, direction="to_post").id, _signature((_RETURN, True)), NOW)
    has_moved(get_shipment(session, _RETURN), ShipmentState.RETURNED)
    assert [order for order, _ in _listed(session, Direction.TO_AGENCY)] == [_RETURN]
    later = NOW + timedelta(days=9)
    sign(session, _record(session, _RETURN).id, _signature((_RETURN, True), at=later), later)
    assert "Quyết định" in [paper.name for paper in custody.held_by(session, CODE, _AGENCY)]


# --- drawing up ----------------------------------------------------------------------------------------------------


def test_the_same_record_asked_for_again_is_the_same_draft(session: Session) -> None:
    _arrived(session)
    _arrived(session, _OTHER)
    first = _record(session, _SEND, f"{_OTHER}-S1")
    assert _record(session, f"{_OTHER}-S1", _SEND, _SEND) is first
    assert _record(session, _SEND) is not first
    assert len(lines_of(session, first)) == 2


def test_records_are_numbered_by_agency_and_day(session: Session) -> None:
    _arrived(session)
    _arrived(session, _OTHER)
    numbers = [_record(session, order).number for order in (_SEND, f"{_OTHER}-S1")]
    assert numbers == [f"BBGN-{AGENCY}-{local(NOW):%y%m%d}-{number:04}" for number in (1, 2)]


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"agency": "H14.99"}, f"it belongs to agency {AGENCY}"),
        ({"carrier": "ems"}, f"it is carried by {CARRIER}"),
        ({"direction": "to_post"}, "its papers come to the agency"),
    ],
)
def test_a_line_that_belongs_elsewhere_is_named(session: Session, more: dict[str, str], why: str) -> None:
    _arrived(session)
    with pytest.raises(Problem, match=why) as problem:
        _record(session, _SEND, **more)
    assert refusal(problem) == ("handover-line", 409)
    assert problem.value.extra == {"order": _SEND}


def test_what_was_taken_over_is_not_drawn_up_again(session: Session) -> None:
    _arrived(session)
    sign(session, _record(session, _SEND).id, _signature((_SEND, True)), NOW)
    with pytest.raises(Problem, match="signed for already"):
        _record(session, _SEND)


def test_a_wrong_rejection_is_answered_by_a_new_record(session: Session) -> None:
    _arrived(session)
    sign(session, _record(session, _SEND).id, _signature((_SEND, False)), NOW)
    again = _record(session, _SEND)
    sign(session, again.id, _signature((_SEND, True), at=NOW + timedelta(hours=1)), NOW + timedelta(hours=1))
    assert _holders(session) == {_AGENCY}


@pytest.mark.parametrize("orders", [[], [""]])
def test_a_record_without_lines_is_refused(orders: list[str]) -> None:
    with pytest.raises(ValidationError):
        HandoverForm.model_validate({"agency": AGENCY, "carrier": CARRIER, "direction": "to_agency", "orders": orders})


# --- signing -------------------------------------------------------------------------------------------------------


def test_the_same_signatures_again_change_nothing(session: Session) -> None:
    _arrived(session)
    record, form = _record(session, _SEND), _signature((_SEND, True))
    first = sign(session, record.id, form, NOW)
    assert sign(session, record.id, form, NOW + timedelta(days=1)) == first
    assert len(custody.chain(session, CODE)) == 4


def test_a_record_that_was_signed_before_there_were_discrepancies_can_still_be_sent_again() -> None:
    signed = json.loads(_signature((_SEND, True)).model_dump_json())
    assert signed["lines"] == [{"order": _SEND, "accepted": True, "reason": None, "missing_papers": []}]


def test_a_line_is_rejected_for_a_count_that_differs_and_says_how(session: Session) -> None:
    _arrived(session)
    record = _record(session, _SEND)
    counted = _signature((_SEND, False), missing_papers=[], discrepancy="02 bản sao thay vì 01")
    _, (line,) = sign(session, record.id, counted, NOW)
    assert (line.accepted, line.discrepancy) == (False, "02 bản sao thay vì 01")


def test_other_signatures_under_a_signed_record_are_refused(session: Session) -> None:
    _arrived(session)
    record = _record(session, _SEND)
    sign(session, record.id, _signature((_SEND, True)), NOW)
    with pytest.raises(Problem) as problem:
        sign(session, record.id, _signature((_SEND, False)), NOW)
    assert refusal(problem) == ("handover-signed", 409)
    assert _holders(session) == {_AGENCY}


@pytest.mark.parametrize(
    "lines",
    [
        [(_SEND, True)],
        [(_SEND, True), (_SEND, True)],
        [(_SEND, True), (f"{_OTHER}-S1", True), ("H14.10-3-S1", True)],
        [(_SEND, True), (f"{_OTHER}-S1", True), (_SEND, False)],
    ],
)
def test_every_line_is_signed_once_and_no_other(session: Session, lines: list[tuple[str, bool]]) -> None:
    _arrived(session)
    _arrived(session, _OTHER)
    record = _record(session, _SEND, f"{_OTHER}-S1")
    with pytest.raises(Problem, match="Lines in the record") as problem:
        sign(session, record.id, _signature(*lines), NOW)
    assert refusal(problem) == ("handover-signature", 422)
    assert record.signed_at is None


def test_a_line_is_not_rejected_in_silence(session: Session) -> None:
    _arrived(session)
    record = _record(session, _SEND)
    with pytest.raises(Problem, match="Rejected without a reason"):
        sign(session, record.id, _signature((_SEND, False), missing_papers=[]), NOW)


def test_nobody_signs_in_the_future_but_clocks_may_differ_a_little(session: Session) -> None:
    _arrived(session)
    record = _record(session, _SEND)
    with pytest.raises(Problem, match="lies in the future"):
        sign(session, record.id, _signature((_SEND, True), at=NOW + timedelta(minutes=6)), NOW)
    assert sign(session, record.id, _signature((_SEND, True), at=NOW + timedelta(minutes=4)), NOW)[0].signed_at


def test_a_signature_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValidationError, match="timezone"):
        _signature((_SEND, True), at=NOW.replace(tzinfo=None))


def test_a_record_nobody_drew_up_is_unknown(session: Session) -> None:
    with pytest.raises(Problem) as problem:
        get_handover(session, 1)
    assert refusal(problem) == ("unknown-handover", 404)


def test_of_two_desks_that_sign_one_record_differently_at_once_the_first_stands(postgres_desk: TestDesk) -> None:
    desk = postgres_desk
    desk.order("send")
    with desk.context.database.write() as session:
        record = _record(session, _SEND)
    verdicts = iter([True, False])

    def sign_it(session: Session) -> str:
        form = _signature((_SEND, next(verdicts)), at=desk.clock.now())
        return str(sign_handover(session, desk.context, desk.office, record.id, form)[1][0].accepted)

    assert two_at_once(desk.context.database, sign_it) == ["True", "handover-signed"]
    with desk.read() as session:
        assert _holders(session) == {_AGENCY}
