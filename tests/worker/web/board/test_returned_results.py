"""Results that are back, at the board: sent again at somebody's cost, or handed out to who may have them."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, select

from dispatch import custody
from dispatch.citizens import Citizen
from dispatch.parties import Party
from tests.support.board import Colleague
from tests.support.desk import AGENCY, TestDesk
from tests.worker.web.board.cases import result_at_the_counter, result_brought_back, result_with_the_post
from tests.worker.web.board.conftest import As
from tracking.counter_facts import CounterFact, open_wait
from tracking.counter_stay import CounterEvent
from worker.access import audit
from worker.access.roles import Role

HERE = {"name": "Bế Đức Hiếu", "phone": "+84919393275", "address": "Tổ 5, Xã Xuân Trường, tỉnh Cao Bằng", "era": "new2"}
SENDING = {**HERE, "payer": "post", "reason": "bưu điện chuyển hoàn quá sớm"}
APPLICANT = {"who": "recipient", "id_kind": "cccd", "id_last": "9013"}


@pytest.fixture
def back(desk: TestDesk, registered: str) -> str:
    """The number of an order whose result waits at the counter."""
    return result_at_the_counter(desk, registered)


def noted(desk: TestDesk, subject: str) -> list[str]:
    with desk.read() as session:
        return [entry.action for entry in audit.entries(session, subject=subject)]


def taken(desk: TestDesk, number: str) -> CounterFact:
    with desk.read() as session:
        (fact,) = session.scalars(
            select(CounterFact).where(CounterFact.order_number == number, CounterFact.kind == CounterEvent.COLLECTED)
        )
        return fact


def holder(desk: TestDesk, code: str, paper: str = "Trích lục") -> str:
    with desk.read() as session:
        return next(one.holder for one in custody.holdings(session, code) if one.paper.name == paper)


def waits(desk: TestDesk, code: str) -> bool:
    with desk.read() as session:
        return open_wait(session, code) is not None


def sent(officer: Colleague, code: str, **changed: Any) -> Any:
    path = f"/board/dossiers/{code}/second-sending"
    fields = {**SENDING, "after": f"{code}-R1", **changed}
    return officer.send(officer.page(path), path, **fields)


def handed_out(officer: Colleague, code: str, **changed: Any) -> Any:
    path = f"/board/dossiers/{code}/counter-pickup"
    return officer.send(officer.page(path), path, **{**APPLICANT, **changed})


def test_a_result_that_is_back_offers_both_ways_on(officer: Colleague, registered: str, back: str) -> None:
    dossier, results = officer.page(f"/board/dossiers/{registered}"), officer.page("/board/results", agency=AGENCY)
    for way in ("second-sending", "counter-pickup"):
        assert f'href="/board/dossiers/{registered}/{way}"' in dossier
        assert f'href="/board/dossiers/{registered}/{way}"' in results[results.index("Back at the counter") :]
    assert back not in results[: results.index("Back at the counter")], "it was counted"


def test_a_result_that_is_to_go_out_again_can_still_be_collected(
    desk: TestDesk, officer: Colleague, registered: str, back: str
) -> None:
    sent(officer, registered)
    for page in (officer.page("/board/results", agency=AGENCY), officer.page(f"/board/dossiers/{registered}")):
        assert f'href="/board/dossiers/{registered}/counter-pickup"' in page
        assert f'href="/board/dossiers/{registered}/second-sending"' not in page
    assert f'goes out again by <span class="code">{registered}-R2</span>' in officer.page("/board/results")


def test_a_result_that_waits_too_long_can_be_settled_from_the_list(
    desk: TestDesk, officer: Colleague, registered: str, back: str
) -> None:
    before = desk.clock.now()
    desk.clock.forward(days=181)
    page = officer.page("/board", kind="counter-too-long")
    desk.clock.at(before)
    for way in ("second-sending", "counter-pickup"):
        assert f'href="/board/dossiers/{registered}/{way}"' in page


def test_a_result_is_sent_again_at_the_cost_of_the_party_at_fault(
    desk: TestDesk, officer: Colleague, registered: str, back: str
) -> None:
    page = officer.page(f"/board/dossiers/{registered}/second-sending")
    assert "turned back before it was invited twice" in page
    assert "Trích lục (01 bản chính)" in page
    assert 'value="Bế Đức Hiếu"' in page
    answer = sent(officer, registered)
    assert "The result goes out once more" in answer.text
    heir = desk.shipment(f"{registered}-R2")
    assert (heir.payer, heir.live) == (Party.POST, True)
    assert Citizen.from_text(heir.citizen) == Citizen.from_text(desk.shipment(back).citizen)
    assert noted(desk, heir.order_number) == ["result.sent-again"]


def test_a_double_click_sends_it_again_once(desk: TestDesk, officer: Colleague, registered: str, back: str) -> None:
    path = f"/board/dossiers/{registered}/second-sending"
    page = officer.page(path)
    for said in ("The result goes out once more", "the result is being sent already"):
        assert said in officer.send(page, path, **SENDING, after=back).text
    assert "the result is being sent already" in officer.send(page, path, **SENDING, after=f"{registered}-R2").text
    assert noted(desk, f"{registered}-R2") == ["result.sent-again"]
    assert f"{registered}-R2</span>. Cancel that order first" in officer.page(path)


def test_a_page_of_before_a_cancelled_sending_sends_nothing(
    desk: TestDesk, officer: Colleague, registered: str, back: str
) -> None:
    sent(officer, registered)
    cancel = f"/board/orders/{desk.shipment(back).order_id}/cancel"
    officer.send(officer.page(cancel), cancel)
    desk.work()
    assert "Nothing was changed" in sent(officer, registered).text
    assert "The result goes out once more" in sent(officer, registered, after=f"{registered}-R2").text
    assert desk.shipment(f"{registered}-R3").live


def test_it_can_go_to_another_address_and_another_person(
    desk: TestDesk, officer: Colleague, registered: str, back: str
) -> None:
    there = {"name": "Nông Thị Xuân", "phone": "0912345678", "address": "Số 9, Phường Thục Phán, tỉnh Cao Bằng"}
    assert "The result goes out once more" in sent(officer, registered, **there).text
    goes_to = Citizen.from_text(desk.shipment(f"{registered}-R2").citizen)
    assert (goes_to.name, goes_to.phone) == ("Nông Thị Xuân", "+84912345678")
    assert goes_to.address == there["address"]


@pytest.mark.parametrize(
    ("changed", "field", "said"),
    [
        ({"payer": ""}, "payer", "Choose who bears the cost."),
        ({"payer": "nobody"}, "payer", "Choose who bears the cost."),
        ({"reason": " "}, "reason", "Write the reason."),
        ({"address": "nowhere at all <b>"}, "address", "Check the address."),
        ({"phone": "12"}, "phone", "Check the telephone number."),
        ({"name": "", "phone": "0912345678"}, "name", "Write the full name."),
        ({"carrier": "no_such_post"}, "carrier", "Choose an operator."),
    ],
)
def test_a_sending_that_does_not_fit_comes_back_as_it_was_typed(
    desk: TestDesk, officer: Colleague, registered: str, back: str, changed: dict[str, str], field: str, said: str
) -> None:
    answer = sent(officer, registered, **{"reason": "vắng <nhà>", **changed})
    assert answer.status_code == 422
    assert (field == "carrier") or f'<p class="wrong" id="wrong-{field}">{said}</p>' in answer.text
    assert field == "reason" or "vắng &lt;nhà&gt;" in answer.text
    assert all(word not in answer.text for word in ("/v1/", "PUT ", "POST /", "Field required"))
    assert not desk.shipment(back).live
    assert waits(desk, registered)


def test_the_applicant_collects_the_result(desk: TestDesk, officer: Colleague, registered: str, back: str) -> None:
    page = officer.page(f"/board/dossiers/{registered}/counter-pickup")
    assert "<bdi>Bế Đức Hiếu</bdi>" in page
    assert "Trích lục (01 bản chính)" in page
    answer = handed_out(officer, registered)
    assert "the result was collected at the counter" in answer.text
    fact = taken(desk, back)
    assert (fact.receiver, fact.id_kind, fact.id_last) == ("Bế Đức Hiếu", "cccd", "9013")
    assert (fact.officer, fact.authorisation) == ("Hà Thị Mai", None)
    assert holder(desk, registered) == custody.CITIZEN
    assert noted(desk, back) == ["result.collected"]


def test_who_notes_it_second_changes_nothing(desk: TestDesk, officer: Colleague, registered: str, back: str) -> None:
    path = f"/board/dossiers/{registered}/counter-pickup"
    page = officer.page(path)
    officer.send(page, path, **APPLICANT)
    again = officer.send(page, path, **{**APPLICANT, "id_last": "1111"})
    assert again.status_code == 200
    assert "no result of this dossier waits at the counter any more" in again.text
    assert taken(desk, back).id_last == "9013"
    assert noted(desk, back) == ["result.collected"]
    assert "No result of this dossier waits at the counter." in officer.page(path)


@pytest.mark.parametrize("who", ["authorised", "organisation"])
def test_somebody_else_needs_an_authorisation(
    desk: TestDesk, officer: Colleague, registered: str, back: str, who: str
) -> None:
    proxy = {"who": who, "name": "Nông Thị Xuân", "id_kind": "passport", "id_last": "c12"}
    refused = handed_out(officer, registered, **proxy)
    assert refused.status_code == 422
    assert 'id="wrong-authorisation"' in refused.text
    assert 'value="Nông Thị Xuân"' in refused.text
    assert waits(desk, registered)
    handed_out(officer, registered, **proxy, authorisation="UQ 12, 02/03/2026")
    fact = taken(desk, back)
    assert (fact.receiver, fact.id_last, fact.authorisation) == ("Nông Thị Xuân", "C12", "UQ 12, 02/03/2026")


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"who": ""}, "who"),
        ({"id_kind": ""}, "id_kind"),
        ({"id_kind": "library-card"}, "id_kind"),
        ({"id_last": "1"}, "id_last"),
        ({"at": "yesterday"}, "at"),
        ({"at": "2026-02-01T08:00"}, "at"),
        ({"at": "2031-02-01T08:00"}, "at"),
        ({"who": "authorised", "authorisation": "UQ 1", "name": ""}, "name"),
    ],
)
def test_what_does_not_fit_is_said_beside_its_field(
    desk: TestDesk, officer: Colleague, registered: str, back: str, changed: dict[str, str], field: str
) -> None:
    answer = handed_out(officer, registered, **changed)
    assert answer.status_code == 422
    assert f'id="wrong-{field}"' in answer.text
    assert waits(desk, registered)


def test_all_that_is_missing_is_said_at_once(officer: Colleague, registered: str, back: str) -> None:
    answer = handed_out(officer, registered, who="authorised", name="", id_kind="", id_last="", at="yesterday")
    wrong = {
        field for field in ("name", "id_kind", "id_last", "authorisation", "at") if f"wrong-{field}" in answer.text
    }
    assert wrong == {"name", "id_kind", "id_last", "authorisation", "at"}


def test_a_whole_identity_number_is_neither_kept_nor_shown_again(
    desk: TestDesk, officer: Colleague, registered: str, back: str
) -> None:
    answer = handed_out(officer, registered, id_last="004412799013")
    assert answer.status_code == 422
    assert "004412799013" not in answer.text
    assert "Only the last three or four digits" in answer.text


def test_what_is_collected_is_not_sent_any_more(desk: TestDesk, officer: Colleague, registered: str, back: str) -> None:
    sent(officer, registered)
    assert f"{registered}-R2</span>, by which the post was to fetch it" in officer.page(
        f"/board/dossiers/{registered}/counter-pickup"
    )
    handed_out(officer, registered)
    desk.work()
    assert desk.shipment(f"{registered}-R2").state == "cancelled"
    assert "no result of this dossier waits at the counter any more" in handed_out(officer, registered).text


def test_nothing_is_sent_again_once_it_was_collected(
    desk: TestDesk, officer: Colleague, registered: str, back: str
) -> None:
    path = f"/board/dossiers/{registered}/second-sending"
    page = officer.page(path)
    handed_out(officer, registered)
    answer = officer.send(page, path, **SENDING, after=back)
    assert answer.status_code == 409
    assert "No result of this dossier waits at the counter. If the postman has brought it" in answer.text
    assert 'name="payer"' not in answer.text


@pytest.mark.parametrize("way", ["second-sending", "counter-pickup"])
def test_who_may_not_is_refused_and_a_stranger_learns_nothing(
    desk: TestDesk, colleague: As, registered: str, back: str, way: str
) -> None:
    path = f"/board/dossiers/{registered}/{way}"
    auditor, stranger = colleague(Role.AUDITOR), colleague(Role.SUPERVISOR, "H14.99")
    fields = {**SENDING, **APPLICANT, "after": back}
    assert auditor.get(path).status_code == 403
    assert auditor.send(auditor.page("/board"), path, **fields).status_code == 403
    assert path not in auditor.page(f"/board/dossiers/{registered}")
    unknown = stranger.get(path.replace(registered, "H14.10-990101-0001"))
    known = stranger.get(path)
    assert (known.status_code, unknown.status_code) == (404, 404)
    assert known.text.replace(registered, "-") == unknown.text.replace("H14.10-990101-0001", "-")
    assert stranger.send(stranger.page("/board"), path, **fields).status_code == 404
    clerk = colleague(Role.CLERK)
    forged = clerk.http.post(path, data={**fields, "csrf_token": "x" * 43})
    assert forged.status_code == 403
    assert waits(desk, registered)
    assert clerk.get(path).status_code == 200


def test_that_somebody_saw_whose_result_it_is_is_in_the_trail(
    desk: TestDesk, officer: Colleague, registered: str, back: str
) -> None:
    officer.page(f"/board/dossiers/{registered}/counter-pickup")
    with desk.read() as session:
        (entry,) = audit.entries(session, subject=registered)
    assert (entry.action, entry.details) == ("dossier.read", {"personal_data": True})


def test_what_the_post_brought_back_is_shown_until_it_is_counted(
    desk: TestDesk, officer: Colleague, registered: str
) -> None:
    number = result_brought_back(desk, registered)
    page = officer.page("/board/results", agency=AGENCY)
    part = page[page.index("Brought back, to be counted") : page.index("Back at the counter")]
    assert f"direction=to_agency&amp;find={number}" in part


MOVED = {**HERE, "address": "Số 9, Phường Thục Phán, tỉnh Cao Bằng", "who": "applicant", "reason": "chuyển nhà"}


def test_a_citizen_who_has_moved_gets_the_result_by_way_of_the_counter(
    desk: TestDesk, officer: Colleague, registered: str
) -> None:
    number = result_with_the_post(desk, registered, 5)
    path = f"/board/shipments/{number}/forward"
    assert f'href="{path}"' in officer.page(f"/board/dossiers/{registered}")
    page = officer.page(path)
    assert "The post takes no other address for this result." in page
    for said in ("The result comes back first", "that had been asked for already"):
        answer = officer.send(page, path, **MOVED).text
        assert said in answer
        assert f'data-taken="forward-{number}"' in answer, "else an old address would fill the form the next time"
    assert desk.shipment(number).recall_asked_at is not None
    assert noted(desk, number) == ["result.forwarded"]


def test_only_the_agency_names_another_recipient(desk: TestDesk, officer: Colleague, registered: str) -> None:
    number = result_with_the_post(desk, registered, 5)
    path = f"/board/shipments/{number}/forward"
    page = officer.page(path)
    renamed = {**MOVED, "name": "Nông Thị Xuân"}
    refused = officer.send(page, path, **renamed)
    assert refused.status_code == 403
    assert "Only the agency may name another recipient" in refused.text
    assert "asked_by" not in refused.text
    assert 'id="wrong-name"' in refused.text
    assert "The result comes back first" in officer.send(page, path, **{**renamed, "who": "agency"}).text


def test_what_is_back_or_delivered_goes_nowhere_else(
    desk: TestDesk, officer: Colleague, colleague: As, registered: str, back: str
) -> None:
    path = f"/board/shipments/{back}/forward"
    assert "no result of this order that could go elsewhere" in officer.page(path)
    assert "Nothing was changed" in officer.send(officer.page(path), path, **MOVED).text
    assert colleague(Role.CLERK).get(path).status_code == 403
    assert colleague(Role.OFFICER, "H14.99").get(path).status_code == 404


@contextmanager
def connections_at_once(desk: TestDesk) -> Iterator[Counter[int]]:
    """Count how many connections a thread has had at the same time at the most, by its number."""
    held, most = Counter[int](), Counter[int]()

    def taken_out(*_: object) -> None:
        me = threading.get_ident()
        held[me] += 1
        most[me] = max(most[me], held[me])

    def given_back(*_: object) -> None:
        held[threading.get_ident()] -= 1

    pool = desk.context.database.engine.pool
    event.listen(pool, "checkout", taken_out)
    event.listen(pool, "checkin", given_back)
    try:
        yield most
    finally:
        event.remove(pool, "checkout", taken_out)
        event.remove(pool, "checkin", given_back)


@pytest.mark.parametrize("end", ["", "/second-sending", "/counter-pickup"])
def test_whoever_looks_holds_one_connection_as_others_wait_for_the_next(
    desk: TestDesk, officer: Colleague, registered: str, back: str, end: str
) -> None:
    with connections_at_once(desk) as most:
        officer.page(f"/board/dossiers/{registered}{end}")
    assert set(most.values()) == {1}


def test_whoever_asks_where_a_result_may_go_holds_one_connection_too(
    desk: TestDesk, officer: Colleague, registered: str
) -> None:
    number = result_with_the_post(desk, registered, 5)
    with connections_at_once(desk) as most:
        officer.page(f"/board/shipments/{number}/forward")
    assert set(most.values()) == {1}
