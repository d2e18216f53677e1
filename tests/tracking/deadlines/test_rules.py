from datetime import date, time
from pathlib import Path

import pytest

from config.calendars import Certainty
from config.errors import ConfigurationError
from tracking.deadlines import RuleId, RuleNotInForceError, Rules, load_rules
from tracking.deadlines.promises import Zone

RULE = """
[[rule]]
id = "start.handover"
valid_from = {start}
{end}
legal_source = "Điều 1"
certainty = "high"
text_vi = "Một"
text_en = "One"
"""


def test_every_rule_that_the_product_applies_is_in_force_today_and_nothing_else_is_there(law: Rules) -> None:
    assert set(law.versions) == set(RuleId)
    for rule_id in RuleId:
        rule = law.at(rule_id, date(2026, 11, 23))
        assert rule.legal_source
        assert rule.text_vi != rule.text_en


def test_the_decree_of_2018_and_its_successor_live_side_by_side(law: Rules) -> None:
    old = law.at(RuleId.SUPPLEMENT_RESTART, date(2025, 6, 30))
    new = law.at(RuleId.SUPPLEMENT_RESTART, date(2025, 7, 1))
    assert (old.certainty, new.certainty) == (Certainty.HIGH, Certainty.MEDIUM)
    assert "61/2018" in old.legal_source
    assert new.legal_source.startswith("Nghị định 118/2025")


def test_what_decree_297_of_2025_brought_was_not_there_before_and_is_not_certain(law: Rules) -> None:
    for rule_id in (RuleId.CLOSE_SILENCE, RuleId.CORRECTION_REQUEST, RuleId.LAST_HOUR):
        assert law.find(rule_id, date(2025, 12, 31)) is None
        rule = law.at(rule_id, date(2026, 1, 1))
        assert "297/2025" in rule.legal_source
        assert rule.certainty in (Certainty.MEDIUM, Certainty.LOW)


def test_numbers_and_times_are_read_by_name(law: Rules) -> None:
    today = date(2026, 11, 23)
    assert law.at(RuleId.EXTENSION, today).number("max_extensions") == 1
    assert law.at(RuleId.TRANSFER_CUTOFF, today).clock("after") == time(15)
    with pytest.raises(ConfigurationError, match="needs the number 'days'"):
        law.at(RuleId.EXTENSION, today).number("days")
    with pytest.raises(ConfigurationError, match="needs the time 'after'"):
        law.at(RuleId.EXTENSION, today).clock("after")


@pytest.mark.parametrize("zone", Zone)
def test_every_zone_has_its_promise_with_and_without_slip(law: Rules, zone: Zone) -> None:
    rule = law.at(RuleId.TRANSIT, date(2026, 3, 2))
    assert rule.number(f"{zone}_slip") > rule.number(zone)


def test_a_day_before_any_law_has_no_rule(law: Rules) -> None:
    assert law.find(RuleId.EXTENSION, date(2018, 6, 20)) is None
    with pytest.raises(RuleNotInForceError, match="'extension' was in force on 2018-06-20"):
        law.at(RuleId.EXTENSION, date(2018, 6, 20))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[rule]\n", "not valid TOML"),
        (RULE.format(start="2016-12-16", end='note = "?"'), "rule.0.note"),
        (RULE.format(start="2016-12-16", end="valid_to = 2020-01-01") + RULE.format(start="2020-01-01", end=""), "two"),
    ],
)
def test_a_faulty_table_of_rules_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=message):
        load_rules(path)
