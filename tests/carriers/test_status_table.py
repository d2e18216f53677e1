"""Status tables are data with versions; what they do not list is unknown."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from pydantic import ValidationError

from carriers.contract import Certainty
from carriers.states import ShipmentState
from carriers.status_table import StatusMeaning, StatusTables, StatusVersion, load_status_tables, unknown


def _meaning(code: str, state: ShipmentState | None, certainty: Certainty = Certainty.ASSUMED) -> StatusMeaning:
    return StatusMeaning(code=code, state=state, certainty=certainty, source="test")


def _issue(name: str, issued: date, *codes: StatusMeaning) -> StatusVersion:
    return StatusVersion(name=name, issued=issued, codes=codes)


_FIRST = _issue("first", date(2026, 1, 1), _meaning("3", ShipmentState.DELIVERED))
_SECOND = _issue(
    "second", date(2026, 6, 1), _meaning("3", ShipmentState.OUT_FOR_DELIVERY), _meaning("4", ShipmentState.DELIVERED)
)


def test_the_newest_issue_is_current_and_older_ones_can_be_asked() -> None:
    tables = StatusTables((_FIRST, _SECOND))
    assert tables.current == "second"
    assert tables.meanings()["3"].state is ShipmentState.OUT_FOR_DELIVERY
    assert tables.meanings("first")["3"].state is ShipmentState.DELIVERED


def test_a_version_that_does_not_exist_is_named_with_those_that_do() -> None:
    with pytest.raises(KeyError, match="no status table 'third'; there are: first, second"):
        StatusTables((_FIRST, _SECOND)).meanings("third")


def test_what_the_operator_signed_off_wins_over_what_we_assumed() -> None:
    signed = _issue("signed", date(2026, 12, 1), _meaning("4", ShipmentState.RETURNED, Certainty.CONFIRMED))
    tables = StatusTables((_FIRST, _SECOND)).confirmed_by(signed)
    assert tables.versions == ("first", "second", "signed")
    assert tables.meanings()["4"].state is ShipmentState.RETURNED
    assert tables.meanings()["3"].state is ShipmentState.OUT_FOR_DELIVERY
    assert tables.meanings("second")["4"].state is ShipmentState.DELIVERED


def test_a_code_about_money_cannot_move_papers() -> None:
    with pytest.raises(ValidationError, match="money only"):
        StatusMeaning(
            code="5", state=ShipmentState.DELIVERED, money_only=True, certainty=Certainty.ASSUMED, source="test"
        )


def test_a_table_that_gives_a_code_twice_is_refused() -> None:
    with pytest.raises(ValidationError, match="code given twice: 3"):
        _issue("bad", date(2026, 1, 1), _meaning("3", None), _meaning("3", ShipmentState.LOST))


def test_an_unknown_code_means_nothing_and_says_so() -> None:
    meaning = unknown("9")
    assert (meaning.state, meaning.certainty) == (None, Certainty.UNKNOWN)


def test_issues_are_ordered_by_date_whatever_their_place_in_the_file(tmp_path: Path) -> None:
    file = tmp_path / "statuses.toml"
    file.write_text(
        '[[versions]]\nname = "new"\nissued = 2026-02-01\ncodes = []\n'
        '[[versions]]\nname = "old"\nissued = 2026-01-01\ncodes = []\n'
    )
    assert load_status_tables(file).versions == ("old", "new")
