"""The connector and the simulated iGate, over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from dispatch.onestop.contract import NotADossierError, OneStopError
from dispatch.onestop.igate.client import IgateOneStop
from dispatch.onestop.igate.simulator.samples import sample_dossier, status
from tests.support.desk import MONDAY
from tests.support.igate import Installation, installation, system, ties


@pytest.fixture
def igate(tmp_path: Path) -> Iterator[Installation]:
    with installation(tmp_path) as igate:
        yield igate


def test_all_dossiers_come_once_page_by_page_and_then_only_what_has_changed(igate: Installation) -> None:
    codes = [igate.file("all") for _ in range(7)]
    position, came = igate.walk()
    assert {one.code for one in came} == set(codes)
    igate.clock.forward(hours=5)
    igate.change(codes[2])
    position, came = igate.walk(position)
    assert came[0].code == codes[2]
    assert igate.is_latest(came[0])


def test_a_token_is_kept_while_it_is_good_and_fetched_anew_when_it_is_refused_between_pages(
    igate: Installation,
) -> None:
    for _ in range(7):
        igate.file("tokens")
    first = igate.onestop.changes(None)
    given = igate.office.tokens_given
    igate.office.forget_tokens()
    igate.onestop.changes(first.position)
    assert (given, igate.office.tokens_given) == (1, 2)


def test_a_wrong_secret_is_told_with_the_next_step(igate: Installation, tmp_path: Path) -> None:
    secrets = {"client_id": "desk", "client_secret": "wrong"}
    onestop = IgateOneStop(system(secrets, api=igate.url, sso=igate.url), ties(tmp_path))
    with pytest.raises(OneStopError, match="correct the secrets"):
        onestop.changes(None)
    onestop.close()


def test_a_log_in_page_with_status_200_is_an_error_and_one_alone_is_got_over(igate: Installation) -> None:
    code = igate.file("html")
    igate.office.make_trouble("html")
    assert [one.code for one in igate.onestop.changes(None).dossiers] == [code]
    igate.office.make_trouble("html", "html", "html")
    with pytest.raises(OneStopError, match="page or a text instead of data"):
        igate.onestop.changes(None)


def test_a_pause_that_igate_asks_for_is_passed_on(igate: Installation) -> None:
    igate.office.make_trouble("throttled")
    with pytest.raises(OneStopError) as trouble:
        igate.onestop.changes(None)
    assert trouble.value.retry_after == 7


def test_half_an_answer_is_asked_for_again(igate: Installation) -> None:
    code = igate.file("cut")
    igate.office.make_trouble("cut", "error")
    assert [one.code for one in igate.onestop.changes(None).dossiers] == [code]


def test_a_clock_that_is_a_year_ahead_of_ours_or_behind_changes_nothing(igate: Installation) -> None:
    for start in (MONDAY - timedelta(days=30), MONDAY + timedelta(days=400)):
        igate.clock.instant = start
        codes = [igate.file("skew") for _ in range(4)]
        position, _ = igate.walk()
        igate.change(codes[1])
        _, came = igate.walk(position)
        assert any(one.code == codes[1] and igate.is_latest(one) for one in came)


def test_a_supplement_that_ended_between_two_looks_is_told_from_what_was_seen_before(igate: Installation) -> None:
    code = igate.file("supplement")
    igate.clock.forward(minutes=30)
    igate.office.change(code, dossierStatus=status(1), currentTask=None)
    position, (waiting,) = igate.walk()
    igate.clock.forward(minutes=30)
    igate.office.change(code, dossierStatus=status(2))
    position, (going,) = igate.walk(position)
    kinds = [
        [one.body["type"] for one in igate.onestop.understand(raw) if one.kind == "event"]
        for raw in (waiting.raw, going.raw)
    ]
    assert kinds == [
        ["accepted", "supplement_requested"],
        ["accepted", "supplement_requested", "supplement_completed"],
    ]
    igate.clock.forward(minutes=30)
    igate.change(code)
    _, (later,) = igate.walk(position)
    assert [one.body["type"] for one in igate.onestop.understand(later.raw) if one.kind == "event"] == kinds[1]


def test_what_is_no_dossier_is_kept_and_refused_when_it_is_read(igate: Installation) -> None:
    igate.office.put({"code": "", "id": "only-an-id"})
    _, (came,) = igate.walk()
    assert came.code == "only-an-id"
    with pytest.raises(NotADossierError, match="code is missing"):
        igate.onestop.understand(came.raw)


def test_a_copy_is_found_by_its_exact_code(igate: Installation) -> None:
    code = igate.file("copy")
    igate.office.put(sample_dossier(1, MONDAY, code=f"{code}-9", appointmentDate=None))
    copies = igate.onestop.copies([code, f"{code}-9", "H14.10-000000-0000"])
    assert copies.keys() == {code, f"{code}-9"}
    assert (copies[code].due, copies[code].state) == (igate.due(code), "Đang xử lý")
    assert copies[f"{code}-9"].due is None
    assert (copies[code].ended, copies[code].changed_at) == (False, igate.clock.now())
    igate.office.change(code, dossierStatus=status(4))
    igate.office.change(f"{code}-9", dossierStatus={"id": 99}, dossierTaskStatus=None)
    copies = igate.onestop.copies([code, f"{code}-9"])
    assert (copies[code].ended, copies[f"{code}-9"].ended) == (True, None)


def test_a_check_says_what_it_found(igate: Installation) -> None:
    assert "no dossier" in igate.onestop.check()
    igate.file("check")
    assert "last changed 2026-03-02" in igate.onestop.check()


def test_fields_that_mean_nothing_are_neither_kept_nor_a_change(igate: Installation) -> None:
    code = igate.file("ignored")
    _, (before,) = igate.walk()
    held = next(one for one in igate.office.dossiers() if one["code"] == code)
    igate.office.put({**held, "dossierMenuTaskRemind": {"id": "new"}}, changed=igate.clock.now())
    _, (after,) = igate.walk()
    assert before == after


def test_what_has_not_changed_since_the_beginning_that_is_configured_is_left_alone(tmp_path: Path) -> None:
    with installation(tmp_path, import_from=MONDAY.isoformat()) as igate:
        igate.office.put(sample_dossier(1, MONDAY), changed=MONDAY - timedelta(days=1))
        igate.office.put(sample_dossier(2, MONDAY), changed=MONDAY)
        assert [one.code[-4:] for one in igate.walk()[1]] == ["0002"]
