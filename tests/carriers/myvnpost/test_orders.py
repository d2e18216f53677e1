"""What is sent to MyVNPost."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time
from pathlib import Path
from typing import Any

import httpx
import pytest

from carriers.call_log import excerpt
from carriers.contract import PickupWindow, QuoteRequest
from carriers.exchange import Call
from carriers.myvnpost.areas import Areas, load_areas
from carriers.myvnpost.orders import LOGGABLE, Wire
from carriers.myvnpost.settings import MyVnPostSettings
from config.errors import ConfigurationError
from tests.support import ngsp

_CODES = """
[[provinces]]
gso = "04"
vnpost = "27"
name = "Cao Bằng"
certainty = "documented"

[[communes]]
province = "04"
name = "Xã Lũng Nặm"
vnpost = "01789"
certainty = "documented"
"""


def _wire(areas: Areas | None = None, **options: Any) -> Wire:
    settings = MyVnPostSettings.model_validate(
        {"base_url": "https://my.example/MYVNP_API/", "service_code": "ETN011", "contract_code": "HD-1", **options}
    )
    return Wire(settings, "C14000123", areas or Areas())


def _information(wire: Wire, **more: Any) -> dict[str, Any]:
    information: dict[str, Any] = wire.order(ngsp.order("H14-1-S1", **more)).json["informationOrder"]
    return information


def test_an_order_says_who_sends_what_to_whom_under_our_number() -> None:
    call = _wire().order(ngsp.order("H14-1-S1", note="Gọi trước", weight_grams=150))
    assert (call.method, call.url) == ("POST", "https://my.example/MYVNP_API/CreateOrder")
    head = {name: value for name, value in call.json.items() if name != "informationOrder"}
    assert head == {"orderCreationStatus": 1, "type": "GUI", "customerCode": "C14000123", "contractCode": "HD-1"}
    assert call.json["informationOrder"] == {
        "senderName": "Bế Thu Duyên",
        "senderPhone": "0367828556",
        "senderEmail": "duyen@example.vn",
        "senderAddress": "Tổ 6, Xã Lũng Nặm, tỉnh Cao Bằng",
        "senderProvinceCode": "04",
        "senderDistrictCode": "VNPOST",
        "senderCommuneCode": None,
        "receiverName": "Bộ phận Một cửa xã Bảo Lạc",
        "receiverPhone": "02063870123",
        "receiverEmail": None,
        "receiverAddress": "UBND xã Bảo Lạc, tỉnh Cao Bằng",
        "receiverProvinceCode": "04",
        "receiverDistrictCode": "VNPOST",
        "receiverCommuneCode": None,
        "serviceCode": "ETN011",
        "addonService": [],
        "additionRequest": [],
        "orgCodeCollect": None,
        "orgCodeAccept": None,
        "saleOrderCode": "H14-1-S1",
        "contentNote": "Tờ khai; Giấy tờ tùy thân",
        "weight": "150",
        "width": None,
        "length": None,
        "height": None,
        "vehicle": "BO",
        "sendType": "1",
        "isBroken": "0",
        "deliveryTime": None,
        "deliveryRequire": "1",
        "deliveryInstruction": "Gọi trước",
    }


@pytest.mark.parametrize(("cod", "addons"), [(0, []), (150000, [{"code": "GTG021", "propValue": "PROP0018:150000"}])])
def test_the_sum_to_collect_is_an_additional_service(cod: int, addons: list[dict[str, str]]) -> None:
    assert _information(_wire(), cod_vnd=cod)["addonService"] == addons


def test_the_postman_reads_in_the_note_when_to_come() -> None:
    window = PickupWindow(time(8), time(11, 30))
    day = date(2026, 3, 5)
    said = [
        _information(_wire(), **more)["contentNote"].partition(". ")[2]
        for more in ({"pickup_on": day}, {"pickup_window": window}, {"pickup_on": day, "pickup_window": window})
    ]
    assert said == ["Thu gom ngày 05/03/2026", "Thu gom 08:00-11:30", "Thu gom ngày 05/03/2026, 08:00-11:30"]


def test_what_the_parcel_is_comes_from_the_options() -> None:
    parcel = {
        "width": 25,
        "length": 35,
        "height": 1,
        "send_type": "2",
        "delivery_time": "S",
        "org_code_accept": "271000",
    }
    sent = _information(_wire(parcel=parcel))
    assert (sent["width"], sent["sendType"], sent["deliveryTime"], sent["orgCodeAccept"]) == (25, "2", "S", "271000")


def test_a_deployment_brings_its_own_codes(tmp_path: Path) -> None:
    file = tmp_path / "codes.toml"
    file.write_text(_CODES, encoding="utf-8")
    sent = _information(_wire(load_areas(file)))
    assert (sent["senderProvinceCode"], sent["senderCommuneCode"]) == ("27", "01789")
    assert (sent["receiverProvinceCode"], sent["receiverCommuneCode"]) == ("27", None)
    assert load_areas(file).commune("04", "tổ 6, XÃ LŨNG NẶM ") == "01789"
    assert load_areas(file).commune("01", "Xã Lũng Nặm") is None
    assert load_areas(file).province("01") == "01"


@pytest.mark.parametrize("content", ["[[provinces]]", "provinces = 7", "x = [", '[[wards]]\nname = "x"'])
def test_a_code_file_that_cannot_be_used_is_named(tmp_path: Path, content: str) -> None:
    file = tmp_path / "codes.toml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"codes\.toml"):
        load_areas(file)
    with pytest.raises(ConfigurationError, match="cannot read"):
        load_areas(tmp_path / "none.toml")


def test_a_correction_repeats_vnposts_own_record_and_changes_only_the_receiver() -> None:
    record = {
        "itemCode": "EM1VN",
        "serviceCode": "CTN009",
        "contentNote": "Tờ khai",
        "senderName": "Bế Thu Duyên",
        "senderCode": "C14000123",
        "codAmount": 150000,
        "weight": 200,
        "receiverName": "Người cũ",
        "addonService": [{"code": "GTG021", "propList": [{"propCode": "PROP0018", "propValue": "150000"}]}],
    }
    call = _wire().correct("10000001", record, replace(ngsp.CITIZEN, name="Người mới"))
    assert call.url.endswith("/orderCorrection")
    assert call.json == {
        "OriginalId": "10000001",
        "SourceCode": "MYVNP",
        "ServiceCode": "CTN009",
        "ItemCode": "EM1VN",
        "AffairType": "02",
        "OrderCode": "EM1VN",
        "FlagConfig": "1",
        "Contents": "Tờ khai",
        "Vehicle": "BO",
        "CODAmount": 150000,
        "Sender": {"OrgCode": "C14000123", "Fullname": "Bế Thu Duyên"},
        "Receiver": {
            "OrgCode": "",
            "Phone": "0367828556",
            "Fullname": "Người mới",
            "Address": "Tổ 6, Xã Lũng Nặm, tỉnh Cao Bằng",
            "Province": "04",
            "District": "VNPOST",
        },
        "Addons": [{"ServiceCode": "GTG021", "Props": [{"PropCode": "PROP0018", "PropValue": "150000"}]}],
        "Package": {"Weight": "200", "IsVolume": False},
        "useBCP": 1,
    }


@pytest.mark.parametrize("services", [None, 7, "x"])
def test_a_correction_does_not_empty_what_the_record_does_not_tell(services: object) -> None:
    body = _wire().correct("1", {"addonService": services}, ngsp.CITIZEN).json
    assert not {"CODAmount", "Addons", "Contents", "ItemCode"} & body.keys()


@pytest.mark.parametrize("services", [[7], [{"propList": 7}], [{"code": "GTG021", "propList": [7]}]])
def test_a_correction_survives_an_odd_record(services: list[Any]) -> None:
    assert isinstance(_wire().correct("1", {"addonService": services}, ngsp.CITIZEN).json["Addons"], list)


def test_questions_name_the_order_and_what_the_name_is() -> None:
    wire = _wire()
    assert wire.lookup("2", "H14-1").params == {"type": "2", "code": "H14-1"}
    assert wire.history("EM1VN").params == {"type": "1", "code": "EM1VN"}
    assert wire.cancel("10000001").json == {"OriginalId": "10000001"}
    assert wire.token("u", "p").json == {"username": "u", "password": "p", "customerCode": "C14000123"}


def test_the_list_is_asked_for_in_vietnamese_days() -> None:
    assert _wire(find_days=5).listing(date(2026, 3, 2), 1).params == {
        "lastUpdateFrom": "25-02-2026",
        "lastUpdateTo": "02-03-2026",
        "type": "GUI",
        "size": "500",
        "page": "1",
        "isInternational": "false",
    }


def test_a_price_is_asked_for_the_accounts_service() -> None:
    body = _wire().charge(QuoteRequest(150, "04", "01")).json
    assert (body["scope"], body["customerCode"], body["contractNumber"]) == (1, "C14000123", "HD-1")
    data = body["data"]
    assert (data["senderProvinceCode"], data["receiverProvinceCode"], data["weight"]) == ("04", "01", 150)
    assert (data["serviceCode"], data["senderDistrictCode"], data["receiverDistrictCode"]) == (
        "ETN011",
        "VNPOST",
        "VNPOST",
    )


def test_a_label_is_asked_for_by_a_plain_list() -> None:
    call = _wire().label("EM1VN")
    assert httpx.Request(call.method, call.url, json=call.json).content == b'["EM1VN"]'


def test_the_call_log_shows_the_order_and_no_person() -> None:
    call = _wire().order(ngsp.order("H14-1-S1", cod_vnd=5000))
    shown = _logged(call) + _logged(_wire().token("user-7", "pass-7"))
    assert "C14000123" in shown
    assert not any(text in shown for text in ("Duyên", "0367828556", "Lũng Nặm", "Tờ khai", "user-7", "pass-7"))
    assert _logged(_wire().label("EM1VN")) == "{}"


def _logged(call: Call) -> str:
    return excerpt(call.named_values, LOGGABLE)
