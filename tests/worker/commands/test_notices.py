"""``postal notice`` and ``postal optout``: an officer looks how a message reads, and notes who wants none."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.support.town import Town, opened_town
from tests.tracking.case import Case
from tests.worker.commands.test_replays import at_work
from tracking.notices import tell_citizen
from tracking.telling.kinds import kinds
from worker.cli import app


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Town, str]]:
    """A town with a dossier, whose citizen was told of a withdrawal."""
    with opened_town(tmp_path / "town") as town:
        with at_work(town) as desk:
            case = Case.opened(desk)
            with desk.context.database.write() as session:
                tell_citizen(session, case.dossier(), "supplement_requested", "1", desk.clock.now(), reason="thiếu ảnh")
        for name, value in town.plot.environment(town.home).items():
            monkeypatch.setenv(name, value)
        yield town, case.code


def said(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def test_every_kind_is_listed_with_its_law(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = json.loads(said("notice", "list", "--json").stdout)["notices"]
    assert {one["kind"] for one in listed} == set(kinds())
    assert {one["kind"]: one["duty"] for one in listed}["result_delivered"] is None
    assert "result_ready" in said("notice", "list").stdout


def test_a_message_can_be_read_with_sample_values_before_there_is_any_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POSTAL_HOME", str(tmp_path / "nothing-yet"))
    letter = said("notice", "preview", "due_changed").stdout
    assert "Hẹn trả kết quả: 17:00 16/03/2026" in letter
    assert "with sample values" in letter
    assert "Result due: 17:00 16/03/2026" in said("notice", "preview", "due_changed", "--language", "en").stdout
    text = json.loads(said("notice", "preview", "due_changed", "--channel", "sms", "--json").stdout)
    assert (text["coding"], text["segments"], text["subject"]) == ("UCS-2", 2, None)


def test_what_a_citizen_was_told_is_shown_as_it_was_with_the_ways_it_took(town: tuple[Town, str]) -> None:
    _, code = town
    shown = json.loads(said("notice", "preview", "supplement_requested", "--dossier", code, "--json").stdout)
    assert shown["real"]
    assert "đề nghị bổ sung: thiếu ảnh" in shown["text"]
    assert f"Mã hồ sơ: {code}" in shown["text"]
    assert shown["ways"]["gateway"] == "taken"
    assert shown["ways"]["sms"] == "it is not configured"
    other = json.loads(said("notice", "preview", "result_ready", "--dossier", code, "--json").stdout)
    assert (other["real"], code in other["text"]) == (False, True)


@pytest.mark.parametrize(
    ("words", "step"),
    [
        (["unheard_of"], "`postal notice list` shows all of them"),
        (["due_changed", "--channel", "sms", "--language", "en"], "Leave --language out"),
        (["due_changed", "--dossier", "H14-unknown"], "Check the code for a typing error"),
    ],
)
def test_what_cannot_be_shown_names_the_next_step(town: tuple[Town, str], words: list[str], step: str) -> None:
    refused = said("notice", "preview", *words)
    assert (refused.exit_code, step in refused.stderr) == (2, True), refused.stderr


def test_a_wish_for_no_messages_is_noted_once_shown_masked_and_taken_back(town: tuple[Town, str]) -> None:
    assert said("optout", "list").stdout.strip() == "Nobody has opted out."
    for address in ("0919 393 275", "hieu@example.vn"):
        assert said("optout", "add", address, "--by", "Hà Thị Mai").stdout.strip() == "Noted."
    assert said("optout", "add", "+84919393275", "--by", "Hà Thị Mai").stdout.strip() == "That was noted before."
    listed = json.loads(said("optout", "list", "--json").stdout)["opted_out"]
    assert {one["address"] for one in listed} == {"091****275", "h***@example.vn"}
    assert "091****275" in said("optout", "list").stdout
    assert said("optout", "remove", "HIEU@example.vn").stdout.strip() == "Messages go there again."
    assert said("optout", "remove", "hieu@example.vn").stdout.strip() == "Nobody had opted out there."


@pytest.mark.parametrize("address", ["09", "hieu@", "Bế Đức Hiếu"])
def test_what_is_no_address_is_refused_with_the_next_step(town: tuple[Town, str], address: str) -> None:
    refused = said("optout", "add", address, "--by", "Hà Thị Mai")
    assert refused.exit_code == 2
    assert "cannot be used" in refused.stderr
