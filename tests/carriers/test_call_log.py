"""The call log shows what was agreed to be shown, and nothing else."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
import respx
from hypothesis import given
from hypothesis import strategies as st

from carriers import registry
from carriers.call_log import CallRecord, excerpt
from carriers.capabilities import CanQuote, CanTrackFeed, CanTrackItems
from carriers.contract import OrderRef, QuoteRequest
from carriers.exchange import Call
from carriers.plugin import Runtime
from carriers.transport import NoCredentials, Transport
from carriers.transport_settings import TransportSettings
from carriers.viettelpost.orders import LOGGABLE as VIETTEL_POSTS
from tests.support import ngsp
from tests.support.operators import office, opened

_URL = "https://vnpost.example/order"

_LOGGABLE = frozenset({"OrderNumber", "Status", "docs"})
_JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.sampled_from(["OrderNumber", "Name", "docs"]) | st.text(), inner)
    ),
    max_leaves=20,
)


def test_agreed_fields_are_shown_and_others_counted() -> None:
    shown = excerpt({"OrderNumber": "H14-1", "SenderName": "Bế Thu Duyên", "SenderTel": "0367828556"}, _LOGGABLE)
    assert shown == "{OrderNumber=H14-1, +2 hidden}"


def test_a_secret_deep_inside_stays_hidden() -> None:
    assert excerpt({"docs": [{"Status": 4, "Notes": "gọi 0367828556"}]}, _LOGGABLE) == "{docs=[{Status=4, +1 hidden}]}"


def test_bare_text_is_hidden() -> None:
    assert excerpt("0367828556", _LOGGABLE) == "hidden"


def test_long_lists_are_cut() -> None:
    assert excerpt({"docs": list(range(9))}, _LOGGABLE) == "{docs=[0, 1, 2, 3, 4, +4 more]}"


@given(_JSON)
def test_a_name_under_a_field_that_was_not_agreed_never_shows(value: Any) -> None:
    assert "Bế Thu Duyên" not in excerpt({"Name": "Bế Thu Duyên", "docs": [value, {"x": "Bế Thu Duyên"}]}, _LOGGABLE)


@given(_JSON)
def test_anything_can_be_logged_and_is_short(value: Any) -> None:
    assert len(excerpt(value, _LOGGABLE)) <= 2000


# --- what looks like a code ---


@pytest.mark.parametrize(
    "said",
    [
        "Số điện thoại 0367828556 của Bế Thu Duyên không hợp lệ",
        "Duyên",
        "Be Thu Duyen",
        "0367828556",
        "+84367828556",
        "x" * 41,
        "H14-1\n0367828556",
        "2026-03-02 08:00 Duyên",
    ],
)
def test_a_sentence_a_name_or_a_phone_under_an_agreed_name_is_hidden(said: str) -> None:
    assert excerpt({"Status": said}, _LOGGABLE) == "{Status=hidden}"
    assert excerpt({"docs": [said]}, _LOGGABLE) == "{docs=[hidden]}"


@pytest.mark.parametrize(
    "said",
    [
        *("", "H14.10-260302-0001-S1", "EM295293415VN", "13294410000", "841000072371", "66f0a1410000000000000001"),
        *("2026-03-02 08:00:00", "02/03/2026 08:00", "2026-03-02T08:00:00+07:00", "02-03-2026", "28000", "-1.5"),
        *(28_000, 1772415000000, 0.5, True, None),
    ],
)
def test_codes_numbers_and_times_are_shown(said: object) -> None:
    assert excerpt({"Status": said}, _LOGGABLE) == f"{{Status={said}}}"


@given(st.text(min_size=1))
def test_what_is_shown_under_an_agreed_name_holds_no_word_of_vietnamese(said: str) -> None:
    assert excerpt({"Status": said}, _LOGGABLE).isascii()


# --- depth ---


@pytest.mark.parametrize("depth", [20, 600, 5000])
def test_what_lies_too_deep_is_hidden_and_breaks_nothing(depth: int) -> None:
    value: Any = "0367828556"
    for _ in range(depth):
        value = {"docs": [value]}
    assert excerpt(value, _LOGGABLE) == "{docs=[" * 6 + "hidden" + "]}" * 6


@respx.mock
def test_a_record_that_cannot_be_made_does_not_undo_a_booking(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(value: Any, loggable: frozenset[str]) -> str:
        raise RecursionError

    monkeypatch.setattr("carriers.transport.excerpt", broken)
    respx.post(_URL).mock(return_value=httpx.Response(200, json={"Status": 100}))
    records: list[CallRecord] = []
    transport = Transport(ngsp.account({}), TransportSettings(), Runtime(records.append, 5.0, patient=False), _LOGGABLE)
    answer = transport.write(Call("POST", _URL, json={}), NoCredentials(), operation="book", order_number="H14-1")
    transport.close()
    assert (answer.body, records) == ({"Status": 100}, [])
    assert "could not be kept" in caplog.text


# --- every operator's own list ---

_NUMBER = "H14.31-260302-0001-S1"


@pytest.mark.parametrize("carrier", registry.names())
def test_clerks_find_their_order_and_its_numbers_in_the_log(carrier: str) -> None:
    """And the codes, prices and times beside them: nothing that was agreed to be shown is a sentence."""
    with office(carrier) as post_office, opened(post_office) as (connector, records):
        booking = connector.book(ngsp.order(_NUMBER))
        if isinstance(connector, CanTrackItems):
            connector.track([OrderRef(_NUMBER, booking.waybill, booking.operator_id)])
        if isinstance(connector, CanTrackFeed):
            connector.feed_page(None)
        if isinstance(connector, CanQuote):
            connector.quote(QuoteRequest(200, "04", "04"))
    log = "\n".join(f"{record.request_excerpt} {record.response_excerpt}" for record in records)
    assert _NUMBER in [record.order_number for record in records]
    assert all(shown in log for shown in _SHOWN[carrier]), log
    assert "=hidden" not in log


_SHOWN = {
    "ems": (f"order_code={_NUMBER}", "code=success", "total_weight=200"),
    "jt": ("code=1",),
    "myvnpost": (f"saleOrderCode={_NUMBER}", "itemCode=EM000000014VN", "originalID=10000001", "totalFee=31000"),
    "viettelpost": (f"ORDER_NUMBER={_NUMBER}", "ORDER_NUMBER=13294410000", "MONEY_TOTAL=34000", "GIA_CUOC=27000"),
    "vnpost_ngsp": (f"OrderNumber={_NUMBER}", "Status=100", "lastId=000000000000000000000000", "price=29000"),
}


def test_viettel_posts_words_under_data_stay_out_of_the_log() -> None:
    """It answers a refusal with an object in ``data``, or with a sentence about a person."""
    said = {"status": 204, "error": True, "data": "Số điện thoại 0367828556 của Bế Thu Duyên không hợp lệ"}
    assert excerpt(said, VIETTEL_POSTS) == "{status=204, error=True, data=hidden}"
