"""What EMS is sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from carriers.call_log import excerpt
from carriers.ems.orders import LOGGABLE, Wire
from carriers.ems.settings import EmsSettings
from carriers.outcomes import Rejected
from tests.carriers.ems.merchant import OPTIONS
from tests.support import ngsp

_TOKEN = "merchant-token"
_BASE = "https://ems.example/api/v1"


def _wire(**options: Any) -> Wire:
    return Wire(EmsSettings.model_validate({**OPTIONS, **options}), _TOKEN)


def test_an_order_carries_our_number_both_parties_the_papers_and_the_fee() -> None:
    call = _wire().order(ngsp.order("H14-1-S1", cod_vnd=50_000, note="Gọi trước khi đến", weight_grams=350))
    assert (call.method, call.url) == ("POST", f"{_BASE}/orders/create-v2")
    assert call.json == {
        "order_code": "H14-1-S1",
        "inventory_name": ngsp.CITIZEN.name,
        "from_name": ngsp.CITIZEN.name,
        "from_phone": ngsp.CITIZEN.phone,
        "from_province": "04",
        "from_address": ngsp.CITIZEN.address,
        "to_name": ngsp.AGENCY.name,
        "to_phone": ngsp.AGENCY.phone,
        "to_province": "04",
        "to_address": ngsp.AGENCY.address,
        "product_name": "Tờ khai; Giấy tờ tùy thân",
        "total_amount": 0,
        "total_quantity": 1,
        "total_weight": 350,
        "money_collect": 50_000,
        "description": "Gọi trước khi đến",
        "service": 1,
    }


def test_every_call_carries_the_merchant_token_in_the_query_alone() -> None:
    wire = _wire(base_url=f"{_BASE}/")
    calls = [wire.order(ngsp.order("H14-1-S1")), wire.tracking("EM295293415VN"), wire.services()]
    assert [call.params for call in calls] == [{"merchant_token": _TOKEN}] * 3
    assert [call.url.removeprefix(_BASE) for call in calls] == [
        "/orders/create-v2",
        "/orders/tracking/EM295293415VN",
        "/config/service",
    ]
    assert not any(_TOKEN in f"{call.url} {call.headers} {call.json}" for call in calls)


def test_the_call_log_hides_the_token_and_the_parties() -> None:
    call = _wire().order(ngsp.order("H14-1-S1"))
    shown = excerpt({**call.params, **call.json}, LOGGABLE)
    assert "order_code=H14-1-S1" in shown
    hidden = (_TOKEN, ngsp.CITIZEN.name, ngsp.CITIZEN.phone, ngsp.AGENCY.address, "Tờ khai")
    assert not any(value in shown for value in hidden)


def test_the_call_log_shows_no_free_text_of_an_answer() -> None:
    answer = {"code": "error", "message": "Bế Thu Duyên", "data": "0367828556"}
    assert excerpt(answer, LOGGABLE) == "{code=error, +2 hidden}"


def test_a_tracking_code_cannot_lead_to_another_call() -> None:
    assert _wire().tracking("../config?a=b#c").url == f"{_BASE}/orders/tracking/..%2Fconfig%3Fa%3Db%23c"


def test_the_day_of_collection_reaches_the_postman_in_the_description() -> None:
    call = _wire().order(ngsp.order("H14-1-S1", note="Nhà sau chợ", pickup_on=date(2026, 3, 4)))
    assert call.json["description"] == "Nhà sau chợ. Thu gom ngày 04/03/2026"


def test_provinces_and_districts_go_by_the_accounts_own_lists() -> None:
    wire = _wire(provinces={"04": "27", "01": 10}, districts={"040": 2710})
    request = ngsp.order("H14-1-S1")
    sender = replace(request.sender, province_code="01", district_code="001")
    body = wire.order(replace(request, sender=sender, receiver=replace(request.receiver, district_code="040"))).json
    assert (body["from_province"], body["to_province"], body["to_district"]) == (10, "27", 2710)
    assert "from_district" not in body


def test_a_province_that_is_not_listed_is_refused_before_anything_is_sent() -> None:
    with pytest.raises(Rejected, match=r"add the province to the account's options\.provinces") as refused:
        _wire(provinces={"01": "10"}).order(ngsp.order("H14-1-S1"))
    assert refused.value.code == "province_unknown"


def test_a_merchants_further_fields_are_sent_and_replace_none_of_ours() -> None:
    body = _wire(order_fields={"payment_config": 2, "order_code": "theirs"}).order(ngsp.order("H14-1-S1")).json
    assert (body["payment_config"], body["order_code"]) == (2, "H14-1-S1")
