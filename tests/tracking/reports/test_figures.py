"""Every figure of the reports against what one counts by hand in a month of nine dossiers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from config.accounts import Reporting
from tests.support.desk import opened_desk
from tests.support.schema import with_tables
from tests.tracking.conftest import ON_BOTH
from tests.tracking.reports.month import FIRST_WEEK, REST, March

PROCEDURE = "1.004859"


@pytest.fixture(scope="module", params=ON_BOTH)
def march(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[March]:
    folder: Path = tmp_path_factory.mktemp("march")
    if request.param == "sqlite":
        with opened_desk(folder) as desk:
            yield March.lived(desk)
        return
    with with_tables(request.getfixturevalue("postgres_url")) as url, opened_desk(folder, url) as desk:
        yield March.lived(desk)


def test_form_ii_06_of_the_first_week(march: March) -> None:
    assert march.figures("form-ii-06", FIRST_WEEK) == {
        ("H14.10", PROCEDURE): {
            "received_online": 1,
            "received_counter_post": 2,
            "received_untold": 3,
            "settled_early": 1,
            "settled_on_time": 2,
            "settled_late": 1,
            "settled_undated": 1,
            "open_in_time": 1,
            "of_settled_withdrawn": 1,
        },
        ("H14.22", PROCEDURE): {
            "received_untold": 2,
            "open_in_time": 1,
            "open_overdue": 1,
            "of_open_waiting": 1,
        },
    }


def test_form_ii_06_of_the_rest_begins_with_what_was_carried_over(march: March) -> None:
    assert march.figures("form-ii-06", REST) == {
        ("H14.10", PROCEDURE): {"carried_over": 1, "settled_late": 1},
        ("H14.22", PROCEDURE): {
            "carried_over": 2,
            "settled_early": 1,
            "settled_late": 1,
            "of_settled_extended": 1,
        },
    }


@pytest.mark.parametrize(
    ("column", "stories"),
    [
        ("received_online", ["online_and_late"]),
        ("received_counter_post", ["by_post", "at_the_counter"]),
        ("received_untold", ["over_the_weekend", "supplemented", "forgotten", "withdrawn", "of_a_ministry"]),
        ("settled_early", ["by_post"]),
        ("settled_on_time", ["at_the_counter", "withdrawn"]),
        ("settled_late", ["online_and_late"]),
        ("settled_undated", ["of_a_ministry"]),
        ("open_in_time", ["over_the_weekend", "supplemented"]),
        ("open_overdue", ["forgotten"]),
        ("of_open_waiting", ["supplemented"]),
    ],
)
def test_behind_each_figure_stand_the_dossiers_it_counts(march: March, column: str, stories: list[str]) -> None:
    assert march.dossiers("form-ii-06", FIRST_WEEK, column) == {getattr(march, story).code for story in stories}


def test_the_postal_figures(march: March) -> None:
    assert march.figures("postal-kpi", FIRST_WEEK) == {("H14.10",): {"received": 1, "taken": 1, "registered": 2}}
    assert march.dossiers("postal-kpi", FIRST_WEEK, "registered") == {march.by_post.code, march.at_the_counter.code}
    assert march.figures("postal-kpi", REST) == {}


def test_by_procedure_and_channel(march: March) -> None:
    assert march.figures("by-procedure", FIRST_WEEK) == {
        (PROCEDURE,): {"online": 1, "counter": 1, "public_post": 1, "untold": 5}
    }


def test_settled_on_time_against_either_date(march: March) -> None:
    assert march.figures("settled-on-time", FIRST_WEEK) == {
        ("H14.10",): {
            "received": 6,
            "settled_early": 1,
            "settled_on_time": 2,
            "settled_late": 1,
            "settled_undated": 1,
            "first_on_time": 3,
            "first_late": 1,
        },
        ("H14.22",): {"received": 2},
    }
    rest = march.figures("settled-on-time", REST)
    assert rest[("H14.22",)] == {"settled_early": 1, "settled_late": 1, "first_late": 2}


def test_transit_by_operator_zone_and_week(march: March) -> None:
    zone = march.by_post.shipment(march.by_post.s1).zone
    assert march.figures("on-time", FIRST_WEEK) == {
        ("vnpost_ngsp", "return", zone, "2026-W10"): {"kept": 1, "within_2": 1, "days": 2},
        ("vnpost_ngsp", "send", zone, "2026-W10"): {"kept": 1, "within_1": 1},
    }


def test_the_judgement_on_transit_is_the_one_on_the_shipment(march: March) -> None:
    assert march.by_post.shipment(march.by_post.r1).transit_kept


def test_the_operators_volume(march: March) -> None:
    assert march.figures("operator-quarter", FIRST_WEEK) == {
        ("vnpost_ngsp", "return"): {"intact": 1},
        ("vnpost_ngsp", "send"): {"intact": 1},
    }


def test_what_another_operator_carries_is_no_public_post(march: March) -> None:
    context = march.desk.context
    others = context.accounts.model_copy(update={"reports": Reporting(public_operators=("ems",))})
    march = replace(march, desk=replace(march.desk, context=replace(context, accounts=others)))
    assert march.figures("postal-kpi", FIRST_WEEK) == {
        ("H14.10",): {"other_received": 1, "other_taken": 1, "other_registered": 2}
    }
    assert march.figures("by-procedure", FIRST_WEEK)[(PROCEDURE,)]["other_post"] == 1
    assert march.figures("form-ii-06", FIRST_WEEK)[("H14.10", PROCEDURE)]["received_counter_post"] == 2
