"""Fees that the post has collected: what is open and overdue, and the receipt that is written down once."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count

import httpx
import pytest

from dispatch.money.books import books_of
from dispatch.money.remittances import receipts
from tests.support.board import Colleague, at_the_board, log_in
from tests.support.desk import AGENCY, MONDAY, TestDesk
from tests.worker.web.board.cases import collected
from tests.worker.web.board.conftest import As
from worker.access import audit
from worker.access.roles import Role

PLACE = "/board/remittances"
_NUMBERS = count(1)


@pytest.fixture
def fee(desk: TestDesk, registered: str) -> str:
    """The number of an order with which the post has collected 25,000 đồng for the agency."""
    desk.clock.at(MONDAY)
    return collected(desk, registered)


@pytest.fixture
def reference() -> str:
    return f"BN-{next(_NUMBERS)}"


def send(who: Colleague, number: str, /, *orders: tuple[str, str], **more: str) -> httpx.Response:
    """Write down a receipt as the form does; ``amount_vnd`` is 25,000 where nothing else is said."""
    fields = {
        **{"agency": AGENCY, "reference": number, "received_on": "2026-03-02", "amount_vnd": "25.000"},
        **{f"amount:{order}": amount for order, amount in orders},
        **more,
    }
    return who.send(who.page(PLACE), PLACE, order=[order for order, _ in orders], **fields)


def row(page: str, order: str) -> str:
    """Return the row of an order on the list."""
    rows: list[str] = [one for one in re.findall(r"<tr>.*?</tr>", page, re.DOTALL) if f'value="{order}"' in one]
    assert rows, page
    return rows[0]


def is_settled(desk: TestDesk, code: str) -> bool:
    with desk.read() as session:
        return books_of(session, code).standing.settled


def test_what_the_post_holds_is_listed_with_its_last_day_and_leads_to_its_receipt(
    desk: TestDesk, officer: Colleague, registered: str, fee: str, reference: str
) -> None:
    now = row(officer.page(PLACE), fee)
    assert "25,000" in now
    assert ">over<" not in now
    desk.clock.at(MONDAY + timedelta(days=3))
    assert ">over<" in row(officer.page(PLACE), fee)
    troubles = officer.page("/board", kind="fee-not-remitted")
    link = f"{PLACE}?agency={AGENCY}&amp;find={fee}"
    assert link in troubles
    page = officer.page(PLACE, agency=AGENCY, find=fee)
    assert " checked" in row(page, fee)
    assert 'value="25000"' in row(page, fee)
    done = send(officer, reference, (fee, "25.000"))
    assert "The receipt is written down" in done.text
    assert reference in done.text
    assert f'value="{fee}"' not in done.text
    assert is_settled(desk, registered)
    assert link not in officer.page("/board", kind="fee-not-remitted")
    with desk.read() as session:
        (entry,) = audit.entries(session, subject=reference)
        assert (entry.action, entry.details) == ("remittance.noted", {"amount_vnd": 25_000, "lines": 1})


def test_a_double_click_writes_one_receipt(
    desk: TestDesk, officer: Colleague, registered: str, fee: str, reference: str
) -> None:
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda _: send(officer, reference, (fee, "25000")).text, range(2)))
    assert sorted("this receipt was written down already" in text for text in both) == [False, True]
    with desk.read() as session:
        assert [one.reference for one in receipts(session, AGENCY, 50)].count(reference) == 1
        assert len(audit.entries(session, subject=reference)) == 1


def test_a_part_leaves_the_rest_open(desk: TestDesk, officer: Colleague, fee: str, reference: str) -> None:
    send(officer, reference, (fee, "20.000"), amount_vnd="20 000")
    assert "5,000" in row(officer.page(PLACE), fee)


@pytest.mark.parametrize(
    ("more", "beside", "said"),
    [
        ({"amount_vnd": "24.000"}, "amount_vnd", "not what the ticked orders add up to"),
        ({"received_on": "2026-03-03"}, "received_on", "has not come yet"),
        ({"received_on": "soon"}, "received_on", "Write the day"),
        ({"reference": ""}, "reference", "Fill this in."),
        ({"amount_vnd": "much"}, "amount_vnd", "Write whole đồng"),
        ({"amount_vnd": "24.999,00"}, "amount_vnd", "Write whole đồng"),
        ({"amount_vnd": "24.99"}, "amount_vnd", "Write whole đồng"),
        ({"amount_vnd": "9" * 5_000}, "amount_vnd", "Write whole đồng"),
    ],
)
def test_a_receipt_that_cannot_be_right_comes_back_as_it_was_filled_in(
    desk: TestDesk, officer: Colleague, fee: str, reference: str, more: dict[str, str], beside: str, said: str
) -> None:
    answer = send(officer, reference, (fee, "24.999"), **{"amount_vnd": "24.999", **more})
    assert answer.status_code == 422
    place = re.search(rf'<p class="wrong" id="wrong-{beside}">([^<]+)</p>', answer.text)
    assert place, answer.text
    assert said in place.group(1)
    assert " checked" in row(answer.text, fee)
    assert 'value="24.999"' in row(answer.text, fee)
    with desk.read() as session:
        assert reference not in [one.reference for one in receipts(session, AGENCY, 50)]


def test_nothing_ticked_or_no_amount_is_refused(officer: Colleague, fee: str, reference: str) -> None:
    for orders in ((), ((fee, ""),), ((fee, "0"),), ((fee, "25.000,00"),), ((fee, "2" * 5_000),)):
        answer = send(officer, reference, *orders)
        assert (answer.status_code, 'id="wrong-lines"' in answer.text) == (422, True)


def test_a_number_of_another_receipt_is_refused(desk: TestDesk, officer: Colleague, fee: str, reference: str) -> None:
    send(officer, reference, (fee, "20.000"), amount_vnd="20.000")
    answer = send(officer, reference, (fee, "5.000"), amount_vnd="5.000")
    assert (answer.status_code, 'id="wrong-reference"' in answer.text) == (409, True)


def test_a_colleague_who_writes_the_same_receipt_down_hears_that_it_is_there(
    desk: TestDesk, officer: Colleague, fee: str, reference: str
) -> None:
    send(officer, reference, (fee, "25.000"))
    cookie = log_in(desk, Role.OFFICER, name="Nông Thị Xuân")
    with at_the_board(str(officer.http.base_url), cookie) as other:
        assert "this receipt was written down already" in send(other, reference, (fee, "25.000")).text
    with desk.read() as session:
        assert len(audit.entries(session, subject=reference)) == 1


def test_an_order_that_is_not_on_the_list_is_found_and_put_on_it(
    desk: TestDesk, officer: Colleague, registered: str, reference: str
) -> None:
    (number,) = desk.order("send", dossier=registered)
    assert f'value="{number}"' not in officer.page(PLACE)
    page = officer.page(PLACE, agency=AGENCY, find=registered)
    assert " checked" in row(page, number)
    assert "This code is not known here" in officer.get(PLACE, agency=AGENCY, find="no such order").text
    done = send(officer, reference, (number, "25.000"))
    assert "The receipt is written down" in done.text, "too much came: the agency owes it back"


def test_who_may_not_write_sees_and_no_more(desk: TestDesk, colleague: As, fee: str, reference: str) -> None:
    auditor = colleague(Role.AUDITOR)
    page = auditor.page(PLACE)
    assert fee in page
    assert 'name="reference"' not in page
    assert auditor.send(page, PLACE, agency=AGENCY, reference=reference).status_code == 403
    clerk = colleague(Role.CLERK)
    assert clerk.get(PLACE).status_code == 403
    assert f'href="{PLACE}"' not in clerk.page("/board")


def test_another_agencys_fees_are_as_good_as_none(
    desk: TestDesk, officer: Colleague, colleague: As, registered: str, fee: str, reference: str
) -> None:
    theirs, missing = "H14.99-260302-0001", "H14.10-260302-9999-S1"
    desk.register(theirs, agency={"code": "H14.99", "name": "Sở Nội vụ"})
    foreign_fee = collected(desk, theirs)
    assert foreign_fee not in officer.page(PLACE)
    stranger = colleague(Role.OFFICER, "H14.99")
    page = stranger.page(PLACE, agency=AGENCY, order=fee)
    assert foreign_fee in page
    assert f'type="checkbox" name="order" value="{fee}"' not in page
    asked = (stranger.get(PLACE, agency=AGENCY, find=one) for one in (fee, missing))
    found, unknown = ((one.status_code, one.text.replace(fee, missing)) for one in asked)
    assert found == unknown
    fields = {"agency": "H14.99", "reference": reference, "received_on": "2026-03-02", "amount_vnd": "25000"}
    sent = (stranger.send(page, PLACE, order=[one], **{f"amount:{one}": "25000"}, **fields) for one in (fee, missing))
    refused, unknown = ((one.status_code, one.text.replace(fee, missing)) for one in sent)
    assert refused == unknown
    assert refused[0] == 404
    assert not is_settled(desk, registered)
