"""What is sent to J&T, to the byte where the digest covers it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carriers.contract import OrderRef, QuoteRequest
from carriers.exchange import Call
from carriers.outcomes import Rejected
from tests.carriers.jt.office import BASE, CUSTOMER, signed, wire
from tests.support import ngsp


def _content(call: Call) -> dict[str, Any]:
    """Return what is in a call's form, whose digest has to be right."""
    assert call.form is not None
    assert set(call.form) == {"bizContent"}
    assert call.headers == {"digest": signed(call.form["bizContent"].encode())}
    body: dict[str, Any] = json.loads(call.form["bizContent"])
    assert (body.pop("customerCode"), body.pop("password")) == (CUSTOMER.code, CUSTOMER.password)
    return body


def _order(**more: Any) -> dict[str, Any]:
    return _content(wire().order(ngsp.order("H14-1-S1", **more)))


def test_an_order_carries_our_number_the_papers_and_both_ends() -> None:
    assert _order() == {
        "txlogisticId": "H14-1-S1",
        "serviceType": "1",
        "goodsType": "bm000001",
        "sender": {
            "name": ngsp.CITIZEN.name,
            "mobile": ngsp.CITIZEN.phone,
            "phone": ngsp.CITIZEN.phone,
            "prov": "04",
            "address": ngsp.CITIZEN.address,
        },
        "receiver": {
            "name": ngsp.AGENCY.name,
            "mobile": ngsp.AGENCY.phone,
            "phone": ngsp.AGENCY.phone,
            "prov": "04",
            "address": ngsp.AGENCY.address,
        },
        "weight": "0.20",
        "totalQuantity": 1,
        "remark": "Tờ khai; Giấy tờ tùy thân",
    }


def test_every_call_goes_to_its_own_address() -> None:
    order, quote = OrderRef("H14-1-S1", "840000000001"), QuoteRequest(200, "04", "01")
    calls = [
        *(wire().order(ngsp.order("H14-1-S1")), wire().cancel(order)),
        *(wire().label(order), wire().trace(["8"]), wire().price(quote)),
    ]
    assert [(call.method, call.url.removeprefix(f"{BASE}/webopenplatformapi/api")) for call in calls] == [
        ("POST", "/order/addOrder"),
        ("POST", "/order/cancelOrder"),
        ("POST", "/order/printOrder"),
        ("POST", "/logistics/trace"),
        ("POST", "/spmComCost/getComCost"),
    ]


@given(st.text(max_size=80))
def test_the_digest_is_right_whatever_is_written(words: str) -> None:
    request = ngsp.order("H14-1-S1")
    call = wire().order(replace(request, note=words, sender=replace(request.sender, name=words)))
    assert _content(call)["sender"]["name"] == words
    assert call.form is not None
    assert call.form["bizContent"].isascii()


def test_a_customers_own_fields_cannot_replace_the_number() -> None:
    ours = wire(order_fields={"payType": "PP_PM", "txlogisticId": "x"}, service_type="6")
    body = _content(ours.order(ngsp.order("H14-1-S1")))
    assert (body["payType"], body["txlogisticId"], body["serviceType"]) == ("PP_PM", "H14-1-S1", "6")


def test_the_day_of_collection_comes_first_and_the_end_of_a_long_remark_is_lost() -> None:
    remark = _order(pickup_on=date(2026, 3, 4), note="ộ" * 100)["remark"]
    assert remark.startswith("Thu gom ngày 04/03/2026. ộộ")
    assert 197 < len(remark.encode()) <= 200


@pytest.mark.parametrize(("grams", "kilograms"), [(200, "0.20"), (1, "0.01"), (204, "0.21"), (1250, "1.25")])
def test_a_weight_is_in_kilograms_and_never_rounded_down(grams: int, kilograms: str) -> None:
    assert _order(weight_grams=grams)["weight"] == kilograms


def test_money_is_collected_only_where_it_is_known_how() -> None:
    assert _order(cod_vnd=50_000)["codMoney"] == 50_000
    assert "codMoney" not in _order()
    with pytest.raises(Rejected, match=r"options\.cod_field"):
        wire(cod_field=None).order(ngsp.order("H14-1-S1", cod_vnd=50_000))


def test_places_go_under_jts_own_names() -> None:
    named = wire(provinces={"04": "Cao Bằng"}, districts={"040": "TP Cao Bằng"})
    body = _content(named.price(QuoteRequest(350, "04", "04", sender_district="040", receiver_district="041")))
    assert body == {
        "weight": "0.35",
        "goodsType": "bm000001",
        "sender": {"prov": "Cao Bằng", "city": "TP Cao Bằng"},
        "receiver": {"prov": "Cao Bằng"},
    }
    with pytest.raises(Rejected, match="province '01' is not known; correct the address"):
        named.price(QuoteRequest(350, "04", "01"))


def test_a_cancellation_gives_all_names_and_a_reason() -> None:
    body = _content(wire().cancel(OrderRef("H14-1-S1", "840000000001")))
    assert body == {"txlogisticId": "H14-1-S1", "billCode": "840000000001", "reason": "Hủy theo yêu cầu của bên gửi"}
    assert "billCode" not in _content(wire().cancel(OrderRef("H14-1-S1")))


def test_a_label_needs_a_waybill() -> None:
    assert _content(wire().label(OrderRef("H14-1-S1", "8"))) == {"txlogisticId": "H14-1-S1", "billCode": "8"}
    with pytest.raises(Rejected, match="has not told its waybill"):
        wire().label(OrderRef("H14-1-S1"))


def test_several_items_are_asked_for_at_once() -> None:
    assert _content(wire().trace(["840000000001", "840000000002"])) == {"billCodes": "840000000001,840000000002"}
