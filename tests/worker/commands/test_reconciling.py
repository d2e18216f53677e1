"""``postal reconcile``: copies that were damaged on purpose are told apart by cause, each is mended by its command."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.neighbours import IGATE, MYVNPOST, PORTAL, VNPOST, Neighbours, opened_neighbours
from tests.support.town import ROOT
from tests.support.vandal import Damage, Vandal
from tracking import watch


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Neighbours]:
    with opened_neighbours(tmp_path, monkeypatch) as town:
        yield town


def report(town: Neighbours, *words: str) -> tuple[int, dict[str, Any]]:
    result = town.run("reconcile", "--json", *words)
    return result.exit_code, json.loads(result.stdout)


def causes(told: dict[str, Any]) -> dict[tuple[str, str], tuple[str, str]]:
    return {(one["with"], one["subject"]): (one["kind"], one["cause"]) for one in told["differences"]}


def test_copies_that_are_alike_differ_in_nothing(town: Neighbours) -> None:
    town.file(1)
    sent = town.file(2, accepted=False)
    town.work()
    town.order(sent)
    town.settle()
    code, told = report(town)
    assert (code, told["differences"]) == (0, [])
    stands = {one["with"]: (one["compared"], one["complete"]) for one in told["compared"]}
    assert stands == {IGATE: (2, True), PORTAL: (2, True), VNPOST: (1, True), MYVNPOST: (0, True)}


def attention(town: Neighbours) -> set[tuple[str, str | None, str | None]]:
    with town.runtime.context.database.read() as session:
        found = watch.attention(session, town.runtime.context, town.runtime.office)
        return {(one.kind, one.dossier, one.shipment) for one in found if one.kind in ("copy-differs", "order-differs")}


def shown(damage: Damage, *, missing: bool) -> tuple[str, str | None, str | None]:
    """Return how the attention list shows a damage; a dossier that is missing here cannot be named there."""
    if damage.where in (IGATE, PORTAL):
        return "copy-differs", None if missing else damage.subject, None
    return "order-differs", damage.subject.removesuffix("-S1"), damage.subject


def test_every_damaged_copy_is_found_with_its_cause_and_mended_by_its_command(town: Neighbours) -> None:
    vandal = Vandal(town)
    vandal.everyday()
    assert report(town) == (0, {**report(town)[1], "differences": []})
    damages = [vandal.parked_message(1)]
    vandal.portal_refuses(None)
    damages += [
        vandal.taken_back(11),
        vandal.changed_date(3),
        vandal.changed_state(4),
        vandal.lost_dossier(5),
        vandal.never_told(6),
        vandal.forgotten_message(7),
        vandal.retyped_date(8),
        vandal.deleted_dossier(9),
        vandal.unseen_dossier(10 + 3),
        vandal.unseen_end(10),
        vandal.vanished_order(21),
        vandal.never_shown_order(22),
        vandal.second_item(24),
        vandal.cancelled_behind_our_back(26),
        vandal.cancelled_here_alone(25),
        vandal.doubted_order(27),
        vandal.missed_news(23),
        vandal.waiting_message(2),
    ]
    town.forward(hours=8)
    town.work()
    code, told = report(town)
    assert causes(told) == dict(one.told for one in damages)
    assert code == 1
    assert attention(town) == {shown(one, missing=one.subject == vandal.code(13)) for one in damages}
    for _ in range(3):
        town.work()
        town.forward(hours=3)
    assert causes(report(town)[1]) == causes(told)  # neither looking nor everyday work has mended anything

    vandal.portal_refuses(None)
    for one in told["differences"]:
        result = town.type_in(one["mend"])
        assert result.exit_code == 0, (one, result.output)
    town.settle()
    code, told = report(town)
    assert [one for one in told["compared"] if one["trouble"]] == []
    assert (code, told["differences"]) == (0, [])
    assert attention(town) == set()


def test_what_the_last_rounds_have_found_is_shown_without_asking_anybody(town: Neighbours) -> None:
    code = town.file(1)
    town.settle()
    town.portal.lose(code)
    assert [one["started_at"] for one in report(town, "--last")[1]["compared"]] == []
    assert report(town, "--onestop", PORTAL)[0] == 1
    asked = len(town.portal.calls("TraCuuHoSo"))
    exit_code, told = report(town, "--last")
    assert (exit_code, causes(told)) == (1, {(PORTAL, code): ("missing-there", "lost-there")})
    assert len(town.portal.calls("TraCuuHoSo")) == asked
    assert report(town, "--last", "--carrier", "myvnpost") == (
        0,
        {"compared": told["compared"][2:3], "differences": []},
    )
    page = town.run("reconcile", "--last").stdout
    assert f"→ postal onestops tell {PORTAL} {code}" in page
    assert f"{PORTAL} không có hồ sơ này" in page


def test_the_example_in_the_documentation_is_what_is_printed(town: Neighbours) -> None:
    vandal = Vandal(town)
    for number in (1, 2):
        town.file(number)
    town.file(21, accepted=False)
    town.work()
    town.order(vandal.code(21))
    town.settle()
    vandal.lost_dossier(1)
    vandal.changed_date(2)
    vandal.vanished_order(21)
    page = town.run("reconcile").stdout
    documented = (ROOT / "docs" / "reconciliation.md").read_text(encoding="utf-8")
    assert f"```\n$ postal reconcile\n{page}```" in documented, page


def test_only_those_are_asked_who_are_named(town: Neighbours) -> None:
    town.file(1)
    town.settle()
    told = report(town, "--onestop", IGATE, "--carrier", "vnpost_ngsp")[1]
    assert [one["with"] for one in told["compared"]] == [IGATE, VNPOST]


@pytest.mark.parametrize(
    "words", [("--onestop", "no-such"), ("--carrier", "no-such"), ("--carrier", IGATE), ("--from", "monday")]
)
def test_a_wish_that_cannot_be_met_ends_with_2(town: Neighbours, words: tuple[str, ...]) -> None:
    assert town.run("reconcile", *words).exit_code == 2


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("onestops", "tell", PORTAL, "H14.10-none"), "H14.10-none"),
        (("onestops", "tell", "no-such", "{code}"), "no-such"),
        (("onestops", "import", "no-such", "{code}"), "no-such"),
        (("onestops", "import", PORTAL, "{code}"), "shows no dossier"),
        (("onestops", "import", IGATE, "H14.10-none"), "shows no dossier"),
        (("ask", "H14.10-none-S1"), "H14.10-none-S1"),
        (("event", "H14.10-none", "withdrawn", "--officer", "Hà"), "H14.10-none"),
        (("event", "{code}", "corrected", "--officer", "Hà"), "needs: reason, voids"),
        (("event", "{code}", "no-such", "--officer", "Hà"), "no-such"),
    ],
)
def test_a_mend_that_cannot_be_done_says_what_to_do(town: Neighbours, words: tuple[str, ...], why: str) -> None:
    code = town.file(1)
    town.work()
    result = town.run(*(word.format(code=code) for word in words))
    assert result.exit_code == 2
    assert why in result.stderr.replace("\n", " ")


def test_a_dossier_that_is_read_once_more_is_no_news(town: Neighbours) -> None:
    code = town.file(1)
    town.work()
    assert json.loads(town.run("onestops", "import", IGATE, code, "--json").stdout) == {"dossier": code, "new": False}
    town.igate.change(code, nationCode="G22.99-1")
    assert json.loads(town.run("onestops", "import", IGATE, code, "--json").stdout) == {"dossier": code, "new": True}


def test_an_event_that_staff_report_moves_the_due_date(town: Neighbours) -> None:
    code = town.file(1)
    town.work()
    words = ("suspended", "--officer", "Hà Thị Mai", "--reason", "Xác minh", "--at", "2026-03-02T07:30:00+07:00")
    assert json.loads(town.run("event", code, *words, "--json").stdout) == {
        "dossier": code,
        "due": None,
        "revision": 2,
        "contradiction": None,
    }
