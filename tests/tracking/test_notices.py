"""What citizens are told: every text can be filled, in both languages, and nobody is told the same thing twice."""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Iterator
from datetime import date
from importlib.resources import files
from string import Formatter
from typing import Any

import pytest

from tests.support.desk import TestDesk, opened_desk
from tests.tracking.case import Case
from tests.tracking.deadlines.story import at
from tracking.notices import tell_citizen

TEMPLATES: dict[str, dict[str, str]] = tomllib.loads((files("tracking") / "notices.toml").read_text(encoding="utf-8"))
ALWAYS = {"code", "agency"}
VALUES: dict[str, Any] = {
    "at": at("2026-03-02 16:05"),
    "due": at("2026-03-05 17:00"),
    "reason": "thiếu {chữ ký}",
    "reason_vi": "chờ nộp phí",
    "reason_en": "a fee is due",
    "legal_source": "Nghị định 118/2025/NĐ-CP",
    "pickup": date(2026, 3, 6),
    "expected": date(2026, 3, 9),
    "waybill": "HC000000015VN",
    "attempt": 2,
    "early_vi": " sớm hơn ngày hẹn 05/03/2026",
    "early_en": " before its due date 05/03/2026",
    "new_due": at("2026-03-10 17:00"),
    "kind_vi": "rách bì",
    "kind_en": "torn",
    "until": date(2026, 4, 3),
    "amount": "120.000",
    "resolution": "đã giải quyết xong",
    "since": date(2026, 3, 9),
    "who_vi": "bưu điện",
    "who_en": "the post",
    "what_vi": "giấy tờ bị thất lạc",
    "what_en": "papers were lost",
    "order": "H14.10-260302-0001-R1",
    "promised": "04/03/2026",
    "slip": "PGHS-H14.10-260302-0001-S1-1",
    "missing": "Giấy tờ tùy thân",
    "form": "PYCBS-BBGN-H14.10-260302-0001-1",
    "payer_vi": "bưu điện",
    "payer_en": "the post pays",
    "to": "Chi cục Thuế",
    "first": date(2026, 3, 4),
    "carrier": "H14.10-260302-0002",
    "otp": "004711",
}


@pytest.fixture(scope="module")
def shared_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestDesk]:
    """One desk on SQLite: nothing here depends on the database."""
    with opened_desk(tmp_path_factory.mktemp("desk")) as desk:
        yield desk


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def tell(case: Case, kind: str, fact: str = "once", **values: object) -> None:
    with case.desk.context.database.write() as session:
        tell_citizen(session, case.dossier(), kind, fact, case.desk.clock.now(), **values)


@pytest.mark.parametrize("kind", TEMPLATES)
def test_every_text_can_be_filled_in_both_languages(case: Case, kind: str) -> None:
    needed = {name for text in TEMPLATES[kind].values() for name in placeholders(text)} - ALWAYS
    tell(case, kind, **{name: VALUES[name] for name in needed})
    (told,) = case.told_citizen(kind)
    for text in told["text_vi"], told["text_en"]:
        assert case.code in text
        assert "{" not in text.replace("{chữ ký}", "")
        assert text == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize("kind", TEMPLATES)
def test_both_languages_say_the_same(kind: str) -> None:
    vi, en = (TEMPLATES[kind][language] for language in ("vi", "en"))
    assert {name.removesuffix("_vi") for name in placeholders(vi)} - {"agency"} == {
        name.removesuffix("_en") for name in placeholders(en)
    } - {"agency"}
    assert vi.startswith("Hồ sơ {code}: ")
    assert en.isascii()


def test_times_and_days_are_written_as_people_in_vietnam_do(case: Case) -> None:
    tell(case, "papers_at_agency", at=at("2026-03-02 16:05"), due=at("2026-03-05 17:00"))
    (told,) = case.told_citizen()
    assert told["text_vi"] == (
        f"Hồ sơ {case.code}: Sở Tư pháp đã nhận đủ giấy tờ lúc 16:05 02/03/2026. Hạn trả kết quả: 17:00 05/03/2026."
    )


def test_a_text_without_a_value_for_its_placeholder_is_an_error(case: Case) -> None:
    with pytest.raises(KeyError, match="due"):
        tell(case, "papers_at_agency", at=at("2026-03-02 16:05"))


def test_the_same_fact_is_told_once(case: Case) -> None:
    for fact in ("first", "first", "second"):
        tell(case, "withdrawn", fact)
    assert len(case.told_citizen("withdrawn")) == 2


@pytest.mark.parametrize(("phone", "channel"), [("0919393275", "sms"), ("0206 3852 136", "call")])
def test_a_landline_is_called_and_a_mobile_gets_a_text(case: Case, phone: str, channel: str) -> None:
    other = Case.opened(case.desk, applicant={"name": "Bế Đức Hiếu", "phone": phone})
    tell(other, "withdrawn")
    (told,) = other.told_citizen()
    assert told["channel"] == channel
    assert told["to"].startswith("+84")


def test_the_gateway_gets_the_message_under_its_id(case: Case) -> None:
    tell(case, "withdrawn")
    (message,) = case.messages("citizen")
    assert message["id"] == f"{case.code}:citizen.withdrawn:once"
    case.deliver()
    received = [one for one in case.desk.onestop.deliveries.received("messages") if one.webhook_id == message["id"]]
    assert [one.body["data"]["text_vi"] for one in received] == [message["data"]["text_vi"]]
