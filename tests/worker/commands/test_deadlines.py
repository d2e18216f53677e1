"""``postal deadline`` and ``postal explain``: the vectors of the domain facts, section 5.3, and what goes wrong."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from config.settings import load_settings
from dispatch.dossiers import put_dossier
from dispatch.forms import DossierEventForm, DossierForm
from tests.support.desk import CODE, MONDAY, dossier_body
from tracking.dossier_events import take_event
from worker import migrate
from worker.cli import app
from worker.runtime import build

# id, start, amount, unit, cutoff, effective, due
VECTORS = [
    ("A1", "2026-03-02T08:15", 5, "working_days", None, "2026-03-02T08:15", "2026-03-09T17:00"),
    ("A2", "2026-02-13T10:00", 3, "working_days", None, "2026-02-13T10:00", "2026-02-25T17:00"),
    ("A3", "2026-02-13T17:00", 3, "working_days", None, "2026-02-13T17:00", "2026-02-25T17:00"),
    ("A6", "2026-02-14T09:00", 3, "working_days", None, "2026-02-23T07:30", "2026-02-26T17:00"),
    ("A8", "2026-04-24T14:00", 5, "working_days", None, "2026-04-24T14:00", "2026-05-06T17:00"),
    ("A9", "2026-04-29T16:30", 1, "working_days", None, "2026-04-29T16:30", "2026-05-04T17:00"),
    ("A11", "2026-08-20T09:00", 3, "working_days", None, "2026-08-20T09:00", "2026-08-24T17:00"),
    ("A13", "2026-08-28T09:00", 2, "working_days", None, "2026-08-28T09:00", "2026-09-04T17:00"),
    ("A15", "2025-12-31T15:30", 2, "working_days", None, "2025-12-31T15:30", "2026-01-06T17:00"),
    ("A18", "2026-11-23T10:00", 1, "working_days", None, "2026-11-23T10:00", "2026-11-25T17:00"),
    ("B1", "2026-03-02T14:00", 8, "working_hours", None, "2026-03-02T14:00", "2026-03-03T14:30"),
    ("B2", "2026-02-13T16:00", 2, "working_hours", None, "2026-02-13T16:00", "2026-02-23T08:30"),
    ("B3", "2026-03-03T08:10", 4, "working_hours", None, "2026-03-03T08:10", "2026-03-03T14:10"),
    ("B4", "2026-03-03T12:15", 2, "working_hours", None, "2026-03-03T13:30", "2026-03-03T15:30"),
    ("C1", "2026-03-03T14:55", 1, "same_day", "15:00", "2026-03-03T14:55", "2026-03-03T17:00"),
    ("C2", "2026-03-03T15:00", 1, "same_day", "15:00", "2026-03-03T15:00", "2026-03-03T17:00"),
    ("C3", "2026-03-03T15:01", 1, "same_day", "15:00", "2026-03-04T07:30", "2026-03-04T17:00"),
    ("C4", "2026-03-03T15:01", 3, "working_days", "15:00", "2026-03-04T07:30", "2026-03-09T17:00"),
    ("C4 without cutoff", "2026-03-03T15:01", 3, "working_days", None, "2026-03-03T15:01", "2026-03-06T17:00"),
    ("D1", "2026-04-16T09:00", 15, "calendar_days", None, "2026-04-16T09:00", "2026-05-04T17:00"),
    ("D2", "2026-03-02T09:00", 10, "calendar_days", None, "2026-03-02T09:00", "2026-03-12T17:00"),
    ("F", "2026-02-23T14:20", 5, "working_days", None, "2026-02-23T14:20", "2026-03-02T17:00"),
    ("G", "2026-03-10T09:00", 10, "working_days", None, "2026-03-10T09:00", "2026-03-24T17:00"),
]
PLAIN = {"start": "2026-03-02T08:15:00+07:00", "amount": "5", "unit": "working_days"}


def postal(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def deadline(**options: str) -> Result:
    words = [word for name, value in {**PLAIN, **options}.items() for word in (f"--{name.replace('_', '-')}", value)]
    return postal("deadline", *words, "--json")


def computed(**options: str) -> dict[str, Any]:
    result = deadline(**options)
    assert result.exit_code == 0, result.output
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer


@pytest.mark.parametrize(
    ("start", "amount", "unit", "cutoff", "effective", "due"),
    [pytest.param(*vector, id=name) for name, *vector in VECTORS],
)
def test_every_vector_of_the_law(
    start: str, amount: int, unit: str, cutoff: str | None, effective: str, due: str
) -> None:
    extra = {"cutoff": cutoff} if cutoff else {}
    answer = computed(start=f"{start}:00+07:00", amount=str(amount), unit=unit, **extra)
    assert (answer["effective"], answer["due"]) == (f"{effective}:00+07:00", f"{due}:00+07:00")
    assert answer["explanation"]


def test_the_same_clock_reading_gives_the_hour_of_arrival_on_the_due_day() -> None:
    assert computed(due_time="same-clock")["due"] == "2026-03-09T08:15:00+07:00"


def test_a_start_in_another_zone_is_the_same_moment() -> None:
    assert computed(start="2026-03-02T01:15:00Z") == computed()


def test_every_line_of_the_explanation_names_its_rule_and_calendar() -> None:
    for line in computed()["explanation"]:
        assert line["text_vi"]
        assert line["text_en"]
        assert line["rule"]
        assert line["calendar_version"].startswith("caobang 2024-2027")


def test_people_read_a_table_in_place_of_json() -> None:
    result = postal("deadline", "--start", PLAIN["start"], "--amount", "5", "--unit", "working_days")
    assert result.exit_code == 0
    assert "2026-03-09" in result.stdout


@pytest.mark.parametrize(
    ("wrong", "next_step"),
    [
        ({"start": "2026-03-02T08:15:00"}, "+07:00"),
        ({"start": "yesterday"}, "2026-03-02T08:15:00+07:00"),
        ({"start": "9999-12-31T23:59:59-12:00"}, "check the year"),
        ({"start": "0001-01-01T00:00:00+14:00"}, "check the year"),
        ({"amount": "0"}, "1"),
        ({"amount": "-5"}, "1"),
        ({"amount": "many"}, "integer"),
        ({"amount": "99999999999"}, "caobang/20"),
        ({"unit": "fortnights"}, "working_days"),
        ({"start": "2003-03-03T08:15:00+07:00"}, "caobang/2003.toml"),
        ({"start": "2027-12-31T08:15:00+07:00"}, "caobang/2028.toml"),
        ({"cutoff": "tea time"}, "15:00"),
        ({"calendar": "atlantis"}, "atlantis"),
        ({"due_time": "midnight"}, "end-of-day"),
    ],
)
def test_a_question_without_an_answer_says_what_to_correct(wrong: dict[str, str], next_step: str) -> None:
    result = deadline(**wrong)
    assert result.exit_code == 2, result.output
    assert next_step in " ".join(result.stderr.replace("│", " ").split())
    assert not result.stdout
    assert "Traceback" not in result.stderr


@pytest.fixture
def explained() -> None:
    """The system that the environment names, with one dossier accepted at the counter and extended once."""
    runtime = build(load_settings(), lambda lane: None)
    migrate.upgrade(runtime.context.database)
    accepted = {"event_id": "e-1", "type": "accepted", "at": MONDAY, "officer": "Hà Thị Mai"}
    later = MONDAY + timedelta(days=1)
    extended = {"event_id": "e-2", "type": "extended", "at": later, "reason": "Chờ xác minh", "new_due": "2026-03-10"}
    with runtime.context.database.write() as session:
        put_dossier(session, CODE, DossierForm.model_validate(dossier_body()), MONDAY)
        for body in (accepted, {**accepted, **extended}):
            form = DossierEventForm.model_validate(body)
            take_event(session, runtime.context, runtime.office, CODE, form, "one-stop")
    runtime.messenger.close()
    runtime.context.database.dispose()


@pytest.mark.usefixtures("explained")
def test_a_dossiers_due_date_is_explained_change_by_change() -> None:
    answer = json.loads(postal("explain", CODE, "--json").stdout)
    assert (answer["code"], answer["due"]) == (CODE, "2026-03-10T17:00:00+07:00")
    assert [line["rule"] for line in answer["explanation"]] == ["start.counter", "extension"]
    assert all(line["legal_source"] for line in answer["explanation"])


@pytest.mark.usefixtures("explained")
def test_people_read_the_explanation_as_a_table() -> None:
    result = postal("explain", CODE)
    assert result.exit_code == 0
    assert "10/03/2026" in result.stdout


@pytest.mark.usefixtures("explained")
def test_an_unknown_dossier_is_a_clear_refusal() -> None:
    result = postal("explain", "H14.10-000000-0000")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Check the code for a typing error" in result.stderr


def test_nothing_is_explained_from_a_database_that_is_not_there() -> None:
    result = postal("explain", CODE)
    assert result.exit_code == 2
    assert "postal db upgrade" in result.stderr
