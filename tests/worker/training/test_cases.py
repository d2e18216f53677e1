"""Files of dossiers, good and bad."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.worker.training.scenes import at
from worker.training.cases import MalformedFileError, load_cases


def write(folder: Path, text: str) -> Path:
    file = folder / "dossiers.json"
    file.write_text(text, encoding="utf-8")
    return file


def test_the_packaged_file_has_24_dossiers_in_order_of_filing() -> None:
    cases = load_cases(None)
    assert len(cases) == 24
    assert [case.filed_at for case in cases] == sorted(case.filed_at for case in cases)
    assert {case.service for case in cases} == {"send", "receive", "both"}


def test_what_goes_to_the_order_and_what_to_the_registration() -> None:
    case = load_cases(None)[0]
    assert case.order.keys() == {"dossier", "service", "address"}
    assert {"procedure", "agency", "applicant", "papers", "filed_at"} <= case.registration.keys()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "not JSON"),
        ("{}", "must hold a list"),
        ("[]", "at least one dossier"),
        ('[{"code": "A"}, 7]', "entry 2"),
        ('[{"service": "send"}]', "entry 1"),
        ('[{"code": "A"}, {"code": "A"}]', "given twice: A"),
    ],
)
def test_a_malformed_file_is_refused_with_the_place(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(MalformedFileError, match=words):
        load_cases(write(tmp_path, text))


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MalformedFileError, match="cannot be read"):
        load_cases(tmp_path / "nothing.json")


def test_a_dossier_with_odd_content_is_left_to_the_system_to_judge(tmp_path: Path) -> None:
    odd: dict[str, Any] = {
        "code": "A",
        "procedure": "none",
        "papers": None,
        "agency": [],
        "filed_at": "yesterday",
        "service": 3,
    }
    (case,) = load_cases(write(tmp_path, json.dumps([odd])))
    assert (case.term, case.papers, case.filed_at) == ((0, ""), [], at("2026-02-10 08:00"))
    assert case.registration["filed_at"] == "yesterday"


def test_a_time_without_a_zone_is_played_as_vietnams_and_sent_as_it_is(tmp_path: Path) -> None:
    (case,) = load_cases(write(tmp_path, json.dumps([{"code": "A", "filed_at": "2026-02-12T09:00:00"}])))
    assert case.filed_at == at("2026-02-12 09:00")
    assert case.registration["filed_at"] == "2026-02-12T09:00:00"
