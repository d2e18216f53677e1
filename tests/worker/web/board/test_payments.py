"""Payments that a person saw, and claims that somebody gives up, are written down at the board, once and with proof."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx
import pytest

from dispatch.money.debts import open_debts
from dispatch.money.facts import money_of, record_money
from dispatch.money.kinds import Ledger, MoneyFact, MoneyKind
from dispatch.parties import Party
from tests.support.board import Colleague
from tests.support.desk import AGENCY, MONDAY, TestDesk
from tests.worker.web.board.cases import collected
from tests.worker.web.board.conftest import As
from worker.access import audit
from worker.access.roles import Role

_ONCE = re.compile(r'name="once" value="([0-9a-f]{16})"')
FEE = {"between": "fee:citizen:agency", "kind": "paid", "amount_vnd": "25.000", "proof": "BL 881"}


@pytest.fixture
def late(desk: TestDesk, registered: str) -> str:
    """The number of an order that was carried too late: the post owes its charge back."""
    desk.clock.at(MONDAY)
    (number,) = desk.order("send", dossier=registered)
    refund = MoneyFact(
        id=f"{number}:late",
        ledger=Ledger.POSTAGE,
        kind=MoneyKind.DUE,
        dossier_code=registered,
        debtor=Party.POST,
        creditor=Party.CITIZEN,
        amount_vnd=30_000,
        at=MONDAY,
        evidence="J+2",
        order_number=number,
    )
    with desk.context.database.write() as session:
        record_money(session, refund, MONDAY)
    return number


def write(who: Colleague, code: str, once: str = "", **fields: str) -> httpx.Response:
    path = f"/board/dossiers/{code}/payments"
    page = who.page(path)
    made = _ONCE.search(page)
    assert made
    return who.send(page, path, once=once or made.group(1), **fields)


def test_a_fee_paid_at_the_counter_is_written_down_once(desk: TestDesk, officer: Colleague, registered: str) -> None:
    desk.clock.at(MONDAY)
    once = "0123456789abcdef"
    done = write(officer, registered, once, **FEE)
    assert "The payment is written down." in done.text
    assert f'data-taken="payment-{registered}"' in done.text
    desk.clock.at(MONDAY + timedelta(minutes=1))
    assert "this payment was written down already" in write(officer, registered, once, **FEE).text
    other = write(officer, registered, once, **{**FEE, "amount_vnd": "20.000"})
    assert (other.status_code, "sent before with other words" in other.text) == (409, True)
    with desk.read() as session:
        (fact,) = money_of(session, registered)
        assert (fact.amount_vnd, fact.evidence) == (25_000, "BL 881, Hà Thị Mai")
        actions = [one.action for one in audit.entries(session, subject=registered)]
    assert actions.count("payment.noted") == 1


def test_a_refund_is_reached_from_its_row_and_ends_it(
    desk: TestDesk, officer: Colleague, registered: str, late: str
) -> None:
    troubles = officer.page("/board", kind="refund-not-paid")
    found = re.search(rf'href="(/board/dossiers/{registered}/payments[^"]+)"', troubles)
    assert found, troubles
    page = officer.page(found.group(1).replace("&amp;", "&"))
    assert 'value="postage:post:citizen" checked' in page
    assert f'<option value="{late}" selected>' in page
    assert 'name="amount_vnd" inputmode="numeric" maxlength="20" required autocomplete="off" value="30000"' in page
    fields = {"between": "postage:post:citizen", "kind": "waived", "amount_vnd": "30.000", "proof": "VB bão số 3"}
    unsaid = write(officer, registered, **fields)
    assert (unsaid.status_code, 'id="wrong-order"' in unsaid.text) == (422, True)
    much = write(officer, registered, **{**fields, "order": late, "amount_vnd": "31.000"})
    assert (much.status_code, 'id="wrong-amount_vnd"' in much.text) == (422, True)
    assert "The payment is written down." in write(officer, registered, **fields, order=late).text
    with desk.read() as session:
        assert [debt for debt in open_debts(session) if debt.dossier_code == registered] == []
    assert registered not in officer.page("/board", kind="refund-not-paid")


@pytest.mark.parametrize(
    ("more", "beside"),
    [
        ({"between": ""}, "between"),
        ({"kind": "collected"}, "kind"),
        ({"amount_vnd": "0"}, "amount_vnd"),
        ({"proof": " "}, "proof"),
        ({"at": "2026-03-05T08:00"}, "at"),
        ({"at": "yesterday"}, "at"),
    ],
)
def test_what_does_not_fit_is_said_beside_its_field(
    desk: TestDesk, officer: Colleague, registered: str, more: dict[str, str], beside: str
) -> None:
    desk.clock.at(MONDAY)
    answer = write(officer, registered, **{**FEE, **more})
    assert answer.status_code == 422
    assert f'id="wrong-{beside}"' in answer.text
    if "proof" not in more:
        assert 'value="BL 881"' in answer.text
    with desk.read() as session:
        assert money_of(session, registered) == []


def test_what_the_post_has_handed_over_is_a_receipts_and_no_payment(
    desk: TestDesk, officer: Colleague, registered: str
) -> None:
    desk.clock.at(MONDAY)
    order = collected(desk, registered)
    answer = write(officer, registered, **{**FEE, "between": "fee:post:agency", "order": order})
    assert (answer.status_code, 'id="wrong-between"' in answer.text) == (422, True)
    assert f'href="/board/remittances?agency={AGENCY}"' in officer.page(f"/board/dossiers/{registered}")


def test_only_who_looks_after_the_money_of_that_agency_writes(
    desk: TestDesk, officer: Colleague, colleague: As, registered: str
) -> None:
    path = f"/board/dossiers/{registered}/payments"
    assert path in officer.page(f"/board/dossiers/{registered}")
    auditor = colleague(Role.AUDITOR)
    assert path not in auditor.page(f"/board/dossiers/{registered}")
    assert auditor.get(path).status_code == 403
    stranger = colleague(Role.SUPERVISOR, "H14.99")
    missing = path.replace(registered, "H14.10-260302-9999")
    foreign, unknown = stranger.get(path), stranger.get(missing)
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.text.replace(registered, "H14.10-260302-9999") == unknown.text
    page = stranger.page("/board")
    assert stranger.send(page, path, **FEE).status_code == stranger.send(page, missing, **FEE).status_code == 404
    other = write(officer, registered, **{**FEE, "between": "postage:citizen:post", "order": "H14.10-260302-9998-S1"})
    assert other.status_code == 404
    with desk.read() as session:
        assert money_of(session, registered) == []


def test_what_is_paid_back_and_sent_once_more_is_known_though_nothing_of_it_is_open(
    desk: TestDesk, officer: Colleague, registered: str
) -> None:
    desk.clock.at(MONDAY)
    for receipt in ("BL 1", "BL 2"):
        write(officer, registered, **{**FEE, "proof": receipt})
    back = {"between": "fee:agency:citizen", "kind": "paid", "amount_vnd": "50.000", "proof": "PC 3"}
    once = "0123456789abcdef"
    assert "The payment is written down." in write(officer, registered, once, **back).text
    assert "this payment was written down already" in write(officer, registered, once, **back).text


def test_an_amount_is_taken_as_it_is_written_or_not_at_all(desk: TestDesk, officer: Colleague, registered: str) -> None:
    desk.clock.at(MONDAY)
    for wrong in ("250,00.0", "25.000,00", "25,00", "2.5000", "1.000,000", "٢٥", "-25000", "2_5"):
        answer = write(officer, registered, **{**FEE, "amount_vnd": wrong})
        assert (answer.status_code, 'id="wrong-amount_vnd"' in answer.text) == (422, True), wrong
    for right in ("1.000 đ", "1,000", "1 000₫", "1000", "1\u00a0000"):
        assert "The payment is written down." in write(officer, registered, **{**FEE, "amount_vnd": right}).text
    with desk.read() as session:
        assert [fact.amount_vnd for fact in money_of(session, registered)] == [1_000] * 5
