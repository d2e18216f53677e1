from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from config.logging import configure_logging, redact

_PHONE, _IDENTITY = "0919393275", "004412799013"


@pytest.fixture
def _logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.mark.parametrize(
    "key",
    [
        *("token", "Authorization", "phone", "name", "address", "id_number", "body"),
        *("path_secret", "merchant_token", "webhook_token", "Consumer_Secret", "admin_password"),
    ],
)
def test_what_a_telling_key_holds_is_never_written(key: str) -> None:
    assert redact(None, "info", {key: "Bế Đức Hiếu"}) == {key: "(redacted)"}


@given(st.from_regex(r"(\+?84|0)\d{9}", fullmatch=True) | st.from_regex(r"\d{12}", fullmatch=True))
def test_phone_and_identity_numbers_are_taken_out_of_any_text(number: str) -> None:
    event = redact(None, "info", {"event": f"gọi {number}, rồi lại {number}."})
    assert event == {"event": "gọi (number), rồi lại (number)."}


@pytest.mark.parametrize(
    "number",
    [
        *("0912 345 678", "0912.345.678", "0912-345-678", "091 234 5678", "0912 34 56 78", "0206 3852 136"),
        *("+84 912345678", "+84 912 345 678", "+84.912.345.678", "84912345678", "84 912 345 678", "0912 345678"),
    ],
)
def test_phone_numbers_are_taken_out_however_they_are_written(number: str) -> None:
    assert redact(None, "info", {"event": f"gọi {number}, rồi lại"}) == {"event": "gọi (number), rồi lại"}


def test_a_checkpoint_of_the_audit_trail_stays_word_for_word_whatever_digits_are_in_its_hash() -> None:
    event = {"checkpoint": f"812:{'a0919393275b':f<64}:{'d004412799013e':f<64}"}
    assert redact(None, "info", dict(event)) == event
    assert "(number)" in redact(None, "info", {"event": event["checkpoint"]})["event"]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        (
            "GET /api/v1/tracking?merchant_token=abc-1&code=EA1",
            "GET /api/v1/tracking?merchant_token=(redacted)&code=EA1",
        ),
        ('"https://ems.example/x?code=EA1&Token=abc%20d"', '"https://ems.example/x?code=EA1&Token=(redacted)"'),
        ("POST /webhooks/ems/ems-province/its-path-secret 200", "POST /webhooks/ems/ems-province/(redacted) 200"),
        ("POST /webhooks/ems/ems-province 200", "POST /webhooks/ems/ems-province 200"),
    ],
)
def test_secrets_are_taken_out_of_addresses(text: str, written: str) -> None:
    assert redact(None, "info", {"event": text}) == {"event": written}


@pytest.mark.parametrize(
    "harmless",
    [
        *("H14.10-260302-0001-S1", "HC000000014VN", "BBGN-H14.10-260302-0001", "4 papers", "000.00.01.H14-260302-0001"),
        *("08:15 05-03-2026 17:00", "2026-03-02T08:15:00.123456+07:00", "2026-03-02 08:15", "took 0.123456789 s"),
        *("30 000 000 đ", "02.03.2026"),
    ],
)
def test_numbers_that_clerks_search_for_stay_readable(harmless: str) -> None:
    assert redact(None, "info", {"event": harmless}) == {"event": harmless}


@pytest.mark.usefixtures("_logging_as_it_was")
def test_our_lines_and_the_libraries_lines_are_one_json_object_each_without_personal_data(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logging(json=True, level="INFO")
    structlog.get_logger().info("booked", order="H14.10-260302-0001-S1", phone=_PHONE)
    logging.getLogger("a.library").warning("cannot reach %s", _PHONE)
    ours, theirs = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert (ours["event"], ours["order"], ours["phone"]) == ("booked", "H14.10-260302-0001-S1", "(redacted)")
    assert theirs["event"] == "cannot reach (number)"
    assert {ours["level"], theirs["level"]} == {"info", "warning"}


@pytest.mark.usefixtures("_logging_as_it_was")
def test_the_words_of_an_exception_are_redacted_too(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(json=True, level="INFO")
    try:
        raise ValueError(f"citizen {_IDENTITY} at {_PHONE}")
    except ValueError:
        structlog.get_logger().exception("delivery_failed")
    written = capsys.readouterr().err
    assert "ValueError" in written
    assert _IDENTITY not in written
    assert _PHONE not in written


@pytest.mark.usefixtures("_logging_as_it_was")
def test_chatty_libraries_are_quiet_unless_they_warn(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(json=False, level="INFO")
    logging.getLogger("httpx").info("HTTP Request: GET /order/cancel?OrderNumber=1")
    logging.getLogger("httpx").warning("something is wrong")
    written = capsys.readouterr().err
    assert "HTTP Request" not in written
    assert "something is wrong" in written


@pytest.mark.usefixtures("_logging_as_it_was")
def test_what_is_below_the_level_is_not_even_put_together(capsys: pytest.CaptureFixture[str]) -> None:
    class Costly:
        def __repr__(self) -> str:
            raise AssertionError("nobody will read it")

    configure_logging(json=True, level="WARNING")
    structlog.get_logger().info("kept", what=Costly())
    structlog.get_logger().warning("heard")
    assert [json.loads(line)["event"] for line in capsys.readouterr().err.splitlines()] == ["heard"]


@pytest.mark.parametrize("address", ["hieu.be@example.vn", "HIEU+hs@mail.example.com.vn", "<hieu@example.vn>"])
def test_e_mail_addresses_are_taken_out_of_any_text(address: str) -> None:
    event = redact(None, "info", {"event": f"550 {address}: không có", "worker": "celery@web1.caobang.vn"})
    assert "hieu" not in event["event"].lower()
    assert event["event"].endswith(": không có")
    assert event["worker"] == "celery@web1.caobang.vn"


def test_a_long_line_without_an_address_is_looked_through_once() -> None:
    line = "a" * 200_000
    assert redact(None, "info", {"event": line}) == {"event": line}
