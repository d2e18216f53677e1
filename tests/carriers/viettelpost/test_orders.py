"""What Viettel Post is sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carriers.call_log import excerpt
from carriers.contract import OrderRef, PickupWindow, QuoteRequest
from carriers.outcomes import Rejected
from carriers.viettelpost.orders import LOGGABLE, Wire, shortened
from carriers.viettelpost.settings import ViettelPostSettings
from tests.carriers.viettelpost.office import BASE
from tests.support import ngsp

_MORNING = PickupWindow(time(8), time(11, 30))


def _wire(**options: Any) -> Wire:
    return Wire(ViettelPostSettings.model_validate({"base_url": BASE, "order_service": "VCN", **options}))


def test_an_order_carries_both_parties_the_papers_and_our_number() -> None:
    call = _wire().order(ngsp.order("H14-1-S1", note="Gọi trước khi đến"))
    assert (call.method, call.url) == ("POST", f"{BASE}/v2/order/createOrderNlp")
    assert call.json == {
        "ORDER_NUMBER": "H14-1-S1",
        "SENDER_FULLNAME": ngsp.CITIZEN.name,
        "SENDER_ADDRESS": ngsp.CITIZEN.address,
        "SENDER_PHONE": ngsp.CITIZEN.phone,
        "RECEIVER_FULLNAME": ngsp.AGENCY.name,
        "RECEIVER_ADDRESS": ngsp.AGENCY.address,
        "RECEIVER_PHONE": ngsp.AGENCY.phone,
        "PRODUCT_NAME": "Tờ khai; Giấy tờ tùy thân",
        "PRODUCT_DETAIL": [
            {"PRODUCT_NAME": "Tờ khai", "PRODUCT_QUANTITY": 1},
            {"PRODUCT_NAME": "Giấy tờ tùy thân", "PRODUCT_QUANTITY": 1},
        ],
        "PRODUCT_QUANTITY": 1,
        "PRODUCT_PRICE": 0,
        "PRODUCT_WEIGHT": 200,
        "PRODUCT_TYPE": "TH",
        "ORDER_PAYMENT": 1,
        "MONEY_COLLECTION": 0,
        "ORDER_SERVICE": "VCN",
        "ORDER_SERVICE_ADD": "",
        "ORDER_NOTE": "Gọi trước khi đến",
        "CHECK_UNIQUE": True,
    }


def test_a_fee_is_collected_for_the_agency_and_never_the_postage() -> None:
    body = _wire().order(ngsp.order("H14-1-S1", cod_vnd=50_000)).json
    assert (body["ORDER_PAYMENT"], body["MONEY_COLLECTION"]) == (3, 50_000)


def test_what_was_agreed_with_viettel_post_is_sent() -> None:
    body = _wire(order_service="PHS", order_service_add="GBP", check_unique=False).order(ngsp.order("H14-1-S1")).json
    assert (body["ORDER_SERVICE"], body["ORDER_SERVICE_ADD"], body["CHECK_UNIQUE"]) == ("PHS", "GBP", False)


@pytest.mark.parametrize(
    ("when", "note"),
    [
        ({"pickup_on": date(2026, 3, 4)}, "Thu gom ngày 04/03/2026. Nhà sau chợ"),
        (
            {"pickup_on": date(2026, 3, 4), "pickup_window": _MORNING},
            "Thu gom ngày 04/03/2026 08:00-11:30. Nhà sau chợ",
        ),
        ({"pickup_window": _MORNING}, "Thu gom 08:00-11:30. Nhà sau chợ"),
        ({}, "Nhà sau chợ"),
    ],
)
def test_day_and_window_of_collection_reach_the_postman_in_the_note(when: dict[str, Any], note: str) -> None:
    assert _wire().order(ngsp.order("H14-1-S1", note="Nhà sau chợ", **when)).json["ORDER_NOTE"] == note


def test_a_long_note_loses_its_end_and_not_the_day_of_collection() -> None:
    note = _wire().order(ngsp.order("H14-1-S1", note="ộ" * 200, pickup_on=date(2026, 3, 4))).json["ORDER_NOTE"]
    assert note.startswith("Thu gom ngày 04/03/2026. ộ")
    assert 147 < len(note.encode()) <= 150


@given(st.text())
def test_a_shortened_text_fits_and_is_a_beginning_of_the_whole(words: str) -> None:
    words = words.encode("utf-8", "replace").decode()
    assert len(shortened(words).encode()) <= 150
    assert words.startswith(shortened(words))


@pytest.mark.parametrize(
    ("form", "window", "written"),
    [
        ("%d/%m/%Y %H:%M:%S", None, "04/03/2026 08:00:00"),
        ("%d/%m/%Y %H:%M:%S", PickupWindow(time(13, 30), time(17)), "04/03/2026 13:30:00"),
        ("%Y-%m-%d", None, "2026-03-04"),
    ],
)
def test_a_field_for_the_day_is_filled_where_the_account_says_how(
    form: str, window: PickupWindow | None, written: str
) -> None:
    request = ngsp.order("H14-1-S1", pickup_on=date(2026, 3, 4), pickup_window=window)
    assert _wire(delivery_date_format=form).order(request).json["DELIVERY_DATE"] == written


def test_without_a_day_there_is_no_field_for_it() -> None:
    assert "DELIVERY_DATE" not in _wire(delivery_date_format="%d/%m/%Y").order(ngsp.order("H14-1-S1")).json


def test_papers_without_a_list_still_have_a_name() -> None:
    assert _wire().order(replace(ngsp.order("H14-1-S1"), contents=())).json["PRODUCT_NAME"] == "Hồ sơ"


def test_a_cancellation_names_viettel_posts_own_code() -> None:
    call = _wire().cancel(OrderRef("H14-1-S1", "13294410127"))
    assert call.url == f"{BASE}/v2/order/UpdateOrder"
    assert (call.json["TYPE"], call.json["ORDER_NUMBER"]) == (4, "13294410127")
    assert 0 < len(call.json["NOTE"].encode()) <= 150


def test_a_journey_is_asked_for_again_by_code() -> None:
    call = _wire().journey_again(OrderRef("H14-1-S1", "13294410127"))
    assert (call.method, call.url) == ("GET", f"{BASE}/v2/order/registerOrderHook")
    assert call.params["oid"] == "13294410127"
    assert call.params["mes"]


def test_a_label_is_asked_for_with_its_end_in_milliseconds() -> None:
    call = _wire().label(OrderRef("H14-1-S1", "13294410127"), datetime(2026, 3, 2, 1, 30, tzinfo=UTC))
    assert call.json == {"EXPIRY_TIME": 1772415000000, "ORDER_ARRAY": ["13294410127"]}


@pytest.mark.parametrize("ask", ["cancel", "journey_again"])
def test_nothing_is_asked_about_an_order_without_a_waybill(ask: str) -> None:
    with pytest.raises(Rejected, match="has not told its own code of order 'H14-1-S1'") as refused:
        getattr(_wire(), ask)(OrderRef("H14-1-S1"))
    assert refused.value.code == "waybill_missing"


def test_prices_are_asked_for_between_provinces_by_name() -> None:
    call = _wire().prices(QuoteRequest(350, "04", "01"))
    assert call.url == f"{BASE}/v2/order/getPriceAllNlp"
    assert (call.json["SENDER_ADDRESS"], call.json["RECEIVER_ADDRESS"]) == ("Cao Bằng", "Hà Nội")
    assert (call.json["PRODUCT_WEIGHT"], call.json["PRODUCT_TYPE"]) == (350, "TH")


def test_a_province_that_there_is_not_has_no_price() -> None:
    with pytest.raises(Rejected, match="no province with the code '03'"):
        _wire().prices(QuoteRequest(350, "04", "03"))


def test_the_log_shows_numbers_and_hides_people_and_credentials() -> None:
    request = ngsp.order("H14-1-S1", note="cháu Hoa")
    shown = excerpt(_wire().order(request).json, LOGGABLE) + excerpt(_wire().login("0912", "geheim").json, LOGGABLE)
    shown += excerpt({"status": 200, "error": False, "message": "print-code", "data": {"token": "t0k"}}, LOGGABLE)
    assert "ORDER_NUMBER=H14-1-S1" in shown
    assert "status=200" in shown
    for hidden in (ngsp.CITIZEN.name, ngsp.CITIZEN.phone, "Lũng Nặm", "Hoa", "0912", "geheim", "print-code", "t0k"):
        assert hidden not in shown
