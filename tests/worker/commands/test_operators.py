from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from worker.cli import app

FEED = Path(__file__).parents[2] / "data" / "ngsp-feed.json"


def normalise(content: str | bytes, *more: str) -> Result:
    return CliRunner().invoke(app, ["normalise", "vnpost_ngsp", *more], input=content)


def events(content: str | bytes) -> list[dict[str, Any]]:
    result = normalise(content)
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_feed_page_becomes_one_event_a_line() -> None:
    lines = events(FEED.read_bytes())
    raw = json.loads(FEED.read_bytes())["_embedded"]["rh:doc"]
    assert len(lines) == len(raw) == 24
    assert [line["order_number"] for line in lines] == [document["OrderNumber"] for document in raw]
    assert {line["kind"] for line in lines} == {"event"}


def test_an_unknown_code_is_kept_and_means_nothing_yet() -> None:
    unknown = [line for line in events(FEED.read_bytes()) if line["code"] == "9"]
    assert unknown
    assert all(line["state"] is None for line in unknown)


def test_times_are_told_with_their_zone() -> None:
    assert all(line["event_time"].endswith(("+07:00", "+00:00")) for line in events(FEED.read_bytes()))


@pytest.mark.parametrize("content", ["null", "7", '"event"', "[[]]", '[{"OrderNumber": 1}]', '{"_id": {}}'])
def test_what_is_no_event_is_said_to_be_none_and_loses_nothing(content: str) -> None:
    assert {line["kind"] for line in events(content)} == {"undecodable"}


def test_one_bad_document_does_not_hide_its_neighbours() -> None:
    page = json.loads(FEED.read_bytes())
    page["_embedded"]["rh:doc"][3] = {"StatusCode": "?"}
    assert [line["kind"] for line in events(json.dumps(page))].count("event") == 23


def test_a_text_in_broken_unicode_can_be_printed_all_the_same() -> None:
    page = json.loads(FEED.read_bytes())["_embedded"]["rh:doc"][:1]
    page[0]["StatusMessage"] = "\ud800"
    assert len(events(json.dumps(page))) == 1


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe\xfa", b"[" * 100_000])
def test_what_is_not_json_is_a_clear_refusal(content: bytes) -> None:
    result = normalise(content)
    assert result.exit_code == 2
    assert "as it came" in " ".join(result.stderr.replace("│", " ").split())


def test_an_unknown_operator_or_table_names_those_there_are() -> None:
    assert "vnpost_ngsp" in CliRunner().invoke(app, ["normalise", "pigeon_post"], input="[]").stderr
    result = normalise("[]", "--version", "1999")
    assert result.exit_code == 2
    assert "2026-11" in result.stderr


def test_the_operators_are_listed_for_a_machine() -> None:
    listed = {one["name"]: one for one in json.loads(CliRunner().invoke(app, ["carriers", "--json"]).stdout)}
    vnpost = listed["vnpost_ngsp"]
    assert {"cancel", "track_feed", "find_by_reference"} <= set(vnpost["capabilities"])
    assert vnpost["accounts"] == []


def test_the_operators_are_listed_for_people() -> None:
    result = CliRunner().invoke(app, ["carriers"])
    assert result.exit_code == 0
    assert "VNPost" in result.stdout


def test_a_configuration_that_cannot_be_read_is_a_clear_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTAL_CONFIG", "/nowhere/postal.toml")
    result = CliRunner().invoke(app, ["carriers"])
    assert result.exit_code == 2
    assert "POSTAL_CONFIG" in result.stderr
