"""What VNPost is sent, through each adapter."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from carriers.contract import QuoteRequest
from carriers.outcomes import Rejected
from carriers.vnpost_ngsp.area_codes import load_area_codes
from carriers.vnpost_ngsp.dialects import Variant
from carriers.vnpost_ngsp.orders import Wire
from carriers.vnpost_ngsp.settings import NgspSettings
from carriers.vnpost_ngsp.simulator import account_options
from config.errors import ConfigurationError
from tests.support import ngsp

_BASE = "https://lgsp.example"
_CODES = load_area_codes("gso", None)


def _wire(variant: Variant = Variant.NGSP_DIRECT, **options: Any) -> Wire:
    settings = NgspSettings.model_validate({**account_options(_BASE, variant), **options})
    return Wire(settings, "C14000123", _CODES)


def test_an_order_carries_both_parties_the_papers_and_the_fee() -> None:
    call = _wire().order(ngsp.order("H14-1-S1", cod_vnd=50_000, note="Gọi trước khi đến"))
    assert (call.method, call.url) == ("POST", f"{_BASE}/order/post")
    assert call.json == {
        "CustomerCode": "C14000123",
        "OrderNumber": "H14-1-S1",
        "CODAmount": 50_000,
        "SenderProvince": 4,
        "SenderDistrict": None,
        "SenderAddress": ngsp.CITIZEN.address,
        "SenderName": ngsp.CITIZEN.name,
        "SenderTel": ngsp.CITIZEN.phone,
        "SenderEmail": ngsp.CITIZEN.email,
        "SenderDesc": "Tờ khai; Giấy tờ tùy thân",
        "Description": "Gọi trước khi đến",
        "ReceiverName": ngsp.AGENCY.name,
        "ReceiverAddress": ngsp.AGENCY.address,
        "ReceiverTel": ngsp.AGENCY.phone,
        "ReceiverProvince": 4,
        "ReceiverDistrict": None,
        "ReceiverEmail": None,
        "FlagConfig": None,
    }


def test_the_day_of_collection_reaches_the_postman_in_the_note() -> None:
    call = _wire().order(ngsp.order("H14-1-S1", note="Nhà sau chợ", pickup_on=date(2026, 3, 4)))
    assert call.json["Description"] == "Nhà sau chợ. Thu gom ngày 04/03/2026"


def test_an_order_from_the_pool_carries_its_waybill() -> None:
    call = _wire(with_item_code=True).order(ngsp.order("H14-1-S1", waybill="RH734930260VN"))
    assert call.json["ItemCode"] == "RH734930260VN"


def test_an_exhausted_pool_is_a_clear_refusal() -> None:
    with pytest.raises(Rejected, match="ask VNPost for a new range") as refused:
        _wire(with_item_code=True).order(ngsp.order("H14-1-S1"))
    assert refused.value.code == "waybill_missing"


def test_a_province_the_list_does_not_know_is_refused_before_anything_is_sent() -> None:
    stranger = ngsp.order("H14-1-S1")
    with pytest.raises(Rejected, match="no code for province '03'"):
        _wire().order(type(stranger)(**{**_fields(stranger), "sender": _moved("03")}))


@pytest.mark.parametrize(
    ("variant", "method", "params", "headers", "body"),
    [
        (Variant.NGSP_DIRECT, "GET", {"CustomerCode": "C14000123", "OrderNumber": "H-1"}, {}, None),
        (
            Variant.SERVICE_CODE_HEADER,
            "POST",
            {},
            {"service-code": "vnpost_cancel_order"},
            {"maKhachHang": "C14000123", "soDonHang": "H-1"},
        ),
        (
            Variant.QUERY_NAMED,
            "POST",
            {"serviceType": "VNPost", "serviceName": "OrderCancel"},
            {},
            {"customerCode": "C14000123", "orderNumber": "H-1"},
        ),
        (
            Variant.LGSP_SERVICE,
            "GET",
            {"CustomerCode": "C14000123", "OrderNumber": "H-1", "service": "lgsp_vnpost_ordercancel"},
            {},
            None,
        ),
    ],
)
def test_a_cancellation_is_worded_as_the_adapter_wants_it(
    variant: Variant, method: str, params: dict[str, str], headers: dict[str, str], body: object
) -> None:
    call = _wire(variant).cancel("H-1")
    assert (call.method, call.params, call.json) == (method, params, body)
    assert call.headers == {"Accept-Charset": "UTF-8", **headers}


def test_the_feed_is_read_from_the_beginning_with_pages_within_the_cap() -> None:
    assert _wire().feed(None, 5000).params == {"pagesize": "1000", "lastId": "0" * 24}
    assert _wire().feed("66f0a141" + "0" * 16, 0).params == {"pagesize": "1", "lastId": "66f0a141" + "0" * 16}


def test_a_price_is_asked_for_the_public_service_with_return() -> None:
    call = _wire().price(QuoteRequest(250, "04", "01", sender_district="040"))
    assert call.json == {
        "weight": 250,
        "mainSrv": "HCC",
        "isreturn": 1,
        "sender": {"provCode": 4, "distCode": 40},
        "receiver": {"provCode": 1, "distCode": None},
    }


def test_a_province_may_give_its_services_other_names() -> None:
    assert _wire(Variant.LGSP_SERVICE, services={"order": "vnpost_tao_don"}).order(ngsp.order("H-1")).params == {
        "service": "vnpost_tao_don"
    }


def test_both_lists_know_every_province_and_number_each_one_differently() -> None:
    gso, vnpost = load_area_codes("gso", None), load_area_codes("vnpost", None)
    assert gso.provinces.keys() == vnpost.provinces.keys()
    assert (gso.province("04"), vnpost.province("04")) == (4, 27)
    assert len(set(vnpost.provinces.values())) == len(vnpost.provinces) == 63


def test_a_deployment_lays_its_own_codes_over_ours(tmp_path: Path) -> None:
    own = tmp_path / "codes.toml"
    own.write_text(
        '[[provinces]]\ngso = "04"\nvnpost = "127"\nname = "Cao Bằng"\ncertainty = "confirmed"\n'
        '[[districts]]\ngso = "040"\nvnpost = "2710"\nname = "Cao Bằng"\ncertainty = "confirmed"\n',
        encoding="utf-8",
    )
    codes = load_area_codes("vnpost", own)
    assert (codes.province("04"), codes.province("01")) == (127, 10)
    assert (codes.district("040"), codes.district("042"), codes.district(None)) == (2710, None, None)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [(None, "cannot read"), ("[[provinces", "not valid TOML"), ('[[provinces]]\ngso = "04"\n', "provinces.0.name")],
)
def test_a_file_of_codes_that_cannot_be_used_is_named(tmp_path: Path, content: str | None, complaint: str) -> None:
    own = tmp_path / "codes.toml"
    if content is not None:
        own.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=complaint):
        load_area_codes("gso", own)


def _fields(request: Any) -> dict[str, Any]:
    return {name: getattr(request, name) for name in request.__slots__}


def _moved(province: str) -> Any:
    return type(ngsp.CITIZEN)(**{**_fields(ngsp.CITIZEN), "province_code": province})
