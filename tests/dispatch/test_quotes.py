from __future__ import annotations

from typing import Any

import pytest

from carriers.vnpost_ngsp.simulator import Fault, FaultRule
from dispatch.forms import QuoteForm
from dispatch.problems import Problem
from dispatch.quotes import quote
from tests.dispatch.bookings import trouble
from tests.dispatch.people import refusal
from tests.support.accounts import change_account
from tests.support.connections import seen_open
from tests.support.desk import AGENCY, CARRIER, TestDesk
from tests.support.operators import joined


def _form(**more: Any) -> QuoteForm:
    address = {"text": "Tổ 6, Xã Lũng Nặm, tỉnh Cao Bằng", "era": "new2"}
    return QuoteForm.model_validate({"agency": AGENCY, "service": "both", "address": address, **more})


def test_the_citizen_sees_the_price_of_each_leg_before_deciding(desk: TestDesk) -> None:
    prices = quote(desk.context, _form(weight_g=250))
    assert [(p.leg.value, p.carrier, p.postage_vnd) for p in prices] == [
        ("send", CARRIER, 32_000),
        ("return", CARRIER, 32_000),
    ]


def test_another_province_costs_more(desk: TestDesk) -> None:
    hanoi = {"text": "Số 1, Phường Ba Đình, thành phố Hà Nội", "era": "new2"}
    (price,) = quote(desk.context, _form(service="send", address=hanoi, weight_g=100))
    assert price.postage_vnd == 30_500


def test_the_price_is_that_of_an_operator_that_can_be_called_and_can_book_there(desk: TestDesk) -> None:
    seen_open(desk.context, desk.context.accounts.carrier_accounts[0].id, process="other:1")
    for provinces, carrier in (("gso", "ems"), ({"01": "10"}, CARRIER)):
        with joined(desk, "ems", provinces=provinces):
            ems, vnpost = desk.context.accounts.carrier_accounts
            object.__setattr__(desk.context.accounts, "carrier_accounts", (vnpost, ems))
            (price,) = quote(desk.context, _form(service="send"))
            assert price.carrier == carrier


def test_an_operator_without_a_price_service_tells_none(desk: TestDesk) -> None:
    urls = desk.context.accounts.carrier_accounts[0].options["urls"]
    change_account(desk, options={"urls": {**urls, "price": None}})
    assert {price.postage_vnd for price in quote(desk.context, _form())} == {None}


def test_an_operator_that_cannot_answer_now_is_a_clear_refusal(desk: TestDesk) -> None:
    trouble(desk, FaultRule(fault=Fault.ERROR_BEFORE, operation="price"))
    with pytest.raises(Problem) as problem:
        quote(desk.context, _form())
    assert refusal(problem) == ("no-quote", 503)


def test_an_address_that_could_mean_several_communes_is_asked_about_here_too(desk: TestDesk) -> None:
    with pytest.raises(Problem) as problem:
        quote(desk.context, _form(address={"text": "Xã Hưng Đạo, Cao Bằng", "era": "legacy3"}))
    assert refusal(problem) == ("ambiguous-address", 422)
